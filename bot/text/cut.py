"""Shortening without breakage: at a word if one is near, never inside a character that people see as one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

import regex

ELLIPSIS = "…"
SUMMARY_LIMIT = 300
"""Characters of a card's summary line: about three lines in a chat window."""

_CLUSTER = regex.compile(r"\X")
_LONGEST_CLUSTER = 64  # a family emoji has 11 characters, a base with its capped marks 9
_NEAR = 0.6  # a word boundary counts as near when it keeps this much of what fits
_READ_AHEAD = 4_000  # no first sentence is longer; the rest of an abstract need not be looked at

_SENTENCE_END = re.compile(r"(?:[.!?]+[\"'”’)\]]*(?=\s+[^\s]|\s*$)|[。！？]+)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'])(?:e\.g|i\.e|cf|vs|et al|al|viz|resp|approx|ca|w\.r\.t|a\.k\.a|fig|figs|eq|eqs|sec|secs|ref|refs"
    r"|tab|thm|prop|def|no|nos|vol|ch|pp|ed|eds|dr|prof|mr|mrs|ms|st|inc|ltd|dept|u\.s|[A-Z](?:\.[A-Z])*)\.$",
    re.IGNORECASE,
)
_ABBREVIATION_REACH = 16


def utf16_length(text: str) -> int:
    """The length in UTF-16 units, which is how Discord counts: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, width: Callable[[str], int] = len) -> str:
    """`text` itself when it fits, else a prefix of it that ends in `…`; never wider than `limit`.

    `width` measures what will be sent (`utf16_length`, or the length after escaping). It must not be smaller than the
    number of characters, and not shrink when a text grows.
    """
    if len(text) <= limit and width(text) <= limit:
        return text
    room = limit - width(ELLIPSIS)
    if room < 0:
        return ""
    window = text[: room + _LONGEST_CLUSTER]
    # The window's end is a boundary only by accident, so it does not count.
    ends = [0, *(match.end() for match in _CLUSTER.finditer(window) if match.end() <= room)]
    best = bisect_right(ends, room, key=lambda end: width(window[:end])) - 1
    return _at_word(window, ends[best]) + ELLIPSIS


def first_sentence(abstract: str) -> str:
    """The first sentence, for a card's summary line; at most SUMMARY_LIMIT characters."""
    return cut(next(sentences(abstract[:_READ_AHEAD]), ""), SUMMARY_LIMIT)


def sentences(abstract: str) -> Iterator[str]:
    """The sentences of a text, in order."""
    text, start = abstract.strip(), 0
    for match in _SENTENCE_END.finditer(text):
        before = text[max(start, match.end() - _ABBREVIATION_REACH) : match.end()]
        following = text[match.end() : match.end() + 2].strip()
        if _ABBREVIATION.search(before) or (following[:1].islower() and match[0] == "."):
            continue
        yield text[start : match.end()].strip()
        start = match.end()
    if rest := text[start:].strip():
        yield rest


def _at_word(window: str, end: int) -> str:
    kept = window[:end]
    if end and not window[end : end + 1].isspace() and not kept[-1].isspace():
        space = kept.rfind(" ")
        if space >= end * _NEAR:
            kept = kept[:space]
    return kept.rstrip(" \t\n,;:([-–—")
