"""What became of an attempt to post: a closed union, matched exhaustively wherever it is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import MessageRef


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
    """Nothing was posted; it may be tried again at `retry_at`."""

    code: str
    detail: str
    retry_at: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """The connection broke after the request had left: the message may or may not be there."""

    detail: str


Outcome = Sent | RefusedForGood | RefusedForNow | Unknown
