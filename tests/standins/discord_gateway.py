"""Discord's gateway: sessions that outlive their connections, shards, resuming, and every way to lose a connection.

Written after developers/events/gateway.mdx and topics/opcodes-and-status-codes.mdx.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import secrets
import time
import zlib
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.standins.discord_state import APP, BOT, GUILDS, MESSAGE_CONTENT, THREADS, DiscordState, Guild, public

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
IGNORED = {3, 4, 8}
PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15)
KNOWN_INTENTS = (1 << 26) - 1
_LATEST, _SESSIONS = 2_000, 100


@dataclass
class Session:
    """What a shard is told; it stays when the connection goes."""

    id: str
    shard: int
    shards: int
    intents: int
    sequence: int = 0
    latest: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_LATEST))
    link: Link | None = None


@dataclass
class Link:
    """One connection; a queue keeps what is sent in order."""

    socket: web.WebSocketResponse
    request: web.Request
    encode: Callable[[str], str | bytes]
    queue: asyncio.Queue[dict[str, Any] | int] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    events: deque[float] = field(default_factory=deque)
    ours: bool = False
    """It was us who closed it: what the client says to that ends no session."""

    def send(self, op: int, d: Any = None) -> None:
        """Anything that is not an event."""
        self.queue.put_nowait({"op": op, "d": d, "s": None, "t": None})

    def close(self, code: int) -> None:
        """Close it when everything before is sent."""
        self.ours = True
        self.queue.put_nowait(code)

    async def write(self) -> None:
        """Send what waits in the queue."""
        with suppress(ConnectionError, RuntimeError):
            while not isinstance(each := await self.queue.get(), int):
                packed = self.encode(json.dumps(each))
                await (self.socket.send_str(packed) if isinstance(packed, str) else self.socket.send_bytes(packed))
            await self.socket.close(code=each)


class Gateway:
    """The socket, and what tests do to it."""

    def __init__(self, state: DiscordState) -> None:
        self.state = state
        self.token = ""
        self.sessions: dict[str, Session] = {}
        self.links: list[Link] = []
        self.log: list[dict[str, Any]] = []
        self.set: dict[str, Any] = {
            "shards": 1,
            "total": 1000,
            "remaining": 1000,
            "reset_after": 14_400_000,
            "max_concurrency": 1,
            "heartbeat_interval": 41_250,
            "privileged": 0,
            "refuse": 0,
            "refuse_resume": 0,
            "deaf": False,
            "pace": 0.0,
        }
        self._identified: dict[int, float] = {}

    def limits(self, url: str) -> dict[str, Any]:
        """What `GET /gateway/bot` answers."""
        names = ("total", "remaining", "reset_after", "max_concurrency")
        return {
            "url": url,
            "shards": self.set["shards"],
            "session_start_limit": {name: self.set[name] for name in names},
        }

    # --- a connection ---

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        if self.set["refuse"] > 0:
            self.set["refuse"] -= 1
            self._note("refused")
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        link = Link(socket, request, _encoder(request.query.get("compress", "")))
        self.links.append(link)
        self._note("connected", compress=request.query.get("compress"))
        writer = asyncio.create_task(link.write())
        link.send(HELLO, {"heartbeat_interval": self.set["heartbeat_interval"], "_trace": []})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._heard(link, message.data)
        finally:
            self.links.remove(link)
            self._note("closed", shard=link.session and link.session.shard, code=socket.close_code)
            if link.session is not None and link.session.link is link:
                link.session.link = None
                if socket.close_code in {1000, 1001} and not link.ours:
                    self.sessions.pop(link.session.id, None)
            writer.cancel()
        return socket

    def _heard(self, link: Link, text: str) -> None:
        now = time.monotonic()
        link.events.append(now)
        while link.events[0] <= now - 60:
            link.events.popleft()
        if len(link.events) > 120:
            link.close(4008)
            return
        try:
            told = json.loads(text)
            op, data = told["op"], told.get("d")
        except (ValueError, KeyError, TypeError):
            link.close(4002)
            return
        if op == HEARTBEAT:
            self._note("heartbeat", shard=link.session and link.session.shard)
            if not self.set["deaf"]:
                link.send(ACK)
        elif op == IDENTIFY:
            self._identify(link, data)
        elif op == RESUME:
            self._resume(link, data)
        elif op in IGNORED:
            self._note("ignored", op=op)
            if link.session is None:
                link.close(4003)
        else:
            link.close(4001)

    def _identify(self, link: Link, data: dict[str, Any]) -> None:
        shard, shards = data.get("shard") or (0, 1)
        intents = data.get("intents", 0)
        self._note("identify", shard=shard, shards=shards, intents=intents)
        self.set["remaining"] -= 1
        if self.set["remaining"] < 0:
            self.state.problems.append("identified over the budget of a day: Discord resets the token")
        bucket, now = shard % self.set["max_concurrency"], time.monotonic()
        code = self._refusal(data, shard, shards, intents)
        if link.session is not None:
            link.close(4005)
        elif code:
            link.close(code)
        elif now - self._identified.get(bucket, -1e9) < self.set["pace"]:
            link.send(INVALID, d=False)
        else:
            self._identified[bucket] = now
            self._begin(link, Session(secrets.token_hex(16), shard, shards, intents))

    def _refusal(self, data: dict[str, Any], shard: int, shards: int, intents: int) -> int:
        if data.get("token") != self.token:
            return 4004
        if not 0 <= shard < shards:
            return 4010
        if sum(_shard(each.id, shards) == shard for each in self.state.guilds.values()) > 2500:
            return 4011
        if intents & ~KNOWN_INTENTS:
            return 4013
        return 4014 if intents & PRIVILEGED & ~self.set["privileged"] else 0

    def _begin(self, link: Link, session: Session) -> None:
        link.session, session.link = session, link
        while len(self.sessions) >= _SESSIONS:
            self.sessions.pop(next(iter(self.sessions)))
        self.sessions[session.id] = session
        mine = [each for each in self.state.guilds.values() if each.joined and self._hears(session, each.id)]
        ready = {
            "v": 10,
            "user": {**BOT, "verified": True, "mfa_enabled": True, "flags": 0, "email": None},
            "guilds": [{"id": each.id, "unavailable": True} for each in mine],
            "session_id": session.id,
            "resume_gateway_url": f"ws://{link.request.host}/gateway",
            "shard": [session.shard, session.shards],
            "application": {"id": APP, "flags": 0},
        }
        _tell(session, "READY", ready)
        for guild in mine:
            if guild.available and session.intents & GUILDS:
                _tell(session, "GUILD_CREATE", self.guild_create(guild, unavailable=False))

    def _resume(self, link: Link, data: dict[str, Any]) -> None:
        session = self.sessions.get(data.get("session_id", ""))
        after = data.get("seq") or 0
        refused = session is None or data.get("token") != self.token or after > session.sequence
        lost = session is not None and bool(session.latest) and session.latest[0]["s"] > after + 1
        self._note("resume", shard=session and session.shard, seq=after)
        if self.set["refuse_resume"] > 0:
            self.set["refuse_resume"] -= 1
            refused = True
        if session is None or refused or lost:
            self.sessions.pop(data.get("session_id", ""), None)
            link.send(INVALID, d=False)
            return
        link.session, session.link = session, link
        for event in session.latest:
            if event["s"] > after:
                link.queue.put_nowait(event)
        _tell(session, "RESUMED", {"_trace": []})

    # --- events ---

    def emit(
        self,
        event: str,
        data: dict[str, Any],
        *,
        guild: str | None = None,
        intent: int = 0,
        veiled: dict[str, Any] | None = None,
    ) -> int:
        """Send an event down each session whose shard and intents ask for it; direct messages belong to shard 0.

        `veiled` is what those see who may not read the words of others. Answers how many connections heard it.
        """
        told = 0
        for session in list(self.sessions.values()):
            if self._hears(session, guild) and (not intent or session.intents & intent):
                _tell(session, event, data if veiled is None or session.intents & MESSAGE_CONTENT else veiled)
                told += session.link is not None
        return told

    def guild_create(self, guild: Guild, **more: Any) -> dict[str, Any]:
        """The payload of GUILD_CREATE."""
        channels = [each for each in self.state.channels.values() if each.get("guild_id") == guild.id]
        return {
            **guild_object(guild),
            "joined_at": guild.joined_at,
            "large": False,
            "member_count": len(guild.members),
            "members": [public(guild.members[APP])],
            "channels": [public(each) for each in channels if each["type"] not in THREADS],
            "threads": [
                public(each) for each in channels if each["type"] in THREADS and not each["thread_metadata"]["archived"]
            ],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            **more,
        }

    @staticmethod
    def _hears(session: Session, guild: str | None) -> bool:
        return session.shard == (_shard(guild, session.shards) if guild else 0)

    # --- control ---

    def control(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Do things to connections; answers how many are open, and what was counted."""
        for name in self.set:
            if name in asked:
                self.set[name] = asked[name]
        shard = asked.get("shard")
        for link in list(self.links):
            if shard is None or (link.session is not None and link.session.shard == shard):
                self._disturb(link, asked)
        if asked.get("forget"):
            self.sessions.clear()
        return self.show()

    def _disturb(self, link: Link, asked: dict[str, Any]) -> None:
        if asked.get("beat"):
            link.send(HEARTBEAT)
        if asked.get("reconnect"):
            link.send(RECONNECT)
        if "invalidate" in asked:
            if not asked["invalidate"] and link.session is not None:
                self.sessions.pop(link.session.id, None)
            link.send(INVALID, d=bool(asked["invalidate"]))
        if "close" in asked:
            link.close(asked["close"])
        if asked.get("cut") and link.request.transport is not None:
            link.request.transport.abort()

    def show(self) -> dict[str, Any]:
        """How many connections are open, and what happened to all of them."""
        counts: dict[str, int] = {}
        for each in self.log:
            counts[each["what"]] = counts.get(each["what"], 0) + 1
        sessions = [
            {
                "id": each.id,
                "shard": each.shard,
                "intents": each.intents,
                "sequence": each.sequence,
                "open": bool(each.link),
            }
            for each in self.sessions.values()
        ]
        return {"open": len(self.links), "counts": counts, "log": self.log, "sessions": sessions, "set": self.set}

    def _note(self, what: str, **more: Any) -> None:
        self.log.append({"what": what, "at": time.monotonic(), **more})


def guild_object(guild: Guild) -> dict[str, Any]:
    """A guild as the API shows it."""
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": next((each for each in guild.members if each != APP), APP),
        "icon": None,
        "splash": None,
        "banner": None,
        "description": None,
        "roles": list(guild.roles.values()),
        "emojis": [],
        "stickers": [],
        "features": ["COMMUNITY", "NEWS"],
        "afk_timeout": 300,
        "afk_channel_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "preferred_locale": guild.locale,
    }


def _shard(guild: str, shards: int) -> int:
    return (int(guild) >> 22) % shards


def _tell(session: Session, event: str, data: dict[str, Any]) -> None:
    session.sequence += 1
    # Written out at once: what the event shows may change before it is sent.
    told = {"op": DISPATCH, "t": event, "s": session.sequence, "d": json.loads(json.dumps(data))}
    session.latest.append(told)
    if session.link is not None:
        session.link.queue.put_nowait(told)


def _encoder(compress: str) -> Callable[[str], str | bytes]:
    """What `compress=` in the query asks for; one context for a whole connection."""
    if compress == "zlib-stream":
        context = zlib.compressobj()
        return lambda text: context.compress(text.encode()) + context.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        made = importlib.import_module("compression.zstd").ZstdCompressor()  # Python 3.14; discord.py asks for it there
        return lambda text: made.compress(text.encode(), mode=made.FLUSH_BLOCK)
    return lambda text: text
