"""The Slack stand-in in a process of its own, and what tests say to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adapters.slack.installations import Workspaces, workspace_of
from adapters.slack.manifest import scopes
from adapters.vault import FernetVault, new_key
from bot.model import ChannelRef, Platform
from bot.ports import Clock, Store

TEAM, TOKEN, SECRET = "T0001", "xoxb-canary-0001", "test-signing-secret-0123456789abcdef"
USERS = {
    "U0ADMIN": {"is_admin": True, "profile": {"display_name": "Ada"}},
    "U0MEMBER": {"profile": {"display_name": "Ben"}},
}
CHANNELS = {"C0001": {"name": "papers"}, "C0002": {"name": "robots"}, "G0001": {"name": "secret", "is_private": True}}


@dataclass(frozen=True)
class SlackStandIn:
    """What tests say to the stand-in; every call blocks for a moment."""

    url: str

    @property
    def api_url(self) -> str:
        """What `BROADSHEET_SLACK_API_URL` is set to."""
        return f"{self.url}/api/"

    def tell(self, path: str, **body: Any) -> dict[str, Any]:
        """POST to `/_/path`."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/_/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def state(self, *, calls: bool = False) -> dict[str, Any]:
        """Everything that stands."""
        with urllib.request.urlopen(f"{self.url}/_/state{'?calls=1' if calls else ''}") as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found

    def team(self, *, history: bool = True, installed: bool = True, team: str = TEAM, token: str = TOKEN) -> None:
        """A workspace with an admin, a member and three channels."""
        granted = list(scopes(history=history))
        self.tell("team", id=team, token=token, scopes=granted, users=USERS, channels=CHANNELS, installed=installed)

    def messages(self, channel: str = "C0001", team: str = TEAM) -> list[dict[str, Any]]:
        """What stands in a channel, oldest first."""
        found: list[dict[str, Any]] = self.state()["teams"][team]["messages"].get(channel, [])
        return found


@contextmanager
def slack_stand_in(*options: str) -> Iterator[SlackStandIn]:
    """A stand-in that ends with the block."""
    command = [sys.executable, "-m", "tests.standins.slack", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        try:
            assert process.stdout is not None
            yield SlackStandIn(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


async def installed(  # noqa: PLR0913 - what an installation is made of
    server: SlackStandIn, store: Store, clock: Clock, *, history: bool = True, team: str = TEAM, token: str = TOKEN
) -> Workspaces:
    """Our side of an installation, as OAuth would have left it."""
    workspaces = Workspaces(store, FernetVault([new_key()]), clock, api_url=server.api_url)
    auth = {"team_id": team, "team": "The lab", "user_id": "U0BOT", "bot_id": "B0BOT"}
    await workspaces.put(token=token, auth=auth, scopes=scopes(history=history), by="U0ADMIN")
    return workspaces


def channel_ref(address: str = "C0001", team: str = TEAM) -> ChannelRef:
    """A channel of the stand-in."""
    return ChannelRef(Platform.SLACK, workspace_of(team), address)


def signed(
    body: bytes, at: float, secret: str = SECRET, content: str = "application/x-www-form-urlencoded"
) -> Mapping[str, str]:
    """The headers with which Slack would send this body at this instant."""
    stamp = str(int(at))
    seal = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={seal}", "Content-Type": content}
