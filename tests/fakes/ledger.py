"""Editions and deliveries in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.ledger import DONE, Account, Delivery, DeliveryState, LedgerEntry, WhenInDoubt
from bot.model import (
    ChannelRef,
    Edition,
    EditionKind,
    Origin,
    Paper,
    PaperId,
    Platform,
    Stage,
    Subscription,
    WorkspaceId,
)
from tests.fakes.tables import Slip, Tables

_PLANNED = {EditionKind.DIGEST, EditionKind.ROUNDUP}


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

    async def add_all(self, planned: Sequence[tuple[Edition, Sequence[tuple[int, str]]]]) -> Sequence[int | None]:
        ids = []
        for edition, parts in planned:
            added = await self.add(edition, parts)
            if added is None and not self._is_taken(edition):
                raise LookupError("the channel had one of the picks already")
            ids.append(added)
        return ids

    async def by_ids(self, edition_ids: Collection[int]) -> Mapping[int, Edition]:
        return {each: self._tables.editions[each] for each in edition_ids if each in self._tables.editions}

    async def of_channel(self, channel: ChannelRef, *, limit: int) -> Sequence[Edition]:
        return [each for each in reversed(self._tables.editions.values()) if each.channel == channel][:limit]

    async def had(self, channel: ChannelRef, kind: EditionKind) -> Collection[PaperId]:
        return {paper_id for where, paper_id, what in self._tables.had if (where, what) == (channel, kind)}

    async def posted(
        self, channel: ChannelRef, *, papers: Collection[PaperId] | None = None, limit: int
    ) -> Mapping[PaperId, date]:
        found: dict[PaperId, date] = {}
        for (where, paper_id, _), id_ in self._tables.had.items():
            if where == channel and (papers is None or paper_id in papers):
                day = self._tables.editions[id_].local_on
                found[paper_id] = max(day, found.get(paper_id, day))
        return dict(sorted(found.items(), key=lambda pair: (-pair[1].toordinal(), pair[0]))[:limit])

    async def had_by(
        self, subscribed: Sequence[Subscription], *, seen_after: datetime
    ) -> Collection[tuple[ChannelRef, EditionKind, PaperId]]:
        fresh = {
            paper_id
            for (_, _, paper_id), line in self._tables.lines.items()
            if line.origin is Origin.LIVE and line.first_seen_at > seen_after
        }
        theirs = {each.channel for each in subscribed}
        return {(where, what, each) for where, each, what in self._tables.had if where in theirs and each in fresh}

    async def lately_had(
        self, subscribed: Sequence[Subscription], since: datetime
    ) -> Mapping[tuple[ChannelRef, EditionKind], Sequence[Paper]]:
        theirs = {each.channel for each in subscribed}
        found: dict[tuple[ChannelRef, EditionKind], list[Paper]] = {}
        for (where, paper_id, what), id_ in sorted(self._tables.had.items(), key=lambda each: each[0][1]):
            if where in theirs and self._tables.editions[id_].due_at >= since:
                found.setdefault((where, what), []).append(self._tables.papers[paper_id])
        return found

    async def skipped(self, subscribed: Sequence[Subscription]) -> Mapping[int, Sequence[Edition]]:
        found = {}
        for each in subscribed:
            mine = [edition for edition in self._tables.editions.values() if edition.subscription_id == each.id]
            last = max((edition.due_at for edition in mine if not edition.skipped), default=None)
            since = [edition for edition in mine if edition.skipped and (last is None or edition.due_at > last)]
            if since:
                found[each.id] = sorted(since, key=lambda edition: edition.due_at)
        return found

    async def accounts(self, channel: ChannelRef, *, limit: int) -> Sequence[Account]:
        newest = [(id_, each) for id_, each in reversed(self._planned()) if each.channel == channel]
        return [self._account(id_, each) for id_, each in newest[:limit]]

    async def of_day(self, on: date) -> Sequence[Account]:
        return [self._account(id_, each) for id_, each in self._planned() if each.local_on == on]

    def _planned(self) -> list[tuple[int, Edition]]:
        return [(id_, each) for id_, each in self._tables.editions.items() if each.kind in _PLANNED]

    def _account(self, id_: int, edition: Edition) -> Account:
        sent = [slip.delivery for slip in self._tables.slips.values() if slip.delivery.edition_id == id_]
        return Account(edition, tuple(sorted(sent, key=lambda each: each.part)))

    async def of_subscription(self, subscription_id: int, *, since: datetime) -> Sequence[Edition]:
        theirs = [each for _, each in reversed(self._planned()) if each.subscription_id == subscription_id]
        return [each for each in theirs if each.due_at >= since]

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

    async def ready(self, *, now: datetime, platforms: Collection[Platform], limit: int) -> Sequence[Delivery]:
        turns: dict[WorkspaceId, int] = {}
        found = []
        for slip in self._tables.slips.values():
            if self._is_claimable(slip, now) and slip.delivery.channel.platform in platforms:
                workspace = slip.delivery.channel.workspace
                turns[workspace] = turns.get(workspace, 0) + 1
                found.append((turns[workspace], len(found), slip.delivery))
        return [delivery for _, _, delivery in sorted(found, key=lambda each: each[:2])[:limit]]

    async def claim(
        self, keys: Sequence[str], *, owner: str, now: datetime, lease_until: datetime
    ) -> Sequence[Delivery]:
        claimed = []
        for key in keys:
            slip = self._tables.slips.get(key)
            if slip is None or not _is_ready(slip.delivery, now):
                continue
            delivery = replace(
                slip.delivery,
                state=DeliveryState.SENDING,
                owner=owner,
                attempt=slip.delivery.attempt + 1,
                tried_at=slip.delivery.tried_at or now,
            )
            self._tables.slips[key] = replace(slip, delivery=delivery, lease_until=lease_until)
            claimed.append(delivery)
        return claimed

    def _is_claimable(self, slip: Slip, now: datetime) -> bool:
        delivery = slip.delivery
        if not _is_ready(delivery, now):
            return False
        earlier = [each.delivery for each in self._siblings(delivery.edition_id) if each.delivery.part < delivery.part]
        if any(each.state not in DONE for each in earlier):
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
            doubtful = replace(slip.delivery, state=DeliveryState.UNKNOWN, owner=None, detail=detail, retry_at=now)
            self._tables.slips[doubtful.key] = replace(slip, delivery=doubtful, lease_until=None)
        return len(expired)

    async def doubtful(
        self, *, now: datetime, platforms: Collection[Platform], limit: int
    ) -> Sequence[tuple[Delivery, WhenInDoubt]]:
        unknown = [each.delivery for each in self._tables.slips.values()]
        due = [
            each
            for each in unknown
            if each.channel.platform in platforms
            and each.state is DeliveryState.UNKNOWN
            and (each.retry_at is None or each.retry_at <= now)
        ]
        preferences = self._tables.preferences
        return [(each, preferences.get(each.channel, WhenInDoubt.NEVER_TWICE)) for each in due[:limit]]

    async def record(self, delivery: Delivery, *, owner: str | None, entry: LedgerEntry) -> bool:
        if entry.state is DeliveryState.SENDING:
            raise ValueError("a delivery becomes SENDING by a claim only")
        slip = self._tables.slips.get(delivery.key)
        held = DeliveryState.UNKNOWN if owner is None else DeliveryState.SENDING
        if slip is None or (slip.delivery.state, slip.delivery.owner, slip.delivery.attempt) != (
            held,
            owner,
            delivery.attempt,
        ):
            return False
        self._put(
            slip,
            state=entry.state,
            message_id=entry.message_id,
            detail=entry.detail,
            retry_at=entry.retry_at,
            tried_at=entry.tried_at,
        )
        if delivery.part == 0 and entry.state in {DeliveryState.REFUSED, DeliveryState.MISSED}:
            for each in self._siblings(delivery.edition_id):
                if each.threaded and each.delivery.part > 0 and each.delivery.state not in DONE:
                    detail = f"the parent is {entry.state.value}"
                    self._put(each, state=DeliveryState.REFUSED, detail=detail, retry_at=None)
        return True

    async def reopen(self, keys: Collection[str]) -> int:
        closed = [self._tables.slips[key] for key in keys if key in self._tables.slips]
        closed = [
            each for each in closed if each.delivery.state is DeliveryState.REFUSED and each.delivery.tried_at is None
        ]
        for each in closed:
            self._put(each, state=DeliveryState.READY, retry_at=None, attempt=0)
        return len(closed)

    async def next_at(self, *, after: datetime) -> datetime | None:
        opened = [each for each in self._tables.slips.values() if each.delivery.state not in DONE]
        wakes = [each.lease_until or each.delivery.retry_at for each in opened]
        return min((each for each in wakes if each is not None and each > after), default=None)

    def _put(self, slip: Slip, **changes: object) -> None:
        delivery = replace(slip.delivery, owner=None, **changes)  # type: ignore[arg-type]
        self._tables.slips[delivery.key] = replace(slip, delivery=delivery, lease_until=None)

    async def by_edition(self, edition_ids: Collection[int]) -> Mapping[int, Sequence[Delivery]]:
        found = {each: [slip.delivery for slip in self._siblings(each)] for each in edition_ids}
        return {id_: sorted(theirs, key=lambda each: each.part) for id_, theirs in found.items() if theirs}

    async def latest(
        self, *, channel: ChannelRef | None = None, state: DeliveryState | None = None, limit: int
    ) -> Sequence[Delivery]:
        newest = [each.delivery for each in reversed(self._tables.slips.values())]
        return [each for each in newest if channel in {None, each.channel} and state in {None, each.state}][:limit]


def _is_ready(delivery: Delivery, now: datetime) -> bool:
    return delivery.state is DeliveryState.READY and (delivery.retry_at is None or delivery.retry_at <= now)
