"""Time zones as people name them: IANA names in any case, cities, and why an abbreviation or an offset is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from bot.errors import BadArgument
from bot.text.display import display_text

_COUNTRIES = frozenset({"Cuba", "Egypt", "Eire", "GMT", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan"})
_COUNTRIES |= {"Kwajalein", "Libya", "Navajo", "Poland", "Portugal", "Singapore", "Turkey", "UTC"}
"""The names without a slash that mean one place; all others are abbreviations or files."""
_ABBREVIATIONS = {
    "aest": ("Australia/Sydney", "Australia/Brisbane"),
    "bst": ("Europe/London", "Asia/Dhaka"),
    "cdt": ("America/Chicago",),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "cet": ("Europe/Berlin", "Europe/Paris", "Africa/Algiers"),
    "cst": ("America/Chicago", "Asia/Shanghai", "America/Havana"),
    "edt": ("America/New_York",),
    "eest": ("Europe/Helsinki", "Europe/Athens"),
    "eet": ("Europe/Helsinki", "Europe/Athens", "Africa/Cairo"),
    "est": ("America/New_York", "America/Panama"),
    "est5edt": ("America/New_York",),
    "hkt": ("Asia/Hong_Kong",),
    "ist": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "mdt": ("America/Denver",),
    "met": ("Europe/Berlin", "Europe/Paris"),
    "mst": ("America/Denver", "America/Phoenix"),
    "nzst": ("Pacific/Auckland",),
    "pdt": ("America/Los_Angeles",),
    "prc": ("Asia/Shanghai",),
    "pst": ("America/Los_Angeles", "Asia/Manila"),
    "pst8pdt": ("America/Los_Angeles",),
    "sgt": ("Asia/Singapore",),
    "wet": ("Europe/Lisbon", "Atlantic/Canary"),
}
_OFFSET = re.compile(r"(?:utc|gmt|z)?\s*(?P<sign>[+\u2212-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?", re.ASCII)
_SHOWN = 60


def parse_zone(text: str) -> str:
    """An IANA name in any case, or its city alone (`Berlin`, `new york`). Raises BadArgument."""
    names, cities = _zones()
    folded = _fold(text)
    if folded in names:
        return names[folded]
    if folded in {"z", "zulu", "etc/utc"}:
        return "UTC"
    shown = display_text(text)[:_SHOWN]
    if folded in _ABBREVIATIONS:
        raise _bad(f"“{shown}” names an offset, not a place: write {_either(_ABBREVIATIONS[folded])}.")
    if (offset := _OFFSET.fullmatch(folded)) is not None:
        raise _bad(_say_offset(shown, offset))
    by_city = cities.get(folded, [])
    if len(by_city) == 1:
        return by_city[0]
    if by_city:
        raise _bad(f"“{shown}” names several time zones: {', '.join(by_city)}. Write the one you mean.")
    near = _nearest(folded, names)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise _bad(f"“{shown}” is no time zone I know; write one like Europe/Berlin or America/New_York.{hint}")


@cache
def zone_names() -> Mapping[str, tuple[str, ...]]:
    """Every place's zone, those behind abbreviations first; each with its city and the abbreviations it goes by."""
    short: dict[str, list[str]] = {"UTC": []}
    for abbreviation, meant in _ABBREVIATIONS.items():
        for name in meant:
            short.setdefault(name, []).append(abbreviation)
    names = [each for each in _zones()[0].values() if not each.startswith(("Etc/", "US/"))]
    return {name: (name.rpartition("/")[2].replace("_", " "), *short.get(name, ())) for name in (*short, *names)}


@cache
def _zones() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Folded IANA names, and the names of each folded city."""
    names: dict[str, str] = {}
    cities: dict[str, list[str]] = {}
    for name in sorted(available_timezones()):
        if name.startswith(("posix/", "right/", "SystemV/")) or ("/" not in name and name not in _COUNTRIES):
            continue
        names[_fold(name)] = name
        if not name.startswith(("Etc/", "US/")):
            cities.setdefault(_fold(name.rpartition("/")[2]), []).append(name)
    return names, cities


def _fold(text: str) -> str:
    return text.strip().casefold().replace(" ", "_")


def _say_offset(shown: str, found: re.Match[str]) -> str:
    said = f"“{shown}” does not follow summer time: write a city like Europe/Berlin or Asia/Kolkata"
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if minutes or not 0 < hours <= 12:  # noqa: PLR2004 - the zones of fixed offset end there
        return f"{said}."
    # POSIX counts west of Greenwich as positive.
    return f"{said}; Etc/GMT{'-' if found['sign'] == '+' else '+'}{hours} is that offset all year."


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _bad(sentence: str) -> BadArgument:
    return BadArgument("at", sentence)


def _nearest(folded: str, names: dict[str, str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only errors pay for it

    _, cities = _zones()
    close = get_close_matches(folded, [*names, *cities], n=2, cutoff=0.7)
    return list(dict.fromkeys(names.get(name) or cities[name][0] for name in close))
