"""The one HTTP client, bounded in time, memory and reach; whatever happens is an Answer, never an exception."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from bot.model import Validators
from bot.ports import Clock

BODY_CAP = 20_000_000
_DETAIL_CAP = 200
_CHUNK = 65_536
_MAX_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_WAIT = timedelta(days=1)
_FAILURES = (aiohttp.ClientError, OSError, ValueError, zlib.error)
"""What aiohttp and zlib let through when the other side breaks. ValueError: URLs and headers that cannot be read."""
_ENCODINGS = {"": None, "identity": None, "gzip": 31, "x-gzip": 31, "deflate": 15}
"""Content-Encoding → zlib's window bits; None means as it stands."""


@dataclass(frozen=True, slots=True)
class Body:
    """A complete answer (HTTP 200), decompressed."""

    status: int
    headers: Mapping[str, str]
    """With lower-case names."""
    content: bytes
    validators: Validators | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """HTTP 304: nothing changed since the validators that were sent."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server answered, but not with what was asked for. `retry_after` is between 0 and one day."""

    status: int
    retry_after: timedelta | None
    detail: str
    content: bytes = b""
    """The first bytes of the error page, for APIs that explain themselves there."""


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer, or one that cannot be trusted to be whole. `partial` is what came before the break."""

    detail: str
    partial: bytes = b""


Answer = Body | NotModified | Refused | Broken


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpLimits:
    """How long to wait and how much to take."""

    connect: timedelta = timedelta(seconds=5)
    total: timedelta = timedelta(seconds=30)
    body: int = BODY_CAP
    """Bytes of one body after decompression."""


class HttpClient:
    """A polite client over aiohttp, to be closed (or used as an async context manager).

    It follows a redirect only within the origin that was asked, or to its https twin: a source that was taken over
    cannot make the bot knock at machines inside its own network.
    """

    def __init__(self, clock: Clock, *, contact: str = "", limits: HttpLimits | None = None) -> None:
        self._clock = clock
        self._limits = limits or HttpLimits()
        self._agent = user_agent(contact)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; closing twice is harmless."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        validators: Validators | None = None,
    ) -> Answer:
        """One GET. `params` are appended to the URL's own query; `validators` make it conditional."""
        sent = {**(headers or {}), **_conditions(validators)}
        taken = bytearray()
        limit = self._limits.total.total_seconds()
        try:
            async with asyncio.timeout(limit):
                return await self._follow(URL(url).extend_query(params or {}), sent, taken)
        except TimeoutError:
            return Broken(f"no complete answer within {limit:g} s", bytes(taken))
        except _FAILURES as error:
            return Broken(_describe(error), bytes(taken))

    async def _follow(self, target: URL, headers: Mapping[str, str], taken: bytearray) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            async with self._open().get(target, headers=headers, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    return await self._read(response, taken)
                onward = target.join(URL(response.headers.get("Location", "")))
            if not _stays_home(target, onward):
                return Refused(response.status, None, f"redirected to another host: {_short(str(onward.host))}")
            target = onward
        return Broken(f"redirected more than {_MAX_REDIRECTS} times")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            # Compression is ours to undo: a bomb is counted while it unpacks, not afterwards.
            self._session = aiohttp.ClientSession(
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect.total_seconds()),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, taken: bytearray) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status
        if status == HTTPStatus.NOT_MODIFIED:
            return NotModified()
        if status != HTTPStatus.OK:
            waits = retry_after(headers.get("retry-after"), self._clock.now())
            content = await response.content.read(_CHUNK)
            return Refused(status, waits, f"HTTP {status}", content)
        if (response.content_length or 0) > self._limits.body:
            return Broken(f"the answer declares {response.content_length} bytes, more than {self._limits.body}")
        unpack = Unpacker(headers.get("content-encoding", ""))
        async for chunk in response.content.iter_chunked(_CHUNK):
            for piece in unpack(chunk):
                taken += piece
                if len(taken) > self._limits.body:
                    return Broken(f"the answer is longer than {self._limits.body} bytes")
            await asyncio.sleep(0)  # a bomb unpacks a thousandfold: let the others run in between
        if not unpack.is_complete:
            return Broken("the compressed answer is cut off", bytes(taken))
        return Body(status, headers, bytes(taken), _validators(headers))


class Unpacker:
    """Undoes a Content-Encoding piece by piece, so that memory stays bounded whatever the ratio.

    Raises ValueError for an encoding that was not asked for, zlib.error for bytes that are not in it.
    """

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in _ENCODINGS:
            raise ValueError(f"unknown content encoding: {_short(encoding)}")
        self._bits = _ENCODINGS[name]
        self._stream = zlib.decompressobj(self._bits) if self._bits else None
        self._is_fresh = True

    @property
    def is_complete(self) -> bool:
        """False when the compressed stream misses its end. An empty body is complete: it is an empty body."""
        return self._stream is None or self._stream.eof or self._is_fresh

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        """The pieces that this chunk unpacks to, none longer than 1 MB."""
        if self._stream is None:
            yield chunk
            return
        while chunk:
            if self._stream.eof:
                self._stream = zlib.decompressobj(self._bits or 0)  # gzip members may follow one another
            piece = self._decompress(chunk)
            if piece:
                yield piece
            chunk = self._stream.unconsumed_tail or self._stream.unused_data
        self._is_fresh = False

    def _decompress(self, chunk: bytes) -> bytes:
        assert self._stream is not None  # noqa: S101 (only called while unpacking)
        try:
            return self._stream.decompress(chunk, 1_000_000)
        except zlib.error:
            if not (self._is_fresh and self._bits == _ENCODINGS["deflate"]):
                raise
            # Some servers send deflate without zlib's header (RFC 9110, 8.4.1.2).
            self._bits = -15
            self._stream = zlib.decompressobj(self._bits)
            return self._stream.decompress(chunk, 1_000_000)


def user_agent(contact: str = "") -> str:
    """Who asks: `Broadsheet/0.1.0 (+mailto:papers@example.org)`. arXiv and Hugging Face ask bots to name themselves."""
    try:
        release = version("broadsheet")
    except PackageNotFoundError:
        release = "dev"
    named = "".join(each for each in contact if each.isascii() and each.isprintable()).strip()
    return f"Broadsheet/{release} (+{named})" if named else f"Broadsheet/{release}"


_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait: seconds or an HTTP date, at most a day; None for what is neither."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return min(timedelta(seconds=float(text[:12])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta(0)), _LONGEST_WAIT)


def is_same_origin(one: str, other: str) -> bool:
    """Whether two URLs name the same scheme, host and port; False for what is no URL."""
    try:
        return URL(one).origin() == URL(other).origin()
    except ValueError:
        return False


def _stays_home(asked: URL, onward: URL) -> bool:
    if onward.scheme not in {"http", "https"} or onward.host != asked.host:
        return False
    is_upgrade = (asked.scheme, asked.port, onward.scheme, onward.port) == ("http", 80, "https", 443)
    return is_upgrade or (onward.scheme == asked.scheme and onward.port == asked.port)


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _validators(headers: Mapping[str, str]) -> Validators | None:
    etag, last_modified = headers.get("etag"), headers.get("last-modified")
    return Validators(etag, last_modified) if etag or last_modified else None


def _describe(error: BaseException) -> str:
    return _short(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _short(text: str) -> str:
    """One line for operators: an answer's own words must not forge log lines."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _DETAIL_CAP else line[: _DETAIL_CAP - 1] + "…"
