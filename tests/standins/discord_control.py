"""The routes under `/_/`, by which tests build guilds, break things, act as people, and look at what stands.

| route | body, for instance |
| --- | --- |
| `POST /_/guild` | `{"id": "…", "roles": {…}, "members": {…}, "channels": {"…": {"type": 15, "permissions": […]}}}` |
| `POST /_/change` | `{"guild": "…", "outage": true}`, `{…, "removed": true}`, `{…, "role": "…", "deleted": true}`, |
| | `{"guild": "…", "channel": "…", "deny": ["SEND_MESSAGES"]}`; a channel that is not there is created |
| `POST /_/say` | `{"channel": "…", "user": "…", "content": "hello"}` |
| `POST /_/fault` | `{"route": "POST /channels/{id}/messages", "times": 2, "status": 503}`, `{"clear": true}` |
| `POST /_/gateway` | `{"close": 4000}`, `{"cut": true}`, `{"reconnect": true}`, `{"invalidate": false}`, |
| | `{"refuse": 2}`, `{"refuse_resume": 1}`, `{"forget": true}`, `{"deaf": true}`, `{"beat": true}`, each with a |
| | `"shard"` when not all are meant; `{"shards": 2, "remaining": 40, "heartbeat_interval": 1000, "pace": 5}`, |
| | `{"privileged": 32768}`; `{}` only looks |
| `POST /_/clock` | `{"ahead": 600}` moves it on, `{"nonce_window": 5, "deadline": 3}` |
| `POST /_/limits` | `{"bucket": 5, "seconds": 5, "rate": 50, "crossposts": 10}` |
| `POST /_/interact` | `{"kind": "command", "path": "papers subscribe", "options": {…}, "channel": "…", "user": "…"}` |
| `GET /_/interaction?id=` | what became of it |
| `GET /_/messages?channel=` | with their nonces, oldest first |
| `GET /_/counts` | requests by status, messages, problems |
| `GET /_/state` | everything; `?calls=1` with the list of calls |
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.standins.discord_people import NotPossible
from tests.standins.discord_state import GUILDS, TEXT, THREADS, Guild, public

if TYPE_CHECKING:
    from tests.standins.discord import DiscordServer


class Control:
    """What tests say."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.state = server.state

    def add_routes(self, app: web.Application) -> None:
        """All of them."""
        for name in ("guild", "change", "say", "fault", "gateway", "clock", "limits", "interact"):
            app.router.add_post(f"/_/{name}", getattr(self, name))
        for name in ("interaction", "messages", "counts", "state"):
            app.router.add_get(f"/_/{name}", getattr(self, f"show_{name}"))

    async def guild(self, request: web.Request) -> web.Response:
        """A new guild; whoever is connected hears of it."""
        guild = self.state.add_guild(await request.json())
        self._joined(guild)
        return web.json_response({"id": guild.id})

    async def change(self, request: web.Request) -> web.Response:
        """Change a guild, a channel or thread, a role, a member."""
        asked = await request.json()
        guild = self.state.guilds[asked.pop("guild")]
        if "outage" in asked:
            guild.available = not asked["outage"]
            if guild.available:
                self._joined(guild, unavailable=False)
            else:
                self._emit("GUILD_DELETE", {"id": guild.id, "unavailable": True}, guild)
        elif "removed" in asked:
            guild.joined = not asked["removed"]
            if guild.joined:
                self._joined(guild)
            else:
                self._emit("GUILD_DELETE", {"id": guild.id}, guild)
        elif "channel" in asked:
            self._channel(guild, asked.pop("channel"), asked)
        elif "role" in asked:
            self._role(guild, asked.pop("role"), asked)
        elif asked.pop("gone", False):
            guild.members.pop(asked["member"])
        else:
            self.state.add_member(guild, asked.pop("member"), asked)
        return web.json_response({})

    def _joined(self, guild: Guild, **more: Any) -> None:
        self._emit("GUILD_CREATE", self.server.gateway.guild_create(guild, **more), guild)

    def _channel(self, guild: Guild, id_: str, asked: dict[str, Any]) -> None:
        known = self.state.channels.get(id_)
        deleted = asked.pop("deleted", False)
        if known is None:
            self._emit("CHANNEL_CREATE", public(self.state.add_channel(guild, id_, asked)), guild)
            return
        kind = "THREAD" if known["type"] in THREADS else "CHANNEL"
        if deleted:
            for each in [each for each in self.state.channels.values() if each.get("parent_id") == id_]:
                self._gone(each["id"])
            self._gone(id_)
            self._emit(f"{kind}_DELETE", public(known), guild)
            return
        told = {name: asked.pop(name) for name in ("archived", "locked") if name in asked}
        if told:
            known["thread_metadata"] |= told | {"archive_timestamp": self.state.stamp()}
        self.state.change_channel(known, asked)
        self._emit(f"{kind}_UPDATE", public(known), guild)

    def _gone(self, id_: str) -> None:
        del self.state.channels[id_]
        self.state.messages.pop(id_, None)

    def _role(self, guild: Guild, id_: str, asked: dict[str, Any]) -> None:
        if asked.get("deleted"):
            guild.roles.pop(id_)
            self._emit("GUILD_ROLE_DELETE", {"guild_id": guild.id, "role_id": id_}, guild)
            return
        event = "GUILD_ROLE_UPDATE" if id_ in guild.roles else "GUILD_ROLE_CREATE"
        role = self.state.add_role(guild, id_, {**guild.roles.get(id_, {}), **asked})
        self._emit(event, {"guild_id": guild.id, "role": role}, guild)

    def _emit(self, event: str, data: dict[str, Any], guild: Guild) -> None:
        self.state.emit(event, data, guild=guild.id, intent=GUILDS)

    async def say(self, request: web.Request) -> web.Response:
        """A message of a person; without a channel it is a direct one."""
        asked = await request.json()
        user = self.state.users[asked["user"]]
        channel = self.state.channels[asked["channel"]] if "channel" in asked else self.state.direct(user["id"])
        message = self.state.add_message(channel, asked, author=user)
        self.server.channels.mentioned(message, asked)
        self.server.channels.tell("MESSAGE_CREATE", message)
        return web.json_response(public(message))

    async def fault(self, request: web.Request) -> web.Response:
        """What goes wrong next with a route; `times` -1 is for ever, `chance` is of one."""
        asked = await request.json()
        if asked.get("clear"):
            self.server.faults.clear()
        else:
            self.server.faults.append(asked)
        return web.json_response({})

    async def gateway(self, request: web.Request) -> web.Response:
        """Do things to the connections; answers what happened to them so far."""
        return web.json_response(self.server.gateway.control(await request.json()))

    async def clock(self, request: web.Request) -> web.Response:
        """Move the clock on; settle what is measured with it."""
        asked = await request.json()
        self.state.ahead += asked.get("ahead", 0)
        self.state.nonce_window = asked.get("nonce_window", self.state.nonce_window)
        self.server.interactions.deadline = asked.get("deadline", self.server.interactions.deadline)
        return web.json_response({"now": self.state.now()})

    async def limits(self, request: web.Request) -> web.Response:
        """Other limits from now on."""
        for name, value in (await request.json()).items():
            setattr(self.server.limits, name, value)
        return web.json_response(self.server.limits.counts)

    async def interact(self, request: web.Request) -> web.Response:
        """Act as a person, and wait a while for the answer."""
        asked = await request.json()
        try:
            made = self.server.people.act(asked)
        except NotPossible as error:
            return web.json_response({"error": str(error)}, status=409)
        heard = self.state.emit("INTERACTION_CREATE", made.payload, guild=made.payload.get("guild_id"))
        with suppress(TimeoutError):
            await asyncio.wait_for(made.answered.wait(), asked.get("wait", 3) if heard else 0)
        return web.json_response(self.server.interactions.told(made, heard))

    # --- what stands ---

    async def show_interaction(self, request: web.Request) -> web.Response:
        """What became of one interaction."""
        return web.json_response(self.server.interactions.told(self.server.interactions.kept[request.query["id"]]))

    async def show_messages(self, request: web.Request) -> web.Response:
        """What stands in a channel, with the nonces that its history does not show."""
        return web.json_response([_noted(each) for each in self.state.messages.get(request.query["channel"], ())])

    async def show_counts(self, _request: web.Request) -> web.Response:
        """Cheap to ask for often."""
        messages = sum(len(each) for each in self.state.messages.values())
        return web.json_response(
            {
                **self.server.limits.counts,
                "messages": messages,
                "problems": len(self.state.problems),
                "syncs": self.server.syncs,
                "sockets": len(self.server.gateway.links),
            }
        )

    async def show_state(self, request: web.Request) -> web.Response:
        """Everything."""
        guilds = {
            each.id: {
                "name": each.name,
                "joined": each.joined,
                "available": each.available,
                "roles": each.roles,
                "members": {id_: public(member) for id_, member in each.members.items()},
            }
            for each in self.state.guilds.values()
        }
        return web.json_response(
            {
                "guilds": guilds,
                "channels": {
                    id_: public(each, kind=_KINDS.get(each["type"], "")) for id_, each in self.state.channels.items()
                },
                "messages": {id_: [_noted(each) for each in kept] for id_, kept in self.state.messages.items()},
                "interactions": [
                    self.server.interactions.told(each) for each in self.server.interactions.kept.values()
                ],
                "commands": self.state.commands,
                "problems": self.state.problems,
                "pings": self.state.pings,
                "counts": self.server.limits.counts,
                "syncs": self.server.syncs,
                "gateway": self.server.gateway.show(),
                "calls": self.server.calls if "calls" in request.query else [],
            }
        )


_KINDS = {TEXT: "text", 1: "dm", 5: "news", 15: "forum", 16: "media"} | dict.fromkeys(THREADS, "thread")


def _noted(message: dict[str, Any]) -> dict[str, Any]:
    return public(message, nonce=message.get("_nonce"))
