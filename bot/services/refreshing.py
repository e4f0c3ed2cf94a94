"""Keeping up with the sources: fetch what is due, once for all channels; enrich; backfill the last month politely."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.model import AnnouncementState, SourceName
from bot.ports import AnnouncementRecord, Clock, FetchRequest, Source, Store
from bot.refresh import arxiv_request, backfill_requests, hugging_face_requests
from bot.services.ingest import Taken, fetch_and_take
from bot.services.topic_entry import stored_topic

_log = structlog.get_logger(__name__)
_RECORDS = 200


class Refresh:
    """One pass over the sources. Called by the ticker, by `run` at its start, and by nobody else."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        sources: Mapping[SourceName, Source],
        categories: tuple[str, ...],
    ) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._categories = categories

    @property
    def sources(self) -> tuple[SourceName, ...]:
        """The sources that are asked, in their order."""
        return tuple(self._sources)

    async def __call__(self, *, force: bool = False, only: SourceName | None = None) -> list[Taken]:
        """Fetch every day that is due now (`force`: the open day even when it was just fetched; `only`: of one source).

        A source that is down is left alone for the rest of the pass, and never stops the other.
        """
        taken: list[Taken] = []
        down: set[SourceName] = set()
        for source, request in await self._due(force=force):
            if source.name in down or only not in {None, source.name}:
                continue
            taken.append(await fetch_and_take(self._store, source, request, self._clock))
            if taken[-1].announcement.state is AnnouncementState.SOURCE_DOWN:
                down.add(source.name)
        return taken

    async def backfill(self) -> list[Taken]:
        """Fetch the days of the last month that are missing."""
        source = self._sources.get(SourceName.HUGGING_FACE)
        if source is None or await self._is_silent(source.name):
            return []
        requests = backfill_requests(self._clock.now(), await self._records())
        taken: list[Taken] = []
        for request in requests:
            taken.append(await fetch_and_take(self._store, source, request, self._clock))
            if taken[-1].announcement.state is AnnouncementState.SOURCE_DOWN:
                break
        return taken

    async def categories(self) -> tuple[str, ...]:
        """The categories to fetch: the configured ones, and those that subscriptions name."""
        async with self._store.read() as tx:
            topics = await tx.subscriptions.topics()
        named = {name for text in topics for name in _categories_of(text)}
        return tuple(sorted({*self._categories, *named}))

    async def _records(self) -> list[AnnouncementRecord]:
        async with self._store.read() as tx:
            return list(await tx.announcements.latest(limit=_RECORDS))

    async def _due(self, *, force: bool) -> list[tuple[Source, FetchRequest]]:
        now, records = self._clock.now(), await self._records()
        due: list[tuple[Source, FetchRequest]] = []
        for source in self._sources.values():
            if await self._is_silent(source.name):
                continue
            match source.name:
                case SourceName.HUGGING_FACE:
                    due += [(source, request) for request in hugging_face_requests(now, records, force=force)]
                case SourceName.ARXIV:
                    request = arxiv_request(now, records, await self.categories(), force=force)
                    due += [(source, request)] if request is not None else []
                case SourceName.TEAM | SourceName.FILE:
                    pass  # nobody to ask: members and operators bring these themselves
        return due

    async def _is_silent(self, name: SourceName) -> bool:
        async with self._store.read() as tx:
            until = await tx.announcements.silent_until(name)
        if until is None or until <= self._clock.now():
            return False
        _log.info(
            "source left alone", source=name.value, minutes=round((until - self._clock.now()) / timedelta(minutes=1))
        )
        return True


def _categories_of(text: str) -> tuple[str, ...]:
    topic = stored_topic(text)
    if topic is None:
        _log.warning("topic cannot be read", topic=text)  # the sources are fetched for everybody else
        return ()
    return tuple(each.name for each in topic.categories)
