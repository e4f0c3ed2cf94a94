"""Reachability: a platform closes a channel to the bot, opens it again, or takes it away."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.model import ChannelRef, Pause, WorkspaceId
from bot.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Reachability:
    """What happens to a channel's subscriptions then. All of it may be told twice and then changes nothing."""

    store: Store
    clock: Clock

    async def lost(self, ref: ChannelRef, why: str) -> int:
        """The channel cannot be posted to: pause what is not paused yet; return how many."""
        pause = Pause(self.clock.now(), f"paused because {why}")
        async with self.store.write() as tx:
            open_ones = [each for each in await tx.subscriptions.of(ref) if each.pause is None]
            for each in open_ones:
                await tx.subscriptions.replace(replace(each, pause=pause))
        return len(open_ones)

    async def regained(self, ref: ChannelRef, why: str) -> int:
        """It can be posted to again: resume what was paused for that reason; return how many."""
        async with self.store.write() as tx:
            standing = await tx.subscriptions.of(ref)
            paused = [each for each in standing if each.pause and each.pause.why == f"paused because {why}"]
            for each in paused:
                await tx.subscriptions.replace(replace(each, pause=None, strikes=0))
        return len(paused)

    async def renamed(self, ref: ChannelRef, name: str) -> None:
        """The channel has another name."""
        async with self.store.write() as tx:
            await tx.channels.rename(ref, name)

    async def gone(self, ref: ChannelRef) -> None:
        """The channel was deleted: forget it with everything in it."""
        async with self.store.write() as tx:
            await tx.channels.remove(ref)

    async def left(self, workspace: WorkspaceId) -> None:
        """The workspace removed the bot: forget it with everything in it."""
        async with self.store.write() as tx:
            await tx.channels.remove_workspace(workspace)
