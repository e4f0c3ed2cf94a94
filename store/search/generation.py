"""One whole index in a folder of its own, with how far it has followed the store.

The engine's commit comes first, the note of the position second: a kill in between makes the same papers come again,
and a paper that comes again replaces itself.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from bot.index_query import IndexedPaper
from store.search.queries import NUMBER, schema

FORMAT = 1
"""Counts up with every change of the fields or of the text pipeline: an index of another format is built anew."""

_STATE = "broadsheet.json"
_CHUNK = 1 << 20
_MAGIC = 1337  # closes the footer of every file of the engine: JSON, its length, this number
_TAIL = 8
_SMALLEST_HEAP_MB = 15


class Unsound(Exception):
    """The folder holds no index that can be used; the text says why."""


@dataclass(frozen=True, slots=True)
class State:
    """What a generation knows of itself. `complete` is False until everything there was has been taken in."""

    position: int
    complete: bool


class Generation:
    """A Tantivy index on disk. One process at a time may write; any may search."""

    def __init__(self, folder: Path, index: tantivy.Index, state: State) -> None:
        self.folder = folder
        self.state = state
        self.index = index
        self.searcher = index.searcher()
        self._schema = schema()
        self._writer: tantivy.IndexWriter | None = None

    @classmethod
    def create(cls, folder: Path) -> Generation:
        """An empty one in a new folder."""
        folder.mkdir(parents=True)
        state = State(0, complete=False)
        _write_state(folder, state)
        return cls(folder, _configured(tantivy.Index(schema(), path=str(folder))), state)

    @classmethod
    def open(cls, folder: Path) -> Generation:
        """The one that is there. Raises Unsound."""
        state = read_state(folder)
        try:
            return cls(folder, _configured(tantivy.Index(schema(), path=str(folder), reuse=True)), state)
        except (ValueError, OSError) as error:
            raise Unsound(str(error).splitlines()[0]) from error

    @property
    def size(self) -> int:
        """How many papers it holds."""
        return int(self.searcher.num_docs)

    def take(self, papers: Sequence[IndexedPaper], *, memory_mb: int, is_fresh: bool) -> None:
        """Add papers in place of what was known of them. `is_fresh` says that none of them was ever there."""
        if self._writer is None:
            threads = 1 if memory_mb < 2 * _SMALLEST_HEAP_MB else 2
            self._writer = self.index.writer(memory_mb * 1_000_000, threads)
        for paper in papers:
            if not is_fresh:
                self._writer.delete_documents_by_term(NUMBER, paper.number)
            self._writer.add_document(_document(paper))

    def commit(self, state: State) -> None:
        """Make what was taken searchable and note the position."""
        if self._writer is not None:
            self._writer.commit()
        self.reload()
        if state != self.state:
            _write_state(self.folder, state)
            self.state = state

    def reload(self) -> None:
        """See what was committed last, by this process or by the one that writes."""
        self.index.reload()
        self.searcher = self.index.searcher()

    def close(self) -> None:
        """Stop writing; what was not committed is forgotten and comes again."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(ValueError, OSError):  # the folder may be gone, and with it what would be undone
                writer.rollback()

    def settle(self) -> None:
        """Wait until the engine has merged what it is merging, and stop writing."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None


def read_state(folder: Path) -> State:
    """What a generation noted of itself. Raises Unsound where it is of another format."""
    try:
        found: dict[str, Any] = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        kind, position, complete = found["format"], int(found["position"]), bool(found["complete"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unsound(f"its state cannot be read: {error}") from error
    if kind != FORMAT:
        raise Unsound(f"it has format {kind}, this release reads {FORMAT}")
    return State(position, complete)


def check_files(folder: Path) -> None:
    """Compare every file of the engine with the checksum in its footer. Raises Unsound. Reads all of the index."""
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        segments = [each["segment_id"].replace("-", "") for each in meta["segments"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unsound(f"meta.json cannot be read: {error}") from error
    for segment in segments:
        for path in sorted(folder.glob(f"{segment}.*")):
            if path.suffix != ".lock":
                _check(path)
        if not list(folder.glob(f"{segment}.idx")):
            raise Unsound(f"segment {segment} is missing")


def _check(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.seek(max(size - _TAIL, 0))
            tail = file.read(_TAIL)
            length, magic = int.from_bytes(tail[:4], "little"), int.from_bytes(tail[4:], "little")
            if magic != _MAGIC or length > size - _TAIL:
                raise Unsound(f"{path.name} is cut off")
            file.seek(size - _TAIL - length)
            footer = json.loads(file.read(length))
            found = 0
            file.seek(0)
            for chunk in _chunks(file, size - _TAIL - length):
                found = zlib.crc32(chunk, found)
    except (OSError, ValueError) as error:
        raise Unsound(f"{path.name} cannot be read: {error}") from error
    if found != footer.get("crc"):
        raise Unsound(f"{path.name} does not match its checksum")


def _chunks(file: Any, length: int) -> Iterator[bytes]:  # noqa: ANN401 - a binary file
    while length > 0 and (chunk := file.read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk


def _configured(index: tantivy.Index) -> tantivy.Index:
    index.config_reader(reload_policy="manual")
    index.reload()
    return index


def _write_state(folder: Path, state: State) -> None:
    text = json.dumps({"format": FORMAT, "position": state.position, "complete": state.complete})
    write_whole(folder / _STATE, text)


def write_whole(path: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    made = path.with_name(f"{path.name}.new")
    made.write_text(text, encoding="utf-8")
    made.replace(path)


def _document(paper: IndexedPaper) -> tantivy.Document:
    return tantivy.Document(
        number=paper.number,
        text=paper.text,
        title=paper.title,
        words=paper.words,
        people=paper.people,
        authors=paper.authors,
        keywords=paper.keywords,
        organization=paper.organization,
        facets=paper.facets,
        exact=paper.exact,
        day=paper.day,
        upvotes=paper.upvotes,
        stars=paper.stars,
    )
