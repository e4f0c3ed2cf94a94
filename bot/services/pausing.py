"""Pausing: a channel posts nothing for a while, and again. Pausing and resuming twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands import Caller, PauseDigests, ResumeDigests
from bot.errors import BadArgument, SubscriptionNotFound
from bot.model import Pause, Subscription, say_channel
from bot.ports import Clock, Store, Transaction
from bot.schedule import local_date


@dataclass(frozen=True, slots=True)
class Pausing:
    """Its dates are skipped with the pause as the reason; the papers that come meanwhile stay candidates."""

    store: Store
    clock: Clock

    async def pause(self, caller: Caller, command: PauseDigests) -> Sequence[Subscription]:
        """Pause one subscription or all of the channel. Raises SubscriptionNotFound or BadArgument."""
        now = self.clock.now()
        pause = Pause(now, f"paused by {caller.member.name}", command.until)
        async with self.store.write() as tx:
            found = await _meant(tx, caller, command.name)
            for each in found:
                today = local_date(now, each.schedule.zone)
                if command.until is not None and command.until <= today:
                    raise BadArgument("until", f"{command.until} is past or today; name a day to come.")
                await tx.subscriptions.replace(replace(each, pause=pause))
        return [replace(each, pause=pause) for each in found]

    async def resume(self, caller: Caller, command: ResumeDigests) -> Sequence[Subscription]:
        """Let one subscription or all of the channel post again, and return those that were paused.

        Raises SubscriptionNotFound.
        """
        async with self.store.write() as tx:
            paused = [each for each in await _meant(tx, caller, command.name) if each.pause is not None]
            resumed = [replace(each, pause=None, strikes=0) for each in paused]
            for each in resumed:
                await tx.subscriptions.replace(each)
        return resumed


async def _meant(tx: Transaction, caller: Caller, name: str | None) -> Sequence[Subscription]:
    standing = await tx.subscriptions.of(caller.channel)
    if name is None and standing:
        return standing
    found = await tx.subscriptions.get(caller.channel, name) if name else None
    if found is not None:
        return [found]
    here = say_channel(caller.channel_name, first=True)
    if not standing:
        raise SubscriptionNotFound(f"{here} has no subscription yet.")
    there = ", ".join(each.name for each in standing)
    raise SubscriptionNotFound(f"{here} has no subscription called “{name}”. There are: {there}.")
