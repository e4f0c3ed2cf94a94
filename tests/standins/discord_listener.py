"""The plainest client of the Discord stand-in: the real discord.py, connected, and noting what it hears."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import discord
import yarl
from discord import app_commands

from tests.standins.discord_process import TOKEN

QUIET = discord.AllowedMentions.none()


def hurried(monkeypatch):
    """discord.py waits five seconds between two identifies, and some before it connects again: here it does not."""

    async def hook(*_args, **_more):
        return None

    monkeypatch.setattr(discord.Client, "before_identify_hook", hook)
    monkeypatch.setattr(discord.backoff.ExponentialBackoff, "delay", lambda _: 0.01)


class Bot(discord.AutoShardedClient):
    """A client with one group of commands, that notes what it hears."""

    def __init__(self, intents=None):
        super().__init__(
            intents=intents or discord.Intents(guilds=True),
            allowed_mentions=QUIET,
            guild_ready_timeout=0.05,
            chunk_guilds_at_startup=False,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard = []
        self.changed = asyncio.Event()

    def dispatch(self, event, /, *args, **more):
        self.heard.append(event)
        if hasattr(self, "changed"):
            self.changed.set()
        super().dispatch(event, *args, **more)

    async def hears(self, event, times=1):
        """Wait until it heard this so often."""
        async with asyncio.timeout(10):
            while self.heard.count(event) < times:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def connected(server, monkeypatch, bot=None):
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    # After a connection that failed, discord.py asks the gateway it was built with, not the one it was told of.
    gateway = yarl.URL(f"{server.url}/gateway").with_scheme("ws")
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    bot = bot or Bot()
    async with bot:
        await bot.login(TOKEN)
        running = asyncio.create_task(bot.connect())
        await bot.hears("ready")
        yield bot
    await running


def said(server, *args, **more):
    """`interact`, beside the loop that has to answer."""
    return asyncio.to_thread(server.interact, *args, **more)


def told(server, path, **body):
    return asyncio.to_thread(server.tell, path, **body)
