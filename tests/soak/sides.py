"""The platforms of the kill soak: what is installed, where messages go, who posts them, and what stands at the end."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

from adapters.discord.messenger import DiscordMessenger
from adapters.discord.parse import workspace_of as workspace_of_guild
from adapters.slack.installations import Workspaces, workspace_of
from adapters.slack.manifest import scopes
from adapters.slack.messenger import SlackMessenger
from adapters.system import SystemClock
from adapters.vault import FernetVault
from bot.doubts import Capabilities, Timing
from bot.model import ChannelRef, Platform, WorkspaceId
from bot.pacing import Pace, Rate
from bot.ports import Messenger
from store import SqlStore
from tests.standins.discord_client import calling
from tests.standins.discord_process import DiscordStandIn, channel_id, discord_stand_in, guild_id
from tests.standins.platform_messenger import PlatformMessenger, chat_platform
from tests.standins.slack_process import TEAM, TOKEN, SlackStandIn, slack_stand_in

PACE = Pace(channel=Rate(50, timedelta(seconds=1), burst=5), platform=Rate(40, timedelta(seconds=1), burst=4))
CHANNELS = 8
TIMING = Timing(post=timedelta(seconds=0.4), quarantine=timedelta(seconds=0.7), lease=timedelta(seconds=2.2))
LONGER = Timing(post=timedelta(seconds=1.2), quarantine=timedelta(seconds=2), lease=timedelta(seconds=5))
"""For where several questions are asked before a post: discord.py asks them of one server one after the other."""
KEY = base64.urlsafe_b64encode(bytes(32)).decode()
_FORUM = 15

Wrap = Callable[[type[Any]], type[Any]]
"""Makes a messenger's class one that is watched."""


@dataclass(frozen=True)
class Opened:
    """A messenger, and how its connections are closed."""

    messenger: Messenger
    close: Callable[[], Awaitable[None]]


class PlainSide:
    """A platform of our own, which knows keys (`key`), can be asked (`readback`), or neither."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.can_be_asked = mode == "readback"
        self.may_doubt = mode == "neither"
        self.timing = TIMING
        self.workspace = WorkspaceId("local:soak")
        self.channels = [ChannelRef(Platform.LOCAL, self.workspace, f"channel-{number}") for number in range(CHANNELS)]

    @contextmanager
    def server(self) -> Iterator[str]:
        """The server that counts, in a process of its own."""
        with chat_platform("--mode", self.mode, "--late", "0.2") as url:
            yield url

    async def install(self, store: SqlStore, url: str) -> None:
        """There is nothing to install."""

    async def open(self, store: SqlStore, url: str, wrap: Wrap) -> Opened:
        """Who posts."""
        del store
        messenger = wrap(PlatformMessenger)(url, SystemClock(), mode=self.mode, pace=PACE)
        return Opened(messenger, messenger.close)

    def standing(self, url: str) -> Counter[str]:
        """How often each delivery stands in its channel."""
        with urllib.request.urlopen(f"{url}/log") as answer:  # noqa: S310 - loopback
            return Counter(f"{each['channel']}/{each['key']}" for each in json.load(answer)["standing"])


class SlackSide:
    """Slack through the real adapter and SDK, with or without the scope to read history."""

    can_be_asked = True
    timing = TIMING

    def __init__(self, *, history: bool) -> None:
        self.scopes = scopes(history=history)
        self.may_doubt = not history
        self.workspace = workspace_of(TEAM)
        self.channels = [ChannelRef(Platform.SLACK, self.workspace, f"C{number:04d}") for number in range(CHANNELS)]

    @contextmanager
    def server(self) -> Iterator[str]:
        """The server that counts."""
        with slack_stand_in("--late", "0.2", "--no-calls") as server:
            there = {ref.address: {"is_member": True} for ref in self.channels}
            server.tell("team", id=TEAM, token=TOKEN, scopes=list(self.scopes), users={}, channels=there)
            yield server.url

    def _workspaces(self, store: SqlStore, url: str) -> Workspaces:
        """Our side of the installation; every process opens it with the same key."""
        return Workspaces(store, FernetVault([KEY]), SystemClock(), api_url=f"{url}/api/")

    async def install(self, store: SqlStore, url: str) -> None:
        """As OAuth would have left it."""
        auth = {"team_id": TEAM, "team": "soak", "user_id": "U0BOT", "bot_id": "B0BOT"}
        await self._workspaces(store, url).put(token=TOKEN, auth=auth, scopes=self.scopes, by="U0ADMIN")

    async def open(self, store: SqlStore, url: str, wrap: Wrap) -> Opened:
        """Who posts."""
        workspaces = self._workspaces(store, url)
        return Opened(wrap(SlackMessenger)(workspaces, SystemClock(), pace=PACE), workspaces.close)

    def standing(self, url: str) -> Counter[str]:
        """How often each delivery stands in its channel."""
        found = SlackStandIn(url).state()["teams"][TEAM]["messages"]
        return Counter(
            f"{channel}/{each['metadata']['event_payload']['delivery_key']}"
            for channel, messages in found.items()
            for each in messages
        )


class Forgetful(DiscordMessenger):
    """One that knows how soon its platform forgets."""

    @property
    def capabilities(self) -> Capabilities:
        """A nonce holds for less than it takes to come back."""
        return Capabilities(key_holds=timedelta(seconds=0.3), can_find=True)


class DiscordSide:
    """Discord through the real adapter and discord.py: text channels, where a nonce holds, or forums without one.

    `forgets`: the nonces have run out by the time somebody comes back, so that messages are read back.
    """

    may_doubt = False

    def __init__(self, *, forum: bool = False, forgets: bool = False) -> None:
        self.can_be_asked = self.forgets = forgets
        self.kind = _FORUM if forum else 0
        self.timing = LONGER if forum else TIMING
        self.workspace = workspace_of_guild(guild_id())
        addresses = [channel_id(number) for number in range(1, CHANNELS + 1)]
        self.channels = [ChannelRef(Platform.DISCORD, self.workspace, each) for each in addresses]

    @contextmanager
    def server(self) -> Iterator[str]:
        """The server that counts."""
        window = ("--nonce-window", "0.5") if self.forgets else ()
        with discord_stand_in("--late", "0.2", "--no-calls", *window) as server:
            given = {ref.address: {"name": f"papers-{ref.address}", "type": self.kind} for ref in self.channels}
            server.tell("guild", id=guild_id(), channels=given)
            yield server.url

    @property
    def _messenger(self) -> type[DiscordMessenger]:
        return Forgetful if self.forgets else DiscordMessenger

    async def install(self, store: SqlStore, url: str) -> None:
        """There is nothing to install."""

    async def open(self, store: SqlStore, url: str, wrap: Wrap) -> Opened:
        """Who posts; logged in already, so that a kill in mid-post is one."""
        del store
        server = DiscordStandIn(url)
        ours = calling(server.api_url, SystemClock(), messenger=wrap(self._messenger), pace=PACE)
        await ours.rest.open()
        return Opened(ours.messenger, ours.close)

    def standing(self, url: str) -> Counter[str]:
        """How often each delivery stands in its channel, by the key in its first address."""
        state = DiscordStandIn(url).state()
        parents = {each["id"]: each.get("parent_id") for each in state["channels"].values() if each["kind"] == "thread"}
        return Counter(
            f"{parents.get(channel, channel)}/{urldefrag(each['embeds'][0]['url']).fragment}"
            for channel, messages in state["messages"].items()
            for each in messages
        )


Side = PlainSide | SlackSide | DiscordSide
SIDES: dict[str, Side] = {
    "key": PlainSide("key"),
    "readback": PlainSide("readback"),
    "neither": PlainSide("neither"),
    "slack": SlackSide(history=True),
    "slackblind": SlackSide(history=False),
    "discord": DiscordSide(),
    "discordread": DiscordSide(forgets=True),
    "discordforum": DiscordSide(forum=True),
}
