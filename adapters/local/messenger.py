"""LocalMessenger: posts into the timeline and tells the open pages."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from adapters.local.faults import EXPECTED, MESSAGE_GONE, WRONG_PLATFORM, to_outcome
from adapters.local.limits import LIMITS, fit
from adapters.local.live import EditedMessage, Live
from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, Finding, Outcome, Sent
from bot.pacing import UNLIMITED, Pace
from bot.ports import Clock, PostedMessage, Timeline

CAPABILITIES = Capabilities(key_holds=timedelta(days=365), can_find=True)


class LocalMessenger:
    """`bot.ports.Messenger` over the local timeline. A delivery with an empty key is a line that is no delivery."""

    def __init__(self, *, timeline: Timeline, live: Live, clock: Clock, limits: Limits = LIMITS) -> None:
        self._timeline = timeline
        self._live = live
        self._clock = clock
        self._limits = limits

    @property
    def platform(self) -> Platform:
        """Whose channels it can reach."""
        return Platform.LOCAL

    @property
    def limits(self) -> Limits:
        """What one message may hold."""
        return self._limits

    @property
    def pace(self) -> Pace:
        """A page of our own takes whatever comes."""
        return UNLIMITED

    @property
    def capabilities(self) -> Capabilities:
        """The timeline keeps one message a key, for ever."""
        return CAPABILITIES

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        """Keep the message, once a key, and show it on every open page."""
        if delivery.channel.platform is not Platform.LOCAL:
            return WRONG_PLATFORM
        now = self._clock.now()
        message = PostedMessage(
            id=_new_id(now),
            channel=delivery.channel,
            key=delivery.key,
            document=fit(document, self._limits),
            posted_at=now,
            reply_to=reply_to.id if reply_to else None,
        )
        try:
            kept = await self._timeline.add(message)
        except EXPECTED as error:
            return to_outcome(error, now)
        # Pages know a message by its id: telling them twice of one that was there already changes nothing.
        self._live.publish(kept)
        return Sent(MessageRef(kept.channel, kept.id))

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        """Replace a message's document, also on every open page."""
        now = self._clock.now()
        fitted = fit(document, self._limits)
        try:
            if not await self._timeline.replace(ref, fitted, now):
                return MESSAGE_GONE
        except EXPECTED as error:
            return to_outcome(error, now)
        self._live.publish(EditedMessage(ref, fitted, now))
        return Sent(ref)

    async def find_posted(
        self, key: str, since: datetime, channel: ChannelRef, *, reply_to: MessageRef | None
    ) -> Finding:
        """The message of this key when it was posted at or after `since`."""
        del reply_to  # the timeline knows a key wherever it stands
        message = await self._timeline.find(channel, key)
        if message is None or message.posted_at < since:
            return Absent()
        return Sent(MessageRef(message.channel, message.id))

    async def prepare(self, channel: ChannelRef) -> str:
        """Our own page takes everything."""
        del channel
        return ""


def _new_id(now: datetime) -> str:
    """Ids sort by time; the random tail keeps messages of one instant, or of two processes, apart."""
    return f"{int(now.timestamp() * 1_000_000):014x}-{secrets.token_hex(4)}"
