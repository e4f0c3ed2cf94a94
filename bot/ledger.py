"""The ledger's values: deliveries on their way, their states, and what became of an edition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import ChannelRef, Edition


class WhenInDoubt(StrEnum):
    """What a channel wants done about a message of which nobody can find out whether it was posted."""

    NEVER_TWICE = "never-twice"
    """It is not posted again, and `status` lists it."""
    NEVER_LOST = "never-lost"
    """It is posted again, and may stand there twice."""


class DeliveryState(StrEnum):
    """Where a delivery stands in the ledger."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    MISSED = "missed"
    """Nobody can find out whether it was posted, and it is not posted again."""


DONE = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.MISSED})
"""The states that nothing leaves by itself."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A posted message: its channel and the platform's own id for it."""

    channel: ChannelRef
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of a digest on its way to one channel."""

    key: str
    """25 characters of base32, derived from edition and part: what the platform is asked about after a doubt."""
    edition_id: int
    part: int
    """0 is the parent (or the only message); the others are replies to it where the layout is a thread."""
    channel: ChannelRef
    state: DeliveryState = DeliveryState.READY
    attempt: int = 0
    owner: str | None = None
    retry_at: datetime | None = None
    """Not before this instant is it posted again, or its doubt looked into."""
    tried_at: datetime | None = None
    """When the oldest attempt began of which it is not known that it failed."""
    message_id: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What the ledger is told of a delivery."""

    state: DeliveryState
    at: datetime
    message_id: str | None = None
    detail: str = ""
    retry_at: datetime | None = None
    tried_at: datetime | None = None
    """See `Delivery.tried_at`: None where every attempt so far is known to have failed, or to have landed."""


class EditionOutcome(StrEnum):
    """What became of one subscription's local date."""

    DELIVERED = "delivered"
    EMPTY = "empty"
    SKIPPED = "skipped"
    UNDER_WAY = "under way"
    IN_DOUBT = "in doubt"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Account:
    """An edition with what became of its messages."""

    edition: Edition
    deliveries: tuple[Delivery, ...] = ()

    @property
    def outcome(self) -> EditionOutcome:
        """The worst that can be said of it, but what still moves comes first."""
        states = {each.state for each in self.deliveries}
        if self.edition.skipped:
            return EditionOutcome.SKIPPED
        if not self.edition.picks:
            return EditionOutcome.EMPTY
        if states & {DeliveryState.UNKNOWN, DeliveryState.MISSED}:
            return EditionOutcome.IN_DOUBT
        if states - DONE:
            return EditionOutcome.UNDER_WAY
        return EditionOutcome.REFUSED if DeliveryState.REFUSED in states else EditionOutcome.DELIVERED
