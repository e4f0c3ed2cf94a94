"""The machine's own facts: the time, and the time zone data that local days are reckoned with."""

from __future__ import annotations

import asyncio
import gc
import zoneinfo
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version


class SystemClock:
    """`bot.ports.Clock` over the system's clock; the only reader of the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, instant: datetime) -> None:
        """Return at this instant; the wait itself does not follow a clock that is set meanwhile."""
        await asyncio.sleep(max((instant - self.now()).total_seconds(), 0))


def collect_seldom() -> None:
    """Let the garbage collector look for cycles every 50,000 new objects instead of every 700.

    Topics, papers and bit sets make hundreds of thousands of objects and no cycles: looking for some took a fifth of
    the time in which a day is matched.
    """
    gc.set_threshold(50_000, 20, 20)


def use_bundled_zones() -> None:
    """Reckon with the pinned `tzdata` package alone.

    Python prefers the system's copy, which may be years old: Debian's 2025b differed from 2026f in 15 zones.
    """
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()


def zone_data_version() -> str:
    """The bundled copy's release as its package counts it, for instance `2026.1`; empty when it is not installed."""
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""
