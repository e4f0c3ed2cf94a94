"""Standing orders of a channel: subscribe, list, unsubscribe. The first subscribe posts a sample and no backlog."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.commands import Caller, Edit, Subscribe, Unsubscribe
from bot.compose.digest import parts
from bot.errors import SubscriptionNotFound
from bot.model import Edition, EditionKind, MemberId, Schedule, Subscription, say_channel
from bot.parameters import LONGEST_NAME
from bot.ports import Clock, Store, Transaction
from bot.schedule import local_date, next_due
from bot.selection import Order, Selection, select
from bot.services.pools import Pools
from bot.services.topic_entry import TopicEntry, stored_topic
from bot.topics.language import EVERYTHING, Topic

SAMPLE_DAYS = timedelta(days=7)
SAMPLE_SIZE = 3
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A new subscription, how many papers its sample shows, and the categories nobody had asked for until now."""

    subscription: Subscription
    topic: Topic
    sampled: int
    new_categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edited:
    """A subscription before and after a change, and the categories nobody had asked for until now."""

    before: Subscription
    after: Subscription
    new_categories: tuple[str, ...]


class Subscribing:
    """The use cases that change a channel's subscriptions."""

    def __init__(  # noqa: PLR0913 - where its parts meet
        self,
        *,
        store: Store,
        clock: Clock,
        categories: Callable[[], Awaitable[tuple[str, ...]]],
        zone: str,
        entry: TopicEntry,
        pools: Pools,
    ) -> None:
        self._store = store
        self._clock = clock
        self._categories = categories
        self._zone = zone
        self._entry = entry
        self._pools = pools

    async def subscribe(self, caller: Caller, command: Subscribe) -> Subscribed:
        """Make the subscription and its sample. Raises BadTopic or SubscriptionExists."""
        topic = await self._entry.read(command.topic)
        fetched = await self._categories()
        wanted = self.wanted(caller, command, topic)
        sample = await self._sample(wanted, topic)
        async with self._store.write() as tx:
            added = await tx.subscriptions.add(wanted)
            edition = sample_of(added, sample, self._clock.now())
            sampled = bool(sample.picks) and await tx.editions.add(edition, parts(edition)) is not None
        # A feed of `cs` brings cs.CL: only what no fetched name covers is new.
        new = tuple(each.name for each in topic.categories if not _covered(each.name, fetched))
        return Subscribed(added, topic, len(sample.picks) if sampled else 0, new)

    async def of(self, caller: Caller) -> list[Subscription]:
        """The channel's subscriptions."""
        async with self._store.read() as tx:
            return list(await tx.subscriptions.of(caller.channel))

    async def named(self, caller: Caller, name: str) -> Subscription:
        """One of the channel's subscriptions. Raises SubscriptionNotFound with the names there are."""
        async with self._store.read() as tx:
            return await _named(tx, caller, name)

    async def edit(self, caller: Caller, command: Edit) -> Edited:
        """Change what the command names. Raises BadTopic, SubscriptionNotFound or SubscriptionExists.

        The cursor stays: what was announced since the last digest is decided upon by the new topic.
        """
        topic = await self._entry.read(command.topic) if command.topic is not None else None
        fetched = await self._categories()
        async with self._store.write() as tx:
            before = await _named(tx, caller, command.subscription)
            after = self.changed(before, command, topic, await _done_on(tx, before, self._clock.now()))
            if not await tx.subscriptions.replace(after):
                raise SubscriptionNotFound(f"“{before.name}” was stopped meanwhile.")
        new = tuple(each.name for each in topic.categories if not _covered(each.name, fetched)) if topic else ()
        return Edited(before, after, new)

    def changed(
        self, before: Subscription, command: Edit, topic: Topic | None, done_on: Collection[date] = ()
    ) -> Subscription:
        """The subscription as the command would leave it; the local dates `done_on` have their edition already."""
        schedule = _rescheduled(before.schedule, command)
        due_at = before.next_due_at if schedule == before.schedule else self._next_due(schedule, done_on)
        return replace(
            before,
            name=command.name or before.name,
            topic=before.topic if topic is None or topic == stored_topic(before.topic) else topic.text,
            schedule=schedule,
            size=command.size or before.size,
            layout=command.layout or before.layout,
            settle=before.settle if command.settle is None else command.settle,
            next_due_at=due_at,
            tells_quiet=before.tells_quiet if command.tells_quiet is None else command.tells_quiet,
            alert=command.alert or before.alert,
        )

    def _next_due(self, schedule: Schedule, done_on: Collection[date]) -> datetime:
        """The next instant on a local date that has no edition yet: there is one a date, whatever is edited."""
        due_at = next_due(schedule, self._clock.now())
        while local_date(due_at, schedule.zone) in done_on:
            due_at = next_due(schedule, due_at)
        return due_at

    async def unsubscribe(self, caller: Caller, command: Unsubscribe) -> Subscription:
        """Remove one of the channel's subscriptions. Raises SubscriptionNotFound with the names there are."""
        async with self._store.write() as tx:
            found = await _named(tx, caller, command.name)
            await tx.subscriptions.remove(caller.channel, found.name)
        return found

    def wanted(self, caller: Caller, command: Subscribe, topic: Topic) -> Subscription:
        """The subscription that the command would make."""
        now = self._clock.now()
        zone = command.zone or caller.member.zone or self._zone
        schedule = Schedule(command.at, zone, command.days, command.month_day, command.roundup)
        return Subscription(
            id=0,
            channel=caller.channel,
            name=command.name or name_of(topic),
            topic=topic.text,
            schedule=schedule,
            size=command.size,
            layout=command.layout,
            settle=command.settle,
            created_at=now,
            created_by=MemberId(caller.member.id),
            cut_until_at=now,
            next_due_at=next_due(schedule, now),
            tells_quiet=command.tells_quiet,
            alert=command.alert,
        )

    async def _sample(self, subscription: Subscription, topic: Topic) -> Selection:
        """The best matches of the last week that the channel has not seen as a sample."""
        async with self._store.read() as tx:
            newest = await tx.papers.newest_day()
            if newest is None:
                return Selection((), {})
            listed = await tx.papers.listed(since=newest - SAMPLE_DAYS, until=newest)
            had = await tx.editions.had(subscription.channel, EditionKind.SAMPLE)
        pool = await self._pools.build(listed, on=newest, topics=[topic])
        order = Order(
            topic=topic,
            size=min(SAMPLE_SIZE, subscription.size),
            created_at=_BEGINNING,
            cut_until_at=_BEGINNING,
            settled_at=_LATEST,
            had=had,
            votes=await self._pools.votes(subscription.channel.workspace, pool, [topic]),
        )
        # A topic of many patterns takes longer to evaluate than the event loop may stand still.
        return await asyncio.to_thread(select, pool, order)


def _rescheduled(old: Schedule, command: Edit) -> Schedule:
    at, zone = command.at or old.at, command.zone or old.zone
    if command.days is None:
        return replace(old, at=at, zone=zone)
    return Schedule(at, zone, command.days, command.month_day, bool(command.roundup))


async def _done_on(tx: Transaction, subscription: Subscription, now: datetime) -> Collection[date]:
    """The newest local dates that have their edition."""
    editions = await tx.editions.of_subscription(subscription.id, since=now - timedelta(days=2))
    return {each.local_on for each in editions}


async def _named(tx: Transaction, caller: Caller, name: str) -> Subscription:
    found = await tx.subscriptions.get(caller.channel, name)
    if found is not None:
        return found
    names = [each.name for each in await tx.subscriptions.of(caller.channel)]
    there = f"There are: {', '.join(names)}." if names else "There is none yet."
    raise SubscriptionNotFound(
        f"{say_channel(caller.channel_name, first=True)} has no subscription called “{name}”. {there}"
    )


def sample_of(subscription: Subscription, chosen: Selection, now: datetime) -> Edition:
    """The sample of a new subscription as an edition of its own."""
    return Edition(
        channel=subscription.channel,
        kind=EditionKind.SAMPLE,
        local_on=local_date(now, subscription.schedule.zone),
        due_at=now,
        cut_until_at=now,
        subscription_id=subscription.id,
        layout=subscription.layout,
        name=subscription.name,
        topic=subscription.topic,
        picks=chosen.picks,
        left_out=chosen.left_out,
        decided=chosen.decided,
    )


def name_of(topic: Topic) -> str:
    """A name made from the topic: `everything`, `cs.CL quantization`."""
    return topic.text.replace('"', "")[:LONGEST_NAME].strip() if topic != EVERYTHING else "everything"


def _covered(name: str, fetched: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in fetched)
