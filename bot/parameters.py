"""Reading the values of commands from words: each reader gives values by name, or raises BadArgument for its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any, TypeVar

from bot.commands import Window
from bot.errors import BadArgument
from bot.index_query import SortBy
from bot.ledger import WhenInDoubt
from bot.model import Alert, ChangesBy, Layout
from bot.spoken_times import parse_duration, parse_rule, parse_time
from bot.topics.language import parse_topic
from bot.zones import parse_zone

SMALLEST_SIZE, LARGEST_SIZE = 1, 50
LAST_PAGE = 1_000
LONGEST_SEARCH = 2_000
_LARGEST_NUMBER = 999_999_999
LONGEST_NAME = 60
QUIET = ("say", "silent")
ALERTS = ("normal", "silent")
PREVIEW_DAYS = {"7d": 7, "30d": 30}

Values = Mapping[str, Any]
_Choice = TypeVar("_Choice", ChangesBy, Layout, SortBy, WhenInDoubt, Window)
_ROLE = re.compile(r"<@&(\d{1,20})>", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_topic(words: list[str]) -> Values:
    """A topic as it was typed, quotes and all. Raises BadTopic."""
    text = " ".join(words)
    parse_topic(text)
    return {"topic": text}


def read_preview(words: list[str]) -> Values:
    """A topic, with `7d` or `30d` after it where another stretch is meant than a week. Raises BadTopic."""
    text = " ".join(words).strip()
    topic, _, last = text.rpartition(" ")
    if last in PREVIEW_DAYS and topic:
        return {**read_topic([topic]), "days": PREVIEW_DAYS[last]}
    return read_topic([text])


def read_sure(words: list[str]) -> Values:
    """`save now`."""
    if " ".join(words).casefold() != "now":
        raise BadArgument("save", "Write save now, or leave it out to see first what would change.")
    return {"sure": True}


def read_text(name: str) -> Callable[[list[str]], Values]:
    """The words without the quotes that protected them."""
    return lambda words: {name: " ".join(words).strip('"').strip()}


def read_search_text(words: list[str]) -> Values:
    """What to search for, as it was typed, quotes and all."""
    text = " ".join(words).strip()
    if len(text) > LONGEST_SEARCH:
        raise BadArgument("text", f"A search has at most {LONGEST_SEARCH:,} characters; this one has {len(text):,}.")
    return {"text": text}


def read_sort(words: list[str]) -> Values:
    """`sort relevance|newest|votes`."""
    return {"sort": _choice(" ".join(words), SortBy, "sort")}


def read_upto(words: list[str]) -> Values:
    """`upto N`."""
    return {"upto": _whole(words, "upto", 0, _LARGEST_NUMBER)}


def read_at(words: list[str]) -> Values:
    """`TIME [ZONE]`: `9am`, `9 am`, `09:00 Europe/Berlin`, `17:30 New York`."""
    if len(words) > 1 and words[1].casefold().rstrip(",") in {"am", "pm"}:
        words = [words[0] + words[1], *words[2:]]
    at = parse_time(words[0].rstrip(","))
    return {"at": at, "zone": parse_zone(" ".join(words[1:]))} if len(words) > 1 else {"at": at}


def read_days(words: list[str]) -> Values:
    """`DAYS`: `weekdays`, `mon, thu`, `weekly on fri`, `monthly on the 15th`."""
    rule = parse_rule(words)
    return {"days": rule.days, "month_day": rule.month_day, "roundup": rule.roundup}


def read_size(words: list[str]) -> Values:
    """`top N`: 1 to 50."""
    return {"size": _whole(words, "top", SMALLEST_SIZE, LARGEST_SIZE)}


def read_page(words: list[str]) -> Values:
    """`page N`."""
    return {"page": _whole(words, "page", 1, LAST_PAGE)}


def _whole(words: list[str], field: str, least: int, most: int) -> int:
    text = " ".join(words)
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise BadArgument(field, f"“{field} {text}” needs a whole number from {least} to {most:,}.")
    return int(text)


def read_name(words: list[str]) -> Values:
    """`as NAME`: one to sixty visible characters, without the quotes that protect words in commands."""
    name = " ".join(" ".join(words).replace('"', " ").split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadArgument("name", f"A subscription's name has 1 to {LONGEST_NAME} visible characters.")
    return {"name": name}


def read_layout(words: list[str]) -> Values:
    """`layout thread|cards|list`."""
    return {"layout": _choice(" ".join(words), Layout, "layout")}


def read_changes_by(words: list[str]) -> Values:
    """`allow anyone|editors|admins`."""
    return {"allow": _choice(" ".join(words), ChangesBy, "allow")}


def read_window(words: list[str]) -> Values:
    """`day|week|month`."""
    return {"window": _choice(" ".join(words), Window, "window")}


def _choice(text: str, choices: type[_Choice], field: str) -> _Choice:
    values = [each.value for each in choices]
    if text.casefold() in values:
        return choices(text.casefold())
    near = get_close_matches(text.casefold(), values, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise BadArgument(field, f"“{text}” is no {field}: choose {', '.join(values[:-1])} or {values[-1]}.{hint}")


def read_settle(words: list[str]) -> Values:
    """`settle 6h`."""
    return {"settle": parse_duration(" ".join(words))}


def read_quiet(words: list[str]) -> Values:
    """`quiet say|silent`."""
    word = " ".join(words).casefold()
    if word not in QUIET:
        raise BadArgument("quiet", f"“quiet {word}” is unknown: write quiet say, or quiet silent.")
    return {"tells_quiet": word == "say"}


def read_alert(words: list[str]) -> Values:
    """`notify normal|silent|@ROLE`: a role is mentioned as Discord writes it, `<@&123>`."""
    word = " ".join(words).casefold()
    if found := _ROLE.fullmatch(word):
        return {"alert": Alert(role=found[1])}
    if word not in ALERTS:
        raise BadArgument(
            "notify",
            f"“notify {word}” is unknown: write notify normal, notify silent, or on Discord notify and an @role.",
        )
    return {"alert": Alert(is_silent=word == "silent")}


def read_until(words: list[str]) -> Values:
    """`until 2026-12-01`."""
    try:
        return {"until": read_date(words)["on"]}
    except BadArgument:
        raise BadArgument("until", f"“{' '.join(words)}” is no date. Write it like 2026-12-01.") from None


def read_doubts(words: list[str]) -> Values:
    """`doubts never-twice|never-lost`."""
    return {"doubts": _choice("-".join(words), WhenInDoubt, "doubts")}


def read_date(words: list[str]) -> Values:
    """A day as YYYY-MM-DD."""
    text = " ".join(words)
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise BadArgument("on", f"“{text}” is no date. Write it like 2026-05-12.")
    return {"on": day}
