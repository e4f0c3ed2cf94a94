"""TantivyIndex: `bot.ports.PaperIndex` over generations of an index on local disk.

A folder holds generations (`g-000003`) and `CURRENT`, which names the one that is searched. A new one is built aside
and takes its place by renaming one small file, so a kill at any moment leaves a whole index or none. One process a
folder holds the lock and writes; others only search, and take over when it has gone.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import IO, Any

import structlog
import tantivy
from tantivy import Occur, Query

from bot.index_query import Condition, Hit, IndexedPaper, IndexField, SortBy, Weighted
from store.search.generation import Generation, State, Unsound, check_files, read_state, write_whole
from store.search.queries import NUMBER, any_of, condition_query, schema

_log = structlog.get_logger(__name__)
_PANIC = "PanicException"  # pyo3's; it has no importable class
_CURRENT = "CURRENT"
_WRITER, _BUILDER = "writer.lock", "builder.lock"
_SORTED = {SortBy.NEWEST: IndexField.DAY, SortBy.UPVOTES: IndexField.UPVOTES}


class TantivyIndex:
    """Searching is safe from any thread; what writes is called by one at a time."""

    def __init__(self, folder: Path, *, memory_mb: int) -> None:
        self._folder = folder
        self._memory_mb = memory_mb
        self._schema = schema()
        self._lock: IO[str] | None = None
        self._name = ""
        self._at: Generation | None = None
        self._unsound = ""
        self._checked = ""
        self._writing = Lock()  # who closes waits for who commits

    # --- what is there -----------------------------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The number of the last change that is in the index."""
        return self._at.state.position if self._at else 0

    @property
    def size(self) -> int:
        """How many papers can be found."""
        return self._at.size if self._at else 0

    @property
    def is_whole(self) -> bool:
        """False while the first building is under way."""
        return self._at is not None and self._at.state.complete

    @property
    def trouble(self) -> str:
        """Why the index has to be built anew; empty where it has not."""
        return self._unsound

    def open(self) -> bool:
        """See what stands on disk, and become the one who writes where nobody else does; True where this is so.

        An index of another format, or one that cannot be opened, is left aside (`trouble`).
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        writes = self._take_lock()
        name = self._named()
        if name and name != self._name:
            self._move_to(name)
        elif self._at is not None and not writes:
            self._at.state = _state_of(self._at)
            self._at.reload()
        if writes and self._at is None:
            self._begin_anew()
        return writes

    def check(self) -> bool:
        """Compare all files with their checksums; False, and `trouble` says why, where one is damaged. Takes long."""
        if self._at is None or self._checked == self._name:
            return not self._unsound
        try:
            check_files(self._at.folder)
        except Unsound as error:
            self._unsound = str(error)
        self._checked = self._name
        return not self._unsound

    # --- writing -----------------------------------------------------------------------------------------------------

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        """Add papers in place of what was known of them; not searchable before `commit`."""
        with self._writing:
            self._standing().take(papers, memory_mb=self._memory_mb, is_fresh=False)

    def commit(self, position: int, *, is_whole: bool) -> None:
        """Make searchable what was taken, and note how far the store was followed, and whether to its end once."""
        with self._writing:
            at = self._standing()
            at.commit(State(position, complete=is_whole or at.state.complete))

    def build(self) -> Building:
        """Begin a whole new index aside. Raises BlockingIOError where another process is at it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return Building(self, self._folder, self._memory_mb)

    def close(self) -> None:
        """Stop writing; the next one to open the folder goes on from the last commit."""
        with self._writing:
            if self._at is not None and self._lock is not None:
                self._at.close()
            self._at, self._name = None, ""
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    # --- searching ---------------------------------------------------------------------------------------------------

    def rank(
        self, scored: Sequence[Weighted], *, condition: Condition | None, every: Sequence[Condition], limit: int
    ) -> list[Hit]:
        """The best by the sum of scores, of the papers for which `condition` and all of `every` hold, best first."""
        if not scored:
            return []
        musts = [each for each in (condition, *every) if each is not None]
        query = any_of(self._schema, scored)
        if musts:
            clauses = [(Occur.Must, self._unscored(each)) for each in musts]
            query = Query.boolean_query([*clauses, (Occur.Must, query)])
        return self._hits(query, limit)

    def sorted(self, condition: Condition, *, by: SortBy, limit: int) -> list[Hit]:
        """Those for which the condition holds, the newest or the most voted for first."""
        field = _SORTED[by]
        searcher = self._searcher()
        if searcher is None:
            return []
        query = condition_query(self._schema, condition)
        with self._watched():
            found = searcher.search(query, limit, count=False, order_by_field=field.value).hits
            return self._described(searcher, [(0.0, address) for _, address in found])
        return []

    def resembling(self, paper: IndexedPaper, *, limit: int) -> list[Hit]:
        """The papers that share the most telling words with this one, the likest first, and not itself."""
        fields = {IndexField.TEXT.value: [paper.text]}
        query = Query.more_like_this_document_fields_query(
            self._schema, fields, min_doc_frequency=2, min_term_frequency=1, max_query_terms=30
        )
        found = self._hits(query, limit + 1)
        return [each for each in found if each.number != paper.number][:limit]

    def frequency(self, field: IndexField, term: str) -> int:
        """How many papers have the term."""
        searcher = self._searcher()
        return 0 if searcher is None else int(searcher.doc_freq(field.value, term))

    def alike(self, word: str, *, distance: int, limit: int) -> list[Hit]:
        """Papers with a word that is spelled nearly so."""
        query = Query.fuzzy_term_query(self._schema, IndexField.WORDS.value, word, distance)
        return self._hits(query, limit)

    def _unscored(self, condition: Condition) -> Query:
        return Query.const_score_query(condition_query(self._schema, condition), 0)

    def _hits(self, query: Query, limit: int) -> list[Hit]:
        searcher = self._searcher()
        if searcher is None:
            return []
        with self._watched():
            return self._described(searcher, searcher.search(query, limit, count=False).hits)
        return []

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Damaged files make the engine panic: nothing is found then, and the index is built anew at the next start."""
        try:
            yield
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            self._unsound = f"the engine gave up: {str(error).splitlines()[0]}"
            _log.error("a search met damaged files", reason=self._unsound)

    def _searcher(self) -> tantivy.Searcher | None:
        at = self._at
        return None if at is None else at.searcher

    @staticmethod
    def _described(searcher: tantivy.Searcher, found: Sequence[tuple[Any, tantivy.DocAddress]]) -> list[Hit]:
        if not found:
            return []
        addresses = [address for _, address in found]
        columns = [
            searcher.fast_field_values(name, addresses)
            for name in (NUMBER, IndexField.DAY.value, IndexField.UPVOTES.value, IndexField.STARS.value)
        ]
        rows = zip(found, *columns, strict=True)
        return [
            Hit(int(number or 0), float(score), int(day or 0), int(upvotes or 0), int(stars or 0))
            for (score, _), number, day, upvotes, stars in rows
        ]

    # --- generations -------------------------------------------------------------------------------------------------

    def _standing(self) -> Generation:
        if self._at is None or self._lock is None:
            msg = "the index is not open for writing"
            raise RuntimeError(msg)
        return self._at

    def _take_lock(self) -> bool:
        if self._lock is None:
            self._lock = locked(self._folder / _WRITER)
            if self._lock is not None:
                self._clear_away()
        return self._lock is not None

    def _named(self) -> str:
        try:
            return (self._folder / _CURRENT).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def _move_to(self, name: str) -> None:
        """Search another generation from now on; the one before it is let go of."""
        try:
            opened = Generation.open(self._folder / name)
        except Unsound as error:
            self._unsound = str(error)
            _log.warning("the search index cannot be used and is built anew", reason=str(error))
            return
        before, self._at, self._name, self._unsound = self._at, opened, name, ""
        if before is not None and self._lock is not None:
            before.close()
            self._clear_away()

    def _begin_anew(self) -> None:
        """An empty generation to search while a whole one is built."""
        made = Generation.create(self._folder / self.next_name())
        self._at, self._name, self._unsound = made, made.folder.name, ""
        write_whole(self._folder / _CURRENT, self._name)

    def _clear_away(self) -> None:
        """Remove generations that nobody searches or builds any more."""
        builder = locked(self._folder / _BUILDER)
        if builder is None:
            return
        with builder:
            keep = {self._named(), self._name}
            for path in self._folder.glob("g-*"):
                if path.name not in keep:
                    shutil.rmtree(path, ignore_errors=True)

    def next_name(self) -> str:
        """The name of a generation that was never there."""
        taken = [int(path.name[2:]) for path in self._folder.glob("g-*") if path.name[2:].isdigit()]
        return f"g-{max(taken, default=0) + 1:06d}"

    def swap(self, name: str) -> None:
        """Name another generation as the one that is searched; every process moves over when it looks next."""
        write_whole(self._folder / _CURRENT, name)


class Building:
    """A generation that is being built aside, while the standing one is searched and kept up."""

    def __init__(self, index: TantivyIndex, folder: Path, memory_mb: int) -> None:
        lock = locked(folder / _BUILDER)
        if lock is None:
            raise BlockingIOError
        self._lock = lock
        self._index = index
        self._memory_mb = memory_mb
        self._since_commit = 0
        self._made = Generation.create(folder / index.next_name())

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        """Add papers that are not in it yet."""
        self._made.take(papers, memory_mb=self._memory_mb, is_fresh=True)
        self._since_commit += len(papers)

    def finish(self, position: int) -> None:
        """Put it in the place of the one that is searched."""
        self._made.commit(State(position, complete=True))
        self._made.settle()
        self._index.swap(self._made.folder.name)
        self._lock.close()

    def abandon(self) -> None:
        """Throw it away."""
        self._made.close()
        shutil.rmtree(self._made.folder, ignore_errors=True)
        self._lock.close()


def locked(path: Path) -> IO[str] | None:
    """The file, locked for as long as it is open; None where another process has it. A kill lets go of it."""
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def _state_of(at: Generation) -> State:
    try:
        return read_state(at.folder)
    except Unsound:
        return at.state  # it is being let go of: the name is read anew the next time
