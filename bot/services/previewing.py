"""Previewing: what a topic would have posted in the last days, and what another topic in its place would change."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from bot.commands import Caller, Preview, Subscribe
from bot.findings import DayCount, TopicDifference, TopicPreview
from bot.model import Paper, PaperId
from bot.near_duplicates import first_alike
from bot.selection import Pool
from bot.services.forecasting import Forecasting
from bot.services.pools import Pools
from bot.services.topic_entry import TopicEntry, stored_topic
from bot.topics.bits import numbers
from bot.topics.language import Topic
from bot.topics.misses import near_misses
from bot.topics.reasons import say_failures, say_match
from bot.topics.saying import say_topic

DIFFERENCE_DAYS = 30
_BEST = 5


@dataclass(frozen=True, slots=True)
class Previewing:
    """Reads what stands in the store; nothing here changes anything."""

    forecasting: Forecasting
    entry: TopicEntry
    pools: Pools

    async def preview(self, caller: Caller, command: Preview) -> TopicPreview | None:
        """What the topic would have posted; None where no paper is known yet. Raises BadTopic."""
        topic = await self.entry.read(command.topic)
        pool = await self.forecasting.pool(command.days, [topic])
        if pool is None:
            return None
        votes = await self.pools.votes(caller.channel.workspace, pool, [topic])
        return await asyncio.to_thread(_preview, pool, topic, command.days, votes)

    async def difference(self, caller: Caller, before: str, after: Topic) -> TopicDifference | None:
        """What changes when one topic takes another one's place; None where nothing can be compared."""
        standing = stored_topic(before)
        if standing is None:
            return None
        topics = [standing, after]
        pool = await self.forecasting.pool(DIFFERENCE_DAYS, topics)
        if pool is None:
            return None
        votes = await self.pools.votes(caller.channel.workspace, pool, topics)
        old, new = await asyncio.to_thread(lambda: [pool.matcher.match(each, votes) for each in topics])
        return TopicDifference(
            days=DIFFERENCE_DAYS,
            until=pool.on,
            before=old.bit_count(),
            after=new.bit_count(),
            gained=(new & ~old).bit_count(),
            lost=(old & ~new).bit_count(),
            new=_papers(pool, new & ~old),
            gone=_papers(pool, old & ~new),
        )


def _preview(pool: Pool, topic: Topic, days: int, votes: Mapping[PaperId, int]) -> TopicPreview:
    size = Subscribe().size
    matched = pool.matcher.match(topic, votes)
    by_day, posted = _by_day(pool, matched, size)
    since = pool.on - timedelta(days=days - 1)
    every_day = [since + timedelta(days=number) for number in range(days)]
    return TopicPreview(
        topic=topic.text,
        plain=say_topic(topic),
        notes=topic.notes,
        since=since,
        until=pool.on,
        size=size,
        announced=len({each.announced_on for each in pool.candidates}),
        days=[DayCount(day, *by_day.get(day, (0, 0))) for day in every_day],
        best=[
            (pool.candidates[number].paper, say_match(pool.explain(number, topic, votes)))
            for number in sorted(posted)[:_BEST]
        ],
        misses=[
            (pool.candidates[number].paper, _reason(pool, number, topic, votes))
            for number in near_misses(pool.matcher, topic, _BEST, votes)
        ],
    )


def _by_day(pool: Pool, matched: int, size: int) -> tuple[dict[date, tuple[int, int]], list[int]]:
    """How many of each day match and would have been posted, and the numbers of all that would have been."""
    of_day: dict[date, list[int]] = defaultdict(list)
    for number in numbers(matched):
        of_day[pool.candidates[number].announced_on].append(number)
    counts: dict[date, tuple[int, int]] = {}
    posted: list[int] = []
    for day in sorted(of_day):
        chosen = _digest(pool, of_day[day], posted, size)
        counts[day] = (len(of_day[day]), len(chosen))
        posted += chosen
    return counts, posted


def _digest(pool: Pool, found: Sequence[int], posted: Sequence[int], size: int) -> list[int]:
    """The best of one day that no earlier digest had in another guise."""
    earlier = [pool.candidates[each].paper for each in posted]
    chosen: list[int] = []
    for number in found:
        if len(chosen) == size:
            break
        paper = pool.candidates[number].paper
        if first_alike(paper, [*earlier, *(pool.candidates[each].paper for each in chosen)]) is None:
            chosen.append(number)
    return chosen


def _reason(pool: Pool, number: int, topic: Topic, votes: Mapping[PaperId, int]) -> str:
    return say_failures(pool.explain(number, topic, votes), pool.view(number, votes))


def _papers(pool: Pool, found: int) -> list[Paper]:
    return [pool.candidates[number].paper for number in islice(numbers(found), _BEST)]
