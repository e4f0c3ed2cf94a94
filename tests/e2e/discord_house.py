"""A server with its people, in which the real side, the real core and the real discord.py live; Discord is simcord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import simcord

from adapters.discord.app import DiscordSide
from adapters.discord.gateway import Gateway
from bot.model import Platform
from bot.services.answering import Answering
from bot.services.delivery import Deliver
from bot.settings import Settings
from bot.wiring import App, open_app
from tests.fakes.clock import FrozenClock

RIGHTS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    read_message_history=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)


@dataclass
class House:
    """What tests hold in their hands."""

    env: Any
    app: App
    side: DiscordSide
    answering: Answering
    clock: FrozenClock
    guild: Any
    channel: Any
    ada: Any
    """Manages the server."""
    ben: Any
    """A member like others."""

    async def deliver(self) -> None:
        """Post what is ready."""
        messengers = {Platform.DISCORD: self.side.messenger}
        await Deliver(store=self.app.store, clock=self.clock, messengers=messengers, owner="test")()

    async def restart(self) -> None:
        """The process ends and another one starts over the same data."""
        self.side = _side(self.app, self.clock)
        self.answering = _answering(self.app, self.side)
        self.side.listen(self.answering)
        self.side.client.at_start = None
        await self.env.restart_bot(self.side.client)


def _side(app: App, clock: FrozenClock) -> DiscordSide:
    return DiscordSide(app.settings, clock, app.store, client=Gateway(clock, shard_count=1))


def _answering(app: App, side: DiscordSide) -> Answering:
    return replace(app.answering, messengers={**app.answering.messengers, Platform.DISCORD: side.messenger})


@asynccontextmanager
async def discord_house(folder: Path, **settings: Any) -> AsyncIterator[House]:
    """A server with a channel, an admin and a member, and the sample edition in the store."""
    nowhere = "http://127.0.0.1:9"
    asked = Settings(
        data_dir=folder,
        hf_url=nowhere,
        arxiv_feed_url=nowhere,
        arxiv_api_url=nowhere,
        discord_token="x" * 20,
        **settings,
    )
    clock = FrozenClock()
    async with open_app(asked, clock=clock) as app:
        await app.intake.take_sample()
        side = _side(app, clock)
        answering = _answering(app, side)
        side.listen(answering)
        side.client.at_start = None
        env = simcord.Env(side.client)
        await env.start()
        try:
            await side.sync()
            guild = env.create_guild(name="The lab")
            channel = guild.create_text_channel("papers")
            boss = guild.create_role("Boss", permissions=discord.Permissions(manage_guild=True))
            ada = guild.add_member(env.create_user("ada"), roles=[boss])
            ben = guild.add_member(env.create_user("ben"))
            yield House(env, app, side, answering, clock, guild, channel, ada, ben)
            simcord.assert_no_errors(env)
        finally:
            await env.shutdown()
