"""The live stream of one channel, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from adapters.local.live import EditedMessage, Listener, ListenerClosed, Live, LiveEvent
from adapters.local.render import changed_at, channel_path, live_html, stamp
from bot.model import ChannelRef
from bot.ports import PostedMessage, Timeline

CATCH_UP = 50
"""How many messages back a page is caught up."""

BEAT_SECONDS = 15.0
"""How often a quiet stream is checked: for readers that have gone, and for what another process posted."""


def frame(event: LiveEvent, path: str) -> bytes:
    """One event; its id is the instant that the browser names when it comes back."""
    instant = event.edited_at if isinstance(event, EditedMessage) else changed_at(event)
    lines = live_html(event, path).splitlines()
    return "".join((f"id: {stamp(instant)}\n", *(f"data: {line}\n" for line in lines), "\n")).encode()


class EventStream:
    """Writes one page's stream: first what it missed, then what comes."""

    def __init__(self, timeline: Timeline, live: Live, channel: ChannelRef, *, beat_seconds: float) -> None:
        self._timeline = timeline
        self._live = live
        self._channel = channel
        self._path = channel_path(channel.address)
        self._beat_seconds = beat_seconds
        self._sent: dict[str, datetime] = {}

    async def run(self, response: web.StreamResponse, since: datetime | None) -> None:
        """Until the reader goes or the listener is closed. Listening begins first, so that nothing falls between."""
        with self._live.listen(self._channel) as listener:
            await self._catch_up(response, since)
            while True:
                try:
                    await self._write_next(response, listener)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    # The command line posts from a process of its own, which cannot publish here.
                    await self._catch_up(response, since)
                except ListenerClosed:
                    return

    async def _write_next(self, response: web.StreamResponse, listener: Listener) -> None:
        async with asyncio.timeout(self._beat_seconds):
            event = await listener.receive()
        if isinstance(event, PostedMessage):
            self._sent[event.id] = changed_at(event)
        else:
            self._sent[event.ref.id] = event.edited_at
        await response.write(frame(event, self._path))

    async def _catch_up(self, response: web.StreamResponse, since: datetime | None) -> None:
        recent = await self._recent()
        for message in recent:
            changed = changed_at(message)
            if (since is None or changed >= since) and self._sent.get(message.id) != changed:
                await response.write(frame(message, self._path))
        # Only what the next look could see again has to be remembered.
        self._sent = {message.id: changed_at(message) for message in recent}

    async def _recent(self) -> Sequence[PostedMessage]:
        """The newest messages, each before its replies."""
        parents = await self._timeline.latest(self._channel, limit=CATCH_UP)
        replies = await self._timeline.replies(self._channel, [parent.id for parent in parents])
        return [message for parent in parents for message in (parent, *replies.get(parent.id, ()))]
