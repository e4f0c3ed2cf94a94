"""Doubts: what to do about a message of which nobody knows whether it was posted. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.ledger import Delivery, WhenInDoubt

_SHORTEST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How a platform lets one find out what became of a post."""

    key_holds: timedelta | None = None
    """For how long it answers a second post of one delivery key with the first message; None: it knows no key."""
    can_find: bool = False
    """Whether `find_posted` can answer."""

    @property
    def can_settle(self) -> bool:
        """True where a doubt need not be the last word."""
        return self.can_find or self.key_holds is not None


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take; each rests on the one before it."""

    post: timedelta = timedelta(seconds=15)
    """One attempt, from its first byte: it is cut off then, and its outcome is unknown."""
    quarantine: timedelta = timedelta(seconds=30)
    """How long a request may still be on its way after we have let go of it: twice the longest attempt."""
    lease: timedelta = timedelta(seconds=90)
    """How long a claim holds. An attempt begins only while there is time for it and for the quarantine after it."""


class Remedy(StrEnum):
    """What settles a doubt."""

    ASK = "ask"
    POST_AGAIN = "post again"
    GIVE_UP = "give up"


def remedy(
    delivery: Delivery, capabilities: Capabilities, preference: WhenInDoubt, timing: Timing, now: datetime
) -> Remedy:
    """What to do about a doubtful delivery whose quarantine is over.

    The platform's key comes first while it surely holds to the end of one more attempt, then its memory, and where it
    has neither the channel's preference.
    """
    holds = capabilities.key_holds
    if holds is not None and delivery.tried_at is not None and now + timing.post < delivery.tried_at + holds:
        return Remedy.POST_AGAIN
    if capabilities.can_find:
        return Remedy.ASK
    return Remedy.POST_AGAIN if preference is WhenInDoubt.NEVER_LOST else Remedy.GIVE_UP


def back_off(attempt: int, key: str) -> timedelta:
    """How long to wait after an attempt (counted from 1) that was refused for now without a time to come back.

    Doubled each time up to half an hour; of that the second half is jitter, which the delivery's key decides, so that
    messages that failed together do not come back together.
    """
    doublings: int = 2 ** min(attempt - 1, 16)
    longest = min(_SHORTEST_WAIT * doublings, _LONGEST_WAIT)
    drawn = int.from_bytes(hashlib.sha256(f"{key}\x1f{attempt}".encode()).digest()[:4])
    return longest * 0.5 * (1 + drawn / 2**32)


def must_start_by(claimed_at: datetime, timing: Timing) -> datetime:
    """The last instant at which an attempt may begin that was claimed then: whoever takes over later is alone."""
    return claimed_at + timing.lease - timing.quarantine - timing.post
