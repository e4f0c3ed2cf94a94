"""A clock that stands still until it is told to move."""

import asyncio
from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 5, 11, 12, tzinfo=UTC)


class FrozenClock:
    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, instant: datetime) -> None:
        """Time passes for whoever waits."""
        self._now = max(self._now, instant)
        await asyncio.sleep(0)

    def move(self, step: timedelta) -> datetime:
        self._now += step
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now
