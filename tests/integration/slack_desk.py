"""Slack's side of a running bot, with a core that only counts: what members and Slack send to it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

from adapters.slack.app import SlackSide
from adapters.slack.installations import Workspaces
from adapters.vault import FernetVault, new_key
from adapters.web.server import WebServer
from bot.compose.replies import reply
from bot.document import FormPreview, Note
from bot.settings import Settings
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryStore
from tests.standins.slack_process import SECRET, TEAM, TOKEN, signed

NOW = 1_790_000_000
WHEN = datetime.fromtimestamp(NOW, UTC)
COMMAND = {
    "team_id": TEAM,
    "channel_id": "C0001",
    "channel_name": "papers",
    "user_id": "U0MEMBER",
    "command": "/papers",
    "text": "help",
}


class TroubledStore(MemoryStore):
    """A store that hangs, or breaks, when a test says so."""

    trouble = None

    @asynccontextmanager
    async def read(self):
        if self.trouble:
            await self.trouble()
        async with super().read() as tx:
            yield tx

    @asynccontextmanager
    async def write(self):
        if self.trouble:
            await self.trouble()
        async with super().write() as tx:
            yield tx


class Listening:
    """A core that counts what reaches it."""

    def __init__(self):
        self.asked = []
        self.previews = []
        self.busy = None
        """What happens while a command is answered."""
        self.answer = reply(Note("Here it is."))

    async def __call__(self, caller, text):
        self.asked.append((caller, text))
        if self.busy:
            await self.busy()
        return self.answer

    async def preview(self, *_form):
        return self.previews.pop(0) if self.previews else FormPreview((), {})

    async def submit(self, caller, verb, _values):
        self.asked.append((caller, verb))
        return self.answer


@asynccontextmanager
async def serving(server, clock=None, *, granted=("chat:write",)):
    """Our web server with Slack's routes, two workspaces installed; yields its URL and the core."""
    clock = clock or FrozenClock(WHEN)
    settings = Settings(
        slack_client_id="1.2",
        slack_client_secret="client-secret",
        slack_signing_secret=SECRET,
        slack_api_url=server.api_url,
        public_url="http://127.0.0.1",
    )
    store, core = TroubledStore(), Listening()
    vault = FernetVault([new_key()])
    workspaces = Workspaces(store, vault, clock, api_url=server.api_url)
    for team, token in ((TEAM, TOKEN), ("T0002", "xoxb-canary-0002")):
        auth = {"team_id": team, "team": "The lab", "user_id": "U0BOT", "bot_id": "B0BOT"}
        await workspaces.put(token=token, auth=auth, scopes=granted, by="U0ADMIN")
    side = SlackSide(settings, clock, store, workspaces)
    web = WebServer(
        side.routes(core), host="127.0.0.1", port=0, token="a-token-of-the-page", open_prefixes=("/slack/",)
    )
    await web.start()
    try:
        yield web.url, core, side, store
    finally:
        await side.stop()
        await side.close()
        await web.stop()


async def command(session, url, server, **changes):
    trigger = await asyncio.to_thread(server.tell, "trigger", team=TEAM)
    fields = {**COMMAND, "trigger_id": trigger["trigger_id"], "response_url": trigger["response_url"], **changes}
    body = urlencode(fields).encode()
    async with session.post(f"{url}slack/events", data=body, headers=signed(body, NOW)) as answer:
        return answer.status, await answer.text(), trigger["response"]


async def event(session, url, headers=None, **told):
    body = json.dumps({"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{told}", "event": told}).encode()
    sealed = {**signed(body, NOW, content="application/json"), **(headers or {})}
    async with session.post(f"{url}slack/events", data=body, headers=sealed) as answer:
        return answer.status


async def interact(session, url, **payload):
    """A click, a shortcut, or a form."""
    asked = {"team": {"id": TEAM}, "user": {"id": "U0MEMBER", "username": "ben", "team_id": TEAM}, **payload}
    body = urlencode({"payload": json.dumps(asked)}).encode()
    async with session.post(f"{url}slack/events", data=body, headers=signed(body, NOW)) as answer:
        return answer.status, await answer.text()
