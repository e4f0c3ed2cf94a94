"""The rights that the bot needs in a channel, by the names under which Discord shows them, and a member's role."""

from __future__ import annotations

import discord

from adapters.discord.places import Kind, Place
from bot.model import Role

_VIEW, _SEND, _EMBED = "view_channel", "send_messages", "embed_links"
_HISTORY, _OPEN, _IN_THREADS = "read_message_history", "create_public_threads", "send_messages_in_threads"
_NAMES = {
    _VIEW: "View Channel",
    _SEND: "Send Messages",
    _EMBED: "Embed Links",
    _HISTORY: "Read Message History",
    _OPEN: "Create Public Threads",
    _IN_THREADS: "Send Messages in Threads",
}
REASONS = {
    _NAMES[_VIEW]: "see the channel at all",
    _NAMES[_SEND]: "post the papers; in a forum this opens posts",
    _NAMES[_EMBED]: "show them as cards",
    _NAMES[_HISTORY]: "find out whether a message was posted when the connection broke",
    _NAMES[_OPEN]: "put the cards into a thread under the day's list",
    _NAMES[_IN_THREADS]: "post into that thread",
}
"""Why each is asked for: docs/discord.md says it."""


def invited() -> int:
    """What an invitation asks for."""
    return discord.Permissions(**dict.fromkeys(_NAMES, True)).value


def needed(place: Place) -> tuple[str, ...]:
    """What posting takes there."""
    match place.kind:
        case Kind.TEXT | Kind.ANNOUNCEMENT:
            return (_VIEW, _SEND, _EMBED, _HISTORY, _OPEN, _IN_THREADS)
        case Kind.FORUM:
            return (_VIEW, _SEND, _EMBED, _HISTORY, _IN_THREADS)
        case Kind.FLAT:
            return (_VIEW, _IN_THREADS if place.is_thread else _SEND, _EMBED, _HISTORY)


def say_missing(granted: int, place: Place) -> str:
    """What is to be granted, by name; empty where nothing is missing."""
    has = discord.Permissions(granted)
    if has.administrator:
        return ""
    missing = [_NAMES[each] for each in needed(place) if not getattr(has, each)]
    if not missing:
        return ""
    return (
        f"I could not post here. Edit the channel › Permissions › Broadsheet, and grant: {', '.join(missing)}. "
        "Then try again."
    )


def role_of(granted: int) -> Role:
    """What a member's own rights make them: who manages the server is an admin, who manages channels an editor."""
    has = discord.Permissions(granted)
    if has.administrator or has.manage_guild:
        return Role.ADMIN
    return Role.EDITOR if has.manage_channels else Role.MEMBER
