"""Forecasting: how many papers a topic would have brought in the last days, quickly enough to say while it is typed."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from itertools import islice

from bot.findings import Forecast
from bot.model import Candidate
from bot.ports import Store
from bot.ranking import DEFAULT_WEIGHTS, Weights
from bot.selection import Pool
from bot.topics.language import Topic
from bot.topics.match import numbers

WINDOW = timedelta(days=7)
_EXAMPLES = 3
_Key = tuple[date, datetime]


class Forecasting:
    """Keeps the last days' papers ranked and indexed, and builds that anew when a source was read since."""

    def __init__(self, *, store: Store, weights: Weights = DEFAULT_WEIGHTS) -> None:
        self._store = store
        self._weights = weights
        self._building = asyncio.Lock()
        self._kept: tuple[_Key, Pool] | None = None

    async def forecast(self, topic: Topic) -> Forecast | None:
        """What the topic matches among the papers of the seven days up to the newest one; None where there are none."""
        pool, until = await self._pool()
        if pool is None or until is None:
            return None
        matched = list(numbers(pool.index.match(topic)))
        return Forecast(
            papers=len(matched),
            days=len({each.announced_on for each in pool.candidates}),
            until=until,
            examples=tuple(pool.candidates[each].paper.title for each in islice(matched, _EXAMPLES)),
        )

    async def _pool(self) -> tuple[Pool | None, date | None]:
        async with self._building:  # who comes while it is built waits for it instead of building a second one
            async with self._store.read() as tx:
                newest = await tx.papers.newest_day()
                fetched = await tx.announcements.latest(limit=1)
                if newest is None or not fetched:
                    return None, None
                key = (newest, fetched[0].fetched_at)
                if self._kept is not None and self._kept[0] == key:
                    return self._kept[1], newest
                listed = await tx.papers.announced(since=newest - WINDOW + timedelta(days=1), until=newest)
            seen_at = fetched[0].fetched_at
            candidates = [Candidate(paper=paper, seen_at=seen_at, announced_on=on) for paper, on in listed]
            # Thousands of papers take longer to index than the event loop may stand still.
            pool = await asyncio.to_thread(Pool, candidates, on=newest, weights=self._weights)
            self._kept = (key, pool)
            return pool, newest
