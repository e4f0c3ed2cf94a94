"""The bot's process beside the Slack stand-in's, and what members do in Slack."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from adapters.system import SystemClock
from tests.standins.slack_process import SECRET, TEAM, SlackStandIn, signed, slack_stand_in

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"
PATIENCE = 30.0  # seconds


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def bot(data: Path, port: int, settings: dict[str, str]):
    """`broadsheet run` in a process of its own."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "BROADSHEET_DATA_DIR": str(data),
        "BROADSHEET_HF_URL": NOWHERE,
        "BROADSHEET_ARXIV_API_URL": NOWHERE,
        "BROADSHEET_ARXIV_FEED_URL": NOWHERE,
        "BROADSHEET_PORT": str(port),
        **settings,
    }
    log = (data.parent / "log").open("ab")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=data.parent, env=environ, stdout=asyncio.subprocess.PIPE, stderr=log
    )
    try:
        async with asyncio.timeout(PATIENCE):
            line = (await process.stdout.readline()).decode()
        assert re.search(r"http://\S+", line), (data.parent / "log").read_text()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()
        log.close()


class House:
    """A workspace with its members; `say` and the others do what they would do in Slack."""

    def __init__(self, server: SlackStandIn, session: aiohttp.ClientSession, url: str = "") -> None:
        self.server = server
        self.session = session
        self.url = url
        """The bot's address; empty: Socket Mode."""
        self._number = 0

    async def tell(self, path: str, **body: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.server.tell, path, **body)

    async def state(self, *, calls: bool = False) -> dict[str, Any]:
        return await asyncio.to_thread(self.server.state, calls=calls)

    async def install(self) -> tuple[int, str, str, dict[str, str]]:
        """Over OAuth, as an admin does; gives the last page, its address, and the browser's cookies."""
        async with self.session.get(f"{self.url}/slack/install") as answer:
            page, cookies = await answer.text(), answer.cookies
        [link] = re.findall(r'class="button" href="([^"]+)"', page)
        async with self.session.get(link.replace("&amp;", "&"), allow_redirects=False) as answer:
            back = answer.headers["Location"]
        cookie = {name: morsel.value for name, morsel in cookies.items()}
        async with self.session.get(back, cookies=cookie) as answer:
            return answer.status, await answer.text(), back, cookie

    async def send(self, kind: str, payload: dict[str, Any]) -> dict[str, Any] | None:
        """Down the socket, or signed over HTTP; what the bot answered at once."""
        if not self.url:
            answer = await self.tell("envelope", type=kind, payload=payload)
            assert answer["acknowledged"]
            return answer["payload"]
        content = "application/x-www-form-urlencoded"
        if kind == "slash_commands":
            body = urlencode(payload).encode()
        elif kind == "interactive":
            body = urlencode({"payload": json.dumps(payload)}).encode()
        else:
            body, content = json.dumps(payload).encode(), "application/json"
        now = SystemClock().now().timestamp()
        headers = signed(body, now, SECRET, content)
        began = time.monotonic()
        async with self.session.post(f"{self.url}/slack/events", data=body, headers=headers) as answer:
            text = await answer.text()
            assert answer.status == 200, text
        assert time.monotonic() - began < 3
        return json.loads(text) if text else None

    async def say(self, text: str, user: str = "U0ADMIN", channel: str = "C0001") -> str:
        """`/papers text`; gives the id of the `response_url`."""
        trigger = await self.tell("trigger", team=TEAM)
        payload = {
            "command": "/papers",
            "text": text,
            "team_id": TEAM,
            "user_id": user,
            "user_name": "x",
            "channel_id": channel,
            "channel_name": "papers",
            "trigger_id": trigger["trigger_id"],
            "response_url": trigger["response_url"],
        }
        await self.send("slash_commands", payload)
        return trigger["response"]

    async def click(self, value: str, user: str = "U0ADMIN", channel: str = "C0001", **more: Any) -> str:
        """A button or a choice."""
        trigger = await self.tell("trigger", team=TEAM)
        action = {"action_id": "run:0", "type": "button", "value": value, **more.pop("action", {})}
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "username": "x", "team_id": TEAM},
            "channel": {"id": channel, "name": "papers"},
            "container": {"type": "message", "channel_id": channel},
            "trigger_id": trigger["trigger_id"],
            "response_url": trigger["response_url"],
            "actions": [action],
            **more,
        }
        await self.send("interactive", payload)
        return trigger["response"]

    async def submit(
        self, view: dict[str, Any], values: dict[str, str], user: str = "U0ADMIN"
    ) -> dict[str, Any] | None:
        """Send a form that stands open."""
        state = {
            f"field:{name}": {"typed": {"type": "plain_text_input", "value": value}} for name, value in values.items()
        }
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user, "username": "x", "team_id": TEAM},
            "view": {**view, "state": {"values": state}},
        }
        return await self.send("interactive", payload)

    async def event(self, **told: Any) -> None:
        """An event."""
        self._number += 1
        payload = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{self._number}", "event": told}
        await self.send("events_api", payload)

    async def replies(self, response: str, count: int = 1) -> list[dict[str, Any]]:
        """What came to a `response_url`."""

        def found(state: dict[str, Any]) -> list[dict[str, Any]] | None:
            bodies = state["responses"].get(response, {}).get("bodies", [])
            return bodies if len(bodies) >= count else None

        return await self.until(found)

    async def until(self, look: Any) -> Any:
        """The first thing that `look` finds in the stand-in's state."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := look(await self.state()):
                return found
            await asyncio.sleep(0.1)
        raise AssertionError("it did not happen in time")

    def in_channel(self, state: dict[str, Any], channel: str = "C0001") -> list[dict[str, Any]]:
        """What stands in a channel."""
        return state["teams"][TEAM]["messages"].get(channel, [])


@asynccontextmanager
async def slack_house(tmp_path: Path, *, socket_mode: bool, team: dict[str, Any] | None = None):
    """Both processes; yields the house and the bot's process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with slack_stand_in() as server:
        server.team(**(team or {}))
        settings = {"BROADSHEET_SLACK_API_URL": server.api_url}
        if socket_mode:
            settings |= {"BROADSHEET_SLACK_BOT_TOKEN": "xoxb-canary-0001", "BROADSHEET_SLACK_APP_TOKEN": "xapp-canary"}
        else:
            settings |= {
                "BROADSHEET_SLACK_CLIENT_ID": "1.2",
                "BROADSHEET_SLACK_CLIENT_SECRET": "client-secret",
                "BROADSHEET_SLACK_SIGNING_SECRET": SECRET,
                "BROADSHEET_PUBLIC_URL": url,
            }
        async with aiohttp.ClientSession() as session, bot(tmp_path / "data", port, settings) as process:
            house = House(server, session, "" if socket_mode else url)
            yield house, process
