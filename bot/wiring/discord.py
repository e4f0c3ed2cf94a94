"""Joining what `broadsheet discord` needs: the side alone, which calls and never connects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import BadSettings, CannotReach
from bot.ports import Store
from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.discord.app import DiscordSide


def told_commands() -> list[dict[str, Any]]:
    """The commands as Discord is told of them."""
    from adapters.discord.commands import commands

    return commands()


@asynccontextmanager
async def _side(settings: Settings, store: Store) -> AsyncIterator[DiscordSide]:
    from adapters.discord.app import DiscordSide
    from adapters.system import SystemClock

    if not settings.has_discord:
        raise BadSettings(("BROADSHEET_DISCORD_TOKEN: is missing; docs/discord.md says where it comes from",))
    side = DiscordSide(settings, SystemClock(), store)
    try:
        await side.log_in()
        yield side
    finally:
        await side.close()


async def invitations(settings: Settings, store: Store) -> Mapping[str, str]:
    """The links that install the bot, by whom. Raises BadSettings or CannotReach."""
    from adapters.discord.commands import install_links

    async with _side(settings, store) as side:
        return install_links(side.application)


async def synced(settings: Settings, store: Store) -> None:
    """Tell Discord of the commands, whatever it was told before. Raises BadSettings or CannotReach."""
    async with _side(settings, store) as side:
        if not await side.sync(force=True):
            raise CannotReach("Discord did not take the commands; the log says why.")
