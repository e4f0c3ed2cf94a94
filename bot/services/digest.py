"""Planning digests: the subscriptions that are due get their Editions, each with its Deliveries in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import structlog

from bot.compose.digest import parts
from bot.model import Candidate, Edition, EditionKind, PaperId, Stage, Subscription
from bot.ports import Clock, Store, Transaction
from bot.schedule import local_date, next_due
from bot.selection import MOVING, Order, Pool, Selection, moves, select
from bot.services.pools import Pools
from bot.services.topic_entry import stored_topic
from bot.topics.language import Topic, parse_topic

_log = structlog.get_logger(__name__)
_BATCH = 500
LATELY = timedelta(days=30)
"""How long a channel is spared the near-duplicates of what it had."""
_FOR_GOOD = (Stage.TYPE, Stage.SEEN_BEFORE, Stage.NEAR_DUPLICATE, Stage.BELOW_CUT)
_NEWEST = 100  # editions of one channel in which one just made must stand


class PlanDigests:
    """One pass over what is due. `wake` is called when deliveries were added."""

    def __init__(self, *, store: Store, clock: Clock, wake: Callable[[], None], pools: Pools) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._pools = pools

    async def __call__(self) -> int:
        """Plan every due subscription and return how many editions were made; a bad one never stops the rest."""
        async with self._store.write():
            # Taken while holding the store: whatever has an earlier arrival is committed, and so among the candidates.
            now = self._clock.now()
        async with self._store.read() as tx:
            due = await tx.subscriptions.due(now, limit=_BATCH)
            if not due:
                return 0
            candidates = await tx.papers.candidates(
                seen_after=min(each.cut_until_at for each in due) - MOVING, seen_until=now
            )
        topics = [topic for each in due if (topic := stored_topic(each.topic)) is not None]
        pool = await self._pools.build(candidates, on=_newest(candidates, now), topics=topics)
        made = 0
        for subscription in due:
            try:
                made += await self._plan(subscription, pool, now)
            except Exception:  # noqa: BLE001 - logged; the other channels must get their papers
                _log.exception("planning failed", subscription=subscription.id)
                await self._put_off(subscription, now)
        if made:
            self._wake()
        return made

    async def _put_off(self, subscription: Subscription, now: datetime) -> None:
        """A subscription that cannot be planned must not stand first in line for ever; its papers stay candidates."""
        async with self._store.write() as tx:
            await tx.subscriptions.advance(
                subscription.id,
                cut_until_at=subscription.cut_until_at,
                next_due_at=next_due(subscription.schedule, now),
            )

    async def _plan(self, subscription: Subscription, pool: Pool, now: datetime) -> bool:
        async with self._store.write() as tx:
            current = await tx.subscriptions.get(subscription.channel, subscription.name)
            if current is None or current.next_due_at > now:
                return False  # it was stopped, or another planner was quicker
            order = await self._order(tx, current, pool, now)
            chosen = await asyncio.to_thread(select, pool, order)
            edition = edition_of(current, chosen, cut_until_at=order.settled_at)
            return await _keep(tx, current, edition, now)

    async def _order(self, tx: Transaction, current: Subscription, pool: Pool, now: datetime) -> Order:
        """What the subscription asks of the pool, with all that its channel has had."""
        topic = parse_topic(current.topic)
        if not self._pools.can_answer(topic):
            _log.warning("topic asks for a meaning that no model answers", subscription=current.id, topic=topic.text)
        standing = await tx.subscriptions.of(current.channel)
        others = [
            (each.name, read) for each in standing if each.id != current.id and (read := stored_topic(each.topic))
        ]
        moving_since_at, passed = await _passed(tx, current, topic, now)
        channel = current.channel
        return Order(
            topic=topic,
            size=current.size,
            created_at=current.created_at,
            cut_until_at=current.cut_until_at,
            settled_at=max(now - current.settle, current.cut_until_at),
            had=await tx.editions.had(channel, EditionKind.DIGEST),
            lately=await tx.editions.lately_had(channel, EditionKind.DIGEST, now - LATELY),
            moving_since_at=moving_since_at,
            passed=passed,
            votes=await self._pools.votes(channel.workspace, pool, [topic, *(read for _, read in others)]),
            others=others,
        )


async def _passed(
    tx: Transaction, current: Subscription, topic: Topic, now: datetime
) -> tuple[datetime | None, frozenset[PaperId]]:
    """Since when unmatched papers are looked at again, and what matched then and was passed over."""
    if not moves(topic):
        return None, frozenset()
    editions = await tx.editions.of_subscription(current.id, since=now - MOVING)
    # What was decided under another topic stays decided: an edited topic brings no backlog.
    other = max((each.cut_until_at for each in editions if each.topic != current.topic), default=now - MOVING)
    passed = (each.left_out.get(stage, ()) for each in editions for stage in _FOR_GOOD)
    return max(other, now - MOVING), frozenset(paper_id for ids in passed for paper_id in ids)


async def _keep(tx: Transaction, subscription: Subscription, edition: Edition, now: datetime) -> bool:
    added = await tx.editions.add(edition, parts(edition))
    log = _log.bind(subscription=subscription.id, day=edition.local_on.isoformat())
    if added is not None:
        cut_until_at = edition.cut_until_at
        log.info("edition planned", picks=len(edition.picks))
    elif not await _is_planned(tx, edition):
        # Another subscription of this channel took one of the picks meanwhile: it stays due, and is chosen anew.
        log.info("edition put off")
        return False
    else:
        # The date has its edition; what came since waits for the next one, so the cut stays where that edition put it.
        current = await tx.subscriptions.get(subscription.channel, subscription.name)
        cut_until_at = current.cut_until_at if current is not None else subscription.cut_until_at
        log.info("edition exists")
    await tx.subscriptions.advance(
        subscription.id, cut_until_at=cut_until_at, next_due_at=next_due(subscription.schedule, now)
    )
    return added is not None


async def _is_planned(tx: Transaction, edition: Edition) -> bool:
    """True where another planner has made this very edition."""
    newest = await tx.editions.of_channel(edition.channel, limit=_NEWEST)
    key = (edition.subscription_id, edition.local_on, edition.kind)
    return any((each.subscription_id, each.local_on, each.kind) == key for each in newest)


def edition_of(subscription: Subscription, selection: Selection, *, cut_until_at: datetime) -> Edition:
    """The edition of a subscription that is due, with the reason for every candidate."""
    return Edition(
        channel=subscription.channel,
        kind=EditionKind.DIGEST,
        local_on=local_date(subscription.next_due_at, subscription.schedule.zone),
        due_at=subscription.next_due_at,
        cut_until_at=cut_until_at,
        subscription_id=subscription.id,
        layout=subscription.layout,
        name=subscription.name,
        topic=subscription.topic,
        picks=selection.picks,
        left_out=selection.left_out,
    )


def _newest(candidates: Sequence[Candidate], now: datetime) -> date:
    return max((each.announced_on for each in candidates), default=now.date())
