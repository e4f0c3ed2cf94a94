"""Socket Mode: a connection that comes back by itself, and takes every envelope once.

slack_sdk's client pings and notices dead connections, but it tries one address for ever once it was refused there
(slackapi/python-slack-sdk#1462), waits the same time after every failure, and hands over what Slack sends twice.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.guard import Memory
from bot.ports import Clock

_log = structlog.get_logger(__name__)
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_LOOK_SECONDS = 2.0
_CONNECT_SECONDS = 20.0

Take = Callable[[str, dict[str, Any]], Awaitable[tuple[int, dict[str, Any] | None]]]
"""Takes an envelope's type and payload; gives the HTTP status Bolt would answer, and the payload of the answer."""


def back_off(failures: int, drawn: float) -> float:
    """Seconds until the next try after so many failures; `drawn` from 0 to 1 spreads them over the whole span."""
    doubled: float = _FIRST_WAIT * 2.0 ** min(failures, 10)
    return drawn * min(doubled, _LONGEST_WAIT)


class Sockets:
    """One connection, rebuilt by a watchdog whenever it is dead, closed or asked to leave."""

    def __init__(  # noqa: PLR0913 - what a connection needs
        self,
        web: AsyncWebClient,
        app_token: str,
        take: Take,
        clock: Clock,
        *,
        is_new_event: Callable[[dict[str, Any]], bool],
        ping_seconds: float = 5.0,
    ) -> None:
        self._web = web
        self._app_token = app_token
        self._take = take
        self._clock = clock
        self._is_new_event = is_new_event
        self._ping_seconds = ping_seconds
        self._client: SocketModeClient | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._envelopes = Memory(timedelta(hours=1))
        self._failures = 0
        self._works: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect and keep connected until `stop`; returns at once."""
        self._watchdog = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Take nothing more, and finish what was taken."""
        if self._watchdog is not None:
            self._watchdog.cancel()
            with suppress(asyncio.CancelledError):
                await self._watchdog
        if self._works:
            await asyncio.wait(self._works, timeout=5)
        await self._drop()

    async def _watch(self) -> None:
        while True:
            if self._client is None or not await self._client.is_connected():
                await self._connect()
            await asyncio.sleep(_LOOK_SECONDS if self._failures == 0 else back_off(self._failures, random.random()))  # noqa: S311

    async def _connect(self) -> None:
        """A new client for each connection: nothing of a broken one lives on, its old address least of all."""
        await self._drop()
        client = SocketModeClient(
            app_token=self._app_token,
            web_client=self._web,
            auto_reconnect_enabled=False,
            ping_interval=self._ping_seconds,
        )
        client.logger.setLevel("CRITICAL")  # it logs payloads
        client.message_listeners.append(self._told)  # type: ignore[arg-type]
        client.socket_mode_request_listeners.append(self._received)  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                client.wss_uri = await self._address()
                await client.connect()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - whatever broke, it is tried again
            self._failures += 1
            _log.warning("Slack's socket cannot be reached", error=type(error).__name__, failures=self._failures)
            with suppress(Exception):
                await client.close()  # type: ignore[no-untyped-call]
            return
        self._failures, self._client = 0, client
        _log.info("connected to Slack")

    async def _address(self) -> str:
        answer = await self._web.apps_connections_open(app_token=self._app_token)
        return str(answer["url"])

    async def _drop(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(Exception):
                await client.close()  # type: ignore[no-untyped-call]

    async def _told(self, client: SocketModeClient, message: dict[str, Any], raw: str | None = None) -> None:
        """Slack announces the end of a connection: build the next one now, before the old one is cut."""
        del raw
        if message.get("type") == "disconnect" and client is self._client:
            _log.info("Slack asks for a new connection", reason=message.get("reason"))
            self._begin(self._connect())

    async def _received(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self._begin(self._taken(client, request))

    async def _taken(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        now = self._clock.now()
        payload: dict[str, Any] | None = None
        if self._envelopes.is_new(request.envelope_id, now) and self._is_new_event(request.payload):
            status, payload = await self._take(request.type, request.payload)
            if status >= 500:  # noqa: PLR2004 - not acknowledged: Slack sends it again
                return
        await self._acknowledge(client, SocketModeResponse(request.envelope_id, payload))

    async def _acknowledge(self, client: SocketModeClient, response: SocketModeResponse) -> None:
        """On the connection that brought it, or, if that is gone, on the present one."""
        text = json.dumps(response.to_dict())
        for each in (client, self._client):
            try:
                if each is not None and each.current_session is not None:
                    await each.current_session.send_str(text)
                    return
            except (ConnectionError, RuntimeError):
                continue
        _log.warning("an envelope could not be acknowledged; Slack will send it again, and it will be told apart")

    def _begin(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
