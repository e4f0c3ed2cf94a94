"""Who may change what in a workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.command_table import CHANGING
from bot.commands import Caller, Command, Edit, Subscribe
from bot.errors import BadArgument, NotAllowed
from bot.model import ChangesBy, Member, Role
from bot.ports import Store

_WHO = {ChangesBy.ANYONE: "members", ChangesBy.EDITORS: "editors and admins", ChangesBy.ADMINS: "admins"}


@dataclass(frozen=True, slots=True)
class Permission:
    """Reads and sets the workspace's rule; every platform asks here."""

    store: Store

    async def check(self, caller: Caller, command: Command) -> None:
        """Pass, or raise NotAllowed where the command changes subscriptions and the caller's role may not."""
        if isinstance(command, Subscribe | Edit) and command.alert and command.alert.role:
            self._check_mention(caller)
        if type(command) not in CHANGING:
            return
        rule = await self.rule(caller)
        if not rule.admits(caller.member.role):
            raise NotAllowed(
                f"Only {_WHO[rule]} change subscriptions here. "
                "Ask an admin, who can type: /papers settings allow anyone"
            )

    @staticmethod
    def _check_mention(caller: Caller) -> None:
        if caller.member.role is not Role.ADMIN:
            raise NotAllowed("Only an admin has a role mentioned with each digest: it reaches many people.")

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

    async def appoint(self, caller: Caller, named: str, role: Role) -> Member:
        """Make a member an editor, or an editor a member again.

        Raises NotAllowed for everybody but admins, BadArgument for a member that is not known and for an admin.
        """
        if caller.member.role is not Role.ADMIN:
            raise NotAllowed("Only an admin makes editors here.")
        wanted = named.removeprefix("@").casefold()
        async with self.store.write() as tx:
            members = await tx.channels.members(caller.channel.workspace)
            found = next((each for each in members if wanted in {each.id.casefold(), each.name.casefold()}), None)
            if found is None:
                raise BadArgument(
                    "editor" if role is Role.EDITOR else "member",
                    f"I do not know “{named}” here. Name a member who has used /papers, or mention them with @.",
                )
            if found.role is Role.ADMIN:
                raise BadArgument("member", f"{found.name} is an admin, who may change everything anyhow.")
            appointed = replace(found, role=role)
            await tx.channels.put_member(appointed)
        return appointed
