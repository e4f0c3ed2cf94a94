"""Discord's interactions as the core's values: SDK types stop here. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.identity import references_in
from bot.model import PaperId, WorkspaceId

SUBCOMMAND = 1
SAVE = "Save paper"
"""The name of the command on messages."""
_MEMBER = re.compile(r"<@!?(\d{1,20})>", re.ASCII)
_CHANNEL = re.compile(r"<#(\d{1,20})>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks from where, in Discord's own ids."""

    guild: str
    """Empty where the server has not installed the bot, or where there is none: then the member is their own tenant."""
    channel: str
    channel_name: str
    is_direct: bool
    """True in the member's own conversation with the bot."""
    user: str
    user_name: str
    permissions: int
    """What the member may do in the channel, as Discord's bit field."""
    bot_permissions: int
    """What the bot may do there."""

    @property
    def workspace(self) -> WorkspaceId:
        """The tenant."""
        return workspace_of(self.guild) if self.guild else WorkspaceId(f"discord:@{self.user}")


def workspace_of(guild: str) -> WorkspaceId:
    """The tenant of a server."""
    return WorkspaceId(f"discord:{guild}")


def guild_of(workspace: WorkspaceId) -> str | None:
    """The server of a tenant; None for a member who is their own."""
    guild = workspace.removeprefix("discord:")
    return guild if guild.isdecimal() else None


def read_asked(interaction: discord.Interaction[Any]) -> Asked:
    """Who asks, of any kind of interaction."""
    is_guest = interaction.is_user_integration() and not interaction.is_guild_integration()
    in_guild = interaction.guild_id is not None and not is_guest
    channel, user = _standing(interaction), interaction.user
    return Asked(
        guild=str(interaction.guild_id) if in_guild else "",
        channel=str(getattr(channel, "id", None) or interaction.channel_id or ""),
        channel_name=str(getattr(channel, "name", None) or ""),
        is_direct=isinstance(channel, discord.DMChannel) and interaction.context.dm_channel,
        user=str(user.id),
        user_name=user.display_name,
        permissions=interaction.permissions.value,
        bot_permissions=interaction.app_permissions.value,
    )


def _standing(interaction: discord.Interaction[Any]) -> Any:  # noqa: ANN401 - any of discord.py's classes of channels
    """The channel that subscriptions are made for.

    A forum has no place to type but its posts, and under a digest one is in the thread that the bot opened for its
    cards: there it is the channel above. A thread that a member opened is a channel of its own.
    """
    channel = interaction.channel
    if not isinstance(channel, discord.Thread) or channel.parent is None:
        return channel
    ours = interaction.client.user is not None and channel.owner_id == interaction.client.user.id
    return channel.parent if ours or isinstance(channel.parent, discord.ForumChannel) else channel


def read_command(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """A slash command: its verb, and what was given for each option."""
    given: Sequence[Mapping[str, Any]] = data.get("options", ())
    found: Mapping[str, Any] = next((each for each in given if each.get("type") == SUBCOMMAND), {})
    options = found.get("options", ())
    return str(found.get("name", "help")), {str(each["name"]): plain_text(each.get("value")) for each in options}


def read_focused(data: Mapping[str, Any]) -> tuple[str, str, str, dict[str, str]]:
    """What is being typed: verb, option, its text so far, and the options that were filled in before."""
    verb, values = read_command(data)
    subcommand: Mapping[str, Any] = next(iter(data.get("options", ())), {})
    focused = next((str(each["name"]) for each in subcommand.get("options", ()) if each.get("focused")), "")
    return verb, focused, values.pop(focused, ""), values


def read_component(data: Mapping[str, Any]) -> str:
    """A button's command, or that of the choice that was made."""
    values = data.get("values") or ()
    return str(values[0] if values else data.get("custom_id", ""))


def plain_text(value: object) -> str:
    """What was typed: Discord writes mentions in angle brackets. A role stays as it is written."""
    text = str(value) if isinstance(value, str | int | float) else ""
    return _CHANNEL.sub(r"#\1", _MEMBER.sub(r"@\1", text)).strip()


def mentioned(text: str) -> list[str]:
    """The ids of members that a text mentions, as `plain_text` leaves them."""
    return re.findall(r"@(\d{5,20})", text)


def papers_in(message: Mapping[str, Any]) -> list[PaperId]:
    """The papers that a message names, in its text, its embeds or its components."""
    return references_in(_texts(message))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        for name in ("content", "title", "description", "url", "value", "text", "label"):
            if isinstance(value.get(name), str):
                yield value[name]
        for name in ("embeds", "fields", "footer", "author", "components", "component", "message_snapshots", "message"):
            yield from _texts(value.get(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
