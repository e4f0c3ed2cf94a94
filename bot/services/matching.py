"""Matching: many topics against the same days of papers, as one batch; nothing here is posted or kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from bot.errors import BadArgument
from bot.model import Paper
from bot.selection import Pool
from bot.services.forecasting import WEEK
from bot.services.pools import Pools
from bot.services.topic_entry import TopicEntry
from bot.topics.bits import numbers
from bot.topics.language import Topic

_BATCH = 1_000
_RENEWED_AFTER = 50  # batches; a pool keeps every term that it was ever asked for


@dataclass(frozen=True, slots=True)
class Matched:
    """What a topic matches, best first."""

    text: str
    topic: Topic
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class NotMatched:
    """A line that is no topic; `text` is None where not even a text could be had."""

    text: str | None
    error: BadArgument


Answer = Matched | NotMatched


class Matching:
    """Answers topics by the thousand over one pool of papers; reads the store and changes nothing."""

    def __init__(self, *, pools: Pools, entry: TopicEntry) -> None:
        self._pools = pools
        self._entry = entry

    async def match(
        self, asked: Iterable[str | BadArgument], *, since: date | None = None, until: date | None = None
    ) -> AsyncIterator[Answer]:
        """An answer for each of `asked`, in its order; an error that stands there is handed on in its place.

        The papers are those announced from `since` to `until` inclusive: without `until` up to the newest day, without
        `since` of the week that ends there. Takes `asked` in batches, so that it may be longer than memory.
        """
        batches, pool = 0, await self._pool(since, until)
        rest = iter(asked)
        while batch := list(islice(rest, _BATCH)):
            batches += 1
            if batches % _RENEWED_AFTER == 0:
                pool = await self._pool(since, until)
            read = [await self._read(each) for each in batch]
            await self._pools.prepare(pool, [each for _, each in read if isinstance(each, Topic)])
            for text, found in read:
                yield _answer(pool, text, found)

    async def _pool(self, since: date | None, until: date | None) -> Pool:
        async with self._pools.store.read() as tx:
            last = until or await tx.papers.newest_day()
            first = since or (last and last - timedelta(days=WEEK - 1))
            listed = await tx.papers.listed(since=first, until=last) if first and last else ()
        return await self._pools.build(listed, on=last or date.min)

    async def _read(self, asked: str | BadArgument) -> tuple[str | None, Topic | BadArgument]:
        if isinstance(asked, BadArgument):
            return None, asked
        try:
            return asked, await self._entry.read(asked)
        except BadArgument as error:
            return asked, error


def _answer(pool: Pool, text: str | None, found: Topic | BadArgument) -> Answer:
    if isinstance(found, BadArgument) or text is None:
        assert isinstance(found, BadArgument)  # noqa: S101 - what has no text has an error
        return NotMatched(text, found)
    papers = tuple(pool.candidates[each].paper for each in numbers(pool.matcher.match(found)))
    return Matched(text, found, papers)
