"""The live stream of one channel, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from adapters.local.live import EditedMessage, Listener, ListenerClosed, Live, Marked
from adapters.local.looks import Looks
from adapters.local.render import NO_OVERLAY, Overlay, changed_at, channel_path, live_html, stamp
from bot.document import Document
from bot.model import ChannelRef, Member
from bot.ports import PostedMessage

BEAT_SECONDS = 15.0
"""How often a quiet stream is checked: for readers that have gone, and for what another process posted."""

Overlays = Callable[[Member, Sequence[Document]], Awaitable[Overlay]]
"""What a member sees on the cards of these documents."""


@dataclass(frozen=True, slots=True)
class Window:
    """One open page: which channel it shows, to whom, and the newest change that it shows already."""

    channel: ChannelRef
    member: Member
    since: datetime | None


def frame(event: PostedMessage | EditedMessage, path: str, overlay: Overlay = NO_OVERLAY) -> bytes:
    """One event; its id is the instant that the browser names when it comes back."""
    instant = event.edited_at if isinstance(event, EditedMessage) else changed_at(event)
    lines = live_html(event, path, overlay).splitlines()
    return "".join((f"id: {stamp(instant)}\n", *(f"data: {line}\n" for line in lines), "\n")).encode()


def mark_frame(event: Marked, member: Member) -> bytes:
    """A changed mark. It has no id: after a break the page comes back for messages, and marks come with those."""
    mine = event.member_id == member.id
    told: dict[str, object] = {"paper": event.mark.paper_id, "votes": event.mark.votes, "mine": mine}
    if mine:
        told |= {"voted": event.mark.voted, "saved": event.mark.saved}
    return f"event: mark\ndata: {json.dumps(told)}\n\n".encode()


class EventStream:
    """Writes one page's stream: first what it missed, then what comes."""

    def __init__(self, looks: Looks, live: Live, window: Window, overlays: Overlays, *, beat_seconds: float) -> None:
        self._looks = looks
        self._live = live
        self._window = window
        self._overlays = overlays
        self._path = channel_path(window.channel.address)
        self._beat_seconds = beat_seconds
        self._known: Mapping[str, datetime] = {}
        """What the last look held; all pages of a channel share it, so that a page costs little."""
        self._sent: dict[str, datetime] = {}
        """What was sent since that look."""

    async def run(self, response: web.StreamResponse) -> None:
        """Until the reader goes or the listener is closed. Listening begins first, so that nothing falls between."""
        with self._live.listen(self._window.channel) as listener:
            await self._catch_up(response)
            while True:
                try:
                    await self._write_next(response, listener)
                except TimeoutError:
                    await response.write(b": still here\n\n")
                    # The command line posts from a process of its own, which cannot publish here.
                    await self._catch_up(response)
                except ListenerClosed:
                    return

    async def _write_next(self, response: web.StreamResponse, listener: Listener) -> None:
        async with asyncio.timeout(self._until_beat()):
            event = await listener.receive()
        if isinstance(event, Marked):
            if event.workspace == self._window.channel.workspace:
                await response.write(mark_frame(event, self._window.member))
            return
        if isinstance(event, PostedMessage):
            self._sent[event.id] = changed_at(event)
        else:
            self._sent[event.ref.id] = event.edited_at
        overlay = await self._overlays(self._window.member, [event.document])
        await response.write(frame(event, self._path, overlay))

    def _until_beat(self) -> float:
        """All pages look at the same instants, so that one look serves them."""
        return self._beat_seconds - asyncio.get_running_loop().time() % self._beat_seconds

    async def _catch_up(self, response: web.StreamResponse) -> None:
        look = await self._looks.at(self._window.channel, fresh_seconds=self._beat_seconds / 2)
        if look.changed is not self._known:
            missed = [message for message in look.messages if self._is_missed(message)]
            if missed:
                overlay = await self._overlays(self._window.member, [message.document for message in missed])
                for message in missed:
                    await response.write(frame(message, self._path, overlay))
            self._known = look.changed
        self._sent.clear()

    def _is_missed(self, message: PostedMessage) -> bool:
        changed = changed_at(message)
        if self._window.since is not None and changed < self._window.since:
            return False
        return changed not in (self._sent.get(message.id), self._known.get(message.id))
