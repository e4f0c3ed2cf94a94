"""Backfilling: history older than this installation, from Hugging Face's lists or from a bulk file of metadata.

Resumable: a day that settled is not asked for again, and how far a file was read is noted with what was taken of it.
Nothing of it enters a digest: only live announcements make candidates.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby, islice
from pathlib import Path

from bot.merging import Known, Merge, keys_of, merge
from bot.model import Announcement, AnnouncementState, Origin, Paper, PaperId, Refusal, SourceName
from bot.ports import BulkRow, Clock, FetchRequest, Source, Store, Transaction
from bot.refresh import closed_at
from bot.services.indexing import Indexing
from bot.services.ingest import fetch_and_take, save_merged

_BATCH = 2_000
_BETWEEN_CALLS = timedelta(milliseconds=500)
_PATIENCE = 3  # days in a row on which the source may be down
_SETTLED_AFTER = timedelta(days=1)

BulkRows = Callable[[Path, int, date], Iterator[BulkRow]]
"""Opens a bulk file after so many lines; the date is for papers that carry none of their own. Raises BadReplay."""


@dataclass(slots=True)
class Tally:
    """What a backfill brought so far."""

    papers: int = 0
    new: int = 0
    skipped: int = 0
    """Days that were known, or lines that an earlier run has taken."""
    refused: list[Refusal] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Backfilling:
    """`broadsheet backfill`."""

    store: Store
    clock: Clock
    sources: Mapping[SourceName, Source]
    rows: BulkRows
    indexing: Indexing

    async def days(self, first: date, last: date) -> AsyncIterator[Tally]:
        """Hugging Face's lists of these days, the newest first; a Tally after each."""
        source = self.sources.get(SourceName.HUGGING_FACE)
        tally, down = Tally(), 0
        for back in range((last - first).days + 1):
            on = last - timedelta(days=back)
            tally.place = on.isoformat()
            if source is None or await self._is_settled(on):
                tally.skipped += 1
                yield tally
                continue
            taken = await fetch_and_take(self.store, source, FetchRequest(on=on, origin=Origin.BACKFILL), self.clock)
            found = taken.announcement
            tally.papers += len(taken.papers)
            tally.new += taken.new
            tally.refused += found.refused
            is_down = found.state is AnnouncementState.SOURCE_DOWN
            down = down + 1 if is_down else 0
            if is_down:
                tally.failed.append(f"{on}: {found.detail}")
            await self.indexing.follow()
            yield tally
            if down >= _PATIENCE:
                return
            await self.clock.sleep_until(max(found.retry_at or self.clock.now(), self.clock.now() + _BETWEEN_CALLS))

    async def file(self, path: Path, *, again: bool = False) -> AsyncIterator[Tally]:
        """The papers of a bulk file; a Tally after each batch. Raises BadReplay."""
        tally, name = Tally(place=path.name), _note_of(path)
        async with self.store.read() as tx:
            done = 0 if again else int(await tx.notebook.get(name) or 0)
        tally.skipped = done
        yield tally
        rows = self.rows(path, done, self.clock.now().date())
        ahead = asyncio.create_task(asyncio.to_thread(_next_batch, rows))
        indexing: asyncio.Task[int] | None = None
        while batch := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(_next_batch, rows))
            await self._take(batch, name, tally)
            if indexing is None or indexing.done():
                indexing = asyncio.create_task(self.indexing.follow())
            yield tally
        if indexing is not None:
            await indexing
        await self.indexing.follow()

    async def _is_settled(self, on: date) -> bool:
        async with self.store.read() as tx:
            records = await tx.announcements.of_day(SourceName.HUGGING_FACE, on)
        fetched = {Origin.LIVE, Origin.BACKFILL}
        return any(
            each.origin in fetched
            and each.state in {AnnouncementState.ANNOUNCED, AnnouncementState.NONE_TODAY}
            and each.fetched_at >= closed_at(on) + _SETTLED_AFTER
            for each in records
        )

    async def _take(self, batch: Sequence[BulkRow], name: str, tally: Tally) -> None:
        tally.refused += [row.refused for row in batch if row.refused is not None]
        found = [row for row in batch if row.listing is not None]
        async with self.store.write() as tx:
            known = await _known(tx, found)
            for result in await asyncio.to_thread(lambda: list(_merged(found, known))):
                await save_merged(tx, result, known)
                tally.papers += len(result.said)
                tally.new += result.new
            await tx.notebook.put(name, str(batch[-1].line))


def _next_batch(rows: Iterator[BulkRow]) -> list[BulkRow]:
    return list(islice(rows, _BATCH))


async def _known(tx: Transaction, found: Sequence[BulkRow]) -> Known:
    keys, titles = keys_of([row.listing for row in found if row.listing is not None])
    return Known(by_key=await tx.papers.by_keys(keys), by_title=await tx.papers.by_title_keys(titles))


def _merged(found: Sequence[BulkRow], known: Known) -> Iterator[Merge]:
    """Each day's papers merged with what is known, and with what the days before brought."""
    by_key: dict[PaperId, Paper] = dict(known.by_key)
    by_title: dict[str, list[Paper]] = {title: list(papers) for title, papers in known.by_title.items()}

    def day(row: BulkRow) -> tuple[str, date]:
        return (row.source.value, row.on)

    whole = Merge()
    for (source, on), rows in groupby(sorted(found, key=day), key=day):
        announcement = Announcement(
            source=SourceName(source),
            announced_on=on,
            state=AnnouncementState.ANNOUNCED,
            fetched_at=closed_at(on),
            origin=Origin.BACKFILL,
            listings=tuple(row.listing for row in rows if row.listing is not None),
        )
        result = merge(announcement, Known(by_key, by_title))
        for old in result.rekeyed:
            by_key.pop(old, None)
        for paper in result.papers.values():
            by_title[paper.title_key] = [
                *(each for each in by_title.get(paper.title_key, ()) if each.id != paper.id),
                paper,
            ]
        by_key.update(
            (key, result.papers[paper_id]) for key, paper_id in result.aliases.items() if paper_id in result.papers
        )
        if result.rekeyed:
            # What moved must be stored before anything else is: the works of the days before go first.
            yield whole
            yield result
            whole = Merge()
            continue
        whole.papers.update(result.papers)
        whole.aliases.update(result.aliases)
        whole.said += result.said
        whole.new += result.new
        whole.merged += result.merged
    yield whole


def _note_of(path: Path) -> str:
    """Where a file's progress is noted: another file of that name and size is taken for the same."""
    return f"backfill:{path.name}:{path.stat().st_size}"
