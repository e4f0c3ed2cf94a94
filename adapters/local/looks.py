"""What stands in a channel, read once for all the pages that show it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.local.live import Live
from adapters.local.render import changed_at
from bot.model import ChannelRef
from bot.ports import PostedMessage, Timeline

CATCH_UP = 50
"""How many messages back a page is caught up."""


@dataclass(frozen=True, slots=True)
class Look:
    """The newest messages of a channel, each before its replies, and when each became what it is."""

    messages: tuple[PostedMessage, ...]
    changed: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class _Kept:
    look: Look
    posts: int
    at: float


class Looks:
    """Shares one look at a channel among its pages: fifty windows ask the store as often as one does."""

    def __init__(self, timeline: Timeline, live: Live) -> None:
        self._timeline = timeline
        self._live = live
        self._kept: dict[ChannelRef, _Kept] = {}
        self._locks: dict[ChannelRef, asyncio.Lock] = {}

    async def at(self, channel: ChannelRef, *, fresh_seconds: float) -> Look:
        """A look that is at most so old, and never older than what this process posted last."""
        async with self._locks.setdefault(channel, asyncio.Lock()):
            now = asyncio.get_running_loop().time()
            kept = self._kept.get(channel)
            if kept is None or kept.posts != self._live.posts or now - kept.at > fresh_seconds:
                # Counted before reading: what is posted meanwhile makes the next look a new one.
                posts = self._live.posts
                kept = _Kept(await self._take(channel, kept), posts, now)
                self._kept[channel] = kept
            return kept.look

    def forget_unheard(self) -> None:
        """Keep nothing of channels that no page shows any more."""
        for channel in [each for each in self._kept if not self._live.is_heard(each)]:
            del self._kept[channel]
        for channel in [each for each, lock in self._locks.items() if each not in self._kept and not lock.locked()]:
            del self._locks[channel]

    async def _take(self, channel: ChannelRef, before: _Kept | None) -> Look:
        parents = await self._timeline.latest(channel, limit=CATCH_UP)
        replies = await self._timeline.replies(channel, [parent.id for parent in parents])
        messages = tuple(each for parent in parents for each in (parent, *replies.get(parent.id, ())))
        changed = {message.id: changed_at(message) for message in messages}
        # The same object when nothing happened: each page then knows at once.
        return before.look if before and before.look.changed == changed else Look(messages, changed)
