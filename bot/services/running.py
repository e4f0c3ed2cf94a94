"""The main job: the first minute, then ticks: keep up with the sources, plan what is due, deliver."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.model import AnnouncementState
from bot.ports import Ticker
from bot.services.delivery import Deliver
from bot.services.digest import PlanDigests
from bot.services.indexing import Indexing
from bot.services.ingest import Taken
from bot.services.intake import Intake
from bot.services.local_workspace import LocalWorkspace
from bot.services.refreshing import Refresh
from bot.services.rescheduling import Reschedule

_log = structlog.get_logger(__name__)
_REFRESH_EVERY = timedelta(minutes=5)
_ENRICH_EVERY = timedelta(minutes=2)
_PLAN_EVERY = timedelta(seconds=30)
_INDEX_EVERY = timedelta(seconds=1)
_DELIVER_EVERY = timedelta(seconds=30)  # a wake-up comes at once, this is for what another process left


@dataclass(frozen=True, slots=True)
class Running:
    """What `broadsheet run` does beside serving the page."""

    intake: Intake
    refresh: Refresh
    plan: PlanDigests
    deliver: Deliver
    local: LocalWorkspace
    ticker: Ticker
    enrich: Callable[[], Awaitable[object]]
    reschedule: Reschedule
    awake: asyncio.Event
    indexing: Indexing

    async def __call__(self, stopped: asyncio.Event) -> None:
        """Work until `stopped` is set."""
        await self.reschedule()
        deliveries = self.deliver.forever(self.awake, _DELIVER_EVERY)
        index = self.indexing.look_after()
        tasks = [asyncio.create_task(each) for each in (deliveries, self._first_minute(), _logged(index))]
        self.ticker.every(_INDEX_EVERY, self.indexing.follow, name="index")
        self.ticker.every(_PLAN_EVERY, self.plan, name="plan")
        if self.refresh.sources:
            self.ticker.every(_REFRESH_EVERY, self._refresh, name="refresh")
            self.ticker.every(_ENRICH_EVERY, self.enrich, name="enrich")
        self.ticker.start()
        try:
            await stopped.wait()
        finally:
            self.ticker.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _first_minute(self) -> None:
        """Papers first, from the sources or else the sample; then the older days, in the background."""
        try:
            reached = False
            for name in self.refresh.sources:
                taken = await self.refresh(only=name)
                reached = reached or _any_reached(taken)
                await self._open()  # what one source brought is shown before the next one is asked
            if await self.intake.take_sample():
                _log.warning("no source could be reached: the bundled sample edition is shown")
            await self._open()
            if reached:
                await self.enrich()
                await self.refresh.backfill()
        except Exception:  # noqa: BLE001 - logged; the ticks try again
            _log.exception("the first fetch failed")

    async def _refresh(self) -> None:
        taken = await self.refresh()
        await self._open()
        if _any_reached(taken):
            await self.refresh.backfill()

    async def _open(self) -> None:
        channel = await self.local.open_channel()
        if await self.local.post_today(channel.ref):
            self.awake.set()


async def _logged(work: Awaitable[object]) -> None:
    """What nobody waits for must not fail unheard."""
    try:
        await work
    except Exception:  # noqa: BLE001 - logged; the ticks try again
        _log.exception("the search index could not be looked after")


def _any_reached(taken: Sequence[Taken]) -> bool:
    return any(each.announcement.state is not AnnouncementState.SOURCE_DOWN for each in taken)
