"""How a channel stands, in words: what comes next, what became of the last editions, what is in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.document import Block, Entries, Entry, Heading, Note, Tone
from bot.findings import ChannelStatus
from bot.ledger import Account, Delivery, DeliveryState, EditionOutcome, WhenInDoubt
from bot.model import Edition, Subscription, say_channel
from bot.plan import is_paused
from bot.schedule import local_date, next_due, say_instant

WHEN_IN_DOUBT = {
    WhenInDoubt.NEVER_TWICE: "never twice: what may have been posted is not posted again",
    WhenInDoubt.NEVER_LOST: "never lost: what may be missing is posted again",
}


def status_blocks(status: ChannelStatus) -> tuple[Block, ...]:
    """The next digests, the last editions with their outcome, and doubts."""
    if not status.subscriptions and not status.accounts:
        return (
            Heading(f"{say_channel(status.channel_name, first=True)} has no subscription yet"),
            Note("Start with /papers subscribe, or choose topics: /papers subscribe cs.CL quantization at 9am"),
        )
    blocks: list[Block] = [Heading(f"How {say_channel(status.channel_name)} stands")]
    if status.subscriptions:
        blocks.append(Entries(tuple(Entry(each.name, say_next(each)) for each in status.subscriptions)))
    if status.accounts:
        blocks.append(Heading("The last digests"))
        blocks.append(Entries(tuple(_entry(each) for each in status.accounts)))
    else:
        blocks.append(Note("No digest was due yet.", Tone.QUIET))
    return (*blocks, *_doubts(status))


def say_next(subscription: Subscription) -> str:
    """When it posts next, or how long it is paused."""
    schedule, due_at = subscription.schedule, subscription.next_due_at
    pause = subscription.pause
    if pause is None or not is_paused(subscription, local_date(due_at, schedule.zone)):
        return f"next: {say_instant(due_at, schedule.zone)}"
    if pause.until_on is None:
        return f"{pause.why}; to go on: /papers resume {subscription.name}"
    while is_paused(subscription, local_date(due_at, schedule.zone)):
        due_at = next_due(schedule, due_at)
    return f"{pause.why} until {pause.until_on}; next: {say_instant(due_at, schedule.zone)}"


def _entry(account: Account) -> Entry:
    edition = account.edition
    return Entry(f"{edition.local_on:%a} {edition.local_on} · {edition.name}", say_outcome(account))


def say_outcome(account: Account) -> str:
    """What became of one edition: `delivered, 5 papers`, `skipped: …`."""
    edition, outcome = account.edition, account.outcome
    late = ", late" if edition.late else ""
    match outcome:
        case EditionOutcome.DELIVERED:
            count = len(edition.picks)
            return f"delivered{late}, {count} paper{'' if count == 1 else 's'}"
        case EditionOutcome.EMPTY:
            return (
                f"empty: none of {edition.decided:,} candidates" if edition.decided else "empty: nothing was announced"
            )
        case EditionOutcome.SKIPPED:
            return f"skipped: {edition.skipped}"
        case EditionOutcome.UNDER_WAY:
            return f"under way{late}: {_say_states(account)}{_say_trouble(account)}"
        case EditionOutcome.IN_DOUBT:
            return f"in doubt{late}: {_say_states(account)}"
        case EditionOutcome.REFUSED:
            return f"not posted{late}: {_say_states(account)}{_say_trouble(account)}"


def _say_states(account: Account) -> str:
    states = Counter(each.state for each in account.deliveries)
    return ", ".join(f"{states[state]} {state.value}" for state in DeliveryState if states[state])


def _say_trouble(account: Account) -> str:
    details = [each.detail for each in account.deliveries if each.detail and each.state is not DeliveryState.SENT]
    return f" ({details[0]})" if details else ""


def _doubts(status: ChannelStatus) -> Sequence[Block]:
    doubtful = [
        (each.edition, delivery)
        for each in status.accounts
        for delivery in each.deliveries
        if delivery.state in {DeliveryState.UNKNOWN, DeliveryState.MISSED}
    ]
    rule = f"When nobody can find out whether a message was posted: {WHEN_IN_DOUBT[status.when_in_doubt]}."
    if not doubtful:
        return (Note(rule, Tone.QUIET),)
    entries = tuple(_doubt(edition, delivery) for edition, delivery in doubtful)
    change = "Look into the channel; /papers settings doubts changes the rule."
    return (Heading("In doubt"), Entries(entries), Note(f"{rule} {change}", Tone.QUIET))


def _doubt(edition: Edition, delivery: Delivery) -> Entry:
    name = f"{edition.local_on} · {edition.name} · message {delivery.part + 1}"
    return Entry(name, f"{delivery.state.value}: {delivery.detail}")
