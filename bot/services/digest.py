"""Planning digests: every local date of the subscriptions that are due gets its Edition, with its Deliveries.

Gather, decide, apply: what the decisions need is read for many subscriptions at once, the choice is made in a thread,
and editions, deliveries and the next due times are stored in one transaction, in which the channels are locked and the
subscriptions still stand as they were read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import structlog

from bot.compose.digest import parts
from bot.model import Candidate, ChannelRef, Edition, EditionKind, Paper, PaperId, Stage, Subscription
from bot.plan import GRACE, LONGEST_CATCH_UP, Dates, dates, notes
from bot.ports import Advance, Clock, Store, Transaction
from bot.schedule import local_date, next_due
from bot.selection import MOVING, Order, Pool, Selection, moves, select
from bot.services.pools import Pools
from bot.services.topic_entry import stored_topic
from bot.topics.language import Topic, parse_topic

_log = structlog.get_logger(__name__)
_MOST = 20_000
_BATCH = 500
LATELY = timedelta(days=30)
"""How long a channel is spared the near-duplicates of what it had."""
_FOR_GOOD = (Stage.TYPE, Stage.SEEN_BEFORE, Stage.NEAR_DUPLICATE, Stage.BELOW_CUT)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the decisions about one batch rest on."""

    now: datetime
    standing: Mapping[int, Sequence[Subscription]]
    had: Collection[tuple[ChannelRef, EditionKind, PaperId]]
    lately: Mapping[tuple[ChannelRef, EditionKind], Sequence[Paper]]
    skipped: Mapping[int, Sequence[Edition]]
    again: Mapping[int, tuple[datetime, frozenset[PaperId]]]
    """For topics that move: since when unmatched papers are looked at again, and what was passed over then."""
    votes: Mapping[int, Mapping[PaperId, int]]


@dataclass(frozen=True, slots=True)
class _Decided:
    """One subscription's editions, and where it stands afterwards."""

    subscription: Subscription
    editions: Sequence[Edition]
    advance: Advance


class PlanDigests:
    """One pass over what is due. `wake` is called when deliveries were added."""

    def __init__(
        self, *, store: Store, clock: Clock, wake: Callable[[], None], pools: Pools, grace: timedelta = GRACE
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._pools = pools
        self._grace = grace

    async def __call__(self) -> int:
        """Plan every due subscription and return how many editions were made; a bad one never stops the rest."""
        async with self._store.write():
            # Taken while holding the store: whatever has an earlier arrival is committed, and so among the candidates.
            now = self._clock.now()
        async with self._store.read() as tx:
            due = await tx.subscriptions.due(now, limit=_MOST)
            if not due:
                return 0
            seen_after = max(min(each.cut_until_at for each in due), now - LONGEST_CATCH_UP) - MOVING
            candidates = await tx.papers.candidates(seen_after=seen_after, seen_until=now)
        topics = [topic for each in due if (topic := stored_topic(each.topic)) is not None]
        pool = await self._pools.build(candidates, on=_newest(candidates, now), topics=topics)
        made = 0
        for start in range(0, len(due), _BATCH):
            made += await self._plan_batch(due[start : start + _BATCH], pool, now)
        return made

    async def _plan_batch(self, due: Sequence[Subscription], pool: Pool, now: datetime) -> int:
        try:
            made = await self._plan(due, pool, now)
        except Exception:  # noqa: BLE001 - logged; the other channels must get their papers
            if len(due) > 1:
                _log.warning("a batch could not be planned at once; one by one", size=len(due))
                return sum([await self._plan_batch([each], pool, now) for each in due])
            _log.exception("planning failed", subscription=due[0].id)
            await self._put_off(due[0], now)
            return 0
        if made:
            self._wake()
        return made

    async def _put_off(self, subscription: Subscription, now: datetime) -> None:
        """A subscription that cannot be planned must not stand first in line for ever; its papers stay candidates."""
        failed = _skip(subscription, subscription.next_due_at, "planning failed; the log says why")
        after = Advance(subscription.id, subscription.cut_until_at, next_due(subscription.schedule, now))
        async with self._store.write() as tx:
            await tx.editions.add(failed, ())
            await tx.subscriptions.advance([after])

    async def _plan(self, due: Sequence[Subscription], pool: Pool, now: datetime) -> int:
        gathered = await self._gather(due, pool, now)
        decided = await asyncio.to_thread(self._decide, due, pool, gathered)
        async with self._store.write() as tx:
            return await _apply(tx, decided)

    # --- gather ---

    async def _gather(self, due: Sequence[Subscription], pool: Pool, now: datetime) -> _Gathered:
        seen_after = min((each.seen_at for each in pool.candidates), default=now) - timedelta(microseconds=1)
        async with self._store.read() as tx:
            standing = await tx.subscriptions.standing(due)
            had = await tx.editions.had_by(due, seen_after=seen_after)
            lately = await tx.editions.lately_had(due, now - LATELY)
            skipped = await tx.editions.skipped(due)
            again = {each.id: found for each in due if (found := await _again(tx, each, now)) is not None}
        votes: dict[int, Mapping[PaperId, int]] = {}
        for each in due:
            asked = [topic for one in standing[each.id] if (topic := stored_topic(one.topic)) is not None]
            votes[each.id] = await self._pools.votes(each.channel.workspace, pool, asked)
        return _Gathered(now, standing, had, lately, skipped, again, votes)

    # --- decide ---

    def _decide(self, due: Sequence[Subscription], pool: Pool, gathered: _Gathered) -> list[_Decided]:
        """In the order of `due`: what one subscription takes, the others of its channel have had."""
        had: dict[tuple[ChannelRef, EditionKind], set[PaperId]] = {}
        for channel, kind, paper_id in gathered.had:
            had.setdefault((channel, kind), set()).add(paper_id)
        lately = {place: list(papers) for place, papers in gathered.lately.items()}
        papers = {each.paper.id: each.paper for each in pool.candidates}
        decided = []
        for subscription in due:
            place = (subscription.channel, subscription.kind)
            mine, recent = had.setdefault(place, set()), lately.setdefault(place, [])
            found = self._decide_one(subscription, pool, gathered, mine, recent)
            for edition in found.editions:
                mine.update(pick.paper_id for pick in edition.picks)
                recent.extend(papers[pick.paper_id] for pick in edition.picks)
            decided.append(found)
        return decided

    def _decide_one(
        self,
        subscription: Subscription,
        pool: Pool,
        gathered: _Gathered,
        had: Collection[PaperId],
        lately: Sequence[Paper],
    ) -> _Decided:
        now = gathered.now
        found = dates(subscription, now, self._grace)
        editions = [_skip(subscription, each.due_at, each.why) for each in found.skips]
        cut_until_at = subscription.cut_until_at
        if found.due_at is not None:
            order = self._order(subscription, gathered, had, lately)
            chosen = select(pool, order)
            cut_until_at = order.settled_at
            lines = notes(
                subscription, found, gathered.skipped.get(subscription.id, ()), picked=len(chosen.picks), now=now
            )
            editions.append(_edition(subscription, chosen, found, cut_until_at, lines))
        return _Decided(subscription, editions, Advance(subscription.id, cut_until_at, found.next_due_at))

    def _order(
        self, current: Subscription, gathered: _Gathered, had: Collection[PaperId], lately: Sequence[Paper]
    ) -> Order:
        """What the subscription asks of the pool, with all that its channel has had."""
        topic = parse_topic(current.topic)
        if not self._pools.can_answer(topic):
            _log.warning("topic asks for a meaning that no model answers", subscription=current.id, topic=topic.text)
        others = [
            (each.name, read)
            for each in gathered.standing[current.id]
            if each.id != current.id and (read := stored_topic(each.topic))
        ]
        cut_until_at = max(current.cut_until_at, gathered.now - LONGEST_CATCH_UP)
        moving_since_at, passed = gathered.again.get(current.id, (None, frozenset()))
        return Order(
            topic=topic,
            size=current.size,
            created_at=current.created_at,
            cut_until_at=cut_until_at,
            settled_at=max(gathered.now - current.settle, cut_until_at),
            had=had,
            lately=lately,
            moving_since_at=moving_since_at,
            passed=passed,
            votes=gathered.votes[current.id],
            others=others,
            marks_late=True,
        )


async def _again(tx: Transaction, current: Subscription, now: datetime) -> tuple[datetime, frozenset[PaperId]] | None:
    topic: Topic | None = stored_topic(current.topic)
    if topic is None or not moves(topic):
        return None
    editions = await tx.editions.of_subscription(current.id, since=now - MOVING)
    # What was decided under another topic stays decided: an edited topic brings no backlog.
    other = max((each.cut_until_at for each in editions if each.topic != current.topic), default=now - MOVING)
    passed = (each.left_out.get(stage, ()) for each in editions for stage in _FOR_GOOD)
    return max(other, now - MOVING), frozenset(paper_id for ids in passed for paper_id in ids)


# --- apply -----------------------------------------------------------------------------------------------------------


async def _apply(tx: Transaction, decided: Sequence[_Decided]) -> int:
    """Store what was decided of those subscriptions that nobody changed, planned or removed meanwhile."""
    standing = await tx.subscriptions.standing([each.subscription for each in decided])
    valid = [each for each in decided if each.subscription in standing[each.subscription.id]]
    planned = [(edition, parts(edition)) for each in valid for edition in each.editions]
    ids = await tx.editions.add_all(planned)
    advances = []
    stored = iter(ids)
    for each in valid:
        kept = [next(stored) for _ in each.editions]
        # Where the date has its edition already, what came since waits for the next one: the cut stays.
        refused = bool(kept) and kept[-1] is None
        cut = each.subscription.cut_until_at if refused else each.advance.cut_until_at
        advances.append(replace(each.advance, cut_until_at=cut))
    await tx.subscriptions.advance(advances)
    made = [edition for (edition, _), id_ in zip(planned, ids, strict=True) if id_ is not None]
    for edition in made:
        why = {"skipped": edition.skipped} if edition.skipped else {"picks": len(edition.picks)}
        _log.info("edition planned", subscription=edition.subscription_id, day=edition.local_on.isoformat(), **why)
    return len([edition for edition in made if not edition.skipped])


def _edition(
    subscription: Subscription, chosen: Selection, found: Dates, cut_until_at: datetime, lines: tuple[str, ...]
) -> Edition:
    due_at = found.due_at or subscription.next_due_at
    return replace(
        edition_of(subscription, chosen, due_at=due_at, cut_until_at=cut_until_at), late=found.late, notes=lines
    )


def edition_of(
    subscription: Subscription, selection: Selection, *, due_at: datetime, cut_until_at: datetime
) -> Edition:
    """The edition of a subscription that is due, with the reason for every candidate."""
    return Edition(
        channel=subscription.channel,
        kind=subscription.kind,
        local_on=local_date(due_at, subscription.schedule.zone),
        due_at=due_at,
        cut_until_at=cut_until_at,
        subscription_id=subscription.id,
        layout=subscription.layout,
        alert=subscription.alert,
        name=subscription.name,
        topic=subscription.topic,
        picks=selection.picks,
        left_out=selection.left_out,
        decided=selection.decided,
    )


def _skip(subscription: Subscription, due_at: datetime, why: str) -> Edition:
    """A date without a digest, on record."""
    nothing = edition_of(subscription, Selection((), {}), due_at=due_at, cut_until_at=subscription.cut_until_at)
    return replace(nothing, skipped=why)


def _newest(candidates: Sequence[Candidate], now: datetime) -> date:
    return max((each.announced_on for each in candidates), default=now.date())
