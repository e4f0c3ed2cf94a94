"""App Home: a member's channels with their subscriptions, what they saved, and what the app was not granted."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from adapters.slack.directory import Directory
from adapters.slack.installations import NoAnswer, NotInstalled, Workspaces, workspace_of
from adapters.slack.manifest import SCOPES, missing
from adapters.slack.views import home
from bot.compose.home import home_sections
from bot.document import Actions, Block, Link, Note, Tone
from bot.model import ChannelRef
from bot.services.home import Home
from bot.settings import Settings

_log = structlog.get_logger(__name__)
_MOST_CHANNELS = 1_000


class HomeTab:
    """Draws the tab anew."""

    def __init__(
        self, workspaces: Workspaces, directory: Directory, homes: Home, settings: Settings, install_url: str
    ) -> None:
        self._workspaces = workspaces
        self._directory = directory
        self._homes = homes
        self._history = settings.slack_history
        self._install_url = install_url

    async def __call__(self, team: str, user: str) -> None:
        """Somebody opened it, or did something there. Raises NotInstalled, NoAnswer."""
        workspace = workspace_of(team)
        member = await self._directory.member(workspace, user)
        addresses = {await self._directory.direct(workspace, user), *await self._channels_of(team, user)}
        granted = (await self._workspaces.access(workspace)).installation.scopes
        sections = [*self._lacking(granted), *home_sections(await self._homes.of(member, addresses))]
        answer = await self._workspaces.insist(workspace, "views.publish", user_id=user, view=home(sections))
        if not answer.ok:
            _log.warning("Slack refused", method="views.publish", code=answer.code)

    def _lacking(self, granted: Sequence[str]) -> list[tuple[ChannelRef | None, Sequence[Block]]]:
        """A prompt to install again, where a newer version asks for more than was granted."""
        lacking = missing(granted, history=self._history)
        if not lacking:
            return []
        needed = [each for each in lacking if each in SCOPES]
        text = (
            f"Something will not work until the app is installed again: it was not granted {', '.join(needed)}."
            if needed
            else "Whether a message arrived cannot be looked up when a connection breaks: the app was not granted "
            f"{', '.join(lacking)}. /papers status says what is done then; installing the app again grants it."
        )
        blocks: list[Block] = [Note(text, Tone.WARNING)]
        if self._install_url:
            blocks.append(Actions((Link("Install again", self._install_url),)))
        return [(None, blocks)]

    async def _channels_of(self, team: str, user: str) -> list[str]:
        """Where a member is; none where Slack does not tell."""
        try:
            answer = await self._workspaces.insist(
                workspace_of(team),
                "users.conversations",
                user=user,
                limit=_MOST_CHANNELS,
                types="public_channel,private_channel",
                exclude_archived=True,
            )
        except (NoAnswer, NotInstalled):
            return []
        return [str(each["id"]) for each in answer.data.get("channels", ())] if answer.ok else []
