"""What a platform's error codes mean for a post: each side has a table, in its documentation's words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.outcome import Outcome, RefusedForGood, RefusedForNow, Scope, Unknown


class Kind(StrEnum):
    """What is done about an error."""

    PERMANENT = "permanent"
    """The platform will never take this message here."""
    TEMPORARY = "temporary"
    """Nothing was posted; it may be tried again."""
    UNKNOWN = "unknown"
    """Part of it may have happened."""
    PAYLOAD = "payload"
    """It refuses how the message is made: it is sent again as plain text, once."""
    REVOKED = "revoked"
    """It no longer lets us in: permanent, and the token is not used again."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error code."""

    kind: Kind
    meaning: str
    scope: Scope = Scope.MESSAGE


def outcome_of(fault: Fault, code: str, retry_at: datetime | None) -> Outcome:
    """The outcome of a post that was refused with this code; `retry_at` where the platform named a time."""
    match fault.kind:
        case Kind.TEMPORARY:
            return RefusedForNow(code, fault.meaning, retry_at, fault.scope)
        case Kind.UNKNOWN:
            return Unknown(f"{code}: {fault.meaning}")
        case Kind.PERMANENT | Kind.PAYLOAD | Kind.REVOKED:
            return RefusedForGood(code, fault.meaning)


def after(now: datetime, wait: timedelta | None) -> datetime | None:
    """The instant that a platform's “retry after” means."""
    return now + wait if wait is not None else None
