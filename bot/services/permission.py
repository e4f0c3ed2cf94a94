"""Who may change what in a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from bot.command_table import CHANGING
from bot.commands import Caller, Command
from bot.errors import NotAllowed
from bot.model import ChangesBy, Role
from bot.ports import Store


@dataclass(frozen=True, slots=True)
class Permission:
    """Reads and sets the workspace's rule; every platform asks here."""

    store: Store

    async def check(self, caller: Caller, command: Command) -> None:
        """Pass, or raise NotAllowed where the command changes subscriptions and the caller's role may not."""
        if type(command) not in CHANGING:
            return
        rule = await self.rule(caller)
        if not rule.admits(caller.member.role):
            raise NotAllowed(
                "Only admins change subscriptions here. Ask one, or have one type: /papers settings allow anyone"
            )

    async def rule(self, caller: Caller) -> ChangesBy:
        """Who may change subscriptions in the caller's workspace."""
        async with self.store.read() as tx:
            return await tx.channels.changes_by(caller.channel.workspace)

    async def allow(self, caller: Caller, who: ChangesBy) -> None:
        """Set the rule. Raises NotAllowed for everybody but admins."""
        if caller.member.role is not Role.ADMIN:
            raise NotAllowed("Only an admin decides who may change subscriptions here.")
        async with self.store.write() as tx:
            await tx.channels.let_change(caller.channel.workspace, who)
