"""SqlAnnouncements: what each source said and when, and until when it wants to be left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Announcement, Origin, PaperId, SourceName
from bot.ports import AnnouncementRecord, Said
from store.rows import from_facts, to_announcement_record
from store.statements import chunks, insert, upsert
from store.tables import announced_papers, announcements, source_facts, source_silences, vote_counts

_FETCHED = (Origin.LIVE.value, Origin.BACKFILL.value)


class SqlAnnouncements:
    """`bot.ports.Announcements` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def record(self, announcement: Announcement, said: Sequence[Said]) -> int:
        """Store the announcement with its lines; return how many lines are new.

        The record describes the latest fetch. Its validators stay where the fetch brought none: they belong to the
        last complete answer, and that is still what we hold.
        """
        await self._put_record(announcement)
        if not said:
            return 0
        new = await self._add_lines(announcement, said)
        await self._put_facts(announcement, said)
        await self._append_votes(announcement.fetched_at, said)
        return new

    async def _put_record(self, announcement: Announcement) -> None:
        statement = insert(self._connection, announcements)
        follows = ["state", "origin", "fetched_at", "detail"]
        if announcement.validators is not None:
            follows += ["etag", "last_modified"]
        statement = statement.on_conflict_do_update(
            index_elements=["source", "announced_on", "resource"],
            set_={name: statement.excluded[name] for name in follows},
            # A recording says nothing new of a day that was fetched from the source itself.
            where=or_(statement.excluded.origin.in_(_FETCHED), announcements.c.origin.not_in(_FETCHED)),
        )
        row = {
            "source": announcement.source.value,
            "announced_on": announcement.announced_on,
            "resource": announcement.resource,
            "state": announcement.state.value,
            "origin": announcement.origin.value,
            "first_fetched_at": announcement.fetched_at,
            "fetched_at": announcement.fetched_at,
            "detail": announcement.detail,
            "etag": announcement.validators.etag if announcement.validators else None,
            "last_modified": announcement.validators.last_modified if announcement.validators else None,
        }
        await self._connection.execute(statement, row)

    async def _add_lines(self, announcement: Announcement, said: Sequence[Said]) -> int:
        known = await self.known_papers(announcement.source, announcement.announced_on)
        rows = {
            each.paper_id: {
                "source": announcement.source.value,
                "announced_on": announcement.announced_on,
                "paper_id": each.paper_id,
                "first_seen_at": each.first_seen_at,
                "origin": announcement.origin.value,
                "announce_type": each.listing.announce_type.value,
                "position": position,
            }
            # Backwards, so that of a paper said twice the first line stands.
            for position, each in reversed(list(enumerate(said)))
            if each.paper_id not in known
        }
        if rows:
            # Another process may be recording the same day: its line is as good as ours.
            statement = insert(self._connection, announced_papers).on_conflict_do_nothing()
            await self._connection.execute(statement, list(rows.values()))
        if announcement.origin is Origin.LIVE:
            await self._make_live(announcement, said)
        return len(rows)

    async def _make_live(self, announcement: Announcement, said: Sequence[Said]) -> None:
        """What was known from a recording only is announced now that the source itself lists it."""
        ids = [each.paper_id for each in said]
        for chunk in chunks(ids):
            recorded = announced_papers.c.origin.in_([Origin.REPLAY.value, Origin.SAMPLE.value])
            of_day = [
                announced_papers.c.source == announcement.source.value,
                announced_papers.c.announced_on == announcement.announced_on,
                announced_papers.c.paper_id.in_(chunk),
            ]
            values = {"origin": Origin.LIVE.value, "first_seen_at": announcement.fetched_at}
            await self._connection.execute(update(announced_papers).where(recorded, *of_day).values(**values))

    async def _put_facts(self, announcement: Announcement, said: Sequence[Said]) -> None:
        statement = insert(self._connection, source_facts)
        statement = statement.on_conflict_do_update(
            index_elements=["paper_id", "source"],
            set_={"facts": statement.excluded.facts, "seen_at": statement.excluded.seen_at},
            where=statement.excluded.seen_at >= source_facts.c.seen_at,
        )
        rows = [
            {
                "paper_id": each.paper_id,
                "source": announcement.source.value,
                "facts": from_facts(each.listing.facts),
                "seen_at": announcement.fetched_at,
            }
            for each in said
        ]
        await self._connection.execute(statement, rows)

    async def _append_votes(self, seen_at: datetime, said: Sequence[Said]) -> None:
        counted = {each.paper_id: each.listing.facts.upvotes for each in said if each.listing.facts.upvotes is not None}
        last = await self._last_votes(list(counted), seen_at)
        rows = [
            {"paper_id": paper_id, "seen_at": seen_at, "upvotes": upvotes}
            for paper_id, upvotes in counted.items()
            if last.get(paper_id) != upvotes
        ]
        if rows:
            await self._connection.execute(upsert(self._connection, vote_counts), rows)

    async def _last_votes(self, paper_ids: Sequence[PaperId], seen_at: datetime) -> Mapping[PaperId, int]:
        """Each paper's last count up to then: a late answer is compared with what came before it, not after."""
        found: dict[PaperId, int] = {}
        counts = vote_counts.c
        for chunk in chunks(paper_ids):
            last = (
                select(counts.paper_id, func.max(counts.seen_at))
                .where(counts.paper_id.in_(chunk), counts.seen_at <= seen_at)
                .group_by(counts.paper_id)
            )
            query = select(counts.paper_id, counts.upvotes).where(tuple_(counts.paper_id, counts.seen_at).in_(last))
            rows = await self._connection.execute(query)
            found.update((PaperId(row.paper_id), row.upvotes) for row in rows)
        return found

    async def of_day(self, source: SourceName, on: date) -> Sequence[AnnouncementRecord]:
        """All records of one source's day, one a resource."""
        query = _records().where(announcements.c.source == source.value, announcements.c.announced_on == on)
        return await self._all(query.order_by(announcements.c.resource))

    async def latest(self, *, limit: int = 50) -> Sequence[AnnouncementRecord]:
        """The most recently fetched records, newest first."""
        newest = (announcements.c.fetched_at.desc(), announcements.c.announced_on.desc())
        order = (*newest, announcements.c.source, announcements.c.resource)
        return await self._all(_records().order_by(*order).limit(limit))

    async def known_papers(self, source: SourceName, on: date) -> Collection[PaperId]:
        """The papers already recorded for this source's day."""
        lines = announced_papers.c
        query = select(lines.paper_id).where(lines.source == source.value, lines.announced_on == on)
        return {PaperId(each) for each in (await self._connection.execute(query)).scalars()}

    async def silent_until(self, source: SourceName) -> datetime | None:
        """Until when the source must not be asked; the instant may have passed."""
        query = select(source_silences.c.until_at).where(source_silences.c.source == source.value)
        return (await self._connection.execute(query)).scalar()

    async def keep_silent(self, source: SourceName, until: datetime) -> None:
        """Remember not to ask before `until`; a later instant that is known already stands."""
        statement = insert(self._connection, source_silences)
        statement = statement.on_conflict_do_update(
            index_elements=["source"],
            set_={"until_at": statement.excluded.until_at},
            where=statement.excluded.until_at > source_silences.c.until_at,
        )
        await self._connection.execute(statement, {"source": source.value, "until_at": until})

    async def _all(self, query: Select[tuple[object, ...]]) -> Sequence[AnnouncementRecord]:
        rows = await self._connection.execute(query)
        return [to_announcement_record(row) for row in rows.mappings()]


def _records() -> Select[tuple[object, ...]]:
    lines = announced_papers.c
    count = (
        select(func.count())
        .where(lines.source == announcements.c.source, lines.announced_on == announcements.c.announced_on)
        .correlate(announcements)
        .scalar_subquery()
    )
    return select(announcements, count.label("papers"))
