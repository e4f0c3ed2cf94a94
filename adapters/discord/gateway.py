"""The gateway: discord.py's sharded client with the least it needs, watched so that it never spends its last identify.

No privileged intents: commands and buttons come as interactions. Discord takes a thousand identifies a day and then
resets the token; at fifty left we wait for the next day instead.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Protocol

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket

from adapters.discord.chatter import one_line_each
from adapters.discord.rest import trace
from bot.ports import Clock

_log = structlog.get_logger(__name__)
LEAST_IDENTIFIES = 50
_DOUBLINGS, _MOST_DOUBLINGS = 5, 9
"""Waits before connecting again are drawn from 0 to 2, 4 … 32 seconds: whoever is gone for long is back in a minute.
Where Discord itself closed the connection for good they go on doubling to nine minutes."""


class Listener(Protocol):
    """What is done about what Discord tells."""

    async def asked(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody used a command, a button or a form."""
        ...

    async def left(self, guild: str) -> None:
        """A server removed the bot."""
        ...

    async def gone(self, guild: str, channel: str) -> None:
        """A channel or a thread was deleted."""
        ...

    async def renamed(self, guild: str, channel: str, name: str) -> None:
        """A channel or a thread has another name."""
        ...

    async def reconcile(self, guilds: frozenset[str]) -> None:
        """All servers are known, those with an outage too."""
        ...


class Gateway(discord.AutoShardedClient):
    """Listens, once it is connected; calls work as soon as it is logged in."""

    def __init__(self, clock: Clock, **more: Any) -> None:  # noqa: ANN401 - discord.py's own options
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=trace(),
            **more,
        )
        one_line_each()
        self._clock = clock
        self.listener: Listener | None = None
        self.at_start: Callable[[], Awaitable[object]] | None = None
        """Done whenever it has logged in, before it connects; where it fails, logging in does."""
        self._given_shards = self.shard_count

    async def setup_hook(self) -> None:
        """Ask where the gateway is, and how many shards are wanted."""
        if self.at_start is None:
            return  # somebody who only calls, and never connects
        shards, url, _ = await self.http.get_bot_gateway()
        self.shard_count = self._given_shards or shards
        # A shard that identifies anew asks discord.py for the address, not the API.
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        await self.at_start()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Wait for the next day's where hardly any are left; discord.py gives up, backs off, and asks again."""
        limits = await self.fetch_session_start_limits()
        if limits.remaining <= LEAST_IDENTIFIES:
            wait = timedelta(milliseconds=limits.reset_after)
            _log.error(
                "hardly any identifies are left: not connecting", left=limits.remaining, for_seconds=wait.seconds
            )
            await self._clock.sleep_until(self._clock.now() + wait)
        await super().before_identify_hook(shard_id, initial=initial)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """As discord.py does it, but no wait before connecting again is longer than half a minute (it allows 17)."""
        await super().launch_shard(gateway, shard_id, initial=initial)
        shards = self._AutoShardedClient__shards  # type: ignore[attr-defined]
        shards[shard_id]._backoff._max = _DOUBLINGS  # noqa: SLF001 - there is no setting for it

    # --- what discord.py calls, by name ---

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody used a command, a button or a form."""
        if self.listener is not None:
            await self.listener.asked(interaction)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed; an outage is told as `guild_unavailable`."""
        if self.listener is not None:
            await self.listener.left(str(guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """A channel was deleted."""
        if self.listener is not None:
            await self.listener.gone(str(channel.guild.id), str(channel.id))

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """A channel changed: only its name concerns us."""
        if self.listener is not None and before.name != after.name:
            await self.listener.renamed(str(after.guild.id), str(after.id), after.name)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A thread or a forum's post was deleted."""
        if self.listener is not None:
            await self.listener.gone(str(payload.guild_id), str(payload.thread_id))

    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread changed."""
        if self.listener is not None and before.name != after.name:
            await self.listener.renamed(str(after.guild.id), str(after.id), after.name)

    async def on_ready(self) -> None:
        """Every shard knows its servers."""
        _log.info("connected to Discord", servers=len(self.guilds), shards=len(self.shards))
        if self.listener is not None:
            await self.listener.reconcile(frozenset(str(guild.id) for guild in self.guilds))

    async def on_shard_resumed(self, shard_id: int) -> None:
        """A connection that broke goes on where it was."""
        _log.info("connected to Discord again", shard=shard_id)

    async def on_error(self, event_method: str, /, *_: object, **__: object) -> None:
        """What a listener let pass; discord.py would print it."""
        _log.exception("a Discord event failed", name=event_method)


def full_jitter(attempt: int, *, unwanted: bool = False) -> timedelta:
    """How long to wait before the attempt (counted from 1) to connect again: anything up to a cap that doubles.

    `unwanted`: Discord was reached, and closed the connection.
    """
    longest: float = 2.0 ** min(attempt, _MOST_DOUBLINGS if unwanted else _DOUBLINGS)
    return timedelta(seconds=random.uniform(0, longest))  # noqa: S311 - it spreads load, and guards nothing
