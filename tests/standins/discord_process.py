"""The Discord stand-in in a process of its own, and what tests say to it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TOKEN = "standin.discord.canary-0001"
APP = "1000000000000000512"
BASE = 1_100_000_000_000_000_000


def guild_id(number: int = 1) -> str:
    """The id of the guild with this number; neighbours fall on neighbouring shards."""
    return str(BASE + (number << 22))


def channel_id(number: int, guild: int = 1) -> str:
    """The id of a channel of a guild."""
    return str(int(guild_id(guild)) + number)


GUILD = guild_id()
PAPERS, ROBOTS, NEWS, FORUM, TAGGED = (channel_id(number) for number in range(1, 6))
READERS, TAG_CS, TAG_BIO = (channel_id(number) for number in (101, 111, 112))
ADMIN, MEMBER = "2000000000000000001", "2000000000000000002"
MEMBERS = {ADMIN: {"name": "ada", "permissions": ["ADMINISTRATOR"]}, MEMBER: {"name": "ben"}}
TAGS = [{"id": TAG_CS, "name": "Computer science"}, {"id": TAG_BIO, "name": "Biology"}]
CHANNELS = {
    PAPERS: {"name": "papers"},
    ROBOTS: {"name": "robots"},
    NEWS: {"name": "news", "type": 5},
    FORUM: {"name": "reading-group", "type": 15, "available_tags": TAGS},
    TAGGED: {"name": "sorted", "type": 15, "available_tags": TAGS, "flags": 1 << 4},
}


class NotPossible(Exception):
    """A person could not have done this in Discord: no such command, no such button, a value out of range."""


@dataclass(frozen=True)
class DiscordStandIn:
    """What tests say to the stand-in; every call blocks for a moment."""

    url: str

    @property
    def api_url(self) -> str:
        """What `BROADSHEET_DISCORD_API_URL` is set to."""
        return f"{self.url}/api/v10"

    def tell(self, path: str, /, **body: Any) -> dict[str, Any]:
        """POST to `/_/path`."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/_/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            found: dict[str, Any] = _read(request)
        except urllib.error.HTTPError as error:
            with error:
                told = error.read().decode()
            raise (NotPossible(json.loads(told)["error"]) if error.code == 409 else AssertionError(told)) from None
        return found

    def ask(self, path: str) -> Any:
        """GET `/_/path`."""
        return _read(f"{self.url}/_/{path}")

    def state(self, *, calls: bool = False) -> dict[str, Any]:
        """Everything that stands."""
        found: dict[str, Any] = self.ask("state?calls=1" if calls else "state")
        return found

    def guild(self, number: int = 1, *, channels: int = 0, **more: Any) -> str:
        """A guild with an admin, a member, a role and five channels; or with as many text channels as are asked for."""
        given = {channel_id(each, number): {"name": f"papers-{each}"} for each in range(1, channels + 1)}
        if not channels:
            given = (
                CHANNELS
                if number == 1
                else {channel_id(each, number): CHANNELS[channel_id(each)] for each in range(1, 6)}
            )
        roles = {channel_id(101, number): {"name": "Readers"}}
        self.tell("guild", **{"id": guild_id(number), "members": MEMBERS, "roles": roles, "channels": given, **more})
        return guild_id(number)

    def messages(self, channel: str = PAPERS) -> list[dict[str, Any]]:
        """What stands in a channel or thread, oldest first, with nonces."""
        found: list[dict[str, Any]] = self.ask(f"messages?channel={channel}")
        return found

    def threads(self, channel: str = PAPERS) -> list[dict[str, Any]]:
        """The threads or posts below a channel, oldest first."""
        kept = self.state()["channels"].values()
        return [each for each in kept if each["kind"] == "thread" and each["parent_id"] == channel]

    def interact(self, kind: str = "command", *, user: str = MEMBER, **more: Any) -> dict[str, Any]:
        """Act as a person and wait for the answer. In PAPERS, unless a channel, message or modal says where.

        `interact(path="papers subscribe", options={"topic": "nlp"})`, `interact("autocomplete", path=…, options=…,
        focused="topic")`, `interact("component", message=…, custom_id=…, values=[…])`, `interact("modal", modal=<id of
        the interaction that opened it>, fields={…})`, `interact("message command", path="Save paper", target=…)`;
        `direct=True` in a direct message, `install="user"` for an app that the person installed.
        """
        if not more.pop("direct", False) and not {"channel", "message", "modal"} & set(more):
            more["channel"] = PAPERS
        return self.tell("interact", kind=kind, user=user, **more)

    def interaction(self, id_: str) -> dict[str, Any]:
        """What became of it: `response`, `original`, `followups`."""
        found: dict[str, Any] = self.ask(f"interaction?id={id_}")
        return found


def _read(request: urllib.request.Request | str) -> Any:
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - loopback
        return json.load(answer)


@contextmanager
def discord_stand_in(*options: str) -> Iterator[DiscordStandIn]:
    """A stand-in that ends with the block."""
    command = [sys.executable, "-m", "tests.standins.discord", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        try:
            assert process.stdout is not None
            yield DiscordStandIn(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()
