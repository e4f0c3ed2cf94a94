"""Socket Mode: a connection that comes back by itself, and takes every envelope once.

slack_sdk's client pings and notices dead connections, but it tries one address for ever once it was refused there
(slackapi/python-slack-sdk#1462), waits the same time after every failure, hands over what Slack sends twice, and
closes a connection that Slack wants to refresh before it has the next one.
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
_ADDRESS_SECONDS = 15.0

Leaving = Callable[[SocketModeClient], None]


class _Connection(SocketModeClient):
    """One connection to one address. When Slack announces its end it tells of that, and is used until then."""

    def __init__(self, *, leaving: Leaving, **more: Any) -> None:  # noqa: ANN401 - slack_sdk's own arguments
        super().__init__(**more)
        self._leaving = leaving

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - slack_sdk's own
        """slack_sdk's answer to a `disconnect` frame."""
        del force
        self._leaving(self)


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
        forget_event: Callable[[dict[str, Any]], None],
        ping_seconds: float = 5.0,
    ) -> None:
        self._web = web
        self._app_token = app_token
        self._take = take
        self._clock = clock
        self._is_new_event = is_new_event
        self._forget_event = forget_event
        self._ping_seconds = ping_seconds
        self._client: SocketModeClient | None = None
        self._watchdog: asyncio.Task[None] | None = None
        self._envelopes = Memory(timedelta(hours=1))
        self._failures = 0
        self._connecting = asyncio.Lock()
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
        client, self._client = self._client, None
        await _close(client)

    async def _watch(self) -> None:
        while True:
            try:
                if self._client is None or not await self._client.is_connected():
                    await self._connect(instead_of=self._client)
            except Exception as error:  # noqa: BLE001 - whatever it is, somebody has to keep watching
                self._failures += 1
                _log.exception("watching Slack's socket failed", error=type(error).__name__)
            await asyncio.sleep(_LOOK_SECONDS if self._failures == 0 else back_off(self._failures, random.random()))  # noqa: S311

    async def _connect(self, *, instead_of: SocketModeClient | None) -> None:
        """A new client for each connection: nothing of a broken one lives on, its old address least of all.

        The old one takes and acknowledges envelopes until the new one stands.
        """
        async with self._connecting:
            if self._client is not instead_of:
                return  # somebody was faster
            made = await self._connected()
            if made is None:
                return
            self._failures, self._client = 0, made
            _log.info("connected to Slack")
        await _close(instead_of)

    async def _connected(self) -> SocketModeClient | None:
        client = _Connection(
            leaving=self._leave,
            app_token=self._app_token,
            web_client=self._web,
            auto_reconnect_enabled=False,
            ping_interval=self._ping_seconds,
        )
        client.logger.setLevel("CRITICAL")  # it logs payloads
        client.socket_mode_request_listeners.append(self._received)  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(_ADDRESS_SECONDS):
                client.wss_uri = await self._address()
            async with asyncio.timeout(self._ping_seconds):  # after this pause it would try the same address again
                await client.connect()  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            await _close(client)
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, it is tried again
            self._failures += 1
            _log.warning("Slack's socket cannot be reached", error=type(error).__name__, failures=self._failures)
            await _close(client)
            return None
        return client

    async def _address(self) -> str:
        answer = await self._web.apps_connections_open(app_token=self._app_token)
        return str(answer["url"])

    def _leave(self, client: SocketModeClient) -> None:
        """Slack announces the end of a connection: build the next one now, before the old one is cut."""
        _log.info("Slack asks for a new connection")
        self._begin(self._connect(instead_of=client))

    async def _received(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        self._begin(self._taken(client, request))

    async def _taken(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        now = self._clock.now()
        payload: dict[str, Any] | None = None
        if self._envelopes.is_new(request.envelope_id, now) and self._is_new_event(request.payload):
            try:
                status, payload = await self._take(request.type, request.payload)
            except Exception as error:  # noqa: BLE001 - the last resort; others go on
                _log.exception("an envelope could not be taken", error=type(error).__name__)
                status = 500
            if status >= 500:  # noqa: PLR2004 - not acknowledged: Slack sends it again, and then it is new
                self._envelopes.forget(request.envelope_id)
                self._forget_event(request.payload)
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


async def _close(client: SocketModeClient | None) -> None:
    if client is not None:
        with suppress(Exception):
            await client.close()  # type: ignore[no-untyped-call]
