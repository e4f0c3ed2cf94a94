"""SqlDeliveries: the ledger of messages on their way. Every change of a state is one conditional statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.model import ChannelRef, Delivery, DeliveryState
from store.channels import ADDRESS, address_is
from store.instants import UtcInstant
from store.rows import to_delivery
from store.tables import channels, deliveries

_DONE = {DeliveryState.SENT, DeliveryState.REFUSED}
_ledger = deliveries.c


class SqlDeliveries:
    """`bot.ports.Deliveries` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim(self, *, owner: str, now: datetime, lease_until: datetime) -> Delivery | None:
        """Take the next delivery; one statement, so that two workers never take the same.

        SQLite's transaction holds the one write lock already; PostgreSQL passes over rows that another worker has.
        """
        asked = {"now": now, "claimed_by": owner, "leased_until": lease_until}
        claimed = (await self._connection.execute(_CLAIM, asked)).scalar()
        if claimed is None:
            return None
        return (await self._all(_joined().where(_ledger.id == claimed)))[0]

    async def expire(self, *, now: datetime) -> int:
        """Turn SENDING deliveries whose lease has passed into UNKNOWN; their owners are fenced off from then on."""
        statement = (
            update(deliveries)
            .where(_ledger.done_at.is_(None), _ledger.state == DeliveryState.SENDING.value, _ledger.lease_until <= now)
            .values(
                state=DeliveryState.UNKNOWN.value,
                owner=None,
                lease_until=None,
                detail="the worker's lease ended before it said what became of the message",
            )
        )
        return (await self._connection.execute(statement)).rowcount

    async def doubtful(self, *, limit: int) -> Sequence[Delivery]:
        """UNKNOWN deliveries, oldest first."""
        doubtful = _joined().where(_ledger.done_at.is_(None), _ledger.state == DeliveryState.UNKNOWN.value)
        return await self._all(doubtful.order_by(_ledger.id).limit(limit))

    async def record(  # noqa: PLR0913 - the port names what may be recorded
        self,
        delivery: Delivery,
        *,
        owner: str | None,
        state: DeliveryState,
        at: datetime,
        message_id: str | None = None,
        detail: str = "",
        retry_at: datetime | None = None,
    ) -> bool:
        """Store what became of it; False when `owner` no longer holds it, and nothing changes.

        An owner holds a SENDING delivery in the very attempt that it claimed; None stands for whoever settles a
        doubt, and then the delivery must still be UNKNOWN.
        """
        if state is DeliveryState.SENDING:
            raise ValueError("a delivery becomes SENDING by a claim only")
        held = DeliveryState.UNKNOWN if owner is None else DeliveryState.SENDING
        statement = (
            update(deliveries)
            .where(_ledger.key == delivery.key, _ledger.done_at.is_(None), _ledger.attempt == delivery.attempt)
            .where(_ledger.state == held.value, _ledger.owner.is_not_distinct_from(owner))
            .values(
                state=state.value,
                owner=None,
                lease_until=None,
                message_id=message_id,
                detail=detail,
                retry_at=retry_at,
                done_at=at if state in _DONE else None,
            )
        )
        if not (await self._connection.execute(statement)).rowcount:
            return False
        if state is DeliveryState.REFUSED and delivery.part == 0:
            await self._refuse_replies(delivery.edition_id, at)
        return True

    async def _refuse_replies(self, edition_id: int, at: datetime) -> None:
        """Without its parent a thread has no place to stand: its messages would wait for ever."""
        statement = (
            update(deliveries)
            .where(_ledger.edition_id == edition_id, _ledger.part > 0, _ledger.threaded, _ledger.done_at.is_(None))
            .values(state=DeliveryState.REFUSED.value, done_at=at, retry_at=None, detail="the parent was refused")
        )
        await self._connection.execute(statement)

    async def of_edition(self, edition_id: int) -> Sequence[Delivery]:
        """An edition's deliveries by part."""
        return await self._all(_joined().where(_ledger.edition_id == edition_id).order_by(_ledger.part))

    async def latest(self, *, channel: ChannelRef | None, limit: int) -> Sequence[Delivery]:
        """The newest deliveries, newest first."""
        query = _joined() if channel is None else _joined().where(*address_is(channel))
        return await self._all(query.order_by(_ledger.id.desc()).limit(limit))

    async def _all(self, query: Select[Any]) -> Sequence[Delivery]:
        rows = await self._connection.execute(query)
        return [to_delivery(row) for row in rows.mappings()]


def _joined() -> Select[Any]:
    return select(deliveries, *ADDRESS).join(channels, channels.c.id == deliveries.c.channel_id)


def _claim() -> ReturningUpdate[tuple[int]]:
    """Takes the oldest ready delivery whose turn it is: earlier parts of its edition are done, its parent was sent."""
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
        select(candidate.id)
        .where(candidate.done_at.is_(None), candidate.state == DeliveryState.READY.value)
        .where(or_(candidate.retry_at.is_(None), candidate.retry_at <= bindparam("now", type_=UtcInstant)))
        .where(~waits, or_(~candidate.threaded, candidate.part == 0, has_parent))
        .order_by(candidate.id)
        .limit(1)
        # SQLite's compiler leaves this out.
        .with_for_update(skip_locked=True)
    )
    return (
        update(deliveries)
        .where(_ledger.id == free.scalar_subquery())
        .values(
            state=DeliveryState.SENDING.value,
            owner=bindparam("claimed_by"),
            lease_until=bindparam("leased_until"),
            attempt=_ledger.attempt + 1,
        )
        .returning(_ledger.id)
    )


_CLAIM = _claim()
"""Built once: that takes longer than the database needs to answer."""
