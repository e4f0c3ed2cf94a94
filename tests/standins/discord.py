"""Discord in a process of its own: the REST API, the gateway, interactions, and a hand to move its people.

    python -m tests.standins.discord [--bucket N SECONDS] [--global N] [--late SECONDS] [--no-calls] [--at INSTANT]

It prints its port and serves until it is killed. Everything under `/_/` is for tests: discord_control.py lists it.
What goes wrong next: `{"route": "POST /channels/{id}/messages", "status": 503}`, `"lands": true` with `"cut": true` or
`"hang": 5`, `"body"` and `"headers"` of its own, `"no_via": true` for the page that Cloudflare sends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.standins.discord_channels import Call, Channels
from tests.standins.discord_control import Control
from tests.standins.discord_gateway import Gateway, guild_object
from tests.standins.discord_interactions import Interactions
from tests.standins.discord_limits import Limits
from tests.standins.discord_people import People
from tests.standins.discord_rules import Refused, check, command_problems, invalid
from tests.standins.discord_state import APP, BOT, GUILDS, OWNER, DiscordState, public

API = "/api/v10"
TOKEN = "standin.discord.canary-0001"
OPEN = ("/interactions", "/webhooks")
"""Their token is in the path: no `Authorization`, and no part in the global limit."""
CLOUDFLARE = "<!DOCTYPE html><title>Access denied | discord.com used Cloudflare to restrict access</title>"


class DiscordServer:
    """The routes over a DiscordState."""

    def __init__(self, state: DiscordState, limits: Limits, asked: argparse.Namespace) -> None:
        self.state, self.limits, self.token = state, limits, asked.token
        self.late, self.keep_calls = asked.late, not asked.no_calls
        self.calls: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.syncs = 0
        self.port = 0
        self.gateway = Gateway(state)
        self.gateway.token = self.token
        state.emit = self.gateway.emit
        self.channels = Channels(state, limits, strict=not asked.lax)
        self.interactions = Interactions(state, self.channels, deadline=asked.deadline)
        self.people = People(state, self.interactions)

    def app(self) -> web.Application:
        """The routes."""
        made = web.Application(client_max_size=25_000_000)
        for route, answer in self.routes().items():
            method, template = route.split(" ")
            made.router.add_route(method, API + template, self._answering(route, answer))
        made.router.add_get("/gateway", self.gateway.connect)
        Control(self).add_routes(made)
        made.router.add_route("*", API + "/{rest:.*}", self._answering("*", self._unknown))
        return made

    def routes(self) -> dict[str, Callable[[Call], Any]]:
        """Every route by its name, in which faults are told too."""
        message, hook = "/channels/{id}/messages/{message}", "/webhooks/{app}/{token}"
        return {
            "GET /gateway/bot": lambda _: self.gateway.limits(f"ws://127.0.0.1:{self.port}/gateway"),
            "GET /users/@me": lambda _: BOT | {"verified": True, "flags": 0},
            "GET /users/@me/guilds": lambda _: [
                guild_object(each) for each in self.state.guilds.values() if each.joined
            ],
            "DELETE /users/@me/guilds/{id}": self._leave,
            "POST /users/@me/channels": lambda call: public(self.state.direct(str(call.body.get("recipient_id")))),
            "GET /users/{id}": lambda call: _known(self.state.users, call.at[0], 10013, "Unknown User"),
            "GET /oauth2/applications/@me": lambda _: self._application(),
            "GET /applications/{app}/commands": self._commands,
            "PUT /applications/{app}/commands": self._sync,
            "GET /applications/{app}/guilds/{guild}/commands": self._commands,
            "PUT /applications/{app}/guilds/{guild}/commands": self._sync,
            "GET /guilds/{id}": lambda call: guild_object(self.state.guild(call.at[0])),
            "GET /guilds/{id}/roles": lambda call: list(self.state.guild(call.at[0]).roles.values()),
            "GET /guilds/{id}/channels": self._guild_channels,
            "GET /guilds/{id}/members/{user}": self._member,
            "GET /guilds/{id}/threads/active": self.channels.active,
            "GET /channels/{id}": lambda call: public(self.state.channel(call.at[0])),
            "PATCH /channels/{id}": self.channels.change,
            "POST /channels/{id}/typing": lambda call: self.state.channel(call.at[0], "SEND_MESSAGES") and None,
            "POST /channels/{id}/messages": self.channels.post,
            "GET /channels/{id}/messages": self.channels.history,
            f"GET {message}": self.channels.get,
            f"PATCH {message}": self.channels.edit,
            f"DELETE {message}": self.channels.delete,
            f"POST {message}/crosspost": self.channels.crosspost,
            f"POST {message}/threads": self.channels.thread_from,
            "POST /channels/{id}/threads": self.channels.thread,
            "GET /channels/{id}/threads/archived/public": self.channels.archived,
            "POST /interactions/{id}/{token}/callback": self.interactions.callback,
            f"POST {hook}": self.interactions.followup,
            f"GET {hook}/messages/{{message}}": self.interactions.show,
            f"PATCH {hook}/messages/{{message}}": self.interactions.edit,
            f"DELETE {hook}/messages/{{message}}": self.interactions.delete,
        }

    # --- one request ---

    def _answering(self, route: str, answer: Callable[[Call], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = await _call(request, route)
            fault = self._fault(call)
            if fault is not None and not fault.get("lands"):
                return await self._failed(request, call, fault)
            await self._tarry()
            status, told, headers = self._answered(request, call, answer)
            self._note(call, status, told, headers)
            await self._tarry()
            if fault is not None and not _only_late(fault):
                return await self._failed(request, call, fault, noted=True)
            if fault is not None:
                await asyncio.sleep(float(fault["hang"]))
            if status == 204:
                return web.Response(status=204, headers=headers)
            return _json(told, status, headers)

        return handle

    def _answered(
        self, request: web.Request, call: Call, answer: Callable[[Call], Any]
    ) -> tuple[int, Any, dict[str, str]]:
        headers: dict[str, str] = {"Via": "1.1 google"}
        try:
            if not call.path.startswith(OPEN):
                self.limits.take_global(time.monotonic())
                self._authorised(request)
                major = call.at[0] if call.at else ""
                headers |= self.limits.take(call.route, major, time.monotonic(), self.state.now())
            told = answer(call)
        except Refused as error:
            return error.status, error.answer, headers | getattr(error, "headers", {})
        return (204 if told is None else 200), told, headers

    def _authorised(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")

    async def _tarry(self) -> None:
        if self.late and random.random() < 0.2:  # noqa: S311 - some requests take their time
            await asyncio.sleep(random.uniform(0, self.late))  # noqa: S311

    def _fault(self, call: Call) -> dict[str, Any] | None:
        for fault in self.faults:
            named = fault.get("route", "*")
            if named not in {"*", call.path} and _plain(named) != _plain(call.route):
                continue
            if fault.get("path", call.path) != call.path or random.random() >= fault.get("chance", 1):  # noqa: S311
                continue
            fault["times"] = fault.get("times", 1) - 1
            if fault["times"] == 0:
                self.faults.remove(fault)
            return fault
        return None

    async def _failed(
        self, request: web.Request, call: Call, fault: dict[str, Any], *, noted: bool = False
    ) -> web.StreamResponse:
        if fault.get("hang"):
            await asyncio.sleep(float(fault["hang"]))
        if fault.get("cut"):
            if not noted:
                self._note(call, 0, None, {})
            _cut(request, reset=fault["cut"] == "reset")
            return web.Response()
        status = fault.get("status", 429 if fault.get("no_via") else 503)
        headers = {"Via": "1.1 google", **fault.get("headers", {})}
        body = fault.get("body", {"message": f"{status}: it was asked for", "code": 0})
        if fault.get("no_via"):
            headers.pop("Via")
            body = fault.get("body", CLOUDFLARE)
        if not noted:
            self._note(call, status, body, headers)
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html", headers=headers)
        return _json(body, status, headers)

    def _note(self, call: Call, status: int, told: Any, headers: dict[str, str]) -> None:
        self.limits.note(status, headers)
        if self.keep_calls:
            code = told.get("code") if isinstance(told, dict) and status >= 400 else None
            kept = {"route": call.route, "path": call.path, "query": call.query, "body": call.body}
            self.calls.append(kept | {"status": status, "code": code, "at": time.monotonic()})

    def _unknown(self, call: Call) -> None:
        self.state.problems.append(f"no such route: {call.method} {call.path}")
        raise Refused(404, 0, "404: Not Found")

    # --- the application, and guilds ---

    def _application(self) -> dict[str, Any]:
        owner = BOT | {"id": OWNER, "username": "owner", "bot": False}
        return {
            "id": APP,
            "name": "Broadsheet",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": owner,
            "verify_key": "0" * 64,
            "flags": 0,
            "team": None,
            "approximate_guild_count": sum(each.joined for each in self.state.guilds.values()),
            "integration_types_config": {"0": {}, "1": {}},
        }

    def _commands(self, call: Call) -> list[dict[str, Any]]:
        return self.state.commands.get(call.at[1] if len(call.at) > 1 else "", [])

    def _sync(self, call: Call) -> list[dict[str, Any]]:
        """Replace all commands: who keeps its name keeps its id."""
        where = call.at[1] if len(call.at) > 1 else ""
        found = check(call.method, call.path, call.body)
        found = found or command_problems(call.body)
        if found:
            self.channels.complain(call, found)
            raise invalid(found)
        ids = {(each["type"], each["name"]): each["id"] for each in self.state.commands.get(where, ())}
        more = {"application_id": APP, "version": self.state.snowflake()} | ({"guild_id": where} if where else {})
        made = []
        for each in call.body:
            kind = each.get("type") or 1
            id_ = ids.get((kind, each["name"])) or self.state.snowflake()
            given = {"description": "", "default_member_permissions": None, "nsfw": False, "contexts": None}
            made.append(given | {"integration_types": [0]} | each | more | {"id": id_, "type": kind})
        self.state.commands[where] = made
        self.syncs += 1
        return made

    def _leave(self, call: Call) -> None:
        guild = self.state.guild(call.at[0])
        guild.joined = False
        self.state.emit("GUILD_DELETE", {"id": guild.id}, guild=guild.id, intent=GUILDS)

    def _guild_channels(self, call: Call) -> list[dict[str, Any]]:
        id_ = self.state.guild(call.at[0]).id
        mine = [each for each in self.state.channels.values() if each.get("guild_id") == id_]
        return [public(each) for each in mine if "thread_metadata" not in each]

    def _member(self, call: Call) -> dict[str, Any]:
        return _known(self.state.guild(call.at[0]).members, call.at[1], 10007, "Unknown Member")


def _known(things: dict[str, dict[str, Any]], id_: str, code: int, message: str) -> dict[str, Any]:
    if id_ not in things:
        raise Refused(404, code, message)
    return public(things[id_])


def _json(told: Any, status: int, headers: dict[str, str]) -> web.Response:
    """Of exactly the content type that Discord names: discord.py reads no other one."""
    body = json.dumps(told).encode()
    return web.Response(body=body, status=status, headers={**headers, "Content-Type": "application/json"})


def _only_late(fault: dict[str, Any]) -> bool:
    return "hang" in fault and not {"status", "body", "cut", "no_via"} & set(fault)


def _plain(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def _cut(request: web.Request, *, reset: bool) -> None:
    if request.transport is None:
        return
    if reset:  # lingering for no time makes the kernel send RST instead of FIN
        raw = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    else:
        request.transport.close()


async def _call(request: web.Request, route: str) -> Call:
    body, files = None, 0
    if request.content_type.startswith("multipart/"):
        parts = await request.post()
        body = json.loads(str(parts.get("payload_json", "{}")))
        files = sum(name.startswith("files[") for name in parts)
    elif text := await request.text():
        body = json.loads(text)
    at = tuple(request.match_info.values())
    return Call(request.method, route, request.path.removeprefix(API), at, dict(request.query), body, files)


async def serve(server: DiscordServer, port: int = 0) -> web.AppRunner:
    """Listen on loopback."""
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    server.port = int(runner.addresses[0][1])
    return runner


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--token", default=TOKEN, help="The bot's token.")
    parser.add_argument("--bucket", nargs=2, type=float, default=(0, 5), help="Messages, and seconds, of a channel.")
    parser.add_argument("--global", dest="rate", type=int, default=0, help="Requests in a second, of all routes.")
    parser.add_argument("--crossposts", type=int, default=0, help="Publications in an hour, of a channel.")
    parser.add_argument("--nonce-window", type=float, default=180.0, help="Seconds for which a nonce is remembered.")
    parser.add_argument("--deadline", type=float, default=3.0, help="Seconds in which an interaction is answered.")
    parser.add_argument("--late", type=float, default=0.0, help="Seconds that some calls take, at the most.")
    parser.add_argument("--at", type=float, default=0.0, help="The instant at which its clock begins, since 1970.")
    parser.add_argument("--port", type=int, default=0, help="The port; 0 takes a free one.")
    parser.add_argument("--lax", action="store_true", help="Do not look at bodies.")
    parser.add_argument("--no-calls", action="store_true", help="Keep no list of calls.")
    asked = parser.parse_args()
    limits = Limits(int(asked.bucket[0]), asked.bucket[1], asked.rate, asked.crossposts)

    async def run() -> None:
        server = DiscordServer(DiscordState(at=asked.at, nonce_window=asked.nonce_window), limits, asked)
        await serve(server, asked.port)
        print(server.port, flush=True)  # noqa: T201 - whoever starts it reads the port
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    main()
