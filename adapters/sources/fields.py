"""Reading single values from strangers' JSON and XML: functions that take anything and give a sane value or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from bot.text.display import display_text

BIGGEST_COUNT = 2**31 - 1
"""Fits every INTEGER column there is."""
_LONGEST_URL = 2_000
_MOST_AUTHORS = 10_000
_MOST_DIGITS = 18
_FIRST_YEAR = 1900
_HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


class BadEntry(ValueError):
    """One entry of a source cannot be taken; the text is the reason to report."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A whole body is not what was asked for: an outage, never a quiet day."""

    reason: str


def count_of(raw: object) -> int:
    """A number of votes, comments or stars, between 0 and `BIGGEST_COUNT`; 0 for what is no number."""
    if isinstance(raw, str) and raw.strip().isascii() and raw.strip().isdigit():
        raw = int(raw.strip()[:_MOST_DIGITS])
    if isinstance(raw, bool) or not isinstance(raw, int | float) or (isinstance(raw, float) and math.isnan(raw)):
        return 0
    return int(min(max(raw, 0), BIGGEST_COUNT))


def text_or_none(raw: object) -> str | None:
    """The display form, None where nothing would be seen."""
    return display_text(raw) or None


def texts_of(raw: object, *, most: int) -> tuple[str, ...]:
    """The visible texts of a list, without repetitions, at most so many; () for what is no list."""
    if not isinstance(raw, list):
        return ()
    return unique((text for each in raw[:most] if (text := display_text(each))), most=most)


def unique(texts: Iterable[str], *, most: int = _MOST_AUTHORS) -> tuple[str, ...]:
    """The texts in their order, each once."""
    return tuple(dict.fromkeys(texts))[:most]


def day_of(raw: object) -> date | None:
    """The UTC day of an ISO 8601 instant or date; where only the time is unreadable, the day as written; else None."""
    if not isinstance(raw, str):
        return None
    text = raw.strip()[:40]
    written = _DAY.match(text)
    if written is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        day = instant.astimezone(UTC).date() if instant.tzinfo else instant.date()
    except (ValueError, OverflowError):
        try:
            day = date.fromisoformat(written[0])
        except ValueError:
            return None
    return day if day.year >= _FIRST_YEAR else None


def url_of(raw: object) -> str | None:
    """An http(s) URL with a public host name, as a card may link to it; None for everything else.

    Addresses and single-label names are refused: a link in a public list has no business inside anyone's network.
    """
    if not isinstance(raw, str):
        return None
    text = raw.strip()
    if not text or len(text) > _LONGEST_URL or any(not each.isprintable() or each in ' "<>\\^`{|}' for each in text):
        return None
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
        host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except ValueError:
        return None
    is_plain = parts.scheme in {"http", "https"} and parts.username is None and parts.password is None
    return text if is_plain and _HOST.match(host) else None


def arxiv_title(raw: object, bare_id: str) -> str:
    """The title to show; a paper whose title cannot be read is called by its id."""
    return display_text(raw) or f"arXiv:{bare_id}"
