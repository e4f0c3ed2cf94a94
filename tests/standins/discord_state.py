"""What Discord holds: guilds with channels, roles and members, messages, direct messages; and who may do what.

Ids are real snowflakes of its own clock, so that `after=` and `created_at` mean what they mean on Discord. Each channel
carries the bot's permissions there; they are shown as an overwrite, so that clients reckon to the same ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.system import SystemClock
from tests.standins.discord_rules import Refused, components

APP = "1000000000000000512"
OWNER = "1000000000000000256"
EPOCH = 1_420_070_400
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
TEXT, DM, NEWS, NEWS_THREAD, THREAD, PRIVATE_THREAD, FORUM, MEDIA = 0, 1, 5, 10, 11, 12, 15, 16
THREADS, FORUMS = {NEWS_THREAD, THREAD, PRIVATE_THREAD}, {FORUM, MEDIA}
PERMISSIONS = {
    "ADMINISTRATOR": 3,
    "MANAGE_CHANNELS": 4,
    "MANAGE_GUILD": 5,
    "ADD_REACTIONS": 6,
    "VIEW_CHANNEL": 10,
    "SEND_MESSAGES": 11,
    "MANAGE_MESSAGES": 13,
    "EMBED_LINKS": 14,
    "ATTACH_FILES": 15,
    "READ_MESSAGE_HISTORY": 16,
    "MENTION_EVERYONE": 17,
    "USE_EXTERNAL_EMOJIS": 18,
    "MANAGE_ROLES": 28,
    "USE_APPLICATION_COMMANDS": 31,
    "MANAGE_THREADS": 34,
    "CREATE_PUBLIC_THREADS": 35,
    "SEND_MESSAGES_IN_THREADS": 38,
    "PIN_MESSAGES": 51,
    "BYPASS_SLOWMODE": 52,
}
EVERYTHING = (1 << 53) - 1
MODERATING = ("ADMINISTRATOR", "MANAGE_CHANNELS", "MANAGE_GUILD", "MANAGE_MESSAGES", "MANAGE_ROLES", "MENTION_EVERYONE")
USUAL = sum(1 << bit for name, bit in PERMISSIONS.items() if name not in MODERATING)
BOT = {"id": APP, "username": "broadsheet", "global_name": None, "discriminator": "0", "avatar": None, "bot": True}


def bits(asked: int | str | list[str]) -> int:
    """Permissions as a number; names of Discord's or of discord.py's."""
    if isinstance(asked, list):
        return sum(1 << PERMISSIONS[name.upper()] for name in set(asked))
    return int(asked)


@dataclass
class Guild:
    """One server. `joined` is false after the bot was removed, `available` is false during an outage."""

    id: str
    name: str
    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    locale: str = "en-US"
    joined: bool = True
    available: bool = True
    joined_at: str = ""


class DiscordState:
    """All guilds, the users, and what was posted."""

    def __init__(self, *, at: float = 0.0, nonce_window: float = 180.0) -> None:
        self.ahead = at - SystemClock().now().timestamp() if at else 0.0
        self.nonce_window = nonce_window
        self.guilds: dict[str, Guild] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.problems: list[str] = []
        self.pings: list[dict[str, str]] = []
        self.emit: Callable[..., int] = lambda *_, **__: 0
        self._nonces: dict[tuple[str, str], tuple[dict[str, Any], float]] = {}
        self._number = itertools.count()

    # --- time and ids ---

    def now(self) -> float:
        """Seconds since 1970 by the stand-in's own clock."""
        return SystemClock().now().timestamp() + self.ahead

    def stamp(self) -> str:
        """Now, as Discord writes it."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    def snowflake(self) -> str:
        """An id that no other thing has, and that grows with time."""
        return str((int((self.now() - EPOCH) * 1000) << 22) + next(self._number) % (1 << 12))

    # --- guilds ---

    def add_guild(self, asked: dict[str, Any]) -> Guild:
        """`{"id", "name", "roles": {id: {...}}, "members": {...}, "channels": {...}}`; all may be absent."""
        id_ = str(asked.get("id") or self.snowflake())
        guild = Guild(id_, asked.get("name") or "The lab", joined_at=self.stamp())
        guild.locale = asked.get("locale", "en-US")
        for role, more in {id_: {"name": "@everyone"}, **asked.get("roles", {})}.items():
            self.add_role(guild, role, more)
        for user, more in {APP: {"user": BOT}, **asked.get("members", {})}.items():
            self.add_member(guild, user, more)
        self.guilds[id_] = guild
        for position, (channel, more) in enumerate(asked.get("channels", {}).items()):
            self.add_channel(guild, channel, {"position": position, **more})
        return guild

    def add_role(self, guild: Guild, id_: str, more: dict[str, Any]) -> dict[str, Any]:
        """A role; its permissions may be names."""
        role = {
            "name": f"role-{id_}",
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": len(guild.roles),
            "managed": False,
            "mentionable": False,
            "flags": 0,
            **more,
            "id": id_,
        }
        role["permissions"] = str(bits(more.get("permissions", USUAL if id_ == guild.id else 0)))
        guild.roles[id_] = role
        return role

    def add_member(self, guild: Guild, id_: str, more: dict[str, Any]) -> dict[str, Any]:
        """A member; `permissions` are what they hold beyond those of everyone."""
        name = more.get("name", f"user-{id_}")
        user = {**BOT, "id": id_, "username": name, "global_name": name, "bot": False, **more.get("user", {})}
        self.users[id_] = user
        guild.members[id_] = {
            "user": user,
            "nick": more.get("nick"),
            "avatar": None,
            "roles": more.get("roles", []),
            "joined_at": self.stamp(),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "communication_disabled_until": None,
            "flags": 0,
            "_permissions": bits(more.get("permissions", 0)),
        }
        return guild.members[id_]

    def add_channel(self, guild: Guild, id_: str, more: dict[str, Any]) -> dict[str, Any]:
        """A channel; `permissions` are the bot's in it, as names or a number."""
        kind = more.get("type", TEXT)
        channel = {
            "id": id_,
            "type": kind,
            "guild_id": guild.id,
            "name": more.get("name", f"channel-{id_}"),
            "position": 0,
            "topic": None,
            "nsfw": False,
            "parent_id": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        if kind in FORUMS:
            channel["available_tags"] = []
        self.channels[id_] = channel
        self.change_channel(channel, {"permissions": USUAL, **more})
        return channel

    def change_channel(self, channel: dict[str, Any], more: dict[str, Any]) -> None:
        """Write new facts into it; `permissions` replaces, `deny` and `allow` change the bot's."""
        more = dict(more)
        may = bits(more.pop("permissions", channel.get("_permissions", USUAL)))
        may = (may & ~bits(more.pop("deny", 0))) | bits(more.pop("allow", 0))
        if "available_tags" in more:
            empty = {"moderated": False, "emoji_id": None, "emoji_name": None}
            more["available_tags"] = [{**empty, **tag} for tag in more["available_tags"]]
        channel.update(more)
        channel["_permissions"] = may
        own = {"id": APP, "type": 1, "allow": str(may), "deny": str(EVERYTHING & ~may)}
        others = [each for each in channel.get("permission_overwrites", []) if each["id"] != APP]
        if channel["type"] not in THREADS:
            channel["permission_overwrites"] = [*others, own]

    def direct(self, user: str) -> dict[str, Any]:
        """The direct message channel of a person with the bot."""
        if user not in self.users or user == APP:
            raise Refused(400, 50033, "Invalid Recipient(s)")
        for channel in self.channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == user:
                return channel
        id_ = self.snowflake()
        made = {"id": id_, "type": DM, "last_message_id": None, "flags": 0, "recipients": [self.users[user]]}
        self.channels[id_] = made
        return made

    # --- rights ---

    def may(self, channel: dict[str, Any]) -> int:
        """The bot's permissions in a channel; a thread has those of its parent."""
        if channel["type"] == DM:
            return USUAL
        parent = self.channels.get(channel["parent_id"] or "") if channel["type"] in THREADS else channel
        held = int((parent or channel).get("_permissions", USUAL))
        return EVERYTHING if held & 1 << PERMISSIONS["ADMINISTRATOR"] else held

    def member_may(self, guild: Guild, user: str) -> int:
        """A member's permissions."""
        member = guild.members[user]
        held = member["_permissions"] | int(guild.roles[guild.id]["permissions"])
        for role in member["roles"]:
            held |= int(guild.roles.get(role, {"permissions": 0})["permissions"])
        return EVERYTHING if held & 1 << PERMISSIONS["ADMINISTRATOR"] else held

    def channel(self, id_: str, *needed: str) -> dict[str, Any]:
        """The channel, when the bot sees it and may do that."""
        channel = self.channels.get(id_)
        if channel is None:
            raise Refused(404, 10003, "Unknown Channel")
        if channel["type"] == DM:
            return channel
        if not self.guilds[channel["guild_id"]].joined:
            raise Refused(403, 50001, "Missing Access")
        held = self.may(channel)
        if not held & 1 << PERMISSIONS["VIEW_CHANNEL"]:
            raise Refused(403, 50001, "Missing Access")
        if any(not held & 1 << PERMISSIONS[name] for name in needed):
            raise Refused(403, 50013, "Missing Permissions")
        return channel

    def guild(self, id_: str) -> Guild:
        """The guild, when the bot is in it."""
        guild = self.guilds.get(id_)
        if guild is None or not guild.joined:
            raise Refused(404, 10004, "Unknown Guild")
        return guild

    # --- messages ---

    def message(self, channel: str, id_: str) -> dict[str, Any]:
        """One message."""
        for each in self.messages.get(channel, ()):
            if each["id"] == id_:
                return each
        raise Refused(404, 10008, "Unknown Message")

    def once(self, author: str, nonce: str | None) -> dict[str, Any] | None:
        """The message that this author made with this nonce a while ago. Which channel it stands in plays no part."""
        kept = self._nonces.get((author, nonce or ""))
        if kept is None or self.now() - kept[1] > self.nonce_window:
            return None
        if kept[0] not in self.messages.get(kept[0]["channel_id"], ()):
            raise Refused(404, 10008, "Unknown Message")
        return kept[0]

    def add_message(self, channel: dict[str, Any], body: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Keep a message; its nonce is remembered apart from it."""
        id_ = more.pop("id", None) or self.snowflake()
        message = {
            "id": id_,
            "channel_id": channel["id"],
            "type": 0,
            "author": more.pop("author", BOT),
            "timestamp": self.stamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [_stored(each) for each in body.get("attachments") or ()],
            "pinned": False,
            "content": "",
            "embeds": [],
            "components": [],
            "flags": 0,
            **more,
        }
        self.write(message, body)
        message["edited_timestamp"] = None
        if body.get("message_reference"):
            message["message_reference"] = body["message_reference"]
        self.messages.setdefault(channel["id"], []).append(message)
        channel["last_message_id"] = id_
        if channel["type"] in THREADS:
            channel["message_count"] += 1
            channel["total_message_sent"] += 1
        if body.get("nonce") is not None:
            message["_nonce"] = str(body["nonce"])
            if body.get("enforce_nonce"):
                self._nonces[message["author"]["id"], str(body["nonce"])] = message, self.now()
        return message

    def write(self, message: dict[str, Any], body: dict[str, Any]) -> None:
        """Put a body's words into a message as Discord keeps them: trimmed, components numbered."""
        if "content" in body:
            message["content"] = (body["content"] or "").strip()
        if "embeds" in body:
            message["embeds"] = [{**_trimmed(each), "type": "rich"} for each in body["embeds"] or ()]
        if "components" in body:
            message["components"] = deepcopy(body["components"] or [])
            for number, each in enumerate(components(message), 1):
                each.setdefault("id", number)
        message["flags"] |= int(body.get("flags") or 0)
        message["edited_timestamp"] = self.stamp()


def _stored(attachment: dict[str, Any]) -> dict[str, Any]:
    url = f"https://cdn.discordapp.com/attachments/{attachment['id']}/{attachment.get('filename', 'file')}"
    return {"size": 1, "url": url, "proxy_url": url, **attachment, "id": str(attachment["id"])}


def _trimmed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _trimmed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_trimmed(each) for each in value]
    return value.strip() if isinstance(value, str) else value


def public(thing: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A thing as the API shows it."""
    return {name: value for name, value in thing.items() if not name.startswith("_")} | more
