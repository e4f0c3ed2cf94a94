"""What a source gave, as a person would write it: the form in which titles, abstracts and names are kept and shown."""

from __future__ import annotations

import re

from bot.text.characters import clean, has_ink
from bot.text.tags import with_characters, without_formatting
from bot.text.tex import plain_text

MAX_CHARACTERS = 20_000
"""Ten times the longest abstract arXiv takes (1,920): room for markup, and a bound on what any text can cost."""
MAX_ROUNDS = 6
"""Readings of one text: markup may hide markup (`<i>$x$</i>` takes two). Hostile nests that need more stay as typed."""

_MARKUP = re.compile(r"[\\$<{^~]|&#|``")
# ~ is an approximation sign before a number (“~96%”) and a tie only between two pieces of one phrase (“Fig.~1”).
_TIE = re.compile(r"(?<=[^\W_][^\W_]|[^\W_][.,)%])~(?=[\w(])|(?<=[0-9)])~(?=[A-Za-z(])")
_QUOTED = re.compile(r"(?<!`)``(?!`)([^`]{1,300}?)''(?!')")


def display_text(raw: object) -> str:
    """The text on one line in plain characters; empty when nothing of it would be seen.

    Numbers give their digits; None, booleans and containers give "". Doing it twice changes nothing.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return ""
    text = clean(str(raw)[:MAX_CHARACTERS], MAX_CHARACTERS)
    written = _settled(text) if _MARKUP.search(text) else text
    return written if has_ink(written) else ""


def _settled(text: str) -> str:
    """Read markup until there is none left to read; `text` itself when that takes too long."""
    current = text
    for _ in range(MAX_ROUNDS):
        following = clean(_read(current), MAX_CHARACTERS)
        if following == current:
            return current
        current = following
        if not _MARKUP.search(current):
            return current
    return text


def _read(text: str) -> str:
    if "&#" in text:
        text = with_characters(text)
    if "<" in text:
        text = without_formatting(text)
    text = plain_text(text)
    if "``" in text:
        text = _QUOTED.sub(r"“\1”", text)
    return _TIE.sub(" ", text) if "~" in text else text
