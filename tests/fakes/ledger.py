"""Editions and deliveries in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bot.model import ChannelRef, Delivery, DeliveryState, Edition, EditionKind, Paper, PaperId, Stage
from tests.fakes.tables import Slip, Tables

_DONE = {DeliveryState.SENT, DeliveryState.REFUSED}


class MemoryEditions:
    """`bot.ports.Editions` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, edition: Edition, parts: Sequence[tuple[int, str]]) -> int | None:
        tables = self._tables
        tables.need_channel(edition.channel)
        marks = [(edition.channel, pick.paper_id, edition.kind) for pick in edition.picks]
        if self._is_taken(edition) or any(mark in tables.had for mark in marks) or len(set(marks)) < len(marks):
            return None
        for pick in edition.picks:
            tables.need_paper(pick.paper_id)
        if any(key in tables.slips for _, key in parts):
            raise LookupError("a delivery of that key exists already")
        edition_id = tables.next_id("editions")
        tables.editions[edition_id] = edition
        tables.had.update(dict.fromkeys(marks, edition_id))
        for part, key in sorted(parts):
            delivery = Delivery(key=key, edition_id=edition_id, part=part, channel=edition.channel)
            tables.slips[key] = Slip(delivery, threaded=edition.layout.is_threaded)
        return edition_id

    def _is_taken(self, edition: Edition) -> bool:
        if edition.subscription_id is None:
            return False
        key = (edition.subscription_id, edition.local_on, edition.kind)
        return any((each.subscription_id, each.local_on, each.kind) == key for each in self._tables.editions.values())

    async def get(self, edition_id: int) -> Edition | None:
        return self._tables.editions.get(edition_id)

    async def of_channel(self, channel: ChannelRef, *, limit: int) -> Sequence[Edition]:
        return [each for each in reversed(self._tables.editions.values()) if each.channel == channel][:limit]

    async def had(self, channel: ChannelRef, kind: EditionKind) -> Collection[PaperId]:
        return {paper_id for where, paper_id, what in self._tables.had if (where, what) == (channel, kind)}

    async def lately_had(self, channel: ChannelRef, kind: EditionKind, since: datetime) -> Sequence[Paper]:
        marks = [(key, id_) for key, id_ in self._tables.had.items() if (key[0], key[2]) == (channel, kind)]
        ids = sorted(key[1] for key, id_ in marks if self._tables.editions[id_].due_at >= since)
        return [self._tables.papers[each] for each in ids]

    async def of_subscription(self, subscription_id: int, *, since: datetime) -> Sequence[Edition]:
        return [
            each
            for each in reversed(self._tables.editions.values())
            if (each.subscription_id, each.kind) == (subscription_id, EditionKind.DIGEST) and each.due_at >= since
        ]

    async def stage_of(self, channel: ChannelRef, paper_id: PaperId) -> Sequence[tuple[Edition, Stage]]:
        keys = self._tables.keys
        names = {paper_id} | {key for key in keys if keys[key] == keys.get(paper_id)}
        stages = [
            (each, _stage(each, names)) for each in await self.of_channel(channel, limit=len(self._tables.editions))
        ]
        return [(edition, stage) for edition, stage in stages if stage is not None]


def _stage(edition: Edition, names: Collection[PaperId]) -> Stage | None:
    if any(pick.paper_id in names for pick in edition.picks):
        return Stage.PICKED
    return next((stage for stage, ids in edition.left_out.items() if any(each in names for each in ids)), None)


class MemoryDeliveries:
    """`bot.ports.Deliveries` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def claim(self, *, owner: str, now: datetime, lease_until: datetime) -> Delivery | None:
        for key, slip in self._tables.slips.items():
            if self._is_claimable(slip, now):
                delivery = slip.delivery
                claimed = replace(delivery, state=DeliveryState.SENDING, owner=owner, attempt=delivery.attempt + 1)
                self._tables.slips[key] = replace(slip, delivery=claimed, lease_until=lease_until)
                return claimed
        return None

    def _is_claimable(self, slip: Slip, now: datetime) -> bool:
        delivery = slip.delivery
        if delivery.state is not DeliveryState.READY or (delivery.retry_at is not None and delivery.retry_at > now):
            return False
        earlier = [each.delivery for each in self._siblings(delivery.edition_id) if each.delivery.part < delivery.part]
        if any(each.state not in _DONE for each in earlier):
            return False
        return (
            not slip.threaded
            or delivery.part == 0
            or any(each.part == 0 and each.state is DeliveryState.SENT for each in earlier)
        )

    def _siblings(self, edition_id: int) -> list[Slip]:
        return [each for each in self._tables.slips.values() if each.delivery.edition_id == edition_id]

    async def expire(self, *, now: datetime) -> int:
        expired = [
            each
            for each in self._tables.slips.values()
            if each.delivery.state is DeliveryState.SENDING and each.lease_until is not None and each.lease_until <= now
        ]
        for slip in expired:
            detail = "the worker's lease ended before it said what became of the message"
            doubtful = replace(slip.delivery, state=DeliveryState.UNKNOWN, owner=None, detail=detail)
            self._tables.slips[doubtful.key] = replace(slip, delivery=doubtful, lease_until=None)
        return len(expired)

    async def doubtful(self, *, limit: int) -> Sequence[Delivery]:
        deliveries = [each.delivery for each in self._tables.slips.values()]
        return [each for each in deliveries if each.state is DeliveryState.UNKNOWN][:limit]

    async def record(  # noqa: PLR0913 - the port names what may be recorded
        self,
        delivery: Delivery,
        *,
        owner: str | None,
        state: DeliveryState,
        at: datetime,  # noqa: ARG002 - only databases keep it
        message_id: str | None = None,
        detail: str = "",
        retry_at: datetime | None = None,
    ) -> bool:
        if state is DeliveryState.SENDING:
            raise ValueError("a delivery becomes SENDING by a claim only")
        slip = self._tables.slips.get(delivery.key)
        held = DeliveryState.UNKNOWN if owner is None else DeliveryState.SENDING
        if slip is None or (slip.delivery.state, slip.delivery.owner, slip.delivery.attempt) != (
            held,
            owner,
            delivery.attempt,
        ):
            return False
        self._put(slip, state=state, message_id=message_id, detail=detail, retry_at=retry_at)
        if state is DeliveryState.REFUSED and delivery.part == 0:
            for each in self._siblings(delivery.edition_id):
                if each.threaded and each.delivery.part > 0 and each.delivery.state not in _DONE:
                    self._put(each, state=state, detail="the parent was refused", retry_at=None)
        return True

    def _put(self, slip: Slip, **changes: object) -> None:
        delivery = replace(slip.delivery, owner=None, **changes)  # type: ignore[arg-type]
        self._tables.slips[delivery.key] = replace(slip, delivery=delivery, lease_until=None)

    async def of_edition(self, edition_id: int) -> Sequence[Delivery]:
        return sorted((each.delivery for each in self._siblings(edition_id)), key=lambda each: each.part)

    async def latest(self, *, channel: ChannelRef | None, limit: int) -> Sequence[Delivery]:
        newest = [each.delivery for each in reversed(self._tables.slips.values())]
        return [each for each in newest if channel in {None, each.channel}][:limit]
