"""Slack in a process of its own: the Web API, OAuth, Socket Mode, `response_url`s, and a hand to move its members.

    python -m tests.standins.slack [--pace SECONDS] [--late SECONDS] [--no-calls]

It prints its port and serves until it is killed. Everything under `/_/` is for tests: what stands, what was called, and
what goes wrong next: `{"method": "chat.postMessage", "status": 429, "headers": {"Retry-After": "1"}}`, `"lands": true`
with `"cut": true` or `"hang": 5`, or `"error": "internal_error"`; with `"skip": 1` after one call that goes well.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import secrets
import time
from collections import deque
from typing import Any
from urllib.parse import urlencode

from aiohttp import WSMsgType, web

from tests.standins.slack_state import Refused, SlackState, Team

_RESPONSES = 5


class SlackServer:
    """The routes over a SlackState."""

    def __init__(self, state: SlackState, *, late: float = 0.0) -> None:
        self.state = state
        self.late = late
        self.port = 0
        self.sockets: list[web.WebSocketResponse] = []
        self.unacknowledged: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, Any] = {}
        self.refuse_sockets = 0
        self.fewest = 1
        """How many sockets were open when there were the fewest, after the first."""
        self._number = itertools.count(1)

    def app(self) -> web.Application:
        """The routes."""
        made = web.Application(client_max_size=2_000_000)
        made.router.add_route("*", "/api/{method}", self.api)
        made.router.add_get("/oauth/v2/authorize", self.authorize)
        made.router.add_get("/link", self.link)
        made.router.add_post("/response/{id}", self.respond)
        made.router.add_post("/_/team", self.make_team)
        made.router.add_post("/_/fault", self.fault)
        made.router.add_post("/_/envelope", self.envelope)
        made.router.add_post("/_/sockets", self.control_sockets)
        made.router.add_post("/_/trigger", self.trigger)
        made.router.add_post("/_/change", self.change)
        made.router.add_get("/_/state", self.show)
        return made

    # --- the Web API ---

    async def api(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        method = request.match_info["method"]
        body = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(body.pop("token", ""))
        fault = self._next_fault(method)
        if fault is not None and not fault.get("lands"):
            return self._failed(request, method, body, fault)
        if self.late and random.random() < 0.2:  # noqa: S311 - some requests take their time
            await asyncio.shield(asyncio.sleep(random.uniform(0, self.late)))  # noqa: S311
        status, answer, headers = 200, {}, {}
        try:
            answer = {"ok": True, **self.answer(method, token, body)}
            if method == "auth.test":
                headers["x-oauth-scopes"] = ",".join(sorted(self.state.of_token(token).scopes))
        except Refused as error:
            answer = dict(error.answer)
            status = int(answer.pop("http", 200))
            if "wait" in answer:
                headers["Retry-After"] = str(answer.pop("wait"))
        self._note(method, body, status, answer)
        if fault is not None and fault.get("cut"):
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        if fault is not None and fault.get("hang"):
            await asyncio.sleep(float(fault["hang"]))
        if fault is not None:
            return self._failed(request, method, body, fault)
        return web.json_response(answer, status=status, headers=headers)

    def answer(self, method: str, token: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one a method
        """What a method gives. Raises Refused."""
        state, now = self.state, time.monotonic()
        if method == "oauth.v2.access":
            return self._exchange(body)
        if method == "apps.connections.open":
            return {"url": f"ws://127.0.0.1:{self.port}/link?ticket={secrets.token_hex(8)}"}
        team = state.of_token(token)
        match method:
            case "auth.test":
                return {"team_id": team.id, "team": team.id, "user_id": "U0BOT", "bot_id": "B0BOT"}
            case "chat.postMessage":
                return state.post(team, body, now=now)
            case "chat.update":
                return state.update(team, body)
            case "chat.postEphemeral":
                return state.ephemeral(team, body)
            case "conversations.history":
                return state.history(team, body, replies=False)
            case "conversations.replies":
                return state.history(team, body, replies=True)
            case "conversations.join":
                channel = team.channel(str(body.get("channel")))
                if not channel["id"].startswith("C") or channel.get("is_private"):
                    raise Refused("method_not_supported_for_channel_type")
                channel["is_member"] = True
                return {"channel": _public(channel)}
            case "conversations.info":
                return {"channel": _public(team.channel(str(body.get("channel"))))}
            case "conversations.open":
                return {"channel": {"id": team.direct(str(body.get("users")))}}
            case "users.info":
                user = team.users.get(str(body.get("user")))
                if user is None:
                    raise Refused("user_not_found")
                return {"user": user}
            case "users.conversations":
                user = body.get("user")
                theirs = [_public(each) for each in team.channels.values() if user in each.get("members", ())]
                return {"channels": [each for each in theirs if not each.get("is_im")]}
            case "views.open" | "views.update" | "views.publish":
                return state.view(team, method, body, now=now)
            case _:
                raise Refused("unknown_method", req_method=method)

    def _next_fault(self, method: str) -> dict[str, Any] | None:
        waiting = self.state.faults.get(method)
        if not waiting:
            return None
        if waiting[0].get("skip"):
            waiting[0] = {**waiting[0], "skip": waiting[0]["skip"] - 1}
            return None
        return waiting.popleft()

    def _failed(self, request: web.Request, method: str, body: dict[str, Any], fault: dict[str, Any]) -> web.Response:
        if fault.get("cut"):
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        answer = {"ok": False, "error": fault.get("error", "ratelimited")}
        self._note(method, body, fault.get("status", 200), answer)
        return web.json_response(answer, status=fault.get("status", 200), headers=fault.get("headers"))

    def _note(self, method: str, body: dict[str, Any], status: int, answer: dict[str, Any]) -> None:
        if self.state.keep_calls:
            call = {
                "method": method,
                "body": body,
                "status": status,
                "error": answer.get("error"),
                "at": time.monotonic(),
            }
            self.state.calls.append(call)

    # --- OAuth ---

    async def authorize(self, request: web.Request) -> web.Response:
        """The page on which an admin clicks “Allow”: it has clicked already."""
        query = request.query
        code = secrets.token_hex(8)
        self.state.codes[code] = query["scope"]
        back = urlencode({"code": code, "state": query["state"]})
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{back}"})

    def _exchange(self, body: dict[str, Any]) -> dict[str, Any]:
        scope = self.state.codes.pop(str(body.get("code")), None)
        if scope is None or body.get("client_secret") != "client-secret":
            raise Refused("invalid_code" if scope is None else "bad_client_secret")
        team = next(iter(self.state.teams.values()))
        team.installed, team.scopes = True, set(scope.split(","))
        return {
            "access_token": team.token,
            "token_type": "bot",
            "scope": scope,
            "bot_user_id": "U0BOT",
            "team": {"id": team.id, "name": "The lab"},
            "authed_user": {"id": "U0ADMIN"},
        }

    # --- Socket Mode ---

    async def link(self, request: web.Request) -> web.StreamResponse:
        """One connection: `hello`, then envelopes; what was not acknowledged on another one comes again."""
        if self.refuse_sockets > 0:
            self.refuse_sockets -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        for envelope in list(self.unacknowledged.values()):
            again = {**envelope, "retry_attempt": envelope.get("retry_attempt", 0) + 1, "retry_reason": "timeout"}
            await socket.send_json(again)
        self.sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                told = json.loads(message.data)
                self.acknowledged[told["envelope_id"]] = told.get("payload")
                self.unacknowledged.pop(told["envelope_id"], None)
        if socket in self.sockets:
            self.sockets.remove(socket)
        self.fewest = min(self.fewest, len(self.sockets))
        return socket

    async def envelope(self, request: web.Request) -> web.Response:
        """Send a payload down a socket, and wait a while for its acknowledgement."""
        asked = await request.json()
        id_ = asked.get("id") or f"E{next(self._number)}"
        envelope = {
            "envelope_id": id_,
            "type": asked["type"],
            "payload": asked["payload"],
            "accepts_response_payload": True,
        }
        self.unacknowledged[id_] = envelope
        for _ in range(asked.get("times", 1)):
            if self.sockets:
                await self.sockets[-1].send_json(envelope)
        until = time.monotonic() + asked.get("wait", 3)
        while id_ in self.unacknowledged and time.monotonic() < until:  # noqa: ASYNC110 - it watches a dict
            await asyncio.sleep(0.01)
        return web.json_response({"acknowledged": id_ in self.acknowledged, "payload": self.acknowledged.get(id_)})

    async def control_sockets(self, request: web.Request) -> web.Response:
        """`{"disconnect": "warning"}`, `{"cut": true}`, `{"refuse": 2}`; answers how many are open, and were."""
        asked = await request.json()
        self.refuse_sockets += asked.get("refuse", 0)
        for socket in list(self.sockets):
            if "disconnect" in asked:
                await socket.send_json({"type": "disconnect", "reason": asked["disconnect"]})
            if asked.get("cut") and (transport := socket._req and socket._req.transport):
                transport.abort()
        return web.json_response({"open": len(self.sockets), "fewest": self.fewest})

    # --- for members, and for tests ---

    async def respond(self, request: web.Request) -> web.Response:
        """A `response_url`: five times."""
        kept = self.state.responses.setdefault(request.match_info["id"], {"used": 0, "bodies": []})
        body = await request.json()
        if kept["used"] >= _RESPONSES:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        if body.get("blocks") and self.state.checked(body["blocks"], "blocks"):
            return web.json_response({"ok": False, "error": "invalid_blocks"}, status=400)
        kept["used"] += 1
        kept["bodies"].append(body)
        return web.json_response({"ok": True})

    async def make_team(self, request: web.Request) -> web.Response:
        """`{"id", "token", "scopes", "users": {...}, "channels": {...}}`"""
        asked = await request.json()
        team = Team(asked["id"], asked["token"], set(asked["scopes"]), asked.get("installed", True))
        for id_, more in asked.get("users", {}).items():
            team.users[id_] = {"id": id_, "name": id_.lower(), "tz": "Europe/Berlin", "profile": {}, **more}
        for id_, more in asked.get("channels", {}).items():
            team.channels[id_] = {
                "id": id_,
                "name": id_.lower(),
                "is_member": False,
                "members": list(team.users),
                **more,
            }
        self.state.teams[team.id] = team
        return web.json_response({})

    async def change(self, request: web.Request) -> web.Response:
        """`{"team", "installed": false}` or `{"team", "channel", "is_archived": true}`"""
        asked = await request.json()
        team = self.state.teams[asked.pop("team")]
        if "channel" in asked:
            team.channels[asked.pop("channel")].update(asked)
        else:
            team.installed = asked["installed"]
        return web.json_response({})

    async def trigger(self, request: web.Request) -> web.Response:
        """A fresh trigger and a fresh `response_url`."""
        team = self.state.teams[(await request.json())["team"]]
        trigger, response = f"T{next(self._number)}", f"R{next(self._number)}"
        team.triggers[trigger] = time.monotonic()
        url = f"http://127.0.0.1:{self.port}/response/{response}"
        return web.json_response({"trigger_id": trigger, "response_url": url, "response": response})

    async def fault(self, request: web.Request) -> web.Response:
        """What goes wrong next with a method."""
        asked = await request.json()
        self.state.faults.setdefault(asked["method"], deque()).extend([asked] * asked.get("times", 1))
        return web.json_response({})

    async def show(self, request: web.Request) -> web.Response:
        """Everything that stands."""
        teams = {
            team.id: {
                "messages": team.messages,
                "ephemeral": team.ephemeral,
                "views": team.views,
                "homes": team.homes,
                "channels": {id_: _public(each) for id_, each in team.channels.items()},
                "installed": team.installed,
            }
            for team in self.state.teams.values()
        }
        calls = self.state.calls if "calls" in request.query else []
        return web.json_response(
            {
                "teams": teams,
                "calls": calls,
                "responses": self.state.responses,
                "problems": self.state.problems,
                "sockets": len(self.sockets),
            }
        )


def _public(channel: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in channel.items() if name != "members"}


async def _arguments(request: web.Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        found |= json.loads(await request.text() or "{}")
    else:
        found |= dict(await request.post())
    for name in ("blocks", "view", "metadata"):
        if isinstance(found.get(name), str):
            found[name] = json.loads(found[name])
    return found


async def serve(server: SlackServer, port: int = 0) -> web.AppRunner:
    """Listen on loopback."""
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    server.port = int(runner.addresses[0][1])
    return runner


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pace", type=float, default=0.0, help="Seconds between two messages of a channel.")
    parser.add_argument("--late", type=float, default=0.0, help="Seconds that some calls take, at the most.")
    parser.add_argument("--at", type=float, default=0.0, help="The instant at which its clock begins, since 1970.")
    parser.add_argument("--lax", action="store_true", help="Do not look at blocks.")
    parser.add_argument("--no-calls", action="store_true", help="Keep no list of calls.")
    asked = parser.parse_args()

    async def run() -> None:
        server = SlackServer(
            SlackState(strict=not asked.lax, pace=asked.pace, keep_calls=not asked.no_calls, at=asked.at),
            late=asked.late,
        )
        await serve(server)
        print(server.port, flush=True)  # noqa: T201 - whoever starts it reads the port
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    main()
