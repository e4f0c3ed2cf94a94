"""When a subscription is due: reading times, zones and days as people type them, and the next due instant.

Gaps and overlaps of local time follow RFC 5545 §3.3.5: a time in a gap takes the offset before it, a time that occurs
twice means the first; a local date that does not exist has no firing. One firing a local date.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import BadArgument
from bot.model import WEEKDAYS, WORKDAYS, Schedule, Weekday

_CLOCK = re.compile(r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?\s*(?P<half>am|pm)?", re.IGNORECASE | re.ASCII)
_DURATION = re.compile(r"(?P<number>\d{1,5})\s*(?P<unit>m|min|minutes?|h|hours?|d|days?)", re.IGNORECASE | re.ASCII)
_NAMED_TIMES = {"noon": time(12), "midnight": time(0)}
_NAMED_DAYS: dict[str, tuple[Weekday, ...]] = {
    "daily": WEEKDAYS,
    "everyday": WEEKDAYS,
    "all": WEEKDAYS,
    "weekdays": WORKDAYS,
    "workdays": WORKDAYS,
    "weekends": WEEKDAYS[5:],
}
_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HALF_DAY = 12
_HOURS = 24
LONGEST_SETTLE = timedelta(days=7)
_SEARCH_DAYS = 15  # two weeks and a day reach every weekday even where a zone skipped a date


def next_due(schedule: Schedule, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` at which the schedule is due."""
    zone = ZoneInfo(schedule.zone)
    first = after.astimezone(zone).date() - timedelta(days=1)
    for offset in range(_SEARCH_DAYS + 1):
        instant = _instant_on(first + timedelta(days=offset), schedule, zone)
        if instant is not None and instant > after:
            return instant
    msg = f"no due instant within two weeks of {after.isoformat()} for {schedule}"
    raise ValueError(msg)


def local_date(instant: datetime, zone: str) -> date:
    """The date on the wall of `zone` at this instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def _instant_on(day: date, schedule: Schedule, zone: ZoneInfo) -> datetime | None:
    if WEEKDAYS[day.weekday()] not in schedule.days:
        return None
    # fold=0 is RFC 5545's choice on both sides: the offset before a gap, the first of two occurrences.
    instant = datetime.combine(day, schedule.at, tzinfo=zone).astimezone(UTC)
    skipped = instant.astimezone(zone).date() != day and not _date_exists(day, zone)
    return None if skipped else instant


def _date_exists(day: date, zone: ZoneInfo) -> bool:
    """False for dates that a zone left out whole, as Samoa did with 2011-12-30."""
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def parse_time(text: str) -> time:
    """`9am`, `9:30pm`, `09:00`, `17.30`, `noon`; a bare `9` is refused with the choices. Raises BadArgument."""
    named = _NAMED_TIMES.get(text.casefold())
    if named is not None:
        return named
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadArgument("at", f"“{text}” is not a time of day. Write it like 09:00, 17:30 or 9am.")
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), (found["half"] or "").casefold()
    if half:
        if not 1 <= hour <= _HALF_DAY:
            raise BadArgument("at", f"“{text}” is not a time of day: with am or pm the hour goes from 1 to 12.")
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    elif found["minute"] is None:
        raise BadArgument("at", f"“{text}” could be morning or evening. Write {hour}am, {hour}pm or {hour:02}:00.")
    try:
        return time(hour, minute)
    except ValueError:
        raise BadArgument("at", f"“{text}” is not a time of day: hours go to 23, minutes to 59.") from None


@cache
def _zones() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Folded IANA names, and the names of each folded city."""
    names: dict[str, str] = {}
    cities: dict[str, list[str]] = {}
    for name in sorted(available_timezones()):
        if name.startswith(("posix/", "right/", "Etc/")) or ("/" not in name and name not in {"UTC", "GMT"}):
            continue
        names[_fold_zone(name)] = name
        cities.setdefault(_fold_zone(name.rpartition("/")[2]), []).append(name)
    return names, cities


def _fold_zone(text: str) -> str:
    return text.strip().casefold().replace(" ", "_")


def parse_zone(text: str) -> str:
    """An IANA name in any case, or its city alone (`Berlin`, `new york`). Raises BadArgument."""
    names, cities = _zones()
    folded = _fold_zone(text)
    if folded in names:
        return names[folded]
    by_city = cities.get(folded, [])
    if len(by_city) == 1:
        return by_city[0]
    if by_city:
        raise BadArgument("at", f"“{text}” names several time zones: {', '.join(by_city)}. Write the one you mean.")
    near = _nearest_zones(folded, names)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise BadArgument("at", f"“{text}” is no time zone I know; write one like Europe/Berlin or America/New_York.{hint}")


def _nearest_zones(folded: str, names: dict[str, str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only errors pay for it

    _, cities = _zones()
    close = get_close_matches(folded, [*names, *cities], n=2, cutoff=0.7)
    return list(dict.fromkeys(names.get(name) or cities[name][0] for name in close))


def parse_days(words: list[str]) -> tuple[Weekday, ...]:
    """`weekdays`, `daily`, `weekends`, `mon, thu`, `Mon-Fri`, in any mix. Raises BadArgument."""
    chosen: set[Weekday] = set()
    parts = [part for part in re.split(r"[,;/\s]+|\band\b", " ".join(words).casefold()) if part]
    for part in parts:
        chosen.update(_days_of(part))
    if not chosen:
        raise BadArgument("on", "No day is named. Write days like weekdays, daily, mon-fri or tue,thu.")
    return tuple(day for day in WEEKDAYS if day in chosen)


def _days_of(part: str) -> tuple[Weekday, ...]:
    if part in _NAMED_DAYS:
        return _NAMED_DAYS[part]
    first, dash, last = re.sub("[‐-―]", "-", part).partition("-")
    start, end = _day(first, part), _day(last, part) if dash else None
    if end is None:
        return (start,)
    begin = WEEKDAYS.index(start)
    return tuple(WEEKDAYS[(begin + step) % 7] for step in range((WEEKDAYS.index(end) - begin) % 7 + 1))


def _day(text: str, whole: str) -> Weekday:
    stem = text.rstrip("s") if text not in _DAY_NAMES else text
    matches = [day for day, name in zip(WEEKDAYS, _DAY_NAMES, strict=True) if len(stem) > 1 and name.startswith(stem)]
    if len(matches) != 1:
        raise BadArgument("on", f"“{whole}” is not a day. Write days like weekdays, daily, mon-fri or tue,thu.")
    return matches[0]


def parse_duration(text: str) -> timedelta:
    """`6h`, `90m`, `1 day`, `none`; at most 7 days. Raises BadArgument."""
    if text.casefold() in {"0", "none", "no", "off"}:
        return timedelta(0)
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise BadArgument("settle", f"“{text}” is not a length of time. Write it like 6h, 90m or 1d.")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found["unit"][0].casefold()]
    length = timedelta(**{unit: int(found["number"])})
    if length > LONGEST_SETTLE:
        raise BadArgument("settle", f"“{text}” is too long to wait: 7 days at the most.")
    return length


def say_schedule(schedule: Schedule) -> str:
    """A schedule in plain words: `weekdays at 09:00, Europe/Berlin`."""
    return f"{say_days(schedule.days)} at {schedule.at:%H:%M}, {schedule.zone}"


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
