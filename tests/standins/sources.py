"""A source that misbehaves on order: a raw loopback server, so that broken HTTP can be spoken too."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

REASONS = {200: "OK", 304: "Not Modified", 301: "Moved Permanently", 410: "Gone", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: its target and its headers, in lower case."""

    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed answer, or one whose headers lie."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    declared_length: int | None = None
    without_length: bool = False

    def encode(self) -> bytes:
        headers = {"Connection": "close", **self.headers}
        if not self.without_length and "Content-Length" not in headers:
            headers["Content-Length"] = str(len(self.body) if self.declared_length is None else self.declared_length)
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Other')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class StandIn:
    """A running server. `replies` are given in order; the last one stays."""

    port: int
    replies: list[Reply]
    behaviour: Behaviour | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        self.tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            if self.behaviour is not None and self.behaviour in SILENT:
                await self.behaviour(reader, writer)
            else:
                await self._answer(reader, writer)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        self.asked.append(Asked(first.split(" ")[1], headers))
        if self.behaviour is not None:
            await self.behaviour(reader, writer)
            return
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        writer.write(reply.encode())
        await writer.drain()


@asynccontextmanager
async def stand_in(*replies: Reply, behaviour: Behaviour | None = None):
    server_side = StandIn(0, list(replies) or [Reply()], behaviour)
    server = await asyncio.start_server(server_side.serve, "127.0.0.1", 0)
    server_side.port = server.sockets[0].getsockname()[1]
    try:
        yield server_side
    finally:
        server.close()
        await server.wait_closed()
        for writer in server_side.writers:
            writer.transport.abort()
        for task in server_side.tasks:
            task.cancel()
        await asyncio.gather(*server_side.tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports close their sockets in the loop's next turn


@asynccontextmanager
async def full_backlog():
    """A port whose queue of connections is full: the kernel leaves further ones unanswered."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(3):
        filler = socket.socket()
        filler.settimeout(0)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    await asyncio.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for each in (*fillers, listener):
            each.close()


async def tls_garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x15\x03\x01\x00\x02\x02\x46")
    await writer.drain()


async def http09(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"<feed><entry/></feed>")
    await writer.drain()


async def rst_after_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\nContent-Length: 5000\r\n\r\n<feed>")
    await writer.drain()
    reset(writer)


async def slow_loris(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def never_answers(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def closes_at_once(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return


async def endless_body(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def endless_headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Long: " + b"x" * 4_000 + b"\r\n")
        await writer.drain()


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


BEHAVIOURS = {each.__name__: each for each in (tls_garbage, http09, rst_after_headers, slow_loris, never_answers)}
SILENT = {tls_garbage, closes_at_once}
"""These speak before they are spoken to."""


def fill(text: str, *, canary: int, own: int, now: datetime) -> str:
    """Put ports and instants into a row: `{CANARY}`, `{SELF}`, `{NOW+26h}`, `{HTTPDATE+60s}`."""

    def at(match: re.Match[str]) -> str:
        units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
        shift = int(match[2] or 0) * units[match[3]] if match[2] else 0
        instant = now.astimezone(UTC) + timedelta(seconds=shift)
        return (
            format_datetime(instant, usegmt=True) if match[1] == "HTTPDATE" else instant.strftime("%Y-%m-%dT%H:%M:%SZ")
        )

    text = text.replace("{CANARY}", str(canary)).replace("{SELF}", str(own))
    return re.sub(r"\{(NOW|HTTPDATE)(?:([+-]\d+)([smhd]))?\}", at, text)
