"""When a subscription is due: its instants, and the words for them. What people type: `bot.spoken_times`.

Gaps and overlaps of local time follow RFC 5545 §3.3.5: a time in a gap takes the offset before it, a time that occurs
twice means the first; a local date that does not exist has no firing. One firing a local date.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import WEEKDAYS, WORKDAYS, Schedule, Weekday

_HOURS = 24
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_SEARCH_DAYS = 63
"""Two months and a bit reach a 31st, and every weekday even where a zone skipped a date."""


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` at which the schedule is due."""
    zone = ZoneInfo(schedule.zone)
    first = after.astimezone(zone).date() - timedelta(days=1)
    for offset in range(_SEARCH_DAYS + 1):
        instant = _instant_on(first + timedelta(days=offset), schedule, zone)
        if instant is not None and instant > after:
            return instant
    msg = f"no due instant within two months of {after.isoformat()} for {schedule}"
    raise ValueError(msg)


def firings(schedule: Schedule, since: datetime, until: datetime) -> Iterator[datetime]:
    """Every instant (UTC) in [since, until) at which the schedule is due, in order."""
    instant = next_due(schedule, since - timedelta(microseconds=1))
    while instant < until:
        yield instant
        instant = next_due(schedule, instant)


def local_date(instant: datetime, zone: str) -> date:
    """The date on the wall of `zone` at this instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _instant_on(day: date, schedule: Schedule, zone: ZoneInfo) -> datetime | None:
    if not _is_on(day, schedule):
        return None
    # fold=0 is RFC 5545's choice on both sides: the offset before a gap, the first of two occurrences.
    instant = datetime.combine(day, schedule.at, tzinfo=zone).astimezone(UTC)
    skipped = instant.astimezone(zone).date() != day and not _date_exists(day, zone)
    return None if skipped else instant


def _is_on(day: date, schedule: Schedule) -> bool:
    if schedule.month_day is not None:
        return day.day == schedule.month_day
    return WEEKDAYS[day.weekday()] in schedule.days


def _date_exists(day: date, zone: ZoneInfo) -> bool:
    """False for dates that a zone left out whole, as Samoa did with 2011-12-30."""
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def say_schedule(schedule: Schedule) -> str:
    """A schedule in plain words: `weekdays at 09:00, Europe/Berlin`."""
    # Their names count west of Greenwich as positive, against what everybody reads in them.
    offset = _EPOCH.astimezone(ZoneInfo(schedule.zone)).isoformat()[-6:]
    fixed = f" (UTC{offset})" if schedule.zone.startswith("Etc/") else ""
    return f"{say_rule(schedule)} at {schedule.at:%H:%M}, {schedule.zone}{fixed}"


def say_rule(schedule: Schedule) -> str:
    """On which days, as it may be typed again: `weekdays`, `weekly on Fri`, `monthly on the 15th`."""
    if schedule.month_day is not None:
        return f"monthly on the {schedule.month_day}{_suffix(schedule.month_day)}"
    return f"weekly on {say_days(schedule.days)}" if schedule.roundup else say_days(schedule.days)


def _suffix(number: int) -> str:
    return "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def say_instant(instant: datetime, zone: str) -> str:
    """An instant on the wall of `zone`: `Tuesday 24 November, 09:00`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


def say_days(days: tuple[Weekday, ...]) -> str:
    """Days in plain words: `daily`, `weekdays`, `Mon, Thu`."""
    named = {WEEKDAYS: "daily", WORKDAYS: "weekdays", WEEKDAYS[5:]: "weekends"}.get(days)
    return named or ", ".join(day.value.capitalize() for day in days)


def say_duration(length: timedelta) -> str:
    """A duration in plain words: `6 h`, `1 day`, `90 min`."""
    minutes = int(length.total_seconds() // 60)
    if minutes % (60 * _HOURS) == 0:
        days = minutes // (60 * _HOURS)
        return f"{days} day{'s' if days != 1 else ''}"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
