"""HTML in titles and abstracts: formatting that is well formed goes, everything else is text and stays as typed.

`<T>`, `<think>` and `<s>` are tokens that papers write about, so only the names below count, only without attributes,
and only in pairs that nest. Escaping what stays is the renderer's task.

Of the character references only the numeric ones are read (`&#956;`). A named one (`&amp;`) is what the author typed:
every source decodes its own envelope once, and a second decoding would change what is said.
"""

from __future__ import annotations

import re
import unicodedata

from bot.text.scripts import script

_SCRIPTS = {"sup": "^", "sub": "_"}
_TAG = re.compile(
    r"<(/?)(?:jats:)?(i|b|em|strong|sub|sup|p|tt|u|small|italic|bold|sc|br)\s*(/?)>|"
    r"<(/?)jats:(title|sec|list|list-item)>",
    re.IGNORECASE,
)
_NUMERIC = re.compile(r"&#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));")
_MAX_CODE_POINT = 0x10FFFF


def without_formatting(text: str) -> str:
    """`text` without balanced formatting tags; what was raised or lowered becomes a superscript or a subscript."""
    kept: list[str] = []
    # One level for each tag that is open: the pieces so far, and the tag as it was typed.
    levels: list[tuple[list[str], str, str]] = []
    position = 0
    for match in _TAG.finditer(text):
        kept.append(text[position : match.start()])
        position = match.end()
        name = (match[2] or match[5]).lower()
        if name == "br":
            kept.append(" ")
        elif match[3]:
            kept.append(match[0])
        elif not (match[1] or match[4]):
            levels.append((kept, name, match[0]))
            kept = []
        elif levels and levels[-1][1] == name:
            inner = "".join(kept)
            kept, _, _ = levels.pop()
            kept.append(_formatted(name, inner))
        else:
            kept.append(match[0])
    kept.append(text[position:])
    while levels:  # never closed: as typed
        inner = "".join(kept)
        kept, _, typed = levels.pop()
        kept += [typed, inner]
    return "".join(kept)


def with_characters(text: str) -> str:
    """`text` with numeric character references read, except those of markup's own signs and of invisible characters."""
    return _NUMERIC.sub(_character, text)


def _formatted(name: str, inner: str) -> str:
    if name in _SCRIPTS:
        return script(_SCRIPTS[name], inner) if inner.strip() else ""
    return f" {inner} " if name in {"p", "title", "sec", "list", "list-item"} else inner


def _character(match: re.Match[str]) -> str:
    number = int(match[1]) if match[1] else int(match[2], 16)
    if number > _MAX_CODE_POINT:
        return match[0]
    char = chr(number)
    if char in "<>&\\$" or unicodedata.category(char)[0] not in "LNSP":
        return match[0]
    return char
