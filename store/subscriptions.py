"""SqlSubscriptions: standing orders, and which of them are due."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import SubscriptionExists
from bot.model import ChannelRef, Subscription
from bot.ports import Advance
from store.channels import ADDRESS, address_is, channel_id
from store.instants import UtcInstant
from store.rows import from_subscription, name_key, to_subscription
from store.statements import chunks, insert, is_writing
from store.tables import channels, editions, subscriptions

_KEPT = frozenset({"channel_id", "created_at", "created_by", "cut_until_at"})
"""What rewriting a subscription leaves as it is."""


class SqlSubscriptions:
    """`bot.ports.Subscriptions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, subscription: Subscription) -> Subscription:
        """Insert and return it with its id; raises SubscriptionExists, or ChannelNotFound for an unknown channel."""
        channel = await channel_id(self._connection, subscription.channel)
        statement = (
            insert(self._connection, subscriptions)
            .on_conflict_do_nothing(index_elements=["channel_id", "name_key"])
            .returning(subscriptions.c.id)
        )
        added = await self._connection.execute(statement, from_subscription(subscription, channel))
        if added.scalar() is None:
            raise _taken(subscription)
        stored = await self.get(subscription.channel, subscription.name)
        if stored is None:
            raise LookupError(f"the subscription {subscription.name!r} vanished while it was added")
        return stored

    async def get(self, channel: ChannelRef, name: str) -> Subscription | None:
        """The channel's subscription of this name, case-folded."""
        found = await self._all(_joined().where(*address_is(channel), subscriptions.c.name_key == name_key(name)))
        return found[0] if found else None

    async def of(self, channel: ChannelRef) -> Sequence[Subscription]:
        """The channel's subscriptions by name."""
        found = await self._all(_joined().where(*address_is(channel)))
        # Sorted here: databases differ in how they order letters.
        return sorted(found, key=_by_name)

    async def replace(self, subscription: Subscription) -> bool:
        """Rewrite it but for when and by whom it was made and its cursor; False when it is gone."""
        channel = await channel_id(self._connection, subscription.channel)
        row = from_subscription(subscription, channel)
        mine = (subscriptions.c.id == subscription.id, subscriptions.c.channel_id == channel)
        if (await self._connection.execute(select(subscriptions.c.id).where(*mine))).scalar() is None:
            return False
        namesake = select(subscriptions.c.id).where(
            subscriptions.c.channel_id == channel,
            subscriptions.c.name_key == row["name_key"],
            subscriptions.c.id != subscription.id,
        )
        if (await self._connection.execute(namesake)).scalar() is not None:
            raise _taken(subscription)
        changed = {name: value for name, value in row.items() if name not in _KEPT}
        try:
            done = await self._connection.execute(update(subscriptions).where(*mine).values(changed))
        except IntegrityError as error:  # the name was taken between the two statements
            raise _taken(subscription) from error
        return done.rowcount > 0

    async def remove(self, channel: ChannelRef, name: str) -> Subscription | None:
        """Remove and return it; its editions stay and forget its id."""
        found = await self.get(channel, name)
        if found is not None:
            await self._connection.execute(delete(subscriptions).where(subscriptions.c.id == found.id))
        return found

    async def due(self, now: datetime, *, limit: int) -> Sequence[Subscription]:
        """Subscriptions with `next_due_at` ≤ now, earliest first."""
        order = (subscriptions.c.next_due_at, subscriptions.c.id)
        return await self._all(_joined().where(subscriptions.c.next_due_at <= now).order_by(*order).limit(limit))

    async def standing(self, due: Sequence[Subscription]) -> Mapping[int, Sequence[Subscription]]:
        """By the id of each of these, all subscriptions of its channel as they are now, by name."""
        theirs: dict[ChannelRef, list[Subscription]] = {}
        for chunk in chunks([each.id for each in due]):
            where = select(subscriptions.c.channel_id).where(subscriptions.c.id.in_(chunk))
            await self._lock_channels(where)
            for each in await self._all(_joined().where(subscriptions.c.channel_id.in_(where))):
                found = theirs.setdefault(each.channel, [])
                if each not in found:
                    found.append(each)
        return {each.id: sorted(theirs.get(each.channel, ()), key=_by_name) for each in due}

    async def _lock_channels(self, which: Select[Any]) -> None:
        """In one order for everybody, so that two planners wait for each other in a line and not in a ring."""
        if not is_writing(self._connection):
            return
        statement = select(channels.c.id).where(channels.c.id.in_(which)).order_by(channels.c.id).with_for_update()
        await self._connection.execute(statement)

    async def advance(self, moves: Sequence[Advance]) -> None:
        """Move cursors and next due times; a removed subscription has neither."""
        if not moves:
            return
        statement = (
            update(subscriptions)
            .where(subscriptions.c.id == bindparam("which"))
            .values(cut_until_at=bindparam("cut", type_=UtcInstant), next_due_at=bindparam("due", type_=UtcInstant))
        )
        rows = [{"which": each.subscription_id, "cut": each.cut_until_at, "due": each.next_due_at} for each in moves]
        await self._connection.execute(statement, rows)

    async def strike(self, edition_id: int) -> Subscription | None:
        """Count one more refusal for good against the edition's subscription, and return it; None: it is gone."""
        whose = select(editions.c.subscription_id).where(editions.c.id == edition_id).scalar_subquery()
        statement = (
            update(subscriptions)
            .where(subscriptions.c.id == whose)
            .values(strikes=subscriptions.c.strikes + 1)
            .returning(subscriptions.c.id)
        )
        struck = (await self._connection.execute(statement)).scalar()
        if struck is None:
            return None
        return (await self._all(_joined().where(subscriptions.c.id == struck)))[0]

    async def clear_strikes(self, edition_id: int) -> None:
        """The platform took an edition of this subscription."""
        whose = select(editions.c.subscription_id).where(editions.c.id == edition_id).scalar_subquery()
        statement = update(subscriptions).where(subscriptions.c.id == whose, subscriptions.c.strikes > 0)
        await self._connection.execute(statement.values(strikes=0))

    async def page(self, *, after: int, limit: int) -> Sequence[Subscription]:
        """All subscriptions with an id above `after`, by id."""
        query = _joined().where(subscriptions.c.id > after).order_by(subscriptions.c.id).limit(limit)
        return await self._all(query)

    async def topics(self) -> Collection[str]:
        """The distinct topics of all subscriptions."""
        return set((await self._connection.execute(select(subscriptions.c.topic).distinct())).scalars())

    async def _all(self, query: Select[Any]) -> list[Subscription]:
        rows = await self._connection.execute(query)
        return [to_subscription(row) for row in rows.mappings()]


def _joined() -> Select[Any]:
    return select(subscriptions, *ADDRESS).join(channels, channels.c.id == subscriptions.c.channel_id)


def _by_name(subscription: Subscription) -> str:
    return name_key(subscription.name)


def _taken(subscription: Subscription) -> SubscriptionExists:
    return SubscriptionExists(
        f"This channel already has a subscription named “{subscription.name}”; "
        "give this one another name, or unsubscribe that one first."
    )
