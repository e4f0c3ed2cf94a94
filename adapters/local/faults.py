"""What the failures of the local platform mean for a delivery."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import BroadsheetError, ChannelNotFound, StoreUnavailable
from bot.outcome import RefusedForGood, RefusedForNow

RETRY_AFTER = timedelta(seconds=30)

FOR_NOW: tuple[type[BroadsheetError], ...] = (StoreUnavailable,)
"""Trying again is safe even where the write had gone through: the timeline keeps one message a key."""

FOR_GOOD: tuple[type[BroadsheetError], ...] = (ChannelNotFound,)

EXPECTED = FOR_NOW + FOR_GOOD
"""What the messenger catches; everything else is a programming error and passes."""

WRONG_PLATFORM = RefusedForGood("wrong-platform", "The channel is not one of the local platform.")
MESSAGE_GONE = RefusedForGood("message-not-found", "The message is not in the channel.")


def to_outcome(error: BroadsheetError, now: datetime) -> RefusedForGood | RefusedForNow:
    """The outcome of a post that ended with one of the EXPECTED failures."""
    if isinstance(error, FOR_NOW):
        return RefusedForNow(error.code, error.user_message, now + RETRY_AFTER)
    return RefusedForGood(error.code, error.user_message)
