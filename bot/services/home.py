"""Home: what concerns one member: their channels with what is subscribed there, and what they saved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.findings import HomePage
from bot.model import Member
from bot.ports import Store

_CHANNELS = 12
_SAVED = 5


@dataclass(frozen=True, slots=True)
class Home:
    """Reads what stands in the store; nothing here changes anything."""

    store: Store

    async def of(self, member: Member, addresses: Collection[str]) -> HomePage:
        """The member's page. `addresses` are the channels where the member is; no other channel is looked at."""
        async with self.store.read() as tx:
            theirs = [each for each in await tx.channels.all(member.workspace) if each.ref.address in addresses]
            subscribed = [(each, await tx.subscriptions.of(each.ref)) for each in theirs]
            ids = await tx.marks.saved(member, limit=_SAVED)
            papers = await tx.papers.by_keys(set(ids))
            total = await tx.marks.count_saved(member)
        found = [(channel, subscriptions) for channel, subscriptions in subscribed if subscriptions]
        return HomePage(found[:_CHANNELS], len(found), [papers[each] for each in ids if each in papers], total)
