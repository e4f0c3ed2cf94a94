"""The app's manifest, made from what the code does: its command, events, shortcut and scopes, a reason for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.command_table import COMMANDS

COMMAND = "/papers"
SHORTCUT = "save_paper"
EVENTS_PATH = "/slack/events"
REDIRECT_PATH = "/slack/oauth_redirect"
INSTALL_PATH = "/slack/install"

SCOPES: dict[str, str] = {
    "commands": "offer /papers, and the message shortcut",
    "chat:write": "post the papers, and answer members",
    "app_mentions:read": "answer @Broadsheet as it answers /papers",
    "channels:join": "join a public channel when it is subscribed, so that posts can be read back",
    "channels:read": "learn a channel's name, its renaming and archiving, and show members their channels",
    "groups:read": "the same for private channels that the bot was invited to",
    "im:read": "know the direct message of a personal subscription",
    "im:write": "open that direct message",
    "users:read": "a member's time zone, display name, and whether they are an admin",
}
"""The least that everything needs; the reason stands beside each in docs/slack.md."""

HISTORY_SCOPES: dict[str, str] = {
    "channels:history": "find out whether a message was posted when the connection broke (only own messages are kept)",
    "groups:history": "the same in private channels",
    "im:history": "the same in direct messages",
}
"""Asked for unless BROADSHEET_SLACK_HISTORY is false."""

EVENTS: dict[str, str] = {
    "app_home_opened": "draw App Home",
    "app_mention": "answer a mention",
    "app_uninstalled": "forget the workspace",
    "tokens_revoked": "stop using the token",
    "channel_archive": "pause its subscriptions",
    "channel_unarchive": "resume them",
    "channel_deleted": "forget the channel",
    "channel_left": "pause its subscriptions: the bot was removed",
    "channel_rename": "know its new name",
    "group_archive": "as channel_archive, for private channels",
    "group_unarchive": "as channel_unarchive",
    "group_deleted": "as channel_deleted",
    "group_left": "as channel_left",
    "group_rename": "as channel_rename",
    "member_joined_channel": "resume the subscriptions of a channel that the bot was invited to again",
}


def scopes(*, history: bool) -> tuple[str, ...]:
    """What a workspace is asked to grant."""
    return (*SCOPES, *(HISTORY_SCOPES if history else ()))


def missing(granted: Iterable[str], *, history: bool) -> tuple[str, ...]:
    """What was not granted: a reason to install again."""
    return tuple(each for each in scopes(history=history) if each not in set(granted))


def manifest(*, history: bool = True, public_url: str | None = None) -> dict[str, Any]:
    """For Slack's “create an app from a manifest”. Without a public URL the app runs in Socket Mode."""
    url = {"url": f"{public_url}{EVENTS_PATH}"} if public_url else {}
    request = {"request_url": f"{public_url}{EVENTS_PATH}"} if public_url else {}
    verbs = " | ".join(spec.verb for spec in COMMANDS[:6])
    oauth: dict[str, Any] = {"scopes": {"bot": list(scopes(history=history))}}
    if public_url:
        oauth["redirect_urls"] = [f"{public_url}{REDIRECT_PATH}"]
    return {
        "display_information": {
            "name": "Broadsheet",
            "description": "The day's research papers, filtered for each channel",
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Broadsheet", "always_online": True},
            "shortcuts": [
                {
                    "name": "Save paper",
                    "type": "message",
                    "callback_id": SHORTCUT,
                    "description": "Save paper from this message",
                }
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Papers: search, subscribe, vote, save",
                    "usage_hint": f"help | {verbs}",
                    "should_escape": True,
                    **url,
                }
            ],
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **request},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": public_url is None,
            "token_rotation_enabled": False,
        },
    }
