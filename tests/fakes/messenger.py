"""A Messenger in memory, with words to script what a platform can do to a post."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import bot.text.cut
from bot.document import Block, Document, Heading, Limits, Note, PaperCard
from bot.doubts import Capabilities
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, CannotTell, Finding, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from bot.pacing import UNLIMITED, Pace
from bot.ports import Clock

LIMITS = Limits(title=150, summary=300, text=2000, cards=10, actions=5)

CAN_DO_BOTH = Capabilities(key_holds=timedelta(days=365), can_find=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as the fake platform keeps it."""

    ref: MessageRef
    key: str
    document: Document
    posted_at: datetime
    reply_to: MessageRef | None


class MemoryMessenger:
    """`bot.ports.Messenger` that keeps what it is given.

    `refuse_next(outcome)`, `lose_next_request()` and `lose_next_reply()` script the next posts, in that order.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        platform: Platform = Platform.LOCAL,
        limits: Limits = LIMITS,
        pace: Pace = UNLIMITED,
        capabilities: Capabilities = CAN_DO_BOTH,
    ) -> None:
        self._pace = pace
        self._capabilities = capabilities
        self._unasked: deque[RefusedForNow | CannotTell] = deque()
        self.unreachable: dict[ChannelRef, str] = {}
        """What `prepare` answers, by channel."""
        self.questions: list[str] = []
        """The key of every message that was asked for."""
        self._clock = clock
        self._platform = platform
        self._limits = limits
        self._script: deque[RefusedForGood | RefusedForNow | str] = deque()
        self.kept: list[Kept] = []
        self.attempts: list[str] = []
        """The key of every post that was tried, refused ones included."""

    # --- the vocabulary of tests ---

    def refuse_next(self, outcome: RefusedForGood | RefusedForNow) -> None:
        """The next post ends so, and nothing is kept."""
        self._script.append(outcome)

    def lose_next_request(self) -> None:
        """The connection breaks before the platform hears of the next post."""
        self._script.append("request lost")

    def lose_next_reply(self) -> None:
        """The platform keeps the next post, but its answer never arrives."""
        self._script.append("reply lost")

    def refuse_next_question(self, outcome: RefusedForNow | CannotTell) -> None:
        """The next question about a message cannot be answered."""
        self._unasked.append(outcome)

    def in_channel(self, channel: ChannelRef) -> list[Kept]:
        """What stands in a channel, in the order of posting, threads included."""
        return [message for message in self.kept if message.ref.channel == channel]

    # --- the port ---

    @property
    def platform(self) -> Platform:
        return self._platform

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def pace(self) -> Pace:
        return self._pace

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        self.attempts.append(delivery.key)
        scripted = self._script.popleft() if self._script else None
        if isinstance(scripted, RefusedForGood | RefusedForNow):
            return scripted
        if scripted == "request lost":
            return Unknown(scripted)
        message = self._keep(delivery, document, reply_to)
        return Unknown(scripted) if scripted else Sent(message.ref)

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        for place, message in enumerate(self.kept):
            if message.ref == ref:
                self.kept[place] = replace(message, document=self._fit(document))
                return Sent(ref)
        return RefusedForGood("message-not-found", ref.id)

    async def prepare(self, channel: ChannelRef) -> str:
        return self.unreachable.get(channel, "")

    async def find_posted(
        self,
        key: str,
        since: datetime,
        channel: ChannelRef,
        *,
        reply_to: MessageRef | None,  # noqa: ARG002 - the port's
    ) -> Finding:
        self.questions.append(key)
        if self._unasked:
            return self._unasked.popleft()
        message = self._known(channel, key)
        return Sent(message.ref) if message and message.posted_at >= since else Absent()

    def _known(self, channel: ChannelRef, key: str) -> Kept | None:
        return next((message for message in self.in_channel(channel) if key and message.key == key), None)

    def _keep(self, delivery: Delivery, document: Document, reply_to: MessageRef | None) -> Kept:
        known = self._known(delivery.channel, delivery.key)
        holds = self._capabilities.key_holds
        if known and holds is not None and self._clock.now() - known.posted_at < holds:
            return known
        ref = MessageRef(delivery.channel, f"message-{len(self.kept) + 1}")
        message = Kept(ref, delivery.key, self._fit(document), self._clock.now(), reply_to)
        self.kept.append(message)
        return message

    def _fit(self, document: Document) -> Document:
        return replace(document, blocks=tuple(self._fit_block(block) for block in document.blocks))

    def _fit_block(self, block: Block) -> Block:
        def cut(text: str, limit: int) -> str:
            # As on every wire: half a surrogate pair cannot be encoded.
            return bot.text.cut.cut(text.encode("utf-8", "replace").decode(), limit)

        match block:
            case Heading():
                return replace(block, text=cut(block.text, self._limits.title))
            case Note():
                return replace(block, text=cut(block.text, self._limits.text))
            case PaperCard():
                title = cut(block.title, self._limits.title)
                return replace(block, title=title, summary=cut(block.summary, self._limits.summary))
            case _:
                return block
