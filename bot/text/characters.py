"""Which characters a line of text may hold: no controls, nothing invisible, no towers of accents."""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks kept on one base: no language needs more than four or five, “zalgo” uses sixty."""

_SURROGATE = re.compile("[\ud800-\udfff]")
# Line breaks, tabs and the separators of every script count as white space for `str.split`; what is left of C0 and C1
# has no meaning in a title. Numbered, because a literal control character in a source file is a trap of its own.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_INVISIBLE = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffc\ufdd0-\ufdef\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    "]"
)
# Joiners stay where leaving them out would change what is seen: inside an emoji sequence, between Arabic letters.
_PICTURE = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_ARABIC = "\u0620-\u06ff"
_JOINER = re.compile(
    f"(?<![{_PICTURE}\ufe0f])\u200d|\u200d(?![{_PICTURE}])|(?<![{_ARABIC}])\u200c|\u200c(?![{_ARABIC}])"
)
# One selector picks a glyph; a run of them is how data is smuggled behind an emoji.
_SELECTOR = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SELECTOR_RUN = re.compile(f"([{_SELECTOR}])[{_SELECTOR}\u200c\u200d]*[{_SELECTOR}]")
_SPACES = re.compile(r"\s+")
_BRAILLE_BLANK = "\u2800"


def clean(text: str, limit: int) -> str:
    """One line in NFC, at most `limit` characters, without controls, invisible characters or mark towers.

    Doing it twice changes nothing. NFC, never NFKC: a fullwidth `＠` must not become an `@` that pings.
    """
    if text.isascii():
        return " ".join(_CONTROL.sub("", text).split())[:limit].rstrip()
    text = _INVISIBLE.sub("", _CONTROL.sub("", _whole(text)))
    text = _SELECTOR_RUN.sub(r"\1", _JOINER.sub("", text))
    # Marks are capped before NFC too: sorting thousands of them is quadratic in unicodedata.
    text = _cap_marks(unicodedata.normalize("NFC", _cap_marks(_SPACES.sub(" ", text))))
    text = _JOINER.sub("", text)  # the cap may have taken the selector that a joiner stood on
    return text.strip()[:limit].rstrip(" \u200c\u200d")


def has_ink(text: str) -> bool:
    """Whether anything of the text would be seen: more than spaces, blanks and marks without a base."""
    return any(unicodedata.category(char)[0] not in "MZC" and char != _BRAILLE_BLANK for char in text)


def _whole(text: str) -> str:
    """Join surrogate pairs that arrived as two characters; drop halves, which cannot be encoded."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")


def _cap_marks(text: str) -> str:
    kept: list[str] = []
    run = 0
    for char in text:
        # Below U+0300 there are no combining marks: the short way for nearly every character.
        run = run + 1 if char >= "\u0300" and unicodedata.category(char)[0] == "M" else 0
        if run <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)
