"""Delivering: claim → compose → post outside any transaction → record. One bad channel never stops the rest.

An attempt is claimed with a lease before its first byte and cut off long before the lease ends, so that whoever takes
a delivery over is alone with it. What becomes of attempts whose outcome is unknown: `bot.services.doubting`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.compose.digest import compose_part
from bot.document import Document
from bot.doubts import Remedy, Timing, back_off, must_start_by, remedy
from bot.ledger import Delivery, DeliveryState, LedgerEntry, MessageRef
from bot.model import Edition, Paper, PaperId, Platform
from bot.outcome import Outcome, RefusedForGood, RefusedForNow, Scope, Sent, Unknown
from bot.pacing import SCOPES, Granted, LastCalls, grant, put_off, scope_key, scope_keys
from bot.ports import Clock, Messenger, Store, Transaction
from bot.services.doubting import Doubting
from bot.services.striking import strike

_log = structlog.get_logger(__name__)
_WINDOW = 500
"""How many deliveries that are ready are looked at at once."""
_FRESH = timedelta(seconds=1)
"""How long what was looked at counts as the state of the ledger; claiming looks again."""
_AHEAD = timedelta(milliseconds=500)
"""How far ahead starts are reserved, so that one transaction claims many."""
_BREATH = 0.05  # seconds in which what moves at once is taken together
_TIDY_EVERY = timedelta(hours=1)
_MOST_ATTEMPTS = 60  # with the longest waits more than a day


@dataclass(frozen=True, slots=True)
class _Material:
    """What messages are composed of; `parents` are the first parts by edition, where a reply asks for them."""

    editions: Mapping[int, Edition]
    papers: Mapping[PaperId, Paper]
    parents: Mapping[int, Delivery]

    def compose(self, delivery: Delivery) -> tuple[Document, MessageRef | None]:
        """The message, and the one that it replies to."""
        edition = self.editions[delivery.edition_id]
        parent = self.parents[delivery.edition_id] if delivery.part > 0 and edition.layout.is_threaded else None
        ref = MessageRef(delivery.channel, parent.message_id) if parent and parent.message_id else None
        return compose_part(edition, delivery.part, self.papers), ref


@dataclass(slots=True)
class _Result:
    """What became of one attempt, until the ledger has it."""

    delivery: Delivery
    claimed_at: datetime
    outcome: Outcome
    recorded: bool = False


class Deliver:
    """The worker over the ledger. `owner` names this process; a claim that lost its lease records nothing."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        messengers: Mapping[Platform, Messenger],
        owner: str,
        timing: Timing | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._messengers = messengers
        self._owner = owner
        self._timing = timing or Timing()
        self._doubting = Doubting(store, clock, messengers, self._timing)
        self._waiting: list[Delivery] = []
        self._looked_at: datetime | None = None
        self._tidied_at: datetime | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._moved = asyncio.Event()
        self._sent = 0
        self._results: list[_Result] = []
        self._recording = asyncio.Lock()
        self._calls = LastCalls()
        self._silences: dict[str, datetime] = {}
        """What the store knows too, for deliveries that were claimed before it did."""

    async def __call__(self) -> int:
        """Deliver all that can be delivered now, at the platforms' pace; return how many messages were sent."""
        before = self._sent
        await self._doubting()
        self._looked_at = None
        while True:
            again_at = await self._start()
            if self._running:
                await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            elif again_at is not None:
                await self._clock.sleep_until(again_at)
            else:
                return self._sent - before
            self._looked_at = None

    async def forever(self, awake: asyncio.Event, tick: timedelta) -> None:
        """Deliver as things become ready; `awake` says that there is something new, `tick` when to look anyway."""
        doubts_at = self._clock.now()
        try:
            while True:
                again_at = self._clock.now() + tick
                try:
                    if self._clock.now() >= doubts_at:
                        await self._doubting()
                        await self._tidy()
                        doubts_at = await self._next_doubts(tick)
                    again_at = min(again_at, doubts_at, await self._start() or again_at)
                except Exception:  # noqa: BLE001 - logged; a store that is down must not end deliveries for ever
                    _log.exception("delivering failed")
                await self._rest(awake, again_at)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """Whoever is asked to stop ends what is on its way: a message that was cut off would be a doubt."""
        if self._running:
            await asyncio.wait(self._running, timeout=self._timing.post.total_seconds())
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _tidy(self) -> None:
        """Once an hour: what no longer holds anybody up is forgotten."""
        now = self._clock.now()
        if self._tidied_at is None or now - self._tidied_at > _TIDY_EVERY:
            async with self._store.write() as tx:
                await tx.paces.forget(before=now - _TIDY_EVERY)
            self._tidied_at = now

    async def _next_doubts(self, tick: timedelta) -> datetime:
        now = self._clock.now()
        async with self._store.read() as tx:
            next_at = await tx.deliveries.next_at(after=now)
        return min(now + tick, next_at or now + tick)

    async def _rest(self, awake: asyncio.Event, until: datetime) -> None:
        """Until something is new, something is done, or it is time."""
        signals = [asyncio.create_task(each.wait()) for each in (awake, self._moved)]
        try:
            seconds = max((until - self._clock.now()).total_seconds(), 0)
            await asyncio.wait(signals, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for signal in signals:
                signal.cancel()
        if awake.is_set() or self._moved.is_set():
            await asyncio.sleep(_BREATH)
            if awake.is_set():
                self._looked_at = None
        awake.clear()
        self._moved.clear()

    # --- claiming ---

    async def _start(self) -> datetime | None:
        """Claim what may go out about now and let it run; return when to claim more, None: when something moves."""
        await self._look()
        later: list[datetime] = []
        by_platform: dict[Platform, list[Delivery]] = defaultdict(list)
        for delivery in self._waiting:
            by_platform[delivery.channel.platform].append(delivery)
        for platform, waiting in by_platform.items():
            again_at = await self._claim(self._messengers[platform], waiting)
            if again_at is not None:
                later.append(again_at)
        return min(later, default=None)

    async def _look(self) -> None:
        now = self._clock.now()
        if self._waiting and self._looked_at is not None and now - self._looked_at < _FRESH:
            return
        async with self._store.read() as tx:
            self._waiting = list(await tx.deliveries.ready(now=now, platforms=self._messengers.keys(), limit=_WINDOW))
        self._looked_at = now

    async def _claim(self, messenger: Messenger, waiting: Sequence[Delivery]) -> datetime | None:
        now = self._clock.now()
        # Where a doubt can never be settled, nothing is claimed before its very moment: a kill would make it doubtful.
        ahead = _AHEAD if messenger.capabilities.can_settle else timedelta(0)
        async with self._store.write() as tx:
            kept = await tx.paces.of(scope_keys(waiting))
            allowed = grant(waiting, messenger.pace, kept, now=now, until=now + ahead)
            if not allowed.slots:
                return self._later(allowed, ahead)
            wanted = [delivery.key for delivery, _ in allowed.slots]
            taken = await tx.deliveries.claim(wanted, owner=self._owner, now=now, lease_until=now + self._timing.lease)
            # What another worker was quicker to take is not charged.
            granted = grant(taken, messenger.pace, kept, now=now, until=now + ahead)
            await tx.paces.put(granted.next_calls_at)
            # Read before the claim is committed: where that fails, nothing is claimed.
            material = await _gather(tx, taken)
        gone = set(wanted)
        self._waiting = [each for each in self._waiting if each.key not in gone]
        for delivery, start in granted.slots:
            task = asyncio.create_task(self._deliver(delivery, now, start, material))
            self._running.add(task)
            task.add_done_callback(self._finished)
        return self._later(allowed, ahead)

    def _later(self, allowed: Granted, ahead: timedelta) -> datetime | None:
        return allowed.again_at - ahead / 2 if allowed.again_at is not None else None

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._moved.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The lease will end, and the doubt be looked into.
            _log.error("delivery not recorded", error=f"{type(error).__name__}: {error}")

    # --- one delivery ---

    async def _deliver(self, delivery: Delivery, claimed_at: datetime, start: datetime, material: _Material) -> None:
        outcome = await self._attempt(delivery, claimed_at, start, material)
        await self._record(_Result(delivery, claimed_at, outcome))
        self._sent += isinstance(outcome, Sent)

    async def _attempt(self, delivery: Delivery, claimed_at: datetime, start: datetime, material: _Material) -> Outcome:
        try:
            document, parent = material.compose(delivery)
        except Exception as error:  # noqa: BLE001 - nothing was posted yet: others go on, and this one is tried again
            _log.exception("composing failed", key=delivery.key)
            return RefusedForNow("cannot-compose", type(error).__name__)
        messenger = self._messengers[delivery.channel.platform]
        await self._clock.sleep_until(start)
        while (free_at := self._calls.free_at(delivery.channel, messenger.pace, self._clock.now())) > self._clock.now():
            await self._clock.sleep_until(free_at)
        now = self._clock.now()
        if _is_doubtful(delivery, claimed_at) and await self._remedy(delivery, now) is not Remedy.POST_AGAIN:
            return Unknown("it could not be posted again in time")
        if (until := self._silent_until(delivery, now)) is not None:
            return RefusedForNow("held-back", "the platform has asked to wait meanwhile", until)
        if now > must_start_by(claimed_at, self._timing):
            return RefusedForNow("late-start", "too little of the lease was left to begin", now)
        self._calls.add(delivery.channel, messenger.pace, now)
        return self._heeded(delivery, await self._post(messenger, delivery, document, parent))

    async def _remedy(self, delivery: Delivery, now: datetime) -> Remedy:
        """An earlier attempt may have landed: what was to be done about it may no longer hold."""
        async with self._store.read() as tx:
            preference = await tx.channels.when_in_doubt(delivery.channel)
        capabilities = self._messengers[delivery.channel.platform].capabilities
        return remedy(delivery, capabilities, preference, self._timing, now)

    async def _post(
        self, messenger: Messenger, delivery: Delivery, document: Document, parent: MessageRef | None
    ) -> Outcome:
        try:
            async with asyncio.timeout(self._timing.post.total_seconds()):
                return await messenger.post(delivery, document, reply_to=parent)
        except TimeoutError:
            return Unknown(f"no answer within {self._timing.post.total_seconds():g} s")
        except Exception as error:  # noqa: BLE001 - whatever broke, the ledger must say that the outcome is unknown
            _log.exception("posting failed", key=delivery.key)
            return Unknown(f"{type(error).__name__} while posting")

    def _heeded(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """A “not now” holds from this moment on, with our own back-off where it names no time."""
        if not isinstance(outcome, RefusedForNow):
            return outcome
        retry_at = outcome.retry_at or self._clock.now() + back_off(delivery.attempt, delivery.key)
        if outcome.scope is not Scope.MESSAGE:
            self._silences[scope_key(outcome.scope, delivery.channel)] = retry_at
        return replace(outcome, retry_at=retry_at)

    def _silent_until(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Until when nothing may go there: a platform said so after this delivery had been given its start."""
        untils = (self._silences.get(scope_key(scope, delivery.channel), now) for scope in SCOPES)
        return max((until for until in untils if until > now), default=None)

    # --- recording ---

    async def _record(self, result: _Result) -> None:
        """Record it with whatever else is waiting: one transaction for all that happened since the last one."""
        self._results.append(result)
        async with self._recording:
            if result.recorded:
                return
            batch, self._results = self._results, []
            try:
                await self._record_all(batch)
            except Exception:
                if len(batch) == 1:
                    raise
                for each in batch:
                    await self._record_all([each])

    async def _record_all(self, batch: Sequence[_Result]) -> None:
        entries = [self._entry(each.delivery, each.claimed_at, each.outcome) for each in batch]
        async with self._store.write() as tx:
            held = [await self._keep(tx, each, entry) for each, entry in zip(batch, entries, strict=True)]
        for each, entry, was_held in zip(batch, entries, held, strict=True):
            each.recorded = True
            said = "delivery recorded" if was_held else "delivery was taken over"
            _log.info(said, key=each.delivery.key, state=entry.state.value, detail=entry.detail)

    async def _keep(self, tx: Transaction, result: _Result, entry: LedgerEntry) -> bool:
        delivery, outcome = result.delivery, result.outcome
        held = await tx.deliveries.record(delivery, owner=self._owner, entry=entry)
        if held and entry.state is DeliveryState.REFUSED:
            await strike(tx, delivery, entry)
        elif held and entry.state is DeliveryState.SENT and delivery.part == 0:
            await tx.subscriptions.clear_strikes(delivery.edition_id)
        if isinstance(outcome, RefusedForNow) and outcome.retry_at and outcome.scope is not Scope.MESSAGE:
            rate = self._messengers[delivery.channel.platform].pace.of(outcome.scope)
            await tx.paces.put({scope_key(outcome.scope, delivery.channel): put_off(rate, outcome.retry_at)})
        return held

    def _entry(self, delivery: Delivery, claimed_at: datetime, outcome: Outcome) -> LedgerEntry:
        now = self._clock.now()
        open_since = delivery.tried_at if _is_doubtful(delivery, claimed_at) else None
        match outcome:
            case Sent(ref):
                return LedgerEntry(state=DeliveryState.SENT, at=now, message_id=ref.id)
            case RefusedForGood(code, why):
                detail = f"{code}: {why}"
                return LedgerEntry(state=DeliveryState.REFUSED, at=now, detail=detail, tried_at=open_since)
            case RefusedForNow(code, why) if delivery.attempt >= _MOST_ATTEMPTS:
                detail = f"gave up after {delivery.attempt} attempts; {code}: {why}"
                return LedgerEntry(state=DeliveryState.REFUSED, at=now, detail=detail, tried_at=open_since)
            case RefusedForNow(code, why, retry_at):
                again_at = retry_at or now + back_off(delivery.attempt, delivery.key)
                detail = f"{code}: {why}"
                return LedgerEntry(
                    state=DeliveryState.READY, at=now, detail=detail, retry_at=again_at, tried_at=open_since
                )
            case Unknown(why):
                return LedgerEntry(
                    state=DeliveryState.UNKNOWN,
                    at=now,
                    detail=why,
                    retry_at=now + self._timing.quarantine,
                    tried_at=delivery.tried_at,
                )


def _is_doubtful(delivery: Delivery, claimed_at: datetime) -> bool:
    """True where an attempt before this one may have landed."""
    return delivery.tried_at is not None and delivery.tried_at < claimed_at


async def _gather(tx: Transaction, taken: Sequence[Delivery]) -> _Material:
    """What the messages of one claim are composed of."""
    replies = {each.edition_id for each in taken if each.part > 0}
    editions = await tx.editions.by_ids({each.edition_id for each in taken})
    papers = await tx.papers.by_keys({PaperId(pick.paper_id) for each in editions.values() for pick in each.picks})
    first = {id_: parts[0] for id_, parts in (await tx.deliveries.by_edition(replies)).items()}
    return _Material(editions, papers, first)
