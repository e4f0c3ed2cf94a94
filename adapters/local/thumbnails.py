"""The thumbnails of cards: the server fetches them, so that the page asks no other server for anything."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from ipaddress import ip_address

from aiohttp import web
from yarl import URL

from adapters.local.pictures import PictureFolder, picture_kind
from bot.model import PaperId
from bot.ports import Clock

FetchPicture = Callable[[str], Awaitable[bytes | None]]
"""The bytes at an address, bounded in size and time; None for whatever went wrong. Never raises."""

ThumbnailUrl = Callable[[PaperId], Awaitable[str | None]]
"""Where the source keeps a paper's thumbnail; None where there is no such paper or picture."""

LARGEST = 2_000_000
AT_ONCE = 4
MOST_WAITING = 64
"""Pictures that wait to be fetched; further ones are not shown this time."""

PATIENCE = timedelta(seconds=4)
"""How long the page waits for a picture. Browsers hold six connections to a server and the commands need one of them;
a picture that takes longer is kept for the next look at the page."""

FAILURE_KEPT = timedelta(minutes=10)
MOST_FAILURES = 1_000
LONGEST_ID = 500
LONGEST_URL = 2_000
_HTTPS = 443
KEPT_BY_BROWSERS = "private, max-age=86400"

_FAMILIES = ("huggingface.co", "hf.co")
"""Hugging Face's own names; its pictures come from `cdn-thumbnails.huggingface.co`."""


class Thumbnails:
    """The route of the pictures. The address of each comes from the store, never from the request."""

    def __init__(  # noqa: PLR0913 - the seam to the store, the network and the disk
        self,
        *,
        url_of: ThumbnailUrl,
        fetch: FetchPicture,
        folder: PictureFolder,
        clock: Clock,
        home: str,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._url_of = url_of
        self._fetch = fetch
        self._folder = folder
        self._clock = clock
        self._home = home
        self._patience = patience
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[str, asyncio.Task[bytes | None]] = {}
        self._failed: dict[str, datetime] = {}

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to mount: `/thumbnails/<paper id, percent-encoded>`."""
        return [web.get("/thumbnails/{paper_id}", self._thumbnail)]

    def close(self) -> None:
        """Give up what is being fetched."""
        for task in self._under_way.values():
            task.cancel()

    async def _thumbnail(self, request: web.Request) -> web.Response:
        picture = await self._of_paper(request.match_info["paper_id"])
        kind = None if picture is None else picture_kind(picture)
        if kind is None:
            return web.Response(status=404)  # empty: the page shows nothing in its place
        return web.Response(body=picture, content_type=kind, headers={"Cache-Control": KEPT_BY_BROWSERS})

    async def _of_paper(self, paper_id: str) -> bytes | None:
        if len(paper_id) > LONGEST_ID or not paper_id.isprintable():
            return None
        url = await self._url_of(PaperId(paper_id))
        if url is None or not may_fetch(url, self._home):
            return None
        kept = await asyncio.to_thread(self._folder.read, url)
        if kept is not None:
            return kept
        task = self._task(url)
        if task is None:
            return None
        # Not cancelled with the request: others may wait for it, and the next look at the page will.
        done, _ = await asyncio.wait({task}, timeout=self._patience.total_seconds())
        return task.result() if done and not task.cancelled() else None

    def _task(self, url: str) -> asyncio.Task[bytes | None] | None:
        """The one fetch of this address, begun now where none is under way and none failed a short time ago."""
        task = self._under_way.get(url)
        if task is not None:
            return task
        retry_at = self._failed.get(url)
        if (retry_at is not None and retry_at > self._clock.now()) or len(self._under_way) >= MOST_WAITING:
            return None
        task = asyncio.create_task(self._obtain(url))
        self._under_way[url] = task
        task.add_done_callback(lambda _: self._under_way.pop(url, None))
        return task

    async def _obtain(self, url: str) -> bytes | None:
        async with self._slots:
            # Once more: an earlier fetch may have ended between the look at the disk and this one's beginning.
            kept = await asyncio.to_thread(self._folder.read, url)
            content = kept or await self._fetch(url)
        if content is None or len(content) > LARGEST or picture_kind(content) is None:
            self._remember_failure(url)
            return None
        if kept is None:
            await asyncio.to_thread(self._folder.keep, url, content)
        self._failed.pop(url, None)
        return content

    def _remember_failure(self, url: str) -> None:
        while len(self._failed) >= MOST_FAILURES:
            del self._failed[next(iter(self._failed))]  # the oldest one: dicts keep their order
        self._failed.pop(url, None)
        self._failed[url] = self._clock.now() + FAILURE_KEPT


def may_fetch(url: str, home: str) -> bool:
    """Whether the server may ask this address: Hugging Face's own hosts over https, or the origin in the settings.

    `home` is the configured address of Hugging Face's API. Plain http is allowed where that address is on loopback
    (a stand-in for tests), and then only there.
    """
    # Printable ASCII without a backslash: parsers disagree on the rest. The one that the client uses decides here.
    if len(url) > LONGEST_URL or not all("!" <= char <= "~" and char != "\\" for char in url):
        return False
    try:
        asked, ours = URL(url), URL(home)
        is_ours = asked.origin() == ours.origin()
        port = asked.port
    except ValueError:
        return False
    host = (asked.raw_host or "").lower()
    if not host or asked.raw_user is not None or asked.raw_password is not None:
        return False
    if is_ours:
        return asked.scheme == "https" or _is_loopback(host)
    is_family = any(host == name or host.endswith(f".{name}") for name in _FAMILIES)
    return asked.scheme == "https" and port == _HTTPS and is_family


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
