"""Calls of Discord's API through discord.py: its session, its buckets and waiting; our bodies, our reading of ends.

The renderer makes JSON, and JSON is sent as it is: discord.py's own builders keep every view that they sent in memory.
This is the one place that knows discord.py's client from inside. It repeats a request by itself after HTTP 500, 502,
504 and 524; that is harmless where a nonce keeps the second message away, and not let happen where there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord.http import MultipartParameters, Route
from discord.webhook.async_ import async_context

from adapters.discord.faults import ALREADY_ACKNOWLEDGED

_LONGEST_WAIT = 4.0
"""Seconds that discord.py may wait for a bucket before it says so instead: the ledger waits better."""
_PATIENCE = 12.0  # seconds; less than the ledger gives an attempt, so that what was never sent is no doubt
_REPEATED = frozenset({500, 502, 504, 524})


@dataclass(frozen=True, slots=True)
class Answer:
    """What Discord answered."""

    status: int
    code: int = 0
    """The `code` of a JSON error body."""
    data: Any = None
    retry_after: timedelta | None = None
    scope: str = ""
    """`user`, `shared` or `global` of a 429; `proxy` where what answered is not Discord itself."""

    @property
    def ok(self) -> bool:
        """True where it did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own

    def get(self, name: str) -> str:
        """A text of a JSON object."""
        value = self.data.get(name) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""


class NoAnswer(Exception):
    """The connection broke: `sent` tells whether the request may have arrived."""

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


class NotTold(Exception):
    """Discord was asked for something and answered otherwise, in a way that says nothing about it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}, code {answer.code}")
        self.answer = answer


BROKEN = (discord.DiscordException, NoAnswer, aiohttp.ClientError, OSError, TimeoutError)
"""What logging in and connecting end with where Discord is not reached, or does not want us."""


class _Unanswered(Exception):
    """Raised beneath discord.py, so that it does not repeat what must not be repeated."""


@dataclass(slots=True)
class _Heard:
    """What was seen of one call beneath discord.py."""

    is_repeatable: bool
    sent: bool = False
    asked: int = 0
    """How often the request left, as discord.py repeats some."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


# Nothing here speaks: discord.py need not say that it could not.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
_heard: ContextVar[_Heard | None] = ContextVar("heard", default=None)


def trace() -> aiohttp.TraceConfig:
    """What listens beneath discord.py: for `Client(http_trace=…)`."""
    made = aiohttp.TraceConfig()

    async def sent(*_: object) -> None:
        if (heard := _heard.get()) is not None:
            heard.sent = True
            heard.asked += 1

    async def ended(_session: object, _context: object, found: aiohttp.TraceRequestEndParams) -> None:
        if (heard := _heard.get()) is None:
            return
        heard.status, heard.headers = found.response.status, found.response.headers
        if not heard.is_repeatable and heard.status in _REPEATED:
            raise _Unanswered(f"HTTP {heard.status}")

    async def broke(_session: object, _context: object, found: aiohttp.TraceRequestExceptionParams) -> None:
        heard = _heard.get()
        if heard is not None and not heard.is_repeatable and not isinstance(found.exception, _Unanswered):
            raise _Unanswered(type(found.exception).__name__)

    made.on_request_headers_sent.append(sent)
    made.on_request_end.append(ended)
    made.on_request_exception.append(broke)
    return made


def use_api(url: str) -> None:
    """Call Discord there from now on, in this process: discord.py has one address for all its clients."""
    Route.BASE = url.rstrip("/")


class Rest:
    """Single calls, over a client that was made with `http_trace=trace()`; it is logged in when it is first needed."""

    def __init__(self, client: discord.Client, token: str) -> None:
        self._client = client
        self._token = token
        self._opening = asyncio.Lock()
        self._is_refused = False
        client.http.max_ratelimit_timeout = _LONGEST_WAIT

    @property
    def me(self) -> str:
        """The bot's own id; empty before it is logged in."""
        return str(self._client.user.id) if self._client.user else ""

    async def open(self) -> None:
        """Log in where that was not done. Raises discord.LoginFailure or whatever else of BROKEN it was.

        A token that was refused once is not shown again: ten thousand refusals in ten minutes shut the address out.
        """
        if self._client.user is not None:
            return
        async with asyncio.timeout(_PATIENCE), self._opening:
            if self._is_refused:
                raise discord.LoginFailure("the token was refused before")
            if self._client.user is None:
                await self._log_in()

    async def _log_in(self) -> None:
        try:
            await self._client.login(self._token)
        except BaseException as error:
            self._is_refused = isinstance(error, discord.LoginFailure)
            await self._forget_session()
            raise

    async def renew(self) -> None:
        """Make a client that gave up usable again."""
        await self._client.close()
        self._client.clear()
        await self._forget_session()
        # What it was closed by still stands in its queue, and would close it again as soon as it has connected.
        await self._client._async_setup_hook()  # noqa: SLF001 - it makes a new one

    async def _forget_session(self) -> None:
        """discord.py keeps the session of a log-in that failed, and the connector of one that it closed."""
        self._client._connection.user = None  # noqa: SLF001 - so that it logs in again
        await self._client.http.close()
        self._client.http.clear()
        self._client.http.connector = discord.utils.MISSING

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        is_repeatable: bool = True,
    ) -> Answer:
        """Call once, as far as anybody can see. Raises NoAnswer where the connection broke.

        `path` holds ids in the clear, like `/channels/42/messages`.
        """
        await self._opened()
        heard = _Heard(is_repeatable)
        mark = _heard.set(heard)
        try:
            async with asyncio.timeout(_PATIENCE):
                data = await self._client.http.request(_route(method, path), **_arguments(body, query))
        except discord.RateLimited as error:
            return Answer(429, retry_after=timedelta(seconds=error.retry_after), scope=_scope(heard))
        except discord.HTTPException as error:
            return _refused(error, heard)
        except (_Unanswered, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswer(_say(error), sent=heard.sent) from error
        finally:
            _heard.reset(mark)
        return Answer(heard.status or 200, data=data)

    async def _opened(self) -> None:
        try:
            await self.open()
        except BROKEN as error:
            raise NoAnswer(f"not logged in: {type(error).__name__}", sent=False) from error

    async def respond(self, interaction: discord.Interaction[Any], kind: int, data: Mapping[str, Any]) -> None:
        """Give an interaction its first response. Raises discord.HTTPException or NoAnswer."""
        params = MultipartParameters(payload={"type": kind, "data": dict(data)}, multipart=None, files=None)
        await self._told(
            async_context.get().create_interaction_response(
                interaction.id, interaction.token, session=self._session(), params=params
            )
        )

    async def put_off(self, interaction: discord.Interaction[Any], *, in_place: bool = False) -> None:
        """Acknowledge it; the answer comes later, for one pair of eyes or `in_place` of what was clicked."""
        later, heard = interaction.response, _Heard(is_repeatable=True)
        mark = _heard.set(heard)
        try:
            await self._told(later.defer() if in_place else later.defer(ephemeral=True, thinking=True))
        except discord.HTTPException as error:
            # discord.py repeats after a server error: then it is we who have acknowledged it already.
            if error.code != ALREADY_ACKNOWLEDGED or heard.asked < 2:  # noqa: PLR2004 - more than once
                raise
        finally:
            _heard.reset(mark)

    async def revise(self, interaction: discord.Interaction[Any], body: Mapping[str, Any]) -> None:
        """Replace the first response, or fill in the one that was put off."""
        await self._told(
            async_context.get().edit_original_interaction_response(
                interaction.application_id, interaction.token, session=self._session(), payload=dict(body)
            )
        )

    async def follow(self, interaction: discord.Interaction[Any], body: Mapping[str, Any]) -> None:
        """Say one thing more."""
        await self._told(
            async_context.get().execute_webhook(
                interaction.application_id, interaction.token, session=self._session(), payload=dict(body), wait=True
            )
        )

    async def _told(self, call: Any) -> None:  # noqa: ANN401 - an awaitable of discord.py's
        try:
            await call
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswer(_say(error), sent=True) from error

    def _session(self) -> aiohttp.ClientSession:
        session: aiohttp.ClientSession = self._client.http._HTTPClient__session  # type: ignore[attr-defined]  # noqa: SLF001 - no public name
        return session


def _route(method: str, path: str) -> Route:
    """A route whose buckets discord.py keeps apart by channel: it reads the id from a parameter of this name."""
    _, kind, address, *rest = path.split("/")
    if kind == "channels":
        # Ids of messages are of no bucket: with them every message would have one of its own.
        shape = "/".join(f"{{part_{place}}}" if each.isdigit() else each for place, each in enumerate(rest))
        parts = {f"part_{place}": each for place, each in enumerate(rest) if each.isdigit()}
        return Route(method, f"/channels/{{channel_id}}{'/' if shape else ''}{shape}", channel_id=address, **parts)
    if kind == "guilds":
        return Route(method, f"/guilds/{{guild_id}}/{'/'.join(rest)}".rstrip("/"), guild_id=address)
    return Route(method, path)


def _arguments(body: Mapping[str, Any] | Sequence[Any] | None, query: Mapping[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if body is not None:
        found["json"] = body
    if query:
        found["params"] = query
    return found


def _refused(error: discord.HTTPException, heard: _Heard) -> Answer:
    wait = _seconds(heard.headers.get("Retry-After"))
    return Answer(error.status, error.code, retry_after=wait, scope=_scope(heard))


def _scope(heard: _Heard) -> str:
    if heard.status == 429 and "Via" not in heard.headers:  # noqa: PLR2004 - HTTP's own
        return "proxy"
    return heard.headers.get("X-RateLimit-Scope", "")


def _seconds(text: str | None) -> timedelta | None:
    try:
        return timedelta(seconds=min(max(float(text or ""), 0.0), 86_400.0))
    except ValueError:
        return None


def _say(error: BaseException) -> str:
    """What broke: an address in it is nobody's business."""
    return str(error) if isinstance(error, _Unanswered) else type(error).__name__
