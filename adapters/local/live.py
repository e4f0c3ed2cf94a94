"""Tells open pages what is posted and voted for, within this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.document import Document
from bot.ledger import MessageRef
from bot.model import ChannelRef, Mark, MemberId, WorkspaceId
from bot.ports import PostedMessage

BACKLOG = 100
"""Messages that may wait for one slow page before it is sent away to catch up by itself."""


@dataclass(frozen=True, slots=True)
class EditedMessage:
    """A message whose document was replaced; pages that do not show it need nothing."""

    ref: MessageRef
    document: Document
    edited_at: datetime

    @property
    def channel(self) -> ChannelRef:
        """Where the message stands."""
        return self.ref.channel


@dataclass(frozen=True, slots=True)
class Marked:
    """A member changed a mark. The votes are everybody's; what is voted and saved is the member's own."""

    workspace: WorkspaceId
    member_id: MemberId
    mark: Mark


LiveEvent = PostedMessage | EditedMessage | Marked


class ListenerClosed(Exception):
    """The listener fell too far behind, or the server is stopping: connect again and catch up."""


class Listener:
    """One open page's queue."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[LiveEvent | None] = asyncio.Queue()
        self.closed = False

    async def receive(self) -> LiveEvent:
        """The next event; raises ListenerClosed when there will be no more."""
        event = None if self.closed else await self._queue.get()
        if event is None:
            raise ListenerClosed
        return event

    def push(self, event: LiveEvent) -> None:
        """Hand over an event, or close when too many wait already."""
        if self._queue.qsize() >= BACKLOG:
            self.close()
        else:
            self._queue.put_nowait(event)

    def close(self) -> None:
        """Wake the page and send it away."""
        self.closed = True
        self._queue.put_nowait(None)


class Live:
    """The broadcaster: the messenger publishes, pages listen to their channel."""

    def __init__(self) -> None:
        self._listeners: dict[ChannelRef, set[Listener]] = {}
        self.posts = 0
        """How many messages and edits were published: what was read of a channel before the last one is old."""

    def publish(self, event: LiveEvent) -> None:
        """Hand a message to every page that shows its channel, and a mark to every page: its card may be anywhere."""
        if isinstance(event, Marked):
            told = [listener for listeners in self._listeners.values() for listener in listeners]
        else:
            self.posts += 1
            told = [*self._listeners.get(event.channel, ())]
        for listener in told:
            listener.push(event)

    def is_heard(self, channel: ChannelRef) -> bool:
        """True while a page shows the channel."""
        return channel in self._listeners

    @contextmanager
    def listen(self, channel: ChannelRef) -> Iterator[Listener]:
        """A listener for as long as the block runs."""
        listener = Listener()
        self._listeners.setdefault(channel, set()).add(listener)
        try:
            yield listener
        finally:
            others = self._listeners[channel]
            others.discard(listener)
            if not others:
                del self._listeners[channel]

    def close(self) -> None:
        """Send every page away, so that a stopping server does not wait for them."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.close()

    @property
    def listeners(self) -> int:
        """How many pages are open."""
        return sum(map(len, self._listeners.values()))
