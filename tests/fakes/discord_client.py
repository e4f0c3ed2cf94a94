"""What a reader of Discord sees of a text: markdown read as Discord's client reads it, at every position.

After the rules of the client's own parser (a simple-markdown with Discord's additions): a backslash shows the sign
behind it, addresses and `<…>` are live, headings, quotes and lists begin a line. Where clients differ it reads more as
markup than any of them does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
LIVE = {
    "mention": re.compile(r"<(?:@[!&]?|#)\d+>|@(?:everyone|here)"),
    "timestamp": re.compile(r"<t:-?\d{1,17}(?::[tTdDfFR])?>"),
    "custom emoji": re.compile(r"<a?:\w+:\d+>"),
    "command": re.compile(r"</[^:>]+:\d+>"),
    "place": re.compile(r"<id:\w+>"),
    "contact": re.compile(r"<(?:mailto|tel|sms):[^ >]+>"),
    "address": re.compile(r"<(?:https?|steam|discord)://[^ >]+>|(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]"),
    "invitation": re.compile(r"discord(?:app)?\.(?:gg|com/invite)/\S+"),
    "emoji": re.compile(r":[A-Za-z0-9_+~-]+:"),
    "code": re.compile(r"(`+)[\s\S]*?[^`]\1(?!`)"),
}
WRAPPED = {
    "bold": re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    "underline": re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    "italics": re.compile(
        r"_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?)\*(?!\*)",
    ),
    "strike": re.compile(r"~~([\s\S]+?)~~(?!_)"),
    "spoiler": re.compile(r"\|\|([\s\S]+?)\|\|"),
}
LINK = re.compile(r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?\s*\)")
LINES = {
    "heading": re.compile(r" *#{1,3}\s+"),
    "subtext": re.compile(r" *-#\s+"),
    "quote": re.compile(r" *>(?:>>)? "),
    "item": re.compile(r" *(?:[-*+]|\d+\.) +"),
}


@dataclass(frozen=True)
class Run:
    """A stretch of text and how it looks; `target` is where a link leads."""

    text: str
    looks: frozenset[str] = frozenset()
    target: str = ""


def read(markdown: str, looks: frozenset[str] = frozenset(), target: str = "", *, in_line: bool = False) -> list[Run]:
    """The text as runs."""
    runs: list[Run] = []
    at, starts_line, line = 0, not in_line, frozenset[str]()
    while at < len(markdown):
        if starts_line:
            starts_line, line = False, frozenset()
            if found := next(
                ((name, match) for name, rule in LINES.items() if (match := rule.match(markdown, at))), None
            ):
                line, at = frozenset({found[0]}), found[1].end()
                continue
        made, at = _next(markdown, at, looks | line, target)
        runs += made
        starts_line = bool(made) and made[-1].text.endswith("\n") and not in_line
    return runs


def _next(markdown: str, at: int, looks: frozenset[str], target: str) -> tuple[list[Run], int]:
    if match := ESCAPE.match(markdown, at):
        return [Run(match[1], looks, target)], match.end()
    for name, rule in LIVE.items():
        if match := rule.match(markdown, at):
            return [Run(match[0], looks | {name}, target)], match.end()
    for name, rule in WRAPPED.items():
        if match := rule.match(markdown, at):
            inner = next(each for each in match.groups() if each is not None)
            return read(inner, looks | {name}, target, in_line=True), match.end()
    if match := LINK.match(markdown, at):
        return read(match[1], looks | {"link"}, match[2], in_line=True), match.end()
    return [Run(markdown[at], looks, target)], at + 1


def seen(markdown: str) -> str:
    """The characters that are seen."""
    return "".join(each.text for each in read(markdown))


def looks_of(markdown: str) -> set[str]:
    """Everything that is not plain about it."""
    return {look for each in read(markdown) for look in each.looks}
