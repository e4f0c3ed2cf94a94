"""Slack's payloads as the core's values: pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.identity import references_in
from bot.model import Member, MemberId, PaperId, Role, WorkspaceId

DIRECT = "directmessage"
PRIVATE = "privategroup"
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|[^>]*)?>")
_AT = re.compile(r"@([CDG][A-Z0-9]+) (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks from where, in Slack's own ids; names as far as the payload tells them."""

    team: str
    channel: str
    channel_name: str
    user: str
    user_name: str
    text: str
    trigger: str = ""
    response_url: str = ""
    thread: str = ""


def read_command(payload: Mapping[str, Any]) -> Asked:
    """A slash command."""
    return Asked(
        team=_text(payload, "team_id"),
        channel=_text(payload, "channel_id"),
        channel_name=_text(payload, "channel_name"),
        user=_text(payload, "user_id"),
        user_name=_text(payload, "user_name"),
        text=plain_text(_text(payload, "text")),
        trigger=_text(payload, "trigger_id"),
        response_url=_text(payload, "response_url"),
    )


def read_mention(payload: Mapping[str, Any]) -> Asked:
    """An `app_mention` event: what stands behind the bot's name is a command."""
    event = payload.get("event", {})
    text = _MENTION.sub("", _text(event, "text"), count=1)
    return Asked(
        team=_text(payload, "team_id"),
        channel=_text(event, "channel"),
        channel_name="",
        user=_text(event, "user"),
        user_name="",
        text=plain_text(text) or "help",
        thread=_text(event, "thread_ts"),
    )


def read_action(payload: Mapping[str, Any]) -> Asked:
    """A click on a button or in a menu; in App Home the command carries its channel (`@C123 edit robots`)."""
    action: Mapping[str, Any] = next(iter(payload.get("actions", ())), {})
    value = _text(action, "value") or _text(action.get("selected_option") or {}, "value")
    channel, name = payload.get("channel") or {}, ""
    address = _text(channel, "id")
    if found := _AT.fullmatch(value):
        address, value = found.groups()
    else:
        name = _text(channel, "name")
    user = payload.get("user") or {}
    return Asked(
        team=_text(payload.get("team") or {}, "id") or _text(user, "team_id"),
        channel=address,
        channel_name=name,
        user=_text(user, "id"),
        user_name=_text(user, "username") or _text(user, "name"),
        text=value,
        trigger=_text(payload, "trigger_id"),
        response_url=_text(payload, "response_url"),
        thread=_text(payload.get("container") or {}, "thread_ts"),
    )


def plain_text(text: str) -> str:
    """What was typed: Slack escapes three characters, and writes mentions and links in angle brackets."""
    text = _MENTION.sub(r"@\1", text)
    text = _CHANNEL.sub(lambda found: f"#{found[2] or found[1]}", text)
    return html.unescape(_LINK.sub(r"\1", text)).strip()


def mentioned(text: str) -> list[str]:
    """The ids of members that a text mentions, as `plain_text` leaves them."""
    return re.findall(r"@([UW][A-Z0-9]{2,})", text)


def read_values(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled into a modal, by field name."""
    values: dict[str, str] = {}
    for block, elements in (view.get("state") or {}).get("values", {}).items():
        for element in elements.values():
            option = element.get("selected_option") or {}
            values[block.removeprefix("field:")] = _text(element, "value") or _text(option, "value")
    return values


def read_metadata(view: Mapping[str, Any]) -> dict[str, str]:
    """What we noted in a modal when it was opened."""
    try:
        found = json.loads(_text(view, "private_metadata") or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def papers_in(message: Mapping[str, Any]) -> list[PaperId]:
    """The papers that a message names, in its text, its blocks or its attachments, in that order."""
    return references_in(html.unescape(_LINK.sub(r" \1 ", text)) for text in _texts(message))


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for name in ("text", "url", "from_url", "title_link", "original_url"):
            if isinstance(value.get(name), str):
                yield value[name]
        for name in ("text", "title", "blocks", "elements", "fields", "attachments", "accessory"):
            if isinstance(value.get(name), dict | list):
                yield from _texts(value[name])
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def read_member(workspace: WorkspaceId, user: Mapping[str, Any], known: Member | None) -> Member:
    """A person as `users.info` tells of them. An editor stays one: that is ours, not Slack's."""
    profile = user.get("profile") or {}
    is_admin = any(user.get(each) for each in ("is_admin", "is_owner", "is_primary_owner"))
    was_editor = known is not None and known.role is Role.EDITOR
    return Member(
        workspace=workspace,
        id=MemberId(_text(user, "id")),
        name=_text(profile, "display_name") or _text(user, "real_name") or _text(user, "name") or _text(user, "id"),
        role=Role.ADMIN if is_admin and _is_of(workspace, user) else Role.EDITOR if was_editor else Role.MEMBER,
        zone=_text(user, "tz") or None,
    )


def _is_of(workspace: WorkspaceId, user: Mapping[str, Any]) -> bool:
    """False for guests from another company's workspace (Slack Connect), who may be admins at home."""
    team = workspace.rpartition(":")[2]
    grid = (user.get("enterprise_user") or {}).get("teams") or ()
    return _text(user, "team_id") in {"", team} or team in grid


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
