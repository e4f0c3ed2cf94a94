"""Keeping the search index: it follows the store by the numbers of its changes, and is built anew where it must.

Gather (changes) → decide (`bot.search.fields`) → apply (the index commits, then notes how far it came). A kill at any
moment leaves the index behind the store, never wrong: the same changes are taken again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import structlog

from bot.index_query import IndexedPaper
from bot.ports import Change, PaperIndex, PaperVectors, Store
from bot.search.fields import indexed
from bot.topics.facts import group_of, whole_text

_log = structlog.get_logger(__name__)
_BATCH = 1_000
"""Papers that are read and tokenised at once: some 60 ms of a thread, in which the event loop gets its turns."""
_COMMIT_EVERY = 20_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an indexing is: `done` of `total` papers."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Indexing:
    """What keeps the index up with the store."""

    store: Store
    index: PaperIndex
    vectors: PaperVectors | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def follow(self) -> int:
        """Take in what changed since the last time; how many papers. 0 where another process keeps this index."""
        if self._one_at_a_time.locked():
            return 0  # the one who is at it takes these too
        async with self._one_at_a_time:
            try:
                return await self._catch_up() if await asyncio.to_thread(self.index.open) else 0
            except (OSError, ValueError) as error:  # the folder was taken away, or the disk is full
                _log.error("the search index cannot be written; it is opened anew", reason=str(error))
                await asyncio.to_thread(self.index.close)
                return 0

    async def look_after(self) -> None:
        """At the start: catch up, then compare the index with its checksums, and build it anew where it is damaged."""
        await self.follow()
        if await asyncio.to_thread(self.index.check):
            return
        _log.warning("the search index is damaged and is built anew", reason=self.index.trouble)
        async for _ in self.rebuild():
            pass

    async def rebuild(self) -> AsyncIterator[Progress]:
        """Build the index anew, aside, while the standing one is searched; then put it in its place.

        Raises BlockingIOError where another process is at it.
        """
        building = await asyncio.to_thread(self.index.build)
        done, after = 0, 0
        try:
            async with self.store.read() as tx:
                total = await tx.papers.count()
            async for changes in _batches(self.store, after):
                await asyncio.to_thread(lambda found: building.take(_prepared(found)), changes)
                await self._embed(changes)
                done, after = done + len(changes), changes[-1].changed
                yield Progress(done, max(total, done))
            await asyncio.to_thread(building.finish, after)
        except BaseException:
            building.abandon()
            raise
        async with self._one_at_a_time:
            if await asyncio.to_thread(self.index.open):
                await self._catch_up()

    async def _catch_up(self) -> int:
        done, uncommitted, after = 0, 0, self.index.position
        async for changes in _batches(self.store, after):
            await asyncio.to_thread(lambda found: self.index.take(_prepared(found)), changes)
            done, uncommitted, after = done + len(changes), uncommitted + len(changes), changes[-1].changed
            if uncommitted >= _COMMIT_EVERY:
                await asyncio.to_thread(self.index.commit, after, is_whole=False)
                uncommitted = 0
        if uncommitted or not self.index.is_whole:
            await asyncio.to_thread(self.index.commit, after, is_whole=True)
        await self._catch_up_with_meaning()
        return done

    async def _catch_up_with_meaning(self) -> None:
        """Vectors follow on their own: the model may have been set long after the index was built."""
        if self.vectors is None:
            return
        async for changes in _batches(self.store, self.vectors.position):
            await self._embed(changes)

    async def _embed(self, changes: Sequence[Change]) -> None:
        if self.vectors is None:
            return
        numbers = [each.number for each in changes]
        texts = [whole_text(each.paper) for each in changes]
        await asyncio.to_thread(self.vectors.put, numbers, texts, changes[-1].changed)


async def _batches(store: Store, after: int) -> AsyncIterator[Sequence[Change]]:
    """The changes above a number, in order; the next batch is read while the last one is worked on."""

    async def read(since: int) -> Sequence[Change]:
        async with store.read() as tx:
            return await tx.catalogue.since(since, limit=_BATCH)

    ahead = asyncio.create_task(read(after))
    try:
        while changes := await ahead:
            ahead = asyncio.create_task(read(changes[-1].changed))
            yield changes
    finally:
        ahead.cancel()


def _prepared(changes: Sequence[Change]) -> list[IndexedPaper]:
    return [indexed(each.paper, number=each.number, kind=group_of(each.announce_type)) for each in changes]
