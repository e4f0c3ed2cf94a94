"""SqlDeliveries: the ledger of messages on their way. Every change of a state is one conditional statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ledger import DONE, Delivery, DeliveryState, LedgerEntry, WhenInDoubt
from bot.model import ChannelRef, Platform
from store.channels import ADDRESS, address_is
from store.instants import UtcInstant
from store.rows import to_delivery, to_preference
from store.statements import chunks
from store.tables import channels, deliveries

_ledger = deliveries.c


class SqlDeliveries:
    """`bot.ports.Deliveries` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ready(self, *, now: datetime, platforms: Collection[Platform], limit: int) -> Sequence[Delivery]:
        """READY deliveries whose turn it is, fair among workspaces."""
        rows = await self._connection.execute(
            _READY, {"now": now, "platforms": [each.value for each in platforms], "most": limit}
        )
        return [to_delivery(row) for row in rows.mappings()]

    async def claim(
        self, keys: Sequence[str], *, owner: str, now: datetime, lease_until: datetime
    ) -> Sequence[Delivery]:
        """Take them; one statement, so that two workers never take the same.

        SQLite's transaction holds the one write lock already; PostgreSQL passes over rows that another worker has.
        """
        claimed: dict[str, Delivery] = {}
        for chunk in chunks(keys):
            free = (
                select(_ledger.id)
                .where(_ledger.key.in_(chunk), *_is_ready(_ledger, now))
                # SQLite's compiler leaves this out.
                .with_for_update(skip_locked=True)
            )
            taken = (
                update(deliveries)
                .where(_ledger.id.in_(free))
                .values(
                    state=DeliveryState.SENDING.value,
                    owner=owner,
                    lease_until=lease_until,
                    attempt=_ledger.attempt + 1,
                    tried_at=func.coalesce(_ledger.tried_at, literal(now, UtcInstant)),
                )
                .returning(_ledger.id)
            )
            ids = list((await self._connection.execute(taken)).scalars())
            claimed |= {each.key: each for each in await self._all(_joined().where(_ledger.id.in_(ids)))}
        return [claimed[key] for key in keys if key in claimed]

    async def expire(self, *, now: datetime) -> int:
        """Turn SENDING deliveries whose lease has passed into UNKNOWN; their owners are fenced off from then on."""
        statement = (
            update(deliveries)
            .where(_ledger.done_at.is_(None), _ledger.state == DeliveryState.SENDING.value, _ledger.lease_until <= now)
            .values(
                state=DeliveryState.UNKNOWN.value,
                owner=None,
                lease_until=None,
                retry_at=now,
                detail="the worker's lease ended before it said what became of the message",
            )
        )
        return (await self._connection.execute(statement)).rowcount

    async def doubtful(
        self, *, now: datetime, platforms: Collection[Platform], limit: int
    ) -> Sequence[tuple[Delivery, WhenInDoubt]]:
        """UNKNOWN deliveries whose quarantine is over, oldest first."""
        query = (
            _joined()
            .add_columns(channels.c.when_in_doubt)
            .where(_ledger.done_at.is_(None), _ledger.state == DeliveryState.UNKNOWN.value)
            .where(or_(_ledger.retry_at.is_(None), _ledger.retry_at <= now))
            .where(channels.c.platform.in_([each.value for each in platforms]))
            .order_by(_ledger.id)
            .limit(limit)
        )
        rows = (await self._connection.execute(query)).mappings()
        return [(to_delivery(row), to_preference(row["when_in_doubt"])) for row in rows]

    async def record(self, delivery: Delivery, *, owner: str | None, entry: LedgerEntry) -> bool:
        """Store what became of it; False when `owner` no longer holds it, and nothing changes.

        An owner holds a SENDING delivery in the very attempt that it claimed; None stands for whoever settles a
        doubt, and then the delivery must still be UNKNOWN.
        """
        if entry.state is DeliveryState.SENDING:
            raise ValueError("a delivery becomes SENDING by a claim only")
        held = DeliveryState.UNKNOWN if owner is None else DeliveryState.SENDING
        statement = (
            update(deliveries)
            .where(_ledger.key == delivery.key, _ledger.done_at.is_(None), _ledger.attempt == delivery.attempt)
            .where(_ledger.state == held.value, _ledger.owner.is_not_distinct_from(owner))
            .values(
                state=entry.state.value,
                owner=None,
                lease_until=None,
                message_id=entry.message_id,
                detail=entry.detail,
                retry_at=entry.retry_at,
                tried_at=entry.tried_at,
                done_at=entry.at if entry.state in DONE else None,
            )
        )
        if not (await self._connection.execute(statement)).rowcount:
            return False
        if delivery.part == 0 and entry.state in {DeliveryState.REFUSED, DeliveryState.MISSED}:
            await self._refuse_replies(delivery.edition_id, entry)
        return True

    async def _refuse_replies(self, edition_id: int, parent: LedgerEntry) -> None:
        """Without its parent a thread has no place to stand: its messages would wait for ever."""
        statement = (
            update(deliveries)
            .where(_ledger.edition_id == edition_id, _ledger.part > 0, _ledger.threaded, _ledger.done_at.is_(None))
            .values(
                state=DeliveryState.REFUSED.value,
                done_at=parent.at,
                retry_at=None,
                detail=f"the parent is {parent.state.value}",
            )
        )
        await self._connection.execute(statement)

    async def reopen(self, keys: Collection[str]) -> int:
        """Make REFUSED deliveries READY again; what was sent stays sent."""
        count = 0
        for chunk in chunks(keys):
            statement = (
                update(deliveries)
                .where(_ledger.key.in_(chunk), _ledger.state == DeliveryState.REFUSED.value, _ledger.tried_at.is_(None))
                .values(state=DeliveryState.READY.value, done_at=None, retry_at=None, attempt=0)
            )
            count += (await self._connection.execute(statement)).rowcount
        return count

    async def next_at(self, *, after: datetime) -> datetime | None:
        """The earliest instant at which a lease ends, a retry is due or a quarantine is over."""
        wakes = func.coalesce(_ledger.lease_until, _ledger.retry_at)
        query = select(func.min(wakes)).where(_ledger.done_at.is_(None), wakes > after)
        found = (await self._connection.execute(query)).scalar()
        return found if found is None else UtcInstant().process_result_value(found, self._connection.dialect)

    async def by_edition(self, edition_ids: Collection[int]) -> Mapping[int, Sequence[Delivery]]:
        """The deliveries of these editions by part."""
        found: dict[int, list[Delivery]] = {}
        for chunk in chunks(edition_ids):
            query = _joined().where(_ledger.edition_id.in_(chunk)).order_by(_ledger.edition_id, _ledger.part)
            for each in await self._all(query):
                found.setdefault(each.edition_id, []).append(each)
        return found

    async def latest(
        self, *, channel: ChannelRef | None = None, state: DeliveryState | None = None, limit: int
    ) -> Sequence[Delivery]:
        """The newest deliveries, newest first."""
        query = _joined() if channel is None else _joined().where(*address_is(channel))
        if state is not None:
            query = query.where(_ledger.state == state.value)
        return await self._all(query.order_by(_ledger.id.desc()).limit(limit))

    async def _all(self, query: Select[Any]) -> Sequence[Delivery]:
        rows = await self._connection.execute(query)
        return [to_delivery(row) for row in rows.mappings()]


def _joined() -> Select[Any]:
    return select(deliveries, *ADDRESS).join(channels, channels.c.id == deliveries.c.channel_id)


def _is_ready(ledger: Any, now: Any) -> tuple[ColumnElement[bool], ...]:  # noqa: ANN401 - columns of a table or alias
    return (
        ledger.done_at.is_(None),
        ledger.state == DeliveryState.READY.value,
        or_(ledger.retry_at.is_(None), ledger.retry_at <= now),
    )


def _ready() -> Select[Any]:
    """The open deliveries whose turn it is: earlier parts of their edition are done, their parent was sent."""
    candidate = deliveries.alias("candidate").c
    earlier = deliveries.alias("earlier").c
    parent = deliveries.alias("parent").c
    waits = exists().where(
        earlier.edition_id == candidate.edition_id, earlier.part < candidate.part, earlier.done_at.is_(None)
    )
    has_parent = exists().where(
        parent.edition_id == candidate.edition_id, parent.part == 0, parent.state == DeliveryState.SENT.value
    )
    free = (
        select(
            candidate.id,
            func.row_number().over(partition_by=channels.c.workspace, order_by=candidate.id).label("turn"),
        )
        .join(channels, channels.c.id == candidate.channel_id)
        .where(*_is_ready(candidate, bindparam("now", type_=UtcInstant)))
        .where(channels.c.platform.in_(bindparam("platforms", expanding=True)))
        .where(~waits, or_(~candidate.threaded, candidate.part == 0, has_parent))
        .subquery("free")
    )
    return (
        _joined()
        .join(free, free.c.id == _ledger.id)
        .order_by(free.c.turn, _ledger.id)
        .limit(bindparam("most", type_=Integer))
    )


_READY = _ready()
"""Built once: that takes longer than the database needs to answer."""
