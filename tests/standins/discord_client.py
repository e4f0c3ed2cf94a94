"""Our side of a bot that calls Discord and listens to nothing: the real adapter over the real discord.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.messenger import DiscordMessenger
from adapters.discord.places import Places
from adapters.discord.rest import Rest, trace, use_api
from bot.ports import Clock
from tests.standins.discord_process import TOKEN


@dataclass
class Calling:
    """A client that is logged in at its first call."""

    client: discord.Client
    rest: Rest
    places: Places
    messenger: DiscordMessenger

    async def close(self) -> None:
        """Close all connections."""
        await self.client.close()


def calling(
    api_url: str, clock: Clock, *, messenger: type[DiscordMessenger] = DiscordMessenger, **more: Any
) -> Calling:
    """As the composition root builds it, without the gateway."""
    use_api(api_url)
    client = discord.Client(intents=discord.Intents(guilds=True), http_trace=trace(), max_messages=None)
    rest = Rest(client, TOKEN)
    places = Places(client, rest)
    return Calling(client, rest, places, messenger(rest, places, clock, **more))
