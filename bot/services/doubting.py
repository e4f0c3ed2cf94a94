"""Doubting: what became of messages whose outcome is unknown is found out, once, before anything is posted again.

A delivery is in doubt when its connection broke after the request had left, or when its worker died. After a
quarantine, in which nothing of ours can still be on its way, the platform's key or memory settles it; where a platform
has neither, the channel's preference does. See docs/adr/0009-a-ledger-with-quarantine.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from bot.doubts import Remedy, Timing, back_off, remedy
from bot.ledger import Delivery, DeliveryState, LedgerEntry, MessageRef, WhenInDoubt
from bot.model import Platform
from bot.outcome import Absent, CannotTell, Finding, RefusedForNow, Sent
from bot.ports import Clock, Messenger, Store

_log = structlog.get_logger(__name__)
_EVER = datetime.min.replace(tzinfo=UTC)
_AT_ONCE = 200
_SIDE_BY_SIDE = 10
_CLOCKS_APART = timedelta(hours=1)  # how far the platform's clock may be from ours


class Doubting:
    """One pass over the doubts whose quarantine is over. Claims whose lease has passed become doubts first."""

    def __init__(self, store: Store, clock: Clock, messengers: Mapping[Platform, Messenger], timing: Timing) -> None:
        self._store = store
        self._clock = clock
        self._messengers = messengers
        self._timing = timing

    async def __call__(self) -> int:
        """Settle what can be settled now; return how many were looked into."""
        now = self._clock.now()
        async with self._store.read() as tx:
            wakes = await tx.deliveries.next_at(after=_EVER)
        if wakes is None or wakes > now:
            return 0  # most passes end here, without the lock that writing takes
        async with self._store.write() as tx:
            await tx.deliveries.expire(now=now)
            doubts = await tx.deliveries.doubtful(now=now, platforms=self._messengers.keys(), limit=_AT_ONCE)
        few = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def settle(delivery: Delivery, preference: WhenInDoubt) -> None:
            async with few:
                await self._settle(delivery, preference)

        await asyncio.gather(*(settle(delivery, preference) for delivery, preference in doubts))
        return len(doubts)

    async def _settle(self, delivery: Delivery, preference: WhenInDoubt) -> None:
        messenger = self._messengers[delivery.channel.platform]
        entry = await self._entry(messenger, delivery, preference)
        async with self._store.write() as tx:
            held = await tx.deliveries.record(delivery, owner=None, entry=entry)
        if held:
            _log.info("doubt looked into", key=delivery.key, state=entry.state.value, detail=entry.detail)

    async def _entry(self, messenger: Messenger, delivery: Delivery, preference: WhenInDoubt) -> LedgerEntry:
        now, tried_at = self._clock.now(), delivery.tried_at
        match remedy(delivery, messenger.capabilities, preference, self._timing, now):
            case Remedy.POST_AGAIN:
                # Keeps `tried_at`: until it is sent, an earlier attempt may have landed.
                return LedgerEntry(state=DeliveryState.READY, at=now, detail=delivery.detail, tried_at=tried_at)
            case Remedy.GIVE_UP:
                detail = f"{delivery.detail}; nobody can find out whether it was posted, so it is not posted again"
                return LedgerEntry(state=DeliveryState.MISSED, at=now, detail=detail, tried_at=tried_at)
            case Remedy.ASK:
                return self._answered(delivery, await self._ask(messenger, delivery), preference)

    async def _ask(self, messenger: Messenger, delivery: Delivery) -> Finding:
        since = (delivery.tried_at or self._clock.now() - timedelta(days=1)) - _CLOCKS_APART
        try:
            async with asyncio.timeout(self._timing.post.total_seconds()):
                parent = await self._parent(delivery)
                return await messenger.find_posted(delivery.key, since, delivery.channel, reply_to=parent)
        except Exception as error:  # noqa: BLE001 - the doubt stays; the other channels must get their papers
            _log.warning("a doubt could not be settled", key=delivery.key, error=type(error).__name__)
            return RefusedForNow("no-answer", type(error).__name__)

    async def _parent(self, delivery: Delivery) -> MessageRef | None:
        """The message under which this one stands, if it does."""
        if delivery.part == 0:
            return None
        async with self._store.read() as tx:
            edition = (await tx.editions.by_ids([delivery.edition_id])).get(delivery.edition_id)
            parts = (await tx.deliveries.by_edition([delivery.edition_id])).get(delivery.edition_id, ())
        if edition is None or not edition.layout.is_threaded:
            return None
        return next((MessageRef(each.channel, each.message_id) for each in parts[:1] if each.message_id), None)

    def _answered(self, delivery: Delivery, finding: Finding, preference: WhenInDoubt) -> LedgerEntry:
        now = self._clock.now()
        match finding:
            case Sent(ref):
                return LedgerEntry(state=DeliveryState.SENT, at=now, message_id=ref.id, detail="found after a doubt")
            case Absent():
                return LedgerEntry(state=DeliveryState.READY, at=now, detail="absent: the platform does not have it")
            case CannotTell(code, why) if preference is WhenInDoubt.NEVER_LOST:
                # The channel would rather have it twice than not at all: as if it had not been posted.
                detail = f"{delivery.detail}; {code}: {why}; posted again, as this channel prefers"
                return LedgerEntry(state=DeliveryState.READY, at=now, detail=detail)
            case CannotTell(code, why):
                detail = f"{delivery.detail}; {code}: {why}; it is not posted again"
                return LedgerEntry(state=DeliveryState.MISSED, at=now, detail=detail, tried_at=delivery.tried_at)
            case RefusedForNow(code, why, retry_at):
                again_at = retry_at or now + back_off(delivery.attempt, delivery.key)
                return LedgerEntry(
                    state=DeliveryState.UNKNOWN,
                    at=now,
                    detail=f"{code}: {why}",
                    retry_at=again_at,
                    tried_at=delivery.tried_at,
                )
