"""What Discord tells of servers and channels: removed from, deleted, renamed. An outage is none of these."""

from __future__ import annotations

import structlog

from adapters.discord.directory import Directory
from adapters.discord.faults import MISSING_ACCESS, UNKNOWN_GUILD
from adapters.discord.parse import guild_of, workspace_of
from adapters.discord.places import Places
from adapters.discord.rest import NoAnswer, Rest
from bot.model import ChannelRef, Platform
from bot.ports import Store
from bot.services.reachability import Reachability

_log = structlog.get_logger(__name__)
_NOT_THERE = frozenset({UNKNOWN_GUILD, MISSING_ACCESS})


class Lifecycle:
    """Carries out what an event means. Every event may come twice, or be missed."""

    def __init__(self, store: Store, rest: Rest, places: Places, directory: Directory, reachable: Reachability) -> None:
        self._store = store
        self._rest = rest
        self._places = places
        self._directory = directory
        self._reachability = reachable

    async def left(self, guild: str) -> None:
        """The server removed the bot: everything of it is forgotten at once."""
        _log.info("Discord server removed the bot", guild=guild)
        await self._reachability.left(workspace_of(guild))
        self._directory.forget(workspace_of(guild))

    async def gone(self, guild: str, channel: str) -> None:
        """A channel, a thread or a forum was deleted."""
        ref = self._ref(guild, channel)
        await self._reachability.gone(ref)

    async def renamed(self, guild: str, channel: str, name: str) -> None:
        """A channel has another name."""
        await self._reachability.renamed(self._ref(guild, channel), name)

    async def reconcile(self, guilds: frozenset[str]) -> None:
        """All servers are told of: whoever is not among them removed the bot while nobody listened.

        Each of them is asked about before anything is forgotten.
        """
        async with self._store.read() as tx:
            known = await tx.channels.workspaces(Platform.DISCORD)
        for workspace in known:
            guild = guild_of(workspace)
            if guild is None or guild in guilds:
                continue
            try:
                answer = await self._rest.call("GET", f"/guilds/{guild}")
            except NoAnswer:
                continue
            # Discord's own word: a proxy that refuses us says 403 of every server.
            if answer.code in _NOT_THERE:
                await self.left(guild)

    def _ref(self, guild: str, channel: str) -> ChannelRef:
        ref = ChannelRef(Platform.DISCORD, workspace_of(guild), channel)
        self._places.forget(channel)
        self._directory.forget_channel(ref)
        return ref
