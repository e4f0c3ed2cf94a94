"""What became of an attempt to post, and of a question about one: closed unions, matched exhaustively."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.ledger import MessageRef


class Scope(StrEnum):
    """How much a platform means when it says “not now”."""

    MESSAGE = "message"
    CHANNEL = "channel"
    WORKSPACE = "workspace"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has the message."""

    ref: MessageRef


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """The platform will never take it: the channel is gone, the bot was removed, the payload is invalid."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RefusedForNow:
    """Nothing was posted; it may be tried again at `retry_at`, or, where that is None, after our own back-off."""

    code: str
    detail: str
    retry_at: datetime | None = None
    scope: Scope = Scope.MESSAGE
    """Whom the wait concerns besides this message: a whole channel, workspace, or platform."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The connection broke after the request had left: the message may or may not be there."""

    detail: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The platform was asked and does not have the message."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The platform can never be asked about this message: a permission to read is missing."""

    code: str
    detail: str


Outcome = Sent | RefusedForGood | RefusedForNow | Unknown
"""What became of a post."""

Finding = Sent | Absent | RefusedForNow | CannotTell
"""What a platform answers when it is asked for a message; RefusedForNow: it could not say this time."""
