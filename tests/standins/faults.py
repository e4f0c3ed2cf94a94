"""A TCP proxy that breaks connections: refused, reset, swallowed, or cut off after a part of the request or reply."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one connection. `share` of the request, or of the reply, passes before it is cut."""

    kind: str
    """`reset`, `black hole`, `cut request`, `cut reply`."""
    share: float = 0.0


@dataclass(slots=True)
class FaultProxy:
    """Passes connections on; the next ones suffer the faults in `script`, each one of them."""

    upstream: str
    script: list[Fault] = field(default_factory=list)
    port: int = 0
    hit: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request and its reply, as a client without keep-alive has them."""
        try:
            request = await _message(reader)
            fault = self.script.pop(0) if self.script else None
            self.hit += fault is not None
            match fault:
                case Fault("reset"):
                    _reset(writer)
                case Fault("black hole"):
                    await asyncio.sleep(30)
                case Fault("cut request", share):
                    await self._pass(request[: int(len(request) * share)], whole=share == 1)
                    _reset(writer)
                case Fault("cut reply", share):
                    reply = await self._pass(request)
                    writer.write(reply[: int(len(reply) * share)])
                    await writer.drain()
                case _:
                    writer.write(await self._pass(request))
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _pass(self, request: bytes, *, whole: bool = True) -> bytes:
        """The upstream's reply; nothing where the request ended early."""
        target = urlsplit(self.upstream)
        reader, writer = await asyncio.open_connection(target.hostname, target.port)
        try:
            writer.write(request)
            await writer.drain()
            return await _message(reader) if whole else b""
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)


def _reset(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@asynccontextmanager
async def fault_proxy(upstream: str, *script: Fault) -> AsyncIterator[FaultProxy]:
    """A proxy in this event loop."""
    proxy = FaultProxy(upstream, list(script))
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
