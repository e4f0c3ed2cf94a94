"""Times, days and whole schedules as people type them. Whatever could mean two things is refused with the choices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time, timedelta

from bot.errors import BadArgument
from bot.model import WEEKDAYS, WORKDAYS, Schedule, Weekday
from bot.zones import parse_zone

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}(?=\D|$)|\d{2}(?=\d{2}))(?:[:.h]?(?P<minute>\d{2}))?\s*(?P<half>am|pm)?", re.ASCII
)
_CRON = re.compile(r"(?:[\d*/,?LW#H-]+|\b(?:sun|mon|tue|wed|thu|fri|sat)\b)", re.IGNORECASE)
_DURATION = re.compile(r"(?P<number>\d{1,5})\s*(?P<unit>m|min|minutes?|h|hours?|d|days?)", re.IGNORECASE | re.ASCII)
_ORDINAL = re.compile(r"(?P<day>\d{1,2})(?P<suffix>st|nd|rd|th)?", re.ASCII)
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
_LAST_DAY = 31
_CRON_FIELDS = 5
LONGEST_SETTLE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Days:
    """On which days a subscription is due; a roundup when it was asked for as weekly or monthly."""

    days: tuple[Weekday, ...] = WEEKDAYS
    month_day: int | None = None
    roundup: bool = False


def parse_time(text: str) -> time:
    """`9am`, `9:30 p.m.`, `09:00`, `0900`, `17.30`, `noon`; a bare `9` is refused with the choices.

    Raises BadArgument.
    """
    folded = _plain(text)
    named = _NAMED_TIMES.get(folded)
    if named is not None:
        return named
    found = _CLOCK.fullmatch(re.sub(r"\b([ap])\.?\s?m\b\.?", r"\1m", folded))
    if found is None:
        raise BadArgument("at", f"“{text}” is not a time of day. Write it like 09:00, 17:30 or 9am.")
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"] or ""
    if half:
        if not 1 <= hour <= _HALF_DAY:
            raise BadArgument("at", f"“{text}” is not a time of day: with am or pm the hour goes from 1 to 12.")
        hour = hour % _HALF_DAY + (_HALF_DAY if half == "pm" else 0)
    elif found["minute"] is None and hour < _HOURS:
        choices = f"{hour}am, {hour}pm or {hour:02}:00" if 1 <= hour <= _HALF_DAY else f"{hour:02}:00"
        raise BadArgument("at", f"“{text}” could be morning or evening. Write {choices}.")
    try:
        return time(hour, minute)
    except ValueError:
        raise BadArgument("at", f"“{text}” is not a time of day: hours go to 23, minutes to 59.") from None


def _plain(text: str) -> str:
    """What is meant by digits of another width, and what nobody sees, taken away."""
    shown = unicodedata.normalize("NFKC", text)
    return "".join(each for each in shown if unicodedata.category(each) != "Cf").strip().casefold()


def parse_rule(words: list[str]) -> Days:
    """`weekdays`, `mon, thu`, `weekly on fri`, `monthly on the 15th`. Raises BadArgument."""
    parts = [part for part in re.split(r"[,;\s]+", " ".join(words).casefold()) if part not in {"", "on", "the", "day"}]
    match parts:
        case ["weekly", *rest]:
            days = parse_days(rest) if rest else ()
            if len(days) != 1:
                raise BadArgument("on", "“weekly” needs one day: write weekly on fri, or another one of mon to sun.")
            return Days(days, roundup=True)
        case ["monthly", *rest]:
            return Days(month_day=_month_day(rest), roundup=True)
        case [one] if (found := _ORDINAL.fullmatch(one)) and found["suffix"]:
            return Days(month_day=_month_day(parts), roundup=True)
        case _:
            return Days(parse_days(words))


def _month_day(parts: Sequence[str]) -> int:
    found = _ORDINAL.fullmatch(parts[0]) if len(parts) == 1 else None
    if found is None or not 1 <= int(found["day"]) <= _LAST_DAY:
        raise BadArgument(
            "on",
            "“monthly” needs a day of the month: write monthly on the 1st, or up to the 31st, which few months have.",
        )
    return int(found["day"])


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


def parse_schedule(text: str, *, zone: str) -> Schedule:
    """A whole schedule: `9am`, `09:00 Berlin`, `weekdays at 8`, `Mon, Thu 17:30`, `monthly on the 1st 09:00 UTC`.

    Without days it is weekdays, without a zone it is `zone`. Raises BadArgument.
    """
    words = _plain(text.replace(",", " , ")).split()
    if len(words) >= _CRON_FIELDS and all(_CRON.fullmatch(each) for each in words[:_CRON_FIELDS]):
        raise BadArgument("at", f"“{text}” looks like a cron expression; write it like weekdays 09:00 Europe/London.")
    for start, word in enumerate(words):
        found = _time_at(words, start, text)
        if found is not None:
            at, end = found
            before = " ".join(words[:start]).replace("every day", "daily").split()
            before = [each for each in before if each not in {"at", "every", ","}]
            rule, where = _days_and_zone(before, words[end:], zone)
            return Schedule(at, where, rule.days, rule.month_day, rule.roundup)
        del word
    raise BadArgument("at", f"“{text}” names no time of day. Write it like weekdays 09:00, or Mon, Thu 17:30 Berlin.")


def _time_at(words: Sequence[str], start: int, text: str) -> tuple[time, int] | None:
    """The time that is written from this word on, and where it ends."""
    for length in (2, 1):
        said = " ".join(words[start : start + length])
        if length == 2 and (start + 1 >= len(words) or words[start + 1].strip(".") not in {"am", "pm", "a.m", "p.m"}):  # noqa: PLR2004
            continue
        try:
            return parse_time(said), start + length
        except BadArgument:
            bare = said.isdigit() and len(said) <= 2  # noqa: PLR2004 - digits of an hour
            if not bare or start == 0 or words[start - 1] != "at":
                if _is_time_like(words, start):
                    raise
                continue
            # “weekdays at 8”: who names days as well speaks of a clock with 24 hours.
            if start < 2 or int(said) > 23:  # noqa: PLR2004
                raise
            return time(int(said)), start + 1
    del text
    return None


def _is_time_like(words: Sequence[str], start: int) -> bool:
    """True where a word was evidently meant as the time, so that what is wrong with it is said."""
    return ":" in words[start] or (start == len(words) - 1 and words[start][:1].isdigit())


def _days_and_zone(before: list[str], after: list[str], zone: str) -> tuple[Days, str]:
    named = [each for each in before if "/" in each]
    before = [each for each in before if "/" not in each]
    after = [each for each in after if each not in {",", "in"}]
    if before:
        where = " ".join(named + after)
        return parse_rule(before), parse_zone(where) if where else zone
    for split in range(len(after), -1, -1):
        for days, place in ((after[split:], after[:split]), (after[:split], after[split:])):
            try:
                rule = parse_rule([each for each in days if each != "every"]) if days else Days(WORKDAYS)
                where = " ".join(named + place)
                return rule, parse_zone(where) if where else zone
            except BadArgument:
                continue
    return Days(WORKDAYS), parse_zone(" ".join(named + after))  # raises with what is wrong
