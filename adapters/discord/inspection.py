"""What `broadsheet check` says of Discord: whose token it is, whether it is taken, and how often it may connect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from adapters.discord.gateway import LEAST_IDENTIFIES
from adapters.discord.rest import BROKEN, Rest
from bot.health import Finding

_UNREACHABLE = "Check this machine's network, and BROADSHEET_DISCORD_API_URL where it is set."
_WRONG = "Make a new token, Bot › Reset Token, and set BROADSHEET_DISCORD_TOKEN (docs/discord.md)."
_SPENT = "Something connects anew all the time: is the bot started twice, or again and again?"


async def inspect(rest: Rest, client: discord.Client) -> Sequence[Finding]:
    """Reads only; nobody in Discord sees anything of it."""
    try:
        await rest.open()
        answer = await rest.call("GET", "/gateway/bot")
    except discord.LoginFailure:
        return [Finding("Discord", ok=False, said="Discord does not know the token", remedy=_WRONG)]
    except BROKEN:
        return [Finding("Discord", ok=False, said="Discord cannot be reached", remedy=_UNREACHABLE)]
    told: dict[str, Any] = answer.data if answer.ok else {}
    left = int(told.get("session_start_limit", {}).get("remaining", LEAST_IDENTIFIES + 1))
    shards = int(told.get("shards", 1))
    said = f"{client.user}, {shards} shard{'' if shards == 1 else 's'}, {left:,} connections left today"
    if left <= LEAST_IDENTIFIES:
        return [Finding("Discord", ok=False, said=said, remedy=_SPENT)]
    return [Finding("Discord", ok=True, said=said)]
