"""Bringing papers in by hand: a range of days from the sources, recorded days, or the sample edition."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.model import Announcement, AnnouncementState, SourceName
from bot.ports import Clock, FetchRequest, Source, Store
from bot.refresh import hugging_face_day, origin_of
from bot.services.ingest import Taken, fetch_and_take, take
from bot.services.refreshing import Refresh

Recordings = Callable[[Path, date], Iterator[Announcement]]
"""Opens recorded days; the date is for papers that carry none of their own. Raises BadReplay."""

_RECORDS = 200
_PATIENCE = 3  # days in a row on which a source may be down


@dataclass(frozen=True, slots=True)
class Intake:
    """`broadsheet ingest`, and what `run` does where there is no network."""

    store: Store
    clock: Clock
    sources: Mapping[SourceName, Source]
    refresh: Refresh
    recordings: Recordings
    sample: Callable[[], Iterator[Announcement]]

    async def __call__(self, first: date | None, last: date | None, replay: Path | None) -> AsyncIterator[Taken]:
        """Take in recorded days, or the days of a range, or what is due now; one Taken an announcement."""
        if replay is not None:
            for announcement in self.recordings(replay, first or hugging_face_day(self.clock.now())):
                if announcement.state is AnnouncementState.SOURCE_DOWN:
                    # A file that cannot be read says nothing of how the source was: it is reported, not stored.
                    yield Taken(announcement, 0, 0, 0)
                elif first is None or last is None or first <= announcement.announced_on <= last:
                    yield await take(self.store, announcement)
        elif first is not None:
            async for taken in self._range(first, last or hugging_face_day(self.clock.now())):
                yield taken
        else:
            for taken in await self.refresh(force=True):
                yield taken

    async def _range(self, first: date, last: date) -> AsyncIterator[Taken]:
        source = self.sources.get(SourceName.HUGGING_FACE)
        if source is None:
            return
        async with self.store.read() as tx:
            records = await tx.announcements.latest(limit=_RECORDS)
        down = 0
        for step in range((last - first).days + 1):
            on = first + timedelta(days=step)
            origin = origin_of(on, self.clock.now(), records)
            taken = await fetch_and_take(self.store, source, FetchRequest(on=on, origin=origin), self.clock)
            yield taken
            down = down + 1 if taken.announcement.state is AnnouncementState.SOURCE_DOWN else 0
            if down >= _PATIENCE or taken.announcement.retry_at is not None:
                return  # a source that is down, or asks for quiet, is not asked for every day of the range

    async def take_sample(self) -> bool:
        """Take in the bundled sample edition where the store holds no paper at all."""
        async with self.store.read() as tx:
            if await tx.papers.count():
                return False
        for announcement in self.sample():
            await take(self.store, announcement)
        return True
