"""Which local dates of a subscription are to be accounted for now, and how. Pure.

Every date on which a schedule fires gets exactly one edition: delivered, empty, or skipped with a reason. After
downtime that is at most one digest, of the last date, and only within the grace; see docs/schedules.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.arxiv_calendar import arxiv_day, why_quiet
from bot.model import Edition, Subscription
from bot.schedule import local_date, next_due, say_instant

GRACE = timedelta(hours=6)
"""How late a digest may still be posted."""
NOT_RUNNING = "Broadsheet was not running"
LATE = timedelta(minutes=10)
"""From when on a digest is called late."""
LONGEST_CATCH_UP = timedelta(days=31)
"""What arrived longer ago than this is no news any more, however long nothing was posted."""
_MOST_DATES = 400
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Skip:
    """A local date without a digest."""

    on: date
    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Dates:
    """What is to be made of the dates that came due: skipped ones, and at most one that gets its edition."""

    skips: tuple[Skip, ...]
    due_at: datetime | None
    next_due_at: datetime
    late: bool = False


def dates(subscription: Subscription, now: datetime, grace: timedelta = GRACE) -> Dates:
    """Account for every date from the subscription's `next_due_at` until now."""
    schedule = subscription.schedule
    due = [subscription.next_due_at]
    while (following := next_due(schedule, due[-1])) <= now:
        due.append(following)
    skips = []
    last: datetime | None = None
    for due_at in due[-_MOST_DATES:]:
        on = local_date(due_at, schedule.zone)
        if (paused := _why_paused(subscription, on)) is not None:
            skips.append(Skip(on, due_at, paused))
        elif due_at is due[-1] and now - due_at <= grace:
            last = due_at
        else:
            skips.append(Skip(on, due_at, NOT_RUNNING))
    late = last is not None and now - last > LATE
    return Dates(tuple(skips), last, following, late)


def is_paused(subscription: Subscription, on: date) -> bool:
    """True where this local date is one of the pause."""
    return _why_paused(subscription, on) is not None


def _why_paused(subscription: Subscription, on: date) -> str | None:
    pause = subscription.pause
    return pause.why if pause is not None and (pause.until_on is None or on < pause.until_on) else None


def notes(
    subscription: Subscription, found: Dates, skipped: Sequence[Edition], *, picked: int, now: datetime
) -> tuple[str, ...]:
    """The lines that the edition's first message says: what was skipped since the last one, lateness, a quiet day.

    `skipped` are the editions on record since then, oldest first.
    """
    lines = []
    missed = [each.local_on for each in skipped if each.skipped == NOT_RUNNING]
    missed += [each.on for each in found.skips if each.why == NOT_RUNNING]
    if missed:
        what = f"There was no digest on {_say_dates(missed)}: {NOT_RUNNING}."
        lines.append(f"{what} {'Its' if len(missed) == 1 else 'Their'} papers were candidates for this one.")
    if found.late and found.due_at is not None and picked:
        lines.append(f"This digest is late: it was due {say_instant(found.due_at, subscription.schedule.zone)}.")
    if not picked and subscription.tells_quiet:
        reason = why_quiet(arxiv_day(now))
        lines.append(f"No papers for “{subscription.name}” today{f': {reason}' if reason else ''}.")
    return tuple(lines)


def _say_dates(days: Sequence[date]) -> str:
    said = [f"{day:%A} {day.day} {day:%B}" for day in days[-_NAMED:]]
    if len(days) > _NAMED:
        said.insert(0, f"{len(days) - _NAMED} more days")
    return " and ".join(part for part in (", ".join(said[:-1]), said[-1]) if part)
