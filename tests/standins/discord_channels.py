"""What the bot does in channels: messages, threads, forum posts, publishing. Each takes a call and gives its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.standins.discord_limits import Limits
from tests.standins.discord_rules import (
    CROSSPOSTED,
    V2,
    Refused,
    carelessness,
    invalid,
    message_problems,
    pings,
    twin_embeds,
    written,
)
from tests.standins.discord_state import (
    APP,
    DIRECT_MESSAGES,
    DM,
    FORUMS,
    GUILD_MESSAGES,
    GUILDS,
    NEWS,
    NEWS_THREAD,
    PERMISSIONS,
    THREAD,
    THREADS,
    DiscordState,
    public,
)

REQUIRE_TAG = 1 << 4
ALL = ("everyone", "roles", "users")


@dataclass
class Call:
    """One request: `at` are the parts of its path, in order."""

    method: str
    route: str
    path: str
    at: tuple[str, ...]
    query: dict[str, str]
    body: Any
    files: int = 0
    headers: dict[str, str] = field(default_factory=dict)


class Channels:
    """The routes below `/channels`."""

    def __init__(self, state: DiscordState, limits: Limits, *, strict: bool = True) -> None:
        self.state = state
        self.limits = limits
        self.strict = strict

    # --- looking at bodies ---

    def examine(
        self,
        call: Call,
        message: dict[str, Any],
        *,
        v2: bool = False,
        default: tuple[str, ...] = ALL,
        edit: dict[str, Any] | None = None,
    ) -> None:
        """Refuse what Discord refuses; keep as evidence what it takes and we never want.

        An `edit` parses mentions anew only where it has words.
        """
        v2 = v2 or bool(int(message.get("flags") or 0) & V2)
        if self.strict:
            found = message_problems(call.method, call.path, call.body, message, v2=v2)
            careful = edit is not None and not written(edit)
            careless = [] if careful else carelessness(message if edit is None else edit, default=default)
            self.complain(call, [*found, *careless, *twin_embeds(message)])
            if found:
                raise invalid(found)
        parts = ("content", "embeds", "components", "sticker_ids", "poll", "attachments")
        if not call.files and not any(message.get(name) for name in parts):
            raise Refused(400, 50006, "Cannot send an empty message")

    def complain(self, call: Call, found: list[str]) -> None:
        """Keep it for tests."""
        self.state.problems += [f"{call.method} {call.path}: {each} in {str(call.body)[:2000]}" for each in found]

    def mentioned(self, message: dict[str, Any], body: dict[str, Any], default: tuple[str, ...] = ALL) -> None:
        """Note whom a message pings."""
        for kind, who in pings(body, default=default):
            self.state.pings.append(
                {"message": message["id"], "channel": message["channel_id"], "kind": kind, "who": who}
            )
            if kind == "everyone":
                message["mention_everyone"] = True
            elif kind == "roles":
                message["mention_roles"].append(who)
            elif who in self.state.users:
                message["mentions"].append(self.state.users[who])

    def tell(self, event: str, message: dict[str, Any], *, nonce: str | None = None) -> None:
        """MESSAGE_CREATE and its like; without the intent, the words of strangers are left out."""
        channel = self.state.channels[message["channel_id"]]
        guild = channel.get("guild_id")
        shown = public(message, guild_id=guild) if guild else public(message)
        if nonce is not None:
            shown["nonce"] = nonce
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        strange = guild and message["author"]["id"] != APP and all(each["id"] != APP for each in message["mentions"])
        veiled = {**shown, "content": "", "embeds": [], "components": [], "attachments": []} if strange else None
        self.state.emit(event, shown, guild=guild, intent=intent, veiled=veiled)

    # --- messages ---

    def post(self, call: Call) -> dict[str, Any]:
        """`POST /channels/{id}/messages`"""
        channel = self._writable(call.at[0], call.body)
        if channel["type"] in FORUMS:
            raise Refused(400, 50008, "Cannot send messages in a non-text channel")
        self.examine(call, call.body)
        nonce = call.body.get("nonce")
        if call.body.get("enforce_nonce") and (before := self.state.once(APP, str(nonce))) is not None:
            return public(before, nonce=nonce)
        self._unarchive(channel)
        message = self.state.add_message(channel, call.body)
        self.mentioned(message, call.body)
        self.tell("MESSAGE_CREATE", message, nonce=nonce)
        return public(message) if nonce is None else public(message, nonce=nonce)

    def get(self, call: Call) -> dict[str, Any]:
        """`GET /channels/{id}/messages/{message}`"""
        self.state.channel(call.at[0], "READ_MESSAGE_HISTORY")
        return public(self.state.message(*call.at))

    def history(self, call: Call) -> list[dict[str, Any]]:
        """`GET /channels/{id}/messages`, newest first; nonces are not in it."""
        channel = self.state.channels.get(call.at[0], {})
        if channel.get("type") in FORUMS:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        self.state.channel(call.at[0])
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid(["limit: int value should be between 1 and 100"])
        if not self.state.may(channel) & 1 << PERMISSIONS["READ_MESSAGE_HISTORY"]:
            return []
        kept = sorted(self.state.messages.get(call.at[0], ()), key=lambda each: int(each["id"]))
        if after := call.query.get("after"):
            kept = [each for each in kept if int(each["id"]) > int(after)][:limit]
        elif before := call.query.get("before"):
            kept = [each for each in kept if int(each["id"]) < int(before)]
        elif around := call.query.get("around"):
            at = sum(int(each["id"]) < int(around) for each in kept)
            kept = kept[max(at - limit // 2, 0) :][:limit]
        return [public(each) for each in reversed(kept[-limit:])]

    def edit(self, call: Call) -> dict[str, Any]:
        """`PATCH /channels/{id}/messages/{message}`"""
        channel = self.state.channel(call.at[0])
        message = self.state.message(*call.at)
        if message["author"]["id"] != APP:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise Refused(400, 50083, "Thread is archived")
        self.examine_edit(call, message)
        self.state.write(message, call.body)
        self.tell("MESSAGE_UPDATE", message)
        return public(message)

    def examine_edit(self, call: Call, message: dict[str, Any], default: tuple[str, ...] = ALL) -> None:
        """An edit leaves what it does not name; Components V2 stay for good."""
        after = {name: message[name] for name in ("content", "embeds", "components") if name not in call.body}
        v2 = bool((message["flags"] | int(call.body.get("flags") or 0)) & V2)
        self.examine(call, {**after, **call.body}, v2=v2, default=default, edit=call.body)

    def delete(self, call: Call) -> None:
        """`DELETE /channels/{id}/messages/{message}`"""
        channel = self.state.channel(call.at[0])
        message = self.state.message(*call.at)
        if message["author"]["id"] != APP:
            self.state.channel(call.at[0], "MANAGE_MESSAGES")
        self.state.messages[call.at[0]].remove(message)
        gone = {"id": message["id"], "channel_id": channel["id"]}
        guild = channel.get("guild_id")
        intent = GUILD_MESSAGES if guild else DIRECT_MESSAGES
        self.state.emit("MESSAGE_DELETE", {**gone, "guild_id": guild} if guild else gone, guild=guild, intent=intent)

    def crosspost(self, call: Call) -> dict[str, Any]:
        """`POST /channels/{id}/messages/{message}/crosspost`"""
        channel = self.state.channel(call.at[0])
        message = self.state.message(*call.at)
        if channel["type"] != NEWS:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        own = message["author"]["id"] == APP
        self.state.channel(call.at[0], "SEND_MESSAGES" if own else "MANAGE_MESSAGES")
        if message["flags"] & CROSSPOSTED:
            raise Refused(400, 40033, "This message has already been crossposted.")
        self.limits.publish(channel["id"], time.monotonic())
        message["flags"] |= CROSSPOSTED
        self.tell("MESSAGE_UPDATE", message)
        return public(message)

    # --- threads ---

    def thread_from(self, call: Call) -> dict[str, Any]:
        """`POST /channels/{id}/messages/{message}/threads`: the thread has the id of the message."""
        channel = self.state.channel(call.at[0], "CREATE_PUBLIC_THREADS")
        message = self.state.message(*call.at)
        if channel["type"] in THREADS | FORUMS | {DM}:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if message["id"] in self.state.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        self._check(call)
        thread = self._thread(channel, message["id"], call.body)
        message["flags"] |= 1 << 5
        message["thread"] = public(thread)
        return public(thread)

    def thread(self, call: Call) -> dict[str, Any]:
        """`POST /channels/{id}/threads`: a forum post with its first message, or an empty thread. It knows no nonce."""
        channel = self.state.channel(call.at[0])
        if channel["type"] not in FORUMS:
            self.state.channel(call.at[0], "CREATE_PUBLIC_THREADS")
            self._check(call)
            return public(self._thread(channel, self.state.snowflake(), call.body, kind=call.body.get("type", 12)))
        body = call.body.get("message") or {}
        self._writable(call.at[0], body)
        self.examine(call, body)
        if "nonce" in body:
            self.complain(call, ["a forum post knows no nonce"])
        known = {tag["id"] for tag in channel["available_tags"]}
        tags = [str(tag) for tag in call.body.get("applied_tags") or ()]
        if channel["flags"] & REQUIRE_TAG and not tags:
            raise Refused(400, 40067, "A tag is required to create a forum post in this channel")
        if len(tags) > 5:
            raise invalid(["applied_tags: Must be 5 or fewer in length."])
        if not set(tags) <= known:
            raise Refused(400, 10087, "Unknown tag")
        thread = self._thread(channel, self.state.snowflake(), {**call.body, "applied_tags": tags})
        message = self.state.add_message(thread, {**body, "nonce": None}, id=thread["id"], position=0)
        thread["message_count"] = 0
        self.mentioned(message, body)
        self.tell("MESSAGE_CREATE", message)
        return public(thread, message=public(message))

    def active(self, call: Call) -> dict[str, Any]:
        """`GET /guilds/{id}/threads/active`"""
        guild = self.state.guild(call.at[0])
        threads = [
            each
            for each in self._threads(lambda each: each["guild_id"] == guild.id, archived=False)
            if self.state.may(each) & 1 << PERMISSIONS["VIEW_CHANNEL"]
        ]
        return {"threads": [public(each) for each in threads], "members": []}

    def archived(self, call: Call) -> dict[str, Any]:
        """`GET /channels/{id}/threads/archived/public`, latest archived first."""
        self.state.channel(call.at[0], "READ_MESSAGE_HISTORY")
        found = self._threads(lambda each: each["parent_id"] == call.at[0], archived=True)
        found.sort(key=lambda each: str(each["thread_metadata"]["archive_timestamp"]), reverse=True)
        if before := call.query.get("before"):
            found = [each for each in found if each["thread_metadata"]["archive_timestamp"] < before.replace(" ", "+")]
        limit = int(call.query.get("limit", 50))
        return {"threads": [public(each) for each in found[:limit]], "members": [], "has_more": len(found) > limit}

    def change(self, call: Call) -> dict[str, Any]:
        """`PATCH /channels/{id}`: a thread is unarchived so, for one."""
        channel = self.state.channel(call.at[0])
        self._check(call)
        body = dict(call.body)
        if channel["type"] not in THREADS:
            self.state.channel(call.at[0], "MANAGE_CHANNELS")
            self.state.change_channel(channel, body)
            self.state.emit("CHANNEL_UPDATE", public(channel), guild=channel.get("guild_id"), intent=GUILDS)
            return public(channel)
        told = channel["thread_metadata"]
        only_open = set(body) <= {"archived"} and body.get("archived") is False and not told["locked"]
        own = channel["owner_id"] == APP and "locked" not in body
        if not own:
            self.state.channel(call.at[0], "SEND_MESSAGES_IN_THREADS" if only_open else "MANAGE_THREADS")
        for name in ("archived", "locked", "auto_archive_duration"):
            if name in body:
                told[name] = body.pop(name)
        told["archive_timestamp"] = self.state.stamp()
        channel.update(body)
        self.state.emit("THREAD_UPDATE", public(channel), guild=channel["guild_id"], intent=GUILDS)
        return public(channel)

    # --- parts ---

    def _check(self, call: Call) -> None:
        found = message_problems(call.method, call.path, call.body, {}, v2=False) if self.strict else []
        if found:
            self.complain(call, found)
            raise invalid(found)

    def _writable(self, id_: str, body: dict[str, Any]) -> dict[str, Any]:
        channel = self.state.channel(id_)
        if channel["type"] == DM:
            if channel["recipients"][0].get("closed"):
                raise Refused(403, 50007, "Cannot send messages to this user")
            return channel
        needed = "SEND_MESSAGES_IN_THREADS" if channel["type"] in THREADS else "SEND_MESSAGES"
        self.state.channel(id_, needed, *(["EMBED_LINKS"] if body.get("embeds") else []))
        if channel["type"] in THREADS and channel["thread_metadata"]["locked"]:
            self.state.channel(id_, "MANAGE_THREADS")
        return channel

    def _unarchive(self, channel: dict[str, Any]) -> None:
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            channel["thread_metadata"] |= {"archived": False, "archive_timestamp": self.state.stamp()}
            self.state.emit("THREAD_UPDATE", public(channel), guild=channel["guild_id"], intent=GUILDS)

    def _threads(self, wanted: Any, *, archived: bool) -> list[dict[str, Any]]:
        threads = [each for each in self.state.channels.values() if each["type"] in THREADS and wanted(each)]
        return [each for each in reversed(threads) if each["thread_metadata"]["archived"] is archived]

    def _thread(self, parent: dict[str, Any], id_: str, body: dict[str, Any], kind: int = THREAD) -> dict[str, Any]:
        thread = {
            "id": id_,
            "type": NEWS_THREAD if parent["type"] == NEWS else kind,
            "guild_id": parent["guild_id"],
            "parent_id": parent["id"],
            "owner_id": APP,
            "name": body["name"],
            "last_message_id": None,
            "message_count": 0,
            "member_count": 1,
            "total_message_sent": 0,
            "rate_limit_per_user": 0,
            "flags": 0,
            "applied_tags": body.get("applied_tags", []),
            "thread_metadata": {
                "archived": False,
                "locked": False,
                "auto_archive_duration": body.get("auto_archive_duration") or 4320,
                "archive_timestamp": self.state.stamp(),
                "create_timestamp": self.state.stamp(),
            },
        }
        self.state.channels[id_] = thread
        joined = {"id": id_, "user_id": APP, "join_timestamp": self.state.stamp(), "flags": 0}
        created = public(thread, newly_created=True, member=joined)
        self.state.emit("THREAD_CREATE", created, guild=thread["guild_id"], intent=GUILDS)
        return thread
