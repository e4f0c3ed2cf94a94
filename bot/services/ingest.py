"""Taking announcements in: gather what is known of their keys, merge (pure), store everything in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from bot.merging import Known, Merge, keys_of, merge
from bot.model import Announcement, AnnouncementState, Origin, PaperId
from bot.ports import AnnouncementRecord, Clock, FetchRequest, Source, Store, Transaction

_log = structlog.get_logger(__name__)
_GONE_PAUSE = timedelta(days=1)  # HTTP 410: asked again once a day at the most, in case it was a mistake


@dataclass(frozen=True, slots=True)
class Taken:
    """What one announcement brought: `new` works, listings `merged` into known ones, `lines` not recorded before."""

    announcement: Announcement
    new: int
    merged: int
    lines: int
    papers: tuple[PaperId, ...] = ()
    """The works that the announcement lists, by their canonical ids."""


async def take(store: Store, announcement: Announcement, *, clock: Clock | None = None) -> Taken:
    """Store one announcement. Taking the same one twice adds nothing.

    With a `clock` its papers are first seen at the instant at which this transaction holds the store, and not when the
    answer came: arrivals are then in the order of commits, and no digest's cut can pass a paper that is still on its
    way in.
    """
    async with store.write() as tx:
        if clock is not None:
            announcement = replace(announcement, fetched_at=clock.now())
        earlier = await _earlier(tx, announcement)
        announcement = _carried_on(announcement, earlier)
        known = await _known(tx, announcement)
        result = merge(announcement, known)
        await save_merged(tx, result, known)
        lines = await tx.announcements.record(announcement, result.said)
        retry_at = announcement.fetched_at + _GONE_PAUSE if announcement.gone else announcement.retry_at
        if retry_at is not None:
            await tx.announcements.keep_silent(announcement.source, retry_at)
    _report(announcement, result, lines)
    return Taken(announcement, result.new, result.merged, lines, tuple(each.paper_id for each in result.said))


async def fetch_and_take(store: Store, source: Source, request: FetchRequest, clock: Clock) -> Taken:
    """Ask a source for a day, conditionally where an earlier answer left validators, and take what it says."""
    resource = "+".join(request.categories)
    async with store.read() as tx:
        records = await tx.announcements.of_day(source.name, request.on)
    known = next((record.validators for record in records if record.resource == resource), None)
    # A list that was backfilled must be read whole once more before “nothing changed” means anything to a digest.
    return await take(store, await source.fetch(replace(request, validators=known)), clock=clock)


async def _earlier(tx: Transaction, announcement: Announcement) -> AnnouncementRecord | None:
    records = await tx.announcements.of_day(announcement.source, announcement.announced_on)
    return next((record for record in records if record.resource == announcement.resource), None)


def _carried_on(announcement: Announcement, earlier: AnnouncementRecord | None) -> Announcement:
    """A refresh that failed or found nothing new leaves the day's state and validators as they were."""
    if earlier is None:
        return announcement
    failed = announcement.state is AnnouncementState.SOURCE_DOWN and earlier.papers > 0
    if not (announcement.unchanged or failed):
        return announcement
    return replace(
        announcement,
        state=AnnouncementState(earlier.state),
        # Only an answer says how far the day has settled: a failure leaves the instant of the last one.
        fetched_at=earlier.fetched_at if failed else announcement.fetched_at,
        validators=earlier.validators,
        detail=f"the last refresh failed: {announcement.detail}" if failed else earlier.detail,
    )


async def _known(tx: Transaction, announcement: Announcement) -> Known:
    keys, titles = keys_of(announcement.listings)
    return Known(
        by_key=await tx.papers.by_keys(keys),
        by_title=await tx.papers.by_title_keys(titles),
        listed=await tx.announcements.known_papers(announcement.source, announcement.announced_on),
    )


async def save_merged(tx: Transaction, result: Merge, before: Known) -> None:
    """Store the works that a merge changed; those that have a better id now move first."""
    known = await tx.papers.by_keys(set(result.rekeyed)) if result.rekeyed else {}
    taken: set[PaperId] = set()
    for old, new in result.rekeyed.items():
        # A work known under two lesser ids at once moves by the first of them; the other row stays as it is.
        if old in known and known[old].id == old and new not in taken:
            await tx.papers.rekey(old, new)
            taken.add(new)
    if result.papers:
        # What is as it was counts as no change: the search index would read it again for nothing.
        changed = [each for each in result.papers.values() if before.by_key.get(each.id) != each]
        await tx.papers.save(changed, result.aliases)


def _report(announcement: Announcement, result: Merge, lines: int) -> None:
    log = _log.bind(source=announcement.source.value, day=announcement.announced_on.isoformat())
    for refusal in announcement.refused:
        log.warning("entry refused", place=refusal.place, reason=refusal.reason)
    if announcement.gone:
        log.error("the source says that it is gone for good", detail=announcement.detail)
    if announcement.origin in {Origin.LIVE, Origin.BACKFILL}:
        log.info(
            "announcement taken",
            state=announcement.state.value,
            papers=len(announcement.listings),
            new=result.new,
            lines=lines,
            detail=announcement.detail,
        )
