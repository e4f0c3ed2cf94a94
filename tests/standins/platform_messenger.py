"""The Messenger of `tests.standins.platform`: real HTTP, no retries, every answer an Outcome."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import aiohttp

from adapters.http import retry_after
from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, Finding, Outcome, RefusedForGood, RefusedForNow, Scope, Sent, Unknown
from bot.pacing import UNLIMITED, Pace
from bot.ports import Clock
from tests.fakes.messenger import LIMITS

CAPABILITIES = {
    "key": Capabilities(key_holds=timedelta(seconds=110)),
    "readback": Capabilities(can_find=True),
    "neither": Capabilities(),
}


class PlatformMessenger:
    """`bot.ports.Messenger` over a socket. To be closed."""

    def __init__(self, url: str, clock: Clock, *, mode: str, pace: Pace = UNLIMITED, reuse: bool = True) -> None:
        self._url = url
        self._clock = clock
        self._pace = pace
        self._capabilities = CAPABILITIES[mode]
        connector = aiohttp.TCPConnector(limit=200, force_close=not reuse)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(connect=5))

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()

    @property
    def platform(self) -> Platform:
        return Platform.LOCAL

    @property
    def limits(self) -> Limits:
        return LIMITS

    @property
    def pace(self) -> Pace:
        return self._pace

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        body = {
            "workspace": delivery.channel.workspace,
            "channel": delivery.channel.address,
            "key": delivery.key,
            "text": str(document)[:2_000],
            "reply_to": reply_to.id if reply_to else None,
        }
        try:
            async with self._session.post(f"{self._url}/post", json=body) as answer:
                return self._outcome(delivery, answer, await answer.json())
        except aiohttp.ClientConnectorError as error:
            return RefusedForNow("connect", str(error))
        except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            return Unknown(f"{type(error).__name__}: {error}")

    def _outcome(self, delivery: Delivery, answer: aiohttp.ClientResponse, payload: dict[str, Any]) -> Outcome:
        match answer.status:
            case 200:
                return Sent(MessageRef(delivery.channel, payload["id"]))
            case 429:
                now = self._clock.now()
                wait = retry_after(answer.headers.get("Retry-After"), now)
                scope = Scope(answer.headers.get("X-Scope", "message"))
                return RefusedForNow("429", "too many requests", now + wait if wait is not None else None, scope)
            case status if status < 500:
                return RefusedForGood(str(status), "refused")
            case status:
                return Unknown(f"HTTP {status}")

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:  # noqa: ARG002 - the port's
        return RefusedForGood("no-edit", "this platform edits nothing")

    async def prepare(self, channel: ChannelRef) -> str:  # noqa: ARG002 - the port's
        return ""

    async def find_posted(
        self,
        key: str,
        since: datetime,
        channel: ChannelRef,
        *,
        reply_to: MessageRef | None,  # noqa: ARG002 - a key is known wherever it stands
    ) -> Finding:
        query = urlencode({"channel": channel.address, "key": key, "since": since.timestamp()})
        try:
            async with self._session.get(f"{self._url}/find?{query}") as answer:
                answer.raise_for_status()
                found = (await answer.json())["id"]
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return RefusedForNow("find", type(error).__name__)
        return Sent(MessageRef(channel, found)) if found else Absent()


@contextmanager
def chat_platform(*options: str) -> Iterator[str]:
    """A platform in a process of its own; yields its URL."""
    command = [sys.executable, "-m", "tests.standins.platform", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own words
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()
