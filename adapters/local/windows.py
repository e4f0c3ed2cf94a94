"""Which part of a channel one page shows: so much that it opens at once, whatever stands in the channel."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.local.render import Thread, cards_of
from bot.model import ChannelRef
from bot.ports import PostedMessage, Timeline

MOST_MESSAGES = 50
MOST_CARDS = 150
_FURTHEST = 40
"""How many windows back a thread is looked for."""


async def newest(
    timeline: Timeline, channel: ChannelRef, before: str | None
) -> tuple[Sequence[PostedMessage], str | None]:
    """The newest messages before that one, oldest first, and the id before which earlier ones stand, if any do."""
    # One more than is shown tells whether there are earlier ones.
    found = await timeline.latest(channel, limit=MOST_MESSAGES + 1, before=before)
    shown = that_fit(found[-MOST_MESSAGES:])
    return shown, shown[0].id if len(shown) < len(found) else None


def that_fit(messages: Sequence[PostedMessage]) -> Sequence[PostedMessage]:
    """The newest messages with no more cards than one page draws; at least one."""
    cards = 0
    for place in range(len(messages) - 1, -1, -1):
        cards += sum(1 for _ in cards_of(messages[place].document))
        if cards > MOST_CARDS:
            return messages[min(place + 1, len(messages) - 1) :]
    return messages


async def with_replies(timeline: Timeline, channel: ChannelRef, messages: Sequence[PostedMessage]) -> list[Thread]:
    """Each message with its thread."""
    replies = await timeline.replies(channel, [message.id for message in messages])
    return [Thread(message, replies.get(message.id, ())) for message in messages]


async def find_thread(timeline: Timeline, channel: ChannelRef, message: str) -> Thread | None:
    """The thread of a top-level message; None where there is no such message."""
    before: str | None = None
    for _ in range(_FURTHEST):
        found = await timeline.latest(channel, limit=MOST_MESSAGES, before=before)
        for each in found:
            if each.id == message:
                [thread] = await with_replies(timeline, channel, [each])
                return thread
        if len(found) < MOST_MESSAGES:
            return None
        before = found[0].id
    return None
