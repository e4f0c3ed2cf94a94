"""Delivering: claim → compose → post outside any transaction → record. One bad channel never stops the rest.

An unknown outcome is no failure: the platform is asked what became of the message before anything is posted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from bot.compose.digest import compose_part
from bot.document import Document
from bot.model import Delivery, DeliveryState, MessageRef, PaperId, Platform
from bot.outcome import Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from bot.ports import Clock, Messenger, Store

_log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=90)  # three times the longest a post may take, so that no living worker is overtaken
_CLOCKS_APART = timedelta(hours=1)  # how far the platform's clock may be from ours
_DOUBTS = 100
_MOST_ATTEMPTS = 10
_COMPOSE_AGAIN = timedelta(minutes=5)


class Deliver:
    """The worker over the ledger. `owner` names this process; a claim that lost its lease records nothing."""

    def __init__(self, *, store: Store, clock: Clock, messengers: Mapping[Platform, Messenger], owner: str) -> None:
        self._store = store
        self._clock = clock
        self._messengers = messengers
        self._owner = owner

    async def __call__(self) -> int:
        """Deliver everything that can be delivered now; return how many messages were sent."""
        await self._resolve_doubts()
        sent = 0
        while (delivery := await self._claim()) is not None:
            sent += isinstance(await self._deliver(delivery), Sent)
        return sent

    async def _claim(self) -> Delivery | None:
        now = self._clock.now()
        async with self._store.write() as tx:
            return await tx.deliveries.claim(owner=self._owner, now=now, lease_until=now + LEASE)

    async def _deliver(self, delivery: Delivery) -> Outcome:
        outcome = await self._attempt(delivery)
        await self._record(delivery, outcome, owner=self._owner)
        return outcome

    async def _attempt(self, delivery: Delivery) -> Outcome:
        try:
            document, parent = await self._compose(delivery)
        except Exception as error:  # noqa: BLE001 - nothing was posted yet: others go on, and this one is tried again
            _log.exception("composing failed", key=delivery.key)
            reason = type(error).__name__
            if delivery.attempt >= _MOST_ATTEMPTS:
                return RefusedForGood("cannot-compose", reason)
            return RefusedForNow("cannot-compose", reason, self._clock.now() + _COMPOSE_AGAIN)
        try:
            return await self._messengers[delivery.channel.platform].post(delivery, document, reply_to=parent)
        except Exception as error:  # noqa: BLE001 - whatever broke, the ledger must say that the outcome is unknown
            _log.exception("posting failed", key=delivery.key)
            return Unknown(f"{type(error).__name__} while posting")

    async def _compose(self, delivery: Delivery) -> tuple[Document, MessageRef | None]:
        async with self._store.read() as tx:
            edition = await tx.editions.get(delivery.edition_id)
            if edition is None:
                msg = f"delivery {delivery.key} has no edition"
                raise LookupError(msg)
            papers = await tx.papers.by_keys({PaperId(pick.paper_id) for pick in edition.picks})
            parent = None
            if delivery.part > 0 and edition.layout.is_threaded:
                first = (await tx.deliveries.of_edition(delivery.edition_id))[0]
                parent = MessageRef(delivery.channel, first.message_id) if first.message_id else None
        return compose_part(edition, delivery.part, papers), parent

    async def _record(self, delivery: Delivery, outcome: Outcome, *, owner: str | None) -> None:
        state, message_id, detail, retry_at = DeliveryState.SENT, None, "", None
        match outcome:
            case Sent(ref):
                message_id = ref.id
            case RefusedForGood(code, why):
                state, detail = DeliveryState.REFUSED, f"{code}: {why}"
            case RefusedForNow(code, why, again):
                state, detail, retry_at = DeliveryState.READY, f"{code}: {why}", again
            case Unknown(why):
                state, detail = DeliveryState.UNKNOWN, why
        async with self._store.write() as tx:
            held = await tx.deliveries.record(
                delivery,
                owner=owner,
                state=state,
                at=self._clock.now(),
                message_id=message_id,
                detail=detail,
                retry_at=retry_at,
            )
        _log.info("delivery recorded" if held else "delivery was taken over", key=delivery.key, state=state.value)

    async def _resolve_doubts(self) -> None:
        """Ask the platform about messages whose fate is unknown: found ones are recorded, absent ones go out again."""
        now = self._clock.now()
        async with self._store.write() as tx:
            await tx.deliveries.expire(now=now)
            doubts = await tx.deliveries.doubtful(limit=_DOUBTS)
            editions = {each.edition_id: await tx.editions.get(each.edition_id) for each in doubts}
        for delivery in doubts:
            messenger = self._messengers.get(delivery.channel.platform)
            if messenger is None:
                continue
            try:
                edition = editions[delivery.edition_id]
                since = (edition.due_at if edition else now) - _CLOCKS_APART
                ref = await messenger.find_posted(delivery.key, since, delivery.channel)
            except Exception:  # noqa: BLE001 - the doubt stays; the other channels must get their papers
                _log.exception("a doubt could not be settled", key=delivery.key)
                continue
            outcome = Sent(ref) if ref else RefusedForNow("absent", "the platform does not have it", now)
            await self._record(delivery, outcome, owner=None)
