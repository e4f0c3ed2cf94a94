"""Status: how a channel stands: what comes next, what became of the last editions, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from bot.commands import Caller
from bot.findings import ChannelStatus
from bot.ledger import WhenInDoubt
from bot.ports import Clock, Store

EDITIONS = 10


@dataclass(frozen=True, slots=True)
class Status:
    """Reads what stands in the store; nothing here changes anything."""

    store: Store
    clock: Clock

    async def of(self, caller: Caller) -> ChannelStatus:
        """The caller's channel."""
        async with self.store.read() as tx:
            return ChannelStatus(
                caller.channel_name,
                self.clock.now(),
                await tx.subscriptions.of(caller.channel),
                await tx.editions.accounts(caller.channel, limit=EDITIONS),
                await tx.channels.when_in_doubt(caller.channel),
            )

    async def prefer(self, caller: Caller, what: WhenInDoubt) -> None:
        """Set what is done in the caller's channel about messages whose fate nobody can find out."""
        async with self.store.write() as tx:
            await tx.channels.prefer(caller.channel, what)
