"""Answers to interactions: the callback within three seconds, then the webhook of the token for fifteen minutes.

Written after developers/interactions/receiving-and-responding.mdx.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.standins.discord_channels import Call, Channels
from tests.standins.discord_rules import EPHEMERAL, LOADING, Refused, invalid, message_problems, modal_problems
from tests.standins.discord_state import APP, BOT, DiscordState, public

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, OPEN_MODAL = 4, 5, 6, 7, 8, 9
ALLOWED = {
    PING: {1},
    COMMAND: {MESSAGE, DEFERRED, OPEN_MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, OPEN_MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}
USERS = ("users",)
LIFETIME = 900


@dataclass
class Interaction:
    """One of them, and everything that was answered."""

    payload: dict[str, Any]
    channel: dict[str, Any]
    user: dict[str, Any]
    at: float
    few: bool = False
    """Installed for the user, and not in this guild: five followups at the most."""
    source: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    original: dict[str, Any] | None = None
    followups: list[dict[str, Any]] = field(default_factory=list)
    ephemeral: list[dict[str, Any]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Interactions:
    """The routes below `/interactions` and `/webhooks`."""

    def __init__(self, state: DiscordState, channels: Channels, *, deadline: float = 3.0) -> None:
        self.state = state
        self.channels = channels
        self.deadline = deadline
        self.kept: dict[str, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}

    def keep(self, interaction: Interaction) -> None:
        """From now on it can be answered."""
        self.kept[interaction.payload["id"]] = interaction
        self.by_token[interaction.payload["token"]] = interaction

    # --- the callback ---

    def callback(self, call: Call) -> dict[str, Any] | None:
        """`POST /interactions/{id}/{token}/callback`"""
        kept = self.kept.get(call.at[0])
        if kept is None or kept.payload["token"] != call.at[1]:
            raise Refused(404, 10062, "Unknown interaction")
        if kept.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        after = self.state.now() - kept.at
        if after > self.deadline:
            raise Refused(404, 10062, "Unknown interaction")
        kind, data = call.body.get("type"), call.body.get("data") or {}
        self._examine(call, kept, kind, data)
        kept.response = {"type": kind, "data": data, "after": after}
        kept.answered.set()
        self._follow(kept, kind, data)
        if call.query.get("with_response", "") not in {"1", "true", "True"}:
            return None
        told = {"id": kept.payload["id"], "type": kept.payload["type"]}
        if kept.original is None:
            return {"interaction": told}
        flags = kept.original["flags"]
        told |= {
            "response_message_id": kept.original["id"],
            "response_message_loading": bool(flags & LOADING),
            "response_message_ephemeral": bool(flags & EPHEMERAL),
        }
        return {"interaction": told, "resource": {"type": kind, "message": public(kept.original)}}

    def _examine(self, call: Call, kept: Interaction, kind: int, data: dict[str, Any]) -> None:
        problems = [] if kind in ALLOWED[kept.payload["type"]] else [f"type: {kind} does not answer this interaction"]
        if kind == UPDATE and kept.source is None:  # a form from a command may be closed with DEFERRED_UPDATE
            problems.append(f"type: {kind} needs a message to update")
        if kind == OPEN_MODAL:
            problems += modal_problems(data)
        if not problems and kind == MESSAGE:
            self.channels.examine(call, data, default=USERS)
        elif not problems and kind == UPDATE and kept.source is not None:
            merged = {name: kept.source[name] for name in ("content", "embeds", "components")} | data
            v2 = bool((kept.source["flags"] | int(data.get("flags") or 0)) & 1 << 15)
            self.channels.examine(call, merged, v2=v2, default=USERS, edit=data)
        else:
            problems += message_problems(call.method, call.path, call.body, {}, v2=False)
        if problems:
            self.channels.complain(call, problems)
            raise invalid(problems)

    def _follow(self, kept: Interaction, kind: int, data: dict[str, Any]) -> None:
        if kind == MESSAGE:
            kept.original = self._say(kept, data)
        elif kind == DEFERRED:
            kept.original = self._say(kept, {"flags": int(data.get("flags") or 0) & EPHEMERAL | LOADING})
        elif kind in {DEFERRED_UPDATE, UPDATE} and kept.source is not None:
            kept.original = kept.source
            if kind == UPDATE:
                self._write(kept.source, data)

    # --- the webhook ---

    def followup(self, call: Call) -> dict[str, Any]:
        """`POST /webhooks/{app}/{token}`; the first one after a deferral takes the place of the waiting message."""
        kept = self._of(call)
        if kept.response is None:
            raise Refused(404, 10015, "Unknown Webhook")
        self.channels.examine(call, call.body, default=USERS)
        if "nonce" in call.body:
            self.channels.complain(call, ["a followup knows no nonce"])
        if kept.original is not None and kept.original["flags"] & LOADING:
            self._write(kept.original, call.body)
            return public(kept.original)
        if kept.few and len(kept.followups) >= 5:
            raise Refused(400, 40094, "This interaction has reached the maximum number of follow-up messages")
        message = self._say(kept, call.body)
        kept.followups.append(message)
        return public(message)

    def show(self, call: Call) -> dict[str, Any]:
        """`GET /webhooks/{app}/{token}/messages/{message}`"""
        return public(self._message(self._of(call), call.at[2]))

    def edit(self, call: Call) -> dict[str, Any]:
        """`PATCH /webhooks/{app}/{token}/messages/{message}`"""
        kept = self._of(call)
        message = self._message(kept, call.at[2])
        self.channels.examine_edit(call, message, default=USERS)
        self._write(message, call.body)
        return public(message)

    def delete(self, call: Call) -> None:
        """`DELETE /webhooks/{app}/{token}/messages/{message}`"""
        kept = self._of(call)
        message = self._message(kept, call.at[2])
        if not message["flags"] & EPHEMERAL:
            self.state.messages[message["channel_id"]].remove(message)
        kept.ephemeral = [each for each in kept.ephemeral if each is not message]
        kept.followups = [each for each in kept.followups if each is not message]
        kept.original = None if kept.original is message else kept.original

    def _of(self, call: Call) -> Interaction:
        kept = self.by_token.get(call.at[1])
        if kept is None or call.at[0] != APP:
            raise Refused(404, 10015, "Unknown Webhook")
        if self.state.now() - kept.at > LIFETIME:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return kept

    def _message(self, kept: Interaction, id_: str) -> dict[str, Any]:
        known = [kept.original] if id_ == "@original" else [kept.original, *kept.followups]
        for each in known:
            if each is not None and id_ in {"@original", each["id"]}:
                return each
        raise Refused(404, 10008, "Unknown Message")

    def _write(self, message: dict[str, Any], body: dict[str, Any]) -> None:
        waiting = message["flags"] & LOADING
        body = {**body, "flags": int(body.get("flags") or 0) & ~EPHEMERAL}
        self.state.write(message, body)
        message["flags"] &= ~LOADING
        if waiting:
            message["edited_timestamp"] = None
            self.channels.mentioned(message, body, USERS)
        if not message["flags"] & EPHEMERAL:
            self.channels.tell("MESSAGE_UPDATE", message)

    def _say(self, kept: Interaction, body: dict[str, Any]) -> dict[str, Any]:
        more = {
            "type": 20 if kept.payload["type"] == COMMAND and kept.original is None else 0,
            "author": BOT,
            "application_id": APP,
            "webhook_id": APP,
            "interaction_metadata": {
                "id": kept.payload["id"],
                "type": kept.payload["type"],
                "user": kept.user,
                "authorizing_integration_owners": kept.payload["authorizing_integration_owners"],
            },
        }
        message = self.state.add_message(kept.channel, body, **more)
        self.channels.mentioned(message, body, USERS)
        if message["flags"] & EPHEMERAL:
            self.state.messages[kept.channel["id"]].remove(message)
            kept.ephemeral.append(message)
        else:
            self.channels.tell("MESSAGE_CREATE", message)
        return message

    # --- for tests ---

    def find(self, id_: str) -> dict[str, Any] | None:
        """A message by id: in a channel, or one that only one person sees."""
        for messages in self.state.messages.values():
            for each in messages:
                if each["id"] == id_:
                    return each
        seen = [each for kept in self.kept.values() for each in kept.ephemeral]
        return next((each for each in seen if each["id"] == id_), None)

    def told(self, kept: Interaction, heard: int | None = None) -> dict[str, Any]:
        """What became of an interaction."""
        return {
            "id": kept.payload["id"],
            "token": kept.payload["token"],
            "heard": heard,
            "response": kept.response,
            "original": kept.original and public(kept.original),
            "followups": [public(each) for each in kept.followups],
            "seconds": self.state.now() - kept.at,
        }
