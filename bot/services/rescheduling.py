"""Rescheduling: due times are data, so they are worked out again where the data on time zones have changed."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.ports import Advance, Clock, Store
from bot.schedule import next_due

_log = structlog.get_logger(__name__)
_NOTE = "time zone data"
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Reschedule:
    """At start: every due time that lies ahead is worked out with the zones as they are now; past ones are kept."""

    store: Store
    clock: Clock
    zone_data: str
    """The version of the time zone data in use."""

    async def __call__(self) -> int:
        """Return how many due times moved; 0 where the data are the ones that they were made with."""
        async with self.store.read() as tx:
            if await tx.notebook.get(_NOTE) == self.zone_data:
                return 0
        moved, after = 0, 0
        while True:
            async with self.store.write() as tx:
                page = await tx.subscriptions.page(after=after, limit=_PAGE)
                if not page:
                    await tx.notebook.put(_NOTE, self.zone_data)
                    break
                now = self.clock.now()
                advances = [
                    Advance(each.id, each.cut_until_at, due_at)
                    for each in page
                    if each.next_due_at > now and (due_at := next_due(each.schedule, now)) != each.next_due_at
                ]
                await tx.subscriptions.advance(advances)
            moved, after = moved + len(advances), page[-1].id
        _log.info("due times worked out again", zone_data=self.zone_data, moved=moved)
        return moved
