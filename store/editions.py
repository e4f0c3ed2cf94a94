"""SqlEditions: the decisions, the deliveries that they lead to, and what each channel has had."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ledger import Account, DeliveryState
from bot.model import ChannelRef, Edition, EditionKind, Origin, Paper, PaperId, Pick, Stage, Subscription
from store.channels import ADDRESS, address_is, channel_id
from store.deliveries import SqlDeliveries
from store.rows import Row, from_edition, to_channel_ref, to_edition, to_left_out, to_paper, to_pick
from store.statements import CHUNK, chunks, insert
from store.tables import (
    announced_papers,
    channel_papers,
    channels,
    deliveries,
    editions,
    paper_keys,
    papers,
    picks,
    subscriptions,
)

Parts = Sequence[tuple[int, str]]
"""(part, key) of each delivery."""


class SqlEditions:
    """`bot.ports.Editions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, edition: Edition, parts: Parts) -> int | None:
        """Store an edition with its deliveries; None, and nothing stored, where it is taken.

        Taken means that (subscription, local date, kind) is there, or that the channel has had one of the picks, of
        this kind: the planner left those out, so somebody else chose meanwhile, and the choice has to be made again.
        """
        savepoint = await self._connection.begin_nested()
        try:
            (edition_id,) = await self.add_all([(edition, parts)])
        except _PickTaken:
            edition_id = None
        if edition_id is None:
            await savepoint.rollback()
            return None
        await savepoint.commit()
        return edition_id

    async def add_all(self, planned: Sequence[tuple[Edition, Parts]]) -> Sequence[int | None]:
        """Store many editions with their deliveries; None for those whose (subscription, local date, kind) is taken."""
        places = await self._places({edition.channel for edition, _ in planned})
        ids = await self._insert([(edition, places[edition.channel]) for edition, _ in planned])
        stored = [(id_, *each) for id_, each in zip(ids, planned, strict=True) if id_ is not None]
        await self._mark_as_had([(id_, edition, places[edition.channel]) for id_, edition, _ in stored])
        await self._execute(picks.insert(), (row for id_, edition, _ in stored for row in _pick_rows(id_, edition)))
        await self._execute(
            deliveries.insert(),
            (
                _delivery_row(id_, edition, places[edition.channel], part, key)
                for id_, edition, parts in stored
                for part, key in sorted(parts)
            ),
        )
        return ids

    async def _places(self, refs: Collection[ChannelRef]) -> dict[ChannelRef, int]:
        """The rows of these channels; raises ChannelNotFound for an unknown one."""
        if len(refs) == 1:
            return {ref: await channel_id(self._connection, ref) for ref in refs}
        places: dict[ChannelRef, int] = {}
        for chunk in chunks({ref.address for ref in refs}):
            rows = await self._connection.execute(
                select(channels.c.id, *ADDRESS).where(channels.c.address.in_(chunk)).order_by(channels.c.id)
            )
            places.update((to_channel_ref(row), row["id"]) for row in rows.mappings())
        return {ref: places[ref] if ref in places else await channel_id(self._connection, ref) for ref in refs}

    async def _insert(self, planned: Sequence[tuple[Edition, int]]) -> Sequence[int | None]:
        """The ids, in order; None where the key is taken."""
        columns = (editions.c.id, editions.c.subscription_id, editions.c.local_on, editions.c.kind)
        statement = (
            insert(self._connection, editions)
            .on_conflict_do_nothing(index_elements=["subscription_id", "local_on", "kind"])
            .returning(*columns)
        )
        rows = [from_edition(edition, channel) for edition, channel in planned]
        if len(rows) > 1 and all(row["subscription_id"] is not None for row in rows):
            found = await self._connection.execute(statement, rows)
            by_key = {(each.subscription_id, each.local_on, each.kind): each.id for each in found}
            return [by_key.get((row["subscription_id"], row["local_on"], row["kind"])) for row in rows]
        # Editions of no subscription have no key by which many ids could be told apart.
        return [(await self._connection.execute(statement, row)).scalar() for row in rows]

    async def _mark_as_had(self, stored: Sequence[tuple[int, Edition, int]]) -> None:
        rows = [
            {"channel_id": channel, "paper_id": pick.paper_id, "kind": edition.kind.value, "edition_id": edition_id}
            for edition_id, edition, channel in stored
            for pick in edition.picks
        ]
        # In one order for everybody, so that two planners wait for each other in a line and not in a ring.
        rows.sort(key=lambda row: (row["channel_id"], row["paper_id"]))
        # Everything on one side of the count is decided by the database: two planners cannot both win.
        await self._execute(insert(self._connection, channel_papers).on_conflict_do_nothing(), rows)
        marked = 0
        for chunk in chunks([edition_id for edition_id, *_ in stored]):
            count = select(func.count()).where(channel_papers.c.edition_id.in_(chunk))
            marked += (await self._connection.execute(count)).scalar_one()
        if marked != len(rows):
            raise _PickTaken

    async def _execute(self, statement: Executable, rows: Iterable[Row]) -> None:
        if listed := list(rows):
            await self._connection.execute(statement, listed)

    async def by_ids(self, edition_ids: Collection[int]) -> Mapping[int, Edition]:
        """The editions of these ids."""
        found: dict[int, Edition] = {}
        for chunk in chunks(edition_ids):
            found |= await self._with_ids(_joined().where(editions.c.id.in_(chunk)))
        return found

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

    async def posted(
        self, channel: ChannelRef, *, papers: Collection[PaperId] | None = None, limit: int
    ) -> Mapping[PaperId, date]:
        """On which local date each of these papers (None: of all) was last in an edition here; the newest `limit`."""
        day = func.max(editions.c.local_on).label("day")
        query = (
            select(channel_papers.c.paper_id, day)
            .join(editions, editions.c.id == channel_papers.c.edition_id)
            .join(channels, channels.c.id == channel_papers.c.channel_id)
            .where(*address_is(channel))
            .group_by(channel_papers.c.paper_id)
            .order_by(day.desc(), channel_papers.c.paper_id)
            .limit(limit)
        )
        parts = (
            [query] if papers is None else [query.where(channel_papers.c.paper_id.in_(each)) for each in chunks(papers)]
        )
        rows = [row for part in parts for row in await self._connection.execute(part)]
        return {PaperId(row.paper_id): row.day for row in rows[:limit]}

    async def had_by(
        self, subscribed: Sequence[Subscription], *, seen_after: datetime
    ) -> Collection[tuple[ChannelRef, EditionKind, PaperId]]:
        """Which papers that were live after `seen_after` the channels of these subscriptions have had."""
        fresh = select(announced_papers.c.paper_id).where(
            announced_papers.c.origin == Origin.LIVE.value, announced_papers.c.first_seen_at > seen_after
        )
        had: set[tuple[ChannelRef, EditionKind, PaperId]] = set()
        for theirs in _channels_of(subscribed):
            rows = await self._connection.execute(
                select(channel_papers.c.kind, channel_papers.c.paper_id, *ADDRESS)
                .join(channels, channels.c.id == channel_papers.c.channel_id)
                .where(channel_papers.c.channel_id.in_(theirs), channel_papers.c.paper_id.in_(fresh))
            )
            had.update(
                (to_channel_ref(row), EditionKind(row["kind"]), PaperId(row["paper_id"])) for row in rows.mappings()
            )
        return had

    async def lately_had(
        self, subscribed: Sequence[Subscription], since: datetime
    ) -> Mapping[tuple[ChannelRef, EditionKind], Sequence[Paper]]:
        """The papers that editions brought their channels that were due at or after `since`, by id."""
        had: dict[tuple[ChannelRef, EditionKind], set[str]] = {}
        for theirs in _channels_of(subscribed):
            rows = await self._connection.execute(
                select(channel_papers.c.kind, channel_papers.c.paper_id, *ADDRESS)
                .join(channels, channels.c.id == channel_papers.c.channel_id)
                .join(editions, editions.c.id == channel_papers.c.edition_id)
                .where(editions.c.channel_id.in_(theirs), editions.c.due_at >= since)
            )
            for row in rows.mappings():
                had.setdefault((to_channel_ref(row), EditionKind(row["kind"])), set()).add(row["paper_id"])
        known = await self._papers({each for ids in had.values() for each in ids})
        return {place: [known[each] for each in sorted(ids) if each in known] for place, ids in had.items()}

    async def _papers(self, ids: Collection[str]) -> Mapping[str, Paper]:
        found: dict[str, Paper] = {}
        for chunk in chunks(ids):
            rows = (await self._connection.execute(select(papers).where(papers.c.id.in_(chunk)))).mappings()
            found.update((row["id"], to_paper(row)) for row in rows)
        return found

    async def skipped(self, subscribed: Sequence[Subscription]) -> Mapping[int, Sequence[Edition]]:
        """By subscription, the dates that were skipped since its last edition, oldest first."""
        other = editions.alias("other").c
        last = (
            select(func.max(other.due_at))
            .where(other.subscription_id == editions.c.subscription_id, other.skipped == "")
            .scalar_subquery()
        )
        found: dict[int, list[Edition]] = {}
        for chunk in chunks([each.id for each in subscribed]):
            since = (editions.c.skipped != "", or_(last.is_(None), editions.c.due_at > last))
            query = _joined().where(editions.c.subscription_id.in_(chunk), *since).order_by(editions.c.due_at)
            for edition in await self._all(query):
                found.setdefault(edition.subscription_id or 0, []).append(edition)
        return found

    async def of_subscription(self, subscription_id: int, *, since: datetime) -> Sequence[Edition]:
        """The digests and roundups of a subscription that were due at or after `since`, newest first."""
        theirs = _joined().where(editions.c.subscription_id == subscription_id, _PLANNED, editions.c.due_at >= since)
        return await self._all(theirs.order_by(editions.c.id.desc()))

    async def accounts(self, channel: ChannelRef, *, limit: int) -> Sequence[Account]:
        """The channel's newest digests and roundups with what became of them, newest first."""
        newest = _joined().where(*address_is(channel), _PLANNED).order_by(editions.c.id.desc()).limit(limit)
        return await self._accounts(newest)

    async def of_day(self, on: date) -> Sequence[Account]:
        """All digests and roundups of one local date with what became of them, oldest first."""
        return await self._accounts(_joined().where(editions.c.local_on == on, _PLANNED).order_by(editions.c.id))

    async def _accounts(self, query: Select[Any]) -> Sequence[Account]:
        found = await self._with_ids(query)
        sent = await SqlDeliveries(self._connection).by_edition(list(found))
        return [Account(edition, tuple(sent.get(id_, ()))) for id_, edition in found.items()]

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
        return list((await self._with_ids(query)).values())

    async def _with_ids(self, query: Select[Any]) -> dict[int, Edition]:
        """The editions by id, in the query's order."""
        rows = (await self._connection.execute(query)).mappings().all()
        chosen: dict[int, list[Pick]] = {}
        for chunk in chunks([row["id"] for row in rows]):
            order = (picks.c.edition_id, picks.c.rank)
            found = await self._connection.execute(select(picks).where(picks.c.edition_id.in_(chunk)).order_by(*order))
            for row in found.mappings():
                chosen.setdefault(row["edition_id"], []).append(to_pick(row))
        return {row["id"]: to_edition(row, chosen.get(row["id"], ())) for row in rows}


class _PickTaken(Exception):
    """The channel had one of the picks already."""


_PLANNED = editions.c.kind.in_((EditionKind.DIGEST.value, EditionKind.ROUNDUP.value))


def _pick_rows(edition_id: int, edition: Edition) -> Iterator[Row]:
    for rank, pick in enumerate(edition.picks):
        yield {
            "edition_id": edition_id,
            "rank": rank,
            "paper_id": pick.paper_id,
            "score": pick.score,
            "why": pick.why,
        }


def _delivery_row(edition_id: int, edition: Edition, channel: int, part: int, key: str) -> Row:
    return {
        "key": key,
        "edition_id": edition_id,
        "part": part,
        "channel_id": channel,
        "threaded": edition.layout.is_threaded,
        "state": DeliveryState.READY.value,
        "attempt": 0,
        "detail": "",
    }


def _channels_of(subscribed: Sequence[Subscription]) -> Iterator[Select[Any]]:
    for chunk in chunks([each.id for each in subscribed]):
        yield select(subscriptions.c.channel_id).where(subscriptions.c.id.in_(chunk))


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
