"""What Slack tells of workspaces and channels: uninstalled, revoked, archived, renamed, deleted, removed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from adapters.slack.directory import Directory
from adapters.slack.installations import NotInstalled, Workspaces, workspace_of
from bot.model import ChannelRef, Platform
from bot.services.reachability import Reachability

_log = structlog.get_logger(__name__)
ARCHIVED = "the channel was archived"
REMOVED = "the bot was removed from the channel"


class Lifecycle:
    """Carries out what an event means. Every event may come twice."""

    def __init__(self, workspaces: Workspaces, directory: Directory, reachability: Reachability) -> None:
        self._workspaces = workspaces
        self._directory = directory
        self._reachability = reachability

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        """One event."""
        event = payload.get("event") or {}
        kind, workspace = str(event.get("type", "")), workspace_of(str(payload.get("team_id", "")))
        if kind == "app_uninstalled":
            _log.info("Slack workspace uninstalled the app", workspace=workspace)
            self._directory.forget(workspace)
            self._workspaces.dropped(workspace)
            await self._reachability.left(workspace)
            return
        if kind == "tokens_revoked":
            if (event.get("tokens") or {}).get("bot"):
                await self._workspaces.forget(workspace)
            return
        channel = event.get("channel")
        address = str(channel.get("id", "")) if isinstance(channel, dict) else str(channel or "")
        name = str(channel.get("name", "")) if isinstance(channel, dict) else ""
        await self._channel(kind, ChannelRef(Platform.SLACK, workspace, address), name, str(event.get("user", "")))

    async def _channel(self, kind: str, ref: ChannelRef, name: str, user: str) -> None:
        match kind.partition("_")[2]:
            case "archive":
                await self._reachability.lost(ref, ARCHIVED)
            case "unarchive":
                await self._reachability.regained(ref, ARCHIVED)
            case "left":
                await self._reachability.lost(ref, REMOVED)
            case "joined_channel":
                if user == await self._bot_of(ref):
                    await self._reachability.regained(ref, REMOVED)
            case "deleted":
                self._directory.forget_channel(ref)
                await self._reachability.gone(ref)
            case "rename" if name:
                self._directory.forget_channel(ref)
                await self._reachability.renamed(ref, name)
            case _:
                _log.debug("an event that means nothing to us", kind=kind)

    async def _bot_of(self, ref: ChannelRef) -> str:
        try:
            return (await self._workspaces.access(ref.workspace)).installation.bot_user
        except NotInstalled:
            return ""
