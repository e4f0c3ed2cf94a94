"""Categories, DOIs and versions for papers whose source names none: batched and time-boxed; no card waits for it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.identity import bare_arxiv_id, doi_paper_id, is_doi
from bot.merging import enriched
from bot.model import PaperId, SourceName
from bot.ports import Clock, Found, LookupFailed, PaperLookup, Store

_log = structlog.get_logger(__name__)
_BATCH = 100
_LOOK_BACK = timedelta(days=10)
_TIME_BOX = 60.0  # seconds for one pass
_ASK_AGAIN = timedelta(hours=6)


class Enrichment:
    """One pass: the newest papers without categories are looked up on arXiv."""

    def __init__(self, *, store: Store, clock: Clock, lookup: PaperLookup) -> None:
        self._store = store
        self._clock = clock
        self._lookup = lookup
        self._asked_at: dict[PaperId, datetime] = {}

    async def __call__(self) -> int:
        """Look up one batch; return how many papers were enriched."""
        now = self._clock.now()
        async with self._store.read() as tx:
            silent_until = await tx.announcements.silent_until(SourceName.ARXIV)
            missing = await tx.papers.uncategorised(limit=_BATCH * 2, announced_since=(now - _LOOK_BACK).date())
        self._asked_at = {key: at for key, at in self._asked_at.items() if at > now - _ASK_AGAIN}
        wanted = [each for each in missing if each not in self._asked_at][:_BATCH]
        if not wanted or (silent_until is not None and silent_until > now):
            return 0
        self._asked_at |= dict.fromkeys(wanted, now)
        try:
            async with asyncio.timeout(_TIME_BOX):
                answer = await self._lookup.lookup([bare for key in wanted if (bare := bare_arxiv_id(key))])
        except TimeoutError:
            answer = LookupFailed("the lookup took too long")
        match answer:
            case Found():
                return await self._store_found(answer)
            case LookupFailed(detail, retry_at):
                _log.warning("enrichment failed", detail=detail)
                if retry_at is not None:
                    async with self._store.write() as tx:
                        await tx.announcements.keep_silent(SourceName.ARXIV, retry_at)
                for key in wanted:
                    self._asked_at.pop(key, None)
                return 0

    async def _store_found(self, answer: Found) -> int:
        listings = {listing.id: listing for listing in answer.listings}
        async with self._store.write() as tx:
            papers = await tx.papers.by_keys(set(listings))
            saved = [enriched(paper, listings[key], self._clock.now()) for key, paper in papers.items()]
            aliases = {key: paper.id for key, paper in papers.items()}
            dois = {doi_paper_id(paper.doi): paper.id for paper in saved if paper.doi and is_doi(paper.doi)}
            taken = await tx.papers.by_keys(set(dois))
            aliases |= {key: paper_id for key, paper_id in dois.items() if key not in taken}
            if saved:
                await tx.papers.save(saved, aliases)
        _log.info("papers enriched", papers=len(saved))
        return len(saved)
