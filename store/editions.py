"""SqlEditions: the decisions, the deliveries that they lead to, and what each channel has had."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelRef, DeliveryState, Edition, EditionKind, Paper, PaperId, Pick, Stage
from store.channels import ADDRESS, address_is, channel_id
from store.rows import from_edition, to_edition, to_left_out, to_paper, to_pick
from store.statements import CHUNK, chunks, insert
from store.tables import channel_papers, channels, deliveries, editions, paper_keys, papers, picks


class SqlEditions:
    """`bot.ports.Editions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, edition: Edition, parts: Sequence[tuple[int, str]]) -> int | None:
        """Store an edition with its deliveries; None, and nothing stored, where it is taken.

        Taken means that (subscription, local date, kind) is there, or that the channel has had one of the picks, of
        this kind: the planner left those out, so somebody else chose meanwhile, and the choice has to be made again.
        """
        channel = await channel_id(self._connection, edition.channel)
        savepoint = await self._connection.begin_nested()
        edition_id = await self._insert(edition, channel)
        if edition_id is None or not await self._mark_as_had(edition, edition_id, channel):
            await savepoint.rollback()
            return None
        await self._add_picks(edition, edition_id)
        await self._add_deliveries(edition, edition_id, channel, parts)
        await savepoint.commit()
        return edition_id

    async def _insert(self, edition: Edition, channel: int) -> int | None:
        statement = (
            insert(self._connection, editions)
            .on_conflict_do_nothing(index_elements=["subscription_id", "local_on", "kind"])
            .returning(editions.c.id)
        )
        edition_id: int | None = (await self._connection.execute(statement, from_edition(edition, channel))).scalar()
        return edition_id

    async def _mark_as_had(self, edition: Edition, edition_id: int, channel: int) -> bool:
        rows = [
            {
                "channel_id": channel,
                "paper_id": pick.paper_id,
                "kind": edition.kind.value,
                "edition_id": edition_id,
            }
            # In one order for everybody, so that two planners wait for each other in a line and not in a ring.
            for pick in sorted(edition.picks, key=lambda pick: pick.paper_id)
        ]
        if not rows:
            return True
        # Everything on one side of the count is decided by the database: two planners cannot both win.
        statement = insert(self._connection, channel_papers).on_conflict_do_nothing()
        await self._connection.execute(statement, rows)
        marked = select(func.count()).where(channel_papers.c.edition_id == edition_id)
        return (await self._connection.execute(marked)).scalar_one() == len(rows)

    async def _add_picks(self, edition: Edition, edition_id: int) -> None:
        rows = [
            {
                "edition_id": edition_id,
                "rank": rank,
                "paper_id": pick.paper_id,
                "score": pick.score,
                "why": pick.why,
            }
            for rank, pick in enumerate(edition.picks)
        ]
        if rows:
            await self._connection.execute(picks.insert(), rows)

    async def _add_deliveries(
        self, edition: Edition, edition_id: int, channel: int, parts: Sequence[tuple[int, str]]
    ) -> None:
        rows = [
            {
                "key": key,
                "edition_id": edition_id,
                "part": part,
                "channel_id": channel,
                "threaded": edition.layout.is_threaded,
                "state": DeliveryState.READY.value,
                "attempt": 0,
                "detail": "",
            }
            for part, key in sorted(parts)
        ]
        if rows:
            await self._connection.execute(deliveries.insert(), rows)

    async def get(self, edition_id: int) -> Edition | None:
        """The edition of this id."""
        found = await self._all(_joined().where(editions.c.id == edition_id))
        return found[0] if found else None

    async def of_channel(self, channel: ChannelRef, *, limit: int) -> Sequence[Edition]:
        """The channel's newest editions, newest first."""
        return await self._all(_joined().where(*address_is(channel)).order_by(editions.c.id.desc()).limit(limit))

    async def had(self, channel: ChannelRef, kind: EditionKind) -> Collection[PaperId]:
        """The papers that the channel has had, of this kind."""
        query = (
            select(channel_papers.c.paper_id)
            .join(channels, channels.c.id == channel_papers.c.channel_id)
            .where(*address_is(channel), channel_papers.c.kind == kind.value)
        )
        return {PaperId(each) for each in (await self._connection.execute(query)).scalars()}

    async def lately_had(self, channel: ChannelRef, kind: EditionKind, since: datetime) -> Sequence[Paper]:
        """The papers that editions of this kind brought the channel that were due at or after `since`, by id."""
        query = (
            select(papers)
            .join(channel_papers, channel_papers.c.paper_id == papers.c.id)
            .join(channels, channels.c.id == channel_papers.c.channel_id)
            .join(editions, editions.c.id == channel_papers.c.edition_id)
            .where(*address_is(channel), channel_papers.c.kind == kind.value, editions.c.due_at >= since)
            .order_by(papers.c.id)
        )
        return [to_paper(row) for row in (await self._connection.execute(query)).mappings()]

    async def of_subscription(self, subscription_id: int, *, since: datetime) -> Sequence[Edition]:
        """The digests of a subscription that were due at or after `since`, newest first."""
        is_digest = editions.c.kind == EditionKind.DIGEST.value
        theirs = _joined().where(editions.c.subscription_id == subscription_id, is_digest, editions.c.due_at >= since)
        return await self._all(theirs.order_by(editions.c.id.desc()))

    async def stage_of(self, channel: ChannelRef, paper_id: PaperId) -> Sequence[tuple[Edition, Stage]]:
        """In which of the channel's editions the paper stood, newest first, and where it left."""
        names = await self._names(paper_id)
        kept = select(editions.c.id, editions.c.left_out).join(channels).where(*address_is(channel))
        rows = (await self._connection.execute(kept)).all()
        # Most editions do not mention it; looking through a year of them takes longer than the loop may be held.
        left_out = await asyncio.to_thread(_mentioning, [(row.id, row.left_out) for row in rows], names)
        picked = select(picks.c.edition_id).where(picks.c.paper_id.in_(names))
        query = _joined().where(*address_is(channel), or_(editions.c.id.in_(left_out), editions.c.id.in_(picked)))
        found = await self._all(query.order_by(editions.c.id.desc()))
        stages = ((edition, _stage(edition, names)) for edition in found)
        return [(edition, stage) for edition, stage in stages if stage is not None]

    async def _names(self, paper_id: PaperId) -> frozenset[PaperId]:
        """All keys of the work: an edition keeps what it left out under the id of its day."""
        same = select(paper_keys.c.paper_id).where(paper_keys.c.key == paper_id)
        query = select(paper_keys.c.key).where(paper_keys.c.paper_id.in_(same))
        return frozenset({paper_id, *map(PaperId, (await self._connection.execute(query)).scalars())})

    async def _all(self, query: Select[Any]) -> Sequence[Edition]:
        rows = (await self._connection.execute(query)).mappings().all()
        chosen: dict[int, list[Pick]] = {}
        for chunk in chunks([row["id"] for row in rows]):
            order = (picks.c.edition_id, picks.c.rank)
            found = await self._connection.execute(select(picks).where(picks.c.edition_id.in_(chunk)).order_by(*order))
            for row in found.mappings():
                chosen.setdefault(row["edition_id"], []).append(to_pick(row))
        return [to_edition(row, chosen.get(row["id"], ())) for row in rows]


def _joined() -> Select[Any]:
    return select(editions, *ADDRESS).join(channels, channels.c.id == editions.c.channel_id)


def _mentioning(rows: Sequence[tuple[int, bytes]], names: frozenset[PaperId]) -> list[int]:
    """The ids of the editions that left one of these papers out; the newest when there are too many to ask for."""
    left_out = (id_ for id_, blob in rows if any(names.intersection(ids) for ids in to_left_out(blob).values()))
    return sorted(left_out)[-CHUNK:]


def _stage(edition: Edition, names: frozenset[PaperId]) -> Stage | None:
    if any(pick.paper_id in names for pick in edition.picks):
        return Stage.PICKED
    return next((stage for stage, ids in edition.left_out.items() if names.intersection(ids)), None)
