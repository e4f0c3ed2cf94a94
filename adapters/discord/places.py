"""What kind of channel an address is, and what the bot may do there: from the gateway's cache, else asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import discord

from adapters.discord.faults import MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_CHANNEL
from adapters.discord.rest import NotTold, Rest

_MOST = 50_000
_MOST_TAGS = 5  # of one post
_REQUIRE_TAG = 1 << 4
_THREADS = frozenset({10, 11, 12})
_NOT_THERE = frozenset({UNKNOWN_CHANNEL, MISSING_ACCESS, MISSING_PERMISSIONS})


class Kind(Enum):
    """How one posts there."""

    TEXT = "text"
    """Messages, with threads under them."""
    ANNOUNCEMENT = "announcement"
    """As TEXT; servers that follow the channel get what is published."""
    FORUM = "forum"
    """Posts, each of them a thread."""
    FLAT = "flat"
    """A thread, a voice channel's chat, a direct message: replies stand among the other messages."""

    @property
    def has_threads(self) -> bool:
        """True where a message can have a thread."""
        return self in {Kind.TEXT, Kind.ANNOUNCEMENT}


@dataclass(frozen=True, slots=True)
class Tag:
    """A forum's tag."""

    id: str
    name: str
    is_moderated: bool = False
    """Only those who manage threads may set it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel."""

    kind: Kind
    guild: str = ""
    tags: tuple[Tag, ...] = ()
    needs_tag: bool = False
    is_thread: bool = False


class Places:
    """Kinds and permissions of channels."""

    def __init__(self, client: discord.Client, rest: Rest) -> None:
        self._client = client
        self._rest = rest
        self._asked: OrderedDict[str, Place] = OrderedDict()
        self._told: OrderedDict[str, int] = OrderedDict()

    async def of(self, address: str) -> Place | None:
        """What stands at an address; None where nothing does that the bot may see. Raises NoAnswer or NotTold."""
        if not address.isdecimal():
            return None
        cached = self._client.get_channel(int(address))
        if cached is not None:
            return _place_of(cached)
        if (kept := self._asked.get(address)) is not None:
            return kept
        answer = await self._rest.call("GET", f"/channels/{address}")
        if answer.code in _NOT_THERE:
            return None
        if not answer.ok:
            raise NotTold(answer)
        self._asked[address] = made = read_place(answer.data)
        if len(self._asked) > _MOST:
            self._asked.popitem(last=False)
        return made

    def forget(self, address: str) -> None:
        """Ask anew the next time: it has changed, or is gone."""
        self._asked.pop(address, None)
        self._told.pop(address, None)

    def note(self, address: str, permissions: int) -> None:
        """An interaction told what the bot may do in a channel."""
        self._told[address] = permissions
        if len(self._told) > _MOST:
            self._told.popitem(last=False)

    def permissions(self, address: str) -> int | None:
        """What the bot may do there, as Discord's bit field; None where nobody told."""
        channel = self._client.get_channel(int(address)) if address.isdecimal() else None
        guild = getattr(channel, "guild", None)
        if channel is not None and guild is not None and guild.me is not None:
            return int(channel.permissions_for(guild.me).value)  # type: ignore[union-attr]
        return self._told.get(address)


def read_place(channel: Mapping[str, Any]) -> Place:
    """A channel as the API tells of it."""
    tags = [
        Tag(str(each["id"]), str(each.get("name", "")), bool(each.get("moderated")))
        for each in channel.get("available_tags") or ()
    ]
    return _place(int(channel["type"]), str(channel.get("guild_id") or ""), tags, int(channel.get("flags") or 0))


def _place_of(channel: Any) -> Place:  # noqa: ANN401 - any of discord.py's dozen classes of channels
    tags = [Tag(str(each.id), each.name, each.moderated) for each in getattr(channel, "available_tags", ())]
    guild = getattr(channel, "guild", None)
    flags = getattr(channel, "flags", None)
    return _place(channel.type.value, str(guild.id) if guild else "", tags, flags.value if flags else 0)


def _place(kind: int, guild: str, tags: Sequence[Tag], flags: int) -> Place:
    match kind:  # https://docs.discord.com/developers/resources/channel#channel-object-channel-types
        case 0:
            return Place(Kind.TEXT, guild)
        case 5:
            return Place(Kind.ANNOUNCEMENT, guild)
        case 15 | 16:
            return Place(Kind.FORUM, guild, tuple(tags), needs_tag=bool(flags & _REQUIRE_TAG))
        case _:
            return Place(Kind.FLAT, guild, is_thread=kind in _THREADS)


def chosen_tags(place: Place, name: str) -> list[str]:
    """The tags of a forum for a post of the subscription of this name: its own, one that it names, or any it must have.

    A subscription `vision` takes the tag “Vision”, one called `cs.CV vision` takes “vision”.
    """
    open_tags = [each for each in place.tags if not each.is_moderated]
    wanted = name.casefold()
    exact = [each.id for each in open_tags if each.name.casefold() == wanted]
    words = wanted.replace(",", " ").split()
    near = [each.id for each in open_tags if each.name.casefold() in words]
    if found := exact or near:
        return found[:_MOST_TAGS]
    return [each.id for each in open_tags[:1]] if place.needs_tag else []
