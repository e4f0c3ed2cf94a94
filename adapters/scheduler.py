"""APScheduler as the ticker: it says when to look, the store says what is due. It never decides anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

_log = structlog.get_logger(__name__)
_GRACE_SECONDS = 3_600  # APScheduler's own second would drop a tick after a nap of the machine


class Ticker:
    """Runs jobs at intervals; a job that raises is logged and runs again at its next tick."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _GRACE_SECONDS}
        )

    def every(self, interval: timedelta, job: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Run `job` once an interval, the first time one interval from the start; runs of one job never overlap."""

        async def run() -> None:
            try:
                await job()
            except Exception:  # noqa: BLE001 - logged; one bad tick must not be the last
                _log.exception("tick failed", job=name)

        self._scheduler.add_job(run, IntervalTrigger(seconds=int(interval.total_seconds())), id=name, name=name)

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; a job that runs goes on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
