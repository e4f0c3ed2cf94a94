"""What a Slack workspace holds: channels, messages with metadata and threads, views; and what Slack refuses.

Written after docs.slack.dev and the recorded contracts: strict blocks, one message a second and channel when asked for,
metadata that is shown only to who asks for it, history in pages.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.system import SystemClock

sys.path.insert(0, str(Path(__file__).parents[1] / "schema" / "slack"))
from check import check

PAGE = 15


class Refused(Exception):
    """`{"ok": false, "error": …}`."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


@dataclass
class Team:
    """One workspace."""

    id: str
    token: str
    scopes: set[str]
    installed: bool = True
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    ephemeral: list[dict[str, Any]] = field(default_factory=list)
    views: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    triggers: dict[str, float] = field(default_factory=dict)

    def channel(self, id_: str) -> dict[str, Any]:
        """The channel; people are reached through their direct message."""
        if id_.startswith(("U", "W")):
            id_ = self.direct(id_)
        if id_ not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[id_]

    def direct(self, user: str) -> str:
        """The direct message of a person with the bot."""
        if user not in self.users:
            raise Refused("user_not_found")
        id_ = f"D{user[1:]}"
        self.channels.setdefault(id_, {"id": id_, "is_im": True, "user": user, "is_member": True, "members": {user}})
        return id_


class SlackState:
    """All workspaces, the log of calls, and the faults that were asked for."""

    def __init__(self, *, strict: bool = True, pace: float = 0.0, keep_calls: bool = True, at: float = 0.0) -> None:
        self.teams: dict[str, Team] = {}
        self.codes: dict[str, str] = {}
        self.calls: list[dict[str, Any]] = []
        self.keep_calls = keep_calls
        self._ahead = at - SystemClock().now().timestamp() if at else 0.0
        self.strict = strict
        self.pace = pace
        self.faults: dict[str, deque[dict[str, Any]]] = {}
        self.responses: dict[str, dict[str, Any]] = {}
        self.problems: list[str] = []
        self._last_post: dict[str, float] = {}
        self._number = itertools.count(1)

    def of_token(self, token: str) -> Team:
        """The workspace that a token opens."""
        for team in self.teams.values():
            if token == team.token:
                if not team.installed:
                    raise Refused("account_inactive")
                return team
        raise Refused("invalid_auth" if token else "not_authed")

    def checked(self, document: Any, kind: str) -> list[str]:
        """What Slack would refuse; kept as evidence too."""
        if not self.strict:
            return []
        found = [each for each in check(document, kind) if not each.startswith("warn:")]
        self.problems += [f"{each} in {json.dumps(document)[:2000]}" for each in found]
        return found

    def ts(self) -> str:
        """A timestamp that no other message has."""
        return f"{int(SystemClock().now().timestamp() + self._ahead)}.{next(self._number):06d}"

    # --- messages ---

    def post(self, team: Team, body: dict[str, Any], *, now: float) -> dict[str, Any]:
        """`chat.postMessage`."""
        self._need(team, "chat:write")
        channel = team.channel(str(body.get("channel", "")))
        if channel.get("is_archived"):
            raise Refused("is_archived")
        if not channel.get("is_member"):
            raise Refused("not_in_channel")
        self._check_message(body)
        if self.pace and now - self._last_post.get(channel["id"], -1e9) < self.pace:
            raise Refused("ratelimited", http=429, wait=1)
        self._last_post[channel["id"]] = now
        kept = team.messages.setdefault(channel["id"], [])
        thread = body.get("thread_ts")
        if thread and not any(each["ts"] == thread for each in kept):
            raise Refused("invalid_thread_ts")
        message = {"type": "message", "ts": self.ts(), "user": "U0BOT", "bot_id": "B0BOT", "text": body.get("text", "")}
        message |= {name: body[name] for name in ("blocks", "metadata", "thread_ts") if body.get(name)}
        kept.append(message)
        return {"channel": channel["id"], "ts": message["ts"], "message": message}

    def update(self, team: Team, body: dict[str, Any]) -> dict[str, Any]:
        """`chat.update`: text without blocks takes the blocks away; metadata stays."""
        self._check_message(body)
        for message in team.messages.get(str(body.get("channel")), []):
            if message["ts"] == body.get("ts"):
                message["text"] = body.get("text", "")
                message["blocks"] = body.get("blocks", [])
                message["edited"] = True
                return {"channel": body["channel"], "ts": message["ts"], "text": message["text"]}
        raise Refused("message_not_found")

    def ephemeral(self, team: Team, body: dict[str, Any]) -> dict[str, Any]:
        """`chat.postEphemeral`."""
        self._check_message(body)
        channel = team.channel(str(body.get("channel", "")))
        if not channel.get("is_member"):
            raise Refused("not_in_channel")
        team.ephemeral.append(dict(body))
        return {"message_ts": self.ts()}

    def history(self, team: Team, body: dict[str, Any], *, replies: bool) -> dict[str, Any]:
        """`conversations.history` or `.replies`: pages, and metadata only for who asks."""
        channel = team.channel(str(body.get("channel", "")))
        kind = {"C": "channels", "G": "groups", "D": "im"}[channel["id"][0]]
        self._need(team, f"{kind}:history")
        if not channel.get("is_member"):
            raise Refused("not_in_channel")
        kept = team.messages.get(channel["id"], [])
        thread = body.get("ts")
        found = [
            each
            for each in kept
            if (each.get("thread_ts") == thread or each["ts"] == thread if replies else "thread_ts" not in each)
            and float(each["ts"]) >= float(body.get("oldest") or 0)
        ]
        if not replies:
            found.reverse()
        start, size = int(body.get("cursor") or 0), min(int(body.get("limit") or PAGE), PAGE)
        page = [dict(each) for each in found[start : start + size]]
        if not body.get("include_all_metadata"):
            for each in page:
                if "metadata" in each:
                    each["metadata"] = {"event_type": each["metadata"]["event_type"]}
        more = str(start + size) if start + size < len(found) else ""
        return {"messages": page, "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    # --- views ---

    def view(self, team: Team, method: str, body: dict[str, Any], *, now: float) -> dict[str, Any]:
        """`views.open`, `views.update`, `views.publish`."""
        view = body.get("view") or {}
        if problems := self.checked(view, "view"):
            raise Refused("invalid_arguments", response_metadata={"messages": problems})
        if method == "views.publish":
            team.homes[str(body["user_id"])] = view
            return {"view": {**view, "id": f"VHOME{body['user_id']}"}}
        if method == "views.open":
            begun = team.triggers.pop(str(body.get("trigger_id")), None)
            if begun is None:
                raise Refused("exchanged_trigger_id")
            if now - begun > 3:
                raise Refused("expired_trigger_id")
            id_ = f"V{next(self._number):06d}"
        else:
            id_ = str(body.get("view_id"))
            if id_ not in team.views:
                raise Refused("not_found")
            if body.get("hash") and body["hash"] != team.views[id_]["hash"]:
                raise Refused("hash_conflict")
        team.views[id_] = {**view, "id": id_, "hash": f"{next(self._number)}.h", "team_id": team.id}
        return {"view": team.views[id_]}

    def _check_message(self, body: dict[str, Any]) -> None:
        if not body.get("text") and not body.get("blocks"):
            raise Refused("no_text")
        blocks = body.get("blocks")
        if blocks and (problems := self.checked(blocks, "blocks")):
            raise Refused("invalid_blocks", errors=problems, response_metadata={"messages": problems})
        metadata = body.get("metadata")
        if metadata is not None and not {"event_type", "event_payload"} <= set(metadata):
            raise Refused("invalid_metadata_schema")

    @staticmethod
    def _need(team: Team, scope: str) -> None:
        if scope not in team.scopes:
            raise Refused("missing_scope", needed=scope, provided=",".join(sorted(team.scopes)))
