"""What the bot answers to a command: small Documents for the caller, and the one public line after a change."""

from __future__ import annotations

from collections.abc import Sequence

from bot.command_table import VERBS
from bot.compose.status import say_next
from bot.document import (
    LONGEST_BUTTON,
    Actions,
    Audience,
    Block,
    Button,
    Document,
    Entries,
    Entry,
    Heading,
    Note,
    Reply,
    Tone,
)
from bot.errors import BroadsheetError
from bot.model import Layout, Subscription, say_channel
from bot.schedule import say_duration, say_schedule
from bot.topics.language import parse_topic
from bot.topics.saying import say_topic

_MOST_BUTTONS = 5  # subscriptions with buttons; the others are edited by name
_ALERTS = {(False, False): "", (False, True): ", without a sound", (True, False): ", mentioning a role"}
_LAYOUTS = {Layout.THREAD: "a list with its cards in the thread", Layout.CARDS: "single cards", Layout.LIST: "one list"}


def reply(*blocks: Block, public: str = "") -> Reply:
    """An answer to the caller alone; `public` adds the one line that everyone in the channel sees."""
    line = Document((Note(public, Tone.QUIET),), Audience.EVERYONE) if public else None
    return Reply(Document(blocks, Audience.CALLER), line)


def refusal(error: BroadsheetError) -> Reply:
    """An error as the caller reads it: its sentence, and its stable code."""
    return reply(Note(error.user_message, Tone.ERROR, error.code))


def say_subscription(subscription: Subscription) -> str:
    """A subscription in plain words, as it is said back before and after it is saved."""
    settle = f", after {say_duration(subscription.settle)} of votes" if subscription.settle else ""
    quiet = ", and a line on days without papers" if subscription.tells_quiet else ""
    what = say_topic(parse_topic(subscription.topic))
    when = say_schedule(subscription.schedule)
    alert = _ALERTS[bool(subscription.alert.role), subscription.alert.is_silent]
    return f"{what}; {when}; the {subscription.size} best{settle}, as {_LAYOUTS[subscription.layout]}{quiet}{alert}"


def compared_blocks(before: Subscription, after: Subscription, notes: Sequence[str]) -> tuple[Block, ...]:
    """What a new topic would make of a subscription, before anything is saved."""
    return (
        Heading(f"“{before.name}”: nothing is changed yet"),
        Entries((Entry("It is", say_subscription(before)), Entry("It would be", say_subscription(after)))),
        *(Note(each, Tone.QUIET) for each in notes),
        Note("Send the form to save it, or the same command with “save now” at its end.", Tone.QUIET),
    )


def subscriptions_document(channel_name: str, subscriptions: Sequence[Subscription]) -> tuple[Block, ...]:
    """The channel's standing orders."""
    if not subscriptions:
        return (
            Heading(f"{say_channel(channel_name, first=True)} has no subscription yet"),
            Note("Start with /papers subscribe, or choose topics: /papers subscribe cs.CL quantization at 9am"),
        )
    entries = [Entry(each.name, f"{say_subscription(each)}. {capitalised(say_next(each))}") for each in subscriptions]
    buttons = [
        Button(f"{label} {each.name}", command)
        for each in subscriptions[:_MOST_BUTTONS]
        for label, command in (("Edit", f"edit {_typed(each.name)}"), ("Stop", f"unsubscribe {each.name}"))
        if len(command) <= LONGEST_BUTTON
    ]
    return (Heading(f"Subscriptions of {say_channel(channel_name)}"), Entries(tuple(entries)), Actions(tuple(buttons)))


def capitalised(sentence: str) -> str:
    """With a capital at its start; names in it keep theirs, unlike with `str.capitalize`."""
    return sentence[:1].upper() + sentence[1:]


def _typed(name: str) -> str:
    """A name as `edit` reads it: in quotes where one of its words could be taken for a clause."""
    is_safe = VERBS["edit"].clauses.keys().isdisjoint(name.casefold().split())
    return name if is_safe else f'"{name}"'
