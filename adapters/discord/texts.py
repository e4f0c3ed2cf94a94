"""Texts of strangers as Discord shows them: nothing in them is markup, a mention, an emoji or a link.

A backslash before a character that is neither a letter, a digit nor white space shows the character itself wherever
Discord reads markdown: in content, in text displays, in the description, title and fields of an embed. Authors,
footers, labels and names of threads are read as plain text, where a backslash would be seen: they take `plain`.
Discord counts what is sent, so lengths are measured after escaping, and a cut never falls between a backslash and its
character. Nothing here keeps a mention from ringing: `allowed_mentions` does (`adapters.discord.render`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

import regex

from adapters.discord import limits
from bot.text import shown as texts
from bot.text.characters import has_ink
from bot.text.cut import utf16_length

_INLINE = re.compile(
    r"[\\*_`<\[]"  # emphasis, code, mentions, timestamps, custom emoji, masked links
    r"|~(?=~)|(?<=~)~|\|(?=\|)|(?<=\|)\||\](?=\()"
    r"|@(?=everyone|here)"
    r"|:(?=//)"  # addresses become links by themselves
    r"|:(?=[A-Za-z0-9_+~-]+:)"  # :smile:
    r"|(?<=discord)\.|(?<=discordapp)\.",  # invitations are shown as cards, with or without https://
    re.IGNORECASE,
)
_AT_LINE_START = re.compile(r"^[^\S\n]*(?:[0-9]+(?=\.(?:\s|$)))?(?P<sign>[#>+.-])", re.MULTILINE)
_LOOKS_LIKE_LINK = re.compile(r"://|\bwww\.|\bdiscord(?:app)?\.|[a-z0-9]\.[a-z]{2,}/", re.IGNORECASE)
_PICTURE = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\uFE0F\u20E3]")
_IN_TARGET = str.maketrans({"\\": "%5C", "(": "%28", ")": "%29"})
_FAR = 16
_LONGEST = 20_000
"""Characters that are looked at of a line: no text that was read by the sources has more."""
_SMALLER = (1.0, 0.75, 0.55, 0.4, 0.3, 0.2, 0.12, 0.08)


def _places(text: str) -> list[int]:
    """Where a backslash goes."""
    found = {match.start() for match in _INLINE.finditer(text)}
    found.update(match.start("sign") for match in _AT_LINE_START.finditer(text))
    return sorted(found)


def width(text: str) -> int:
    """How long Discord finds a text once it is escaped."""
    return utf16_length(text) + len(_places(text))


def escape(text: str) -> str:
    """The text as markdown that shows exactly it."""
    return _escaped(text, _places(text), 0, len(text))


def _escaped(text: str, places: Sequence[int], start: int, end: int) -> str:
    parts, at = [], start
    for place in places:
        if start <= place < end:
            parts.append(f"{text[at:place]}\\")
            at = place
    return "".join([*parts, text[at:end]])


def one_line(text: str) -> str:
    """Without line breaks, for what has one line."""
    return " ".join(text[:_LONGEST].split())


def _shown(text: str, limit: int, measure: Callable[[str], int] = width) -> str:
    """What may be seen of a text; of one without end only the beginning is looked at."""
    return texts.shown(text[: _FAR * (limit + _FAR)], limit, width=measure)


def literal(text: str, limit: int) -> str:
    """Escaped, with its line breaks, at most `limit` long; empty where nothing of it would be seen."""
    kept = _shown(text, limit)
    return escape(kept) if has_ink(kept) else ""


def plain(text: str, limit: int) -> str:
    """One line for where Discord reads no markdown; empty where nothing of it would be seen."""
    kept = _shown(one_line(text), limit, utf16_length)
    return kept if has_ink(kept) else ""


def paragraphs(text: str, limit: int, most: int) -> list[str]:
    """Escaped, as stretches of at most `limit`, broken between words; what is beyond `most` of them is left out."""
    left = _shown(text, limit * most)
    found: list[str] = []
    while left and len(found) < most:
        room = bisect_right(range(len(left) + 1), limit, key=lambda end: width(left[:end])) - 1
        end = len(left) if room >= len(left) else left.rfind(" ", 1, room + 1)
        end = end if end > 0 else max(room, 1)
        found.append(literal(left[:end], limit))
        left = left[end:].lstrip()
    return [each for each in found if each]


def marked(text: str, marks: Sequence[tuple[int, int]], limit: int) -> str:
    """Escaped on one line, the marked stretches in bold as far as they are shown."""
    kept = _shown(one_line(text), limit - 4 * len(marks))
    if not marks or not text.startswith(kept.rstrip("…")):
        return literal(one_line(text), limit)
    places, parts, at = _places(kept), [], 0
    for start, end in _joined(marks):
        if end > len(kept):
            break
        parts += [_escaped(kept, places, at, start), f"**{_escaped(kept, places, start, end)}**"]
        at = end
    return "".join([*parts, _escaped(kept, places, at, len(kept))])


def _joined(marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that touch as one: `****` between two would be read as text."""
    joined: list[tuple[int, int]] = []
    for start, end in marks:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def bold(text: str, limit: int) -> str:
    """Escaped on one line and in bold."""
    made = literal(one_line(text), limit - 4)
    return f"**{made}**" if made else ""


def quiet(text: str, limit: int) -> str:
    """Escaped, small and grey, line by line."""
    return "\n".join(f"-# {each}" for each in literal(text, limit - 3).split("\n") if each.strip())


def code(text: str, limit: int) -> str:
    """One line as code, which Discord reads for nothing; a text with a backtick in it cannot be."""
    kept = plain(text, limit - 2)
    return f"`{kept}`" if kept and "`" not in kept else literal(kept, limit)


def fenced(lines: Sequence[str], limit: int) -> str:
    """Lines of equal width; a backtick, which could end the block, becomes an apostrophe."""
    kept = _shown("\n".join(lines).replace("`", "'"), limit - 8, utf16_length)
    return f"```\n{kept}\n```"


def web_url(url: str, limit: int = limits.URL) -> str | None:
    """The URL where it may become a link, a picture or a button of Discord's."""
    return texts.web_url(url, limit)


def linked(label: str, url: str) -> str:
    """A masked link; `label` is markdown."""
    return f"[{label}]({url.translate(_IN_TARGET)})"


def can_be_linked(text: str) -> bool:
    """Whether a masked link may be named so.

    Brackets would end the name, and what looks like an address or holds a picture makes Discord show all as typed.
    """
    return not ("[" in text or "]" in text or _LOOKS_LIKE_LINK.search(text) or _PICTURE.search(text))


def apart(lines: list[str], *, airy: bool) -> list[str]:
    """Lines with an empty one between each two where that is wanted."""
    return [*(f"{each}\n" for each in lines[:-1]), *lines[-1:]] if airy else lines


def as_roomy_as_fits(make: Callable[[float], list[str]], room: int) -> list[str]:
    """Lines in the first of ever smaller sizes that fits; of the smallest, as many as fit."""
    lines: list[str] = []
    for size in _SMALLER:
        lines = make(size)
        if sum(utf16_length(each) + 1 for each in lines) <= room:
            return lines
    while lines and sum(utf16_length(each) + 1 for each in lines) > room:
        lines.pop()
    return lines
