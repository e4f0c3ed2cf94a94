"""Completing times: of day with a zone, days of the week, dates, and how long votes may gather."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

from bot.completion.ranking import Level, Proposal, Shelf, after, best, moved, ranked, ranked_of
from bot.errors import BadArgument
from bot.findings import Choice
from bot.model import WEEKDAYS, Schedule, Weekday
from bot.schedule import say_rule
from bot.spoken_times import parse_time
from bot.zones import zone_names

_HALF_HOUR = 30
_DAY_MINUTES = 24 * 60
_MORNING, _NOON = 6 * 60, 12 * 60
_HALVES = re.compile(r"(?<=\d)\s*(?P<half>[ap])\.?(?P<m>m?)\.?(?=[\s,]|$)", re.IGNORECASE)
_MEANT = 2  # an hour without am or pm is one of these
_A_MONDAY = date(2024, 1, 1)
_LATEST = date.max - timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A time of day with its zone, as far as it was typed."""

    clock: str
    zone: str
    zone_follows: bool
    """True where the time is done: something stands after it."""


def complete_at(typed: str, *, zones: Sequence[str], usual: time = time(9)) -> tuple[Choice, ...]:
    """A time of day, and with one a zone: these `zones` first. `usual` is meant where only a zone is typed."""
    spoken = _spoken(typed)
    shelf = _zone_shelf(tuple(dict.fromkeys(zones)))
    near = [each.value for each in _times_near(spoken.clock)]
    if _is_time(spoken.clock):
        there = moved(shelf.find(spoken.zone), after(f"{near[0]} "))
        return best(there if spoken.zone_follows else [*Shelf(map(Proposal, near)).find(""), *there])
    if spoken.zone_follows:
        hours = [each for each in near if each.endswith(":00")] or near
        return best(hit for each in hours[:_MEANT] for hit in moved(shelf.find(spoken.zone), after(f"{each} ")))
    if near:
        return ranked_of("", map(Proposal, near))
    return best(moved(shelf.find(spoken.clock), after(f"{usual:%H:%M} ")))


def _spoken(typed: str) -> Spoken:
    clock, space, zone = _HALVES.sub(r"\g<half>\g<m>", typed.strip(" ")[:80]).partition(" ")
    follows = bool(space) or (typed.endswith((" ", ",")) and _is_time(clock.rstrip(",")))
    if clock[:1].isdigit() or _is_time(clock.rstrip(",")):
        return Spoken(clock.rstrip(","), zone.strip(), follows)
    return Spoken(f"{clock} {zone}".strip(), "", zone_follows=False)


def _is_time(text: str) -> bool:
    try:
        parse_time(text)
    except BadArgument:
        return False
    return True


def _times_near(typed: str) -> tuple[Choice, ...]:
    """The time that was typed and the half hours around it; of half a time, those that it may become."""
    if not _is_time(typed):
        return best(_half_hours().find(typed, worst=Level.PREFIX))
    meant = parse_time(typed)
    minutes = meant.hour * 60 + meant.minute
    before, after = minutes // _HALF_HOUR * _HALF_HOUR, -(-minutes // _HALF_HOUR) * _HALF_HOUR
    around = (minutes, after, before, *(at for step in (30, 60, 90) for at in (before - step, after + step)))
    return ranked_of("", (Proposal(_clock(each)) for each in around))


def _clock(minutes: int) -> str:
    return f"{minutes % _DAY_MINUTES // 60:02}:{minutes % 60:02}"


@cache
def _half_hours() -> Shelf:
    """All half hours, those of a working day first; found by each way to write them."""
    order = [*range(_MORNING, _MORNING + _NOON + 1, _HALF_HOUR), *range(0, _MORNING, _HALF_HOUR)]
    order += range(_MORNING + _NOON + _HALF_HOUR, _DAY_MINUTES, _HALF_HOUR)
    return Shelf(Proposal(_clock(each), also=_spellings(each)) for each in order)


def _spellings(minutes: int) -> tuple[str, ...]:
    hour, minute = divmod(minutes, 60)
    twelve, half = hour % 12 or 12, "pm" if minutes >= _NOON else "am"
    named = {0: ("midnight",), _NOON: ("noon",)}.get(minutes, ())
    short = (f"{twelve}{half}",) if not minute else ()
    return (f"{hour}:{minute:02}", f"{hour:02}{minute:02}", f"{twelve}:{minute:02}{half}", *short, *named)


@cache
def _zone_shelf(first: tuple[str, ...]) -> Shelf:
    known = zone_names()
    mine = [each for each in first if each in known]
    return Shelf(Proposal(name, also=known[name]) for name in (*mine, *known))


def complete_days(typed: str) -> tuple[Choice, ...]:
    """Days as `on` takes them; of a list (`tue, th`) the last one."""
    listed, comma, last = typed.rpartition(",")
    if not comma:
        return ranked(typed, _rules())
    had = [each.strip().casefold() for each in listed.split(",")]
    days = Shelf(_day(each) for each in WEEKDAYS if each.value not in {name[:3] for name in had})
    return best(moved(days.find(last), after(f"{','.join(had)},")))


def _day(day: Weekday) -> Proposal:
    return Proposal(day.value, also=(_full(day),))


def _full(day: Weekday) -> str:
    return f"{_A_MONDAY + timedelta(days=WEEKDAYS.index(day)):%A}"


@cache
def _rules() -> Shelf:
    usual = (
        Proposal("weekdays", "weekdays · Monday to Friday", ("workdays",)),
        Proposal("daily", "daily · every day", ("everyday", "every day", "all")),
        Proposal("mon-fri"),
        Proposal("mon,wed,fri"),
        Proposal("tue,thu"),
        Proposal("weekends", "weekends · Saturday and Sunday"),
    )
    roundups = [
        Proposal(f"weekly {each}", f"weekly {each} · the best of a week, each {_full(each)}") for each in WEEKDAYS
    ]
    roundups.insert(0, roundups[4])
    nth = (say_rule(Schedule(time(9), "UTC", month_day=day)).rpartition(" ")[2] for day in (1, 15, *range(2, 32)))
    monthly = [Proposal(f"monthly {each}", f"monthly {each} · the best of a month", (each,)) for each in nth]
    return Shelf((*usual, roundups[0], monthly[0], *map(_day, WEEKDAYS), *roundups, *monthly))


def complete_settle(typed: str) -> tuple[Choice, ...]:
    """How long votes may gather: the usual lengths, or what a number may become."""
    number = typed.strip()
    usual = (
        Proposal("none", "none · a paper may be picked at once", ("0", "no", "off")),
        Proposal("6h", "6h · six hours", ("six hours",)),
        Proposal("12h", "12h · twelve hours", ("half a day", "twelve hours")),
        Proposal("1d", "1d · one day", ("24h", "one day")),
        Proposal("2d", "2d · two days", ("48h", "two days")),
    )
    units = ("h", "d", "m") if number.isascii() and number.isdigit() and len(number) <= 3 else ()  # noqa: PLR2004 - digits
    return ranked_of(typed, (*usual, *(Proposal(f"{int(number)}{unit}") for unit in units)))


def complete_until(typed: str, today: date) -> tuple[Choice, ...]:
    """The first day after a pause: tomorrow, next Monday, in a week, in a month, or a day of this week by its name."""
    today = min(today, _LATEST)
    named = {1: "tomorrow", 7: "in a week"}
    monday, month = 7 - today.weekday(), _a_month_after(today)
    ahead = dict.fromkeys((1, monday, 7, (month - today).days, *range(2, 15)))
    proposals = [
        _dated(
            today + timedelta(days=each),
            *((named[each],) if each in named else ()),
            *(("next Monday",) if each == monday else ()),
            *(("in a month",) if today + timedelta(days=each) == month else ()),
            *(("in two weeks",) if each == 14 else ()),  # noqa: PLR2004 - days
        )
        for each in ahead
    ]
    return ranked_of(typed, [*_written(typed), *proposals])


def complete_date(typed: str, days: Iterable[date]) -> tuple[Choice, ...]:
    """One of these days, the first one being the newest."""
    dated = [_dated(each, *(("newest",) if at == 0 else ())) for at, each in enumerate(days)]
    return ranked_of(typed, [*dated, *_written(typed)])


def _written(typed: str) -> list[Proposal]:
    try:
        return [_dated(date.fromisoformat(typed.strip()))]
    except ValueError:
        return []


def _dated(day: date, *names: str) -> Proposal:
    written = f"{day:%A} {day.day} {day:%B %Y}"
    return Proposal(
        day.isoformat(), " · ".join((*names, written)), (*names, written, f"{day.day} {day:%B}", f"{day:%B} {day.day}")
    )


def _a_month_after(day: date) -> date:
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
