"""Forecasting: the last days' papers, ranked and indexed, ready to say what a topic would have brought of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date, datetime, timedelta

from bot.findings import Forecast
from bot.ports import Store
from bot.selection import Pool, best
from bot.services.pools import Pools
from bot.topics.language import Topic

WEEK = 7
_EXAMPLES = 3
_Key = tuple[date, datetime]


class Forecasting:
    """Keeps the last days' papers in pools, and builds them anew when a source was read since."""

    def __init__(self, *, store: Store, pools: Pools) -> None:
        self._store = store
        self._pools = pools
        self._building = asyncio.Lock()
        self._kept: dict[int, tuple[_Key, Pool]] = {}

    async def forecast(self, topic: Topic) -> Forecast | None:
        """What the topic matches among the papers of the seven days up to the newest one; None where there are none."""
        pool = await self.pool(WEEK, [topic])
        if pool is None:
            return None
        return Forecast(
            papers=pool.matcher.match(topic).bit_count(),
            days=len({each.announced_on for each in pool.candidates}),
            until=pool.on,
            examples=tuple(pool.candidates[each].paper.title for each in best(pool, topic, _EXAMPLES)),
        )

    async def pool(self, days: int, topics: Collection[Topic] = ()) -> Pool | None:
        """The papers of so many days up to the newest one, ready for these topics; None where there are none."""
        pool = await self._newest(days)
        if pool is not None:
            await self._pools.prepare(pool, topics)
        return pool

    async def _newest(self, days: int) -> Pool | None:
        async with self._building:  # who comes while it is built waits for it instead of building a second one
            async with self._store.read() as tx:
                newest = await tx.papers.newest_day()
                fetched = await tx.announcements.latest(limit=1)
                if newest is None or not fetched:
                    return None
                key = (newest, fetched[0].fetched_at)
                kept = self._kept.get(days)
                if kept is not None and kept[0] == key:
                    return kept[1]
                listed = await tx.papers.listed(since=newest - timedelta(days=days - 1), until=newest)
            pool = await self._pools.build(listed, on=newest)
            self._kept[days] = (key, pool)
            return pool
