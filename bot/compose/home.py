"""A member's own page, channel by channel, so that its buttons can act where they belong."""

from __future__ import annotations

from collections.abc import Sequence

from bot.compose.cards import card, more_button
from bot.compose.marks import take_off_button
from bot.compose.replies import capitalised, say_subscription
from bot.compose.status import say_next
from bot.document import LONGEST_BUTTON, Actions, Block, Button, CardStyle, Entries, Entry, Heading, Note, Tone
from bot.findings import HomePage
from bot.model import ChannelRef, Subscription

_ROOM = 20  # characters that a platform may need to name the channel beside the command


def home_sections(page: HomePage) -> list[tuple[ChannelRef | None, Sequence[Block]]]:
    """The page as sections, each with the channel in which its buttons act; None where they act for the member."""
    sections: list[tuple[ChannelRef | None, Sequence[Block]]] = [(None, _opening(page))]
    for channel, subscriptions in page.channels:
        blocks: list[Block] = [Heading(f"#{channel.name}")]
        for each in subscriptions:
            blocks += _subscription(each)
        sections.append((channel.ref, blocks))
    if page.channels_total > len(page.channels):
        more = page.channels_total - len(page.channels)
        sections.append((None, [Note(f"And {more} more channels; /papers list shows theirs.", Tone.QUIET)]))
    return [*sections, (None, _saved(page))]


def _opening(page: HomePage) -> list[Block]:
    if page.channels:
        return [Note("Your channels, what they are subscribed to, and when the next papers come.", Tone.QUIET)]
    text = (
        "None of your channels is subscribed yet. In a channel, type /papers form, or /papers subscribe cs.CL at 9am."
    )
    return [Heading("Papers for your channels"), Note(text)]


def _subscription(each: Subscription) -> list[Block]:
    said = Entries((Entry(each.name, f"{say_subscription(each)}. {capitalised(say_next(each))}."),))
    paused = each.pause is not None
    buttons = (
        Button("Edit", f"form {each.name}"),
        Button("Resume" if paused else "Pause", f"{'resume' if paused else 'pause'} {each.name}"),
        Button("Stop", f"unsubscribe {each.name}"),
    )
    fitting = tuple(button for button in buttons if len(button.command) <= LONGEST_BUTTON - _ROOM)
    return [said, Actions(fitting)] if fitting else [said]


def _saved(page: HomePage) -> list[Block]:
    if not page.saved:
        return [Heading("Saved papers"), Note("Save on a card keeps a paper here; only you see it.", Tone.QUIET)]
    cards = [
        card(each, style=CardStyle.BRIEF, actions=(more_button(each), take_off_button(each))) for each in page.saved
    ]
    note = f"The newest {len(page.saved)} of {page.saved_total:,}; /papers saved shows all. Only you see them."
    return [Heading("Saved papers"), Note(note, Tone.QUIET), *cards]
