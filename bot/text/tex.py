r"""TeX in titles and abstracts, read once from left to right; what is not TeX, or not known, stays as typed.

Outside maths only what can hardly be anything else is taken: macros with a known meaning (`\emph{x}`, `\alpha`, `\"o`),
groups that open with one (`{\bf x}`), short scripts (`M^3`, `T_{c}`) and maths between dollars that looks like maths.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.text.formulas import AFTER, BEFORE, looks_like_formula, spaced
from bot.text.macros import (
    ACCENTS,
    ARGUMENTS,
    BLACKBOARD_FONTS,
    FONTS,
    LETTERS,
    MATH_ENVIRONMENTS,
    SPACES,
    SWITCHES,
    TEXT_ENVIRONMENTS,
    TEXT_FONTS,
    is_known,
    written,
)
from bot.text.scripts import script, unicode_script
from bot.text.symbols import BLACKBOARD, symbols

MAX_DEPTH = 30
"""Groups nested deeper stay as typed: no paper needs ten, and Python's stack ends somewhere."""
MAX_MATHS = 2_000
"""The longest piece of inline maths, in characters: longer than a whole arXiv abstract (1,920)."""
MAX_FAILURES = 50
"""Broken formulas looked at in one text; each costs up to MAX_MATHS, and a hostile text could hold thousands."""
_CACHED_MATHS = 8_192  # `$k$`, `$\alpha$` and their like recur in every other abstract

_LONGEST_DEGREE = 20  # of a root: `\sqrt[n+1]{x}`

_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MACRO = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_PLAIN_IN_TEXT = re.compile(r"[^\\{$^_]+")
_PLAIN_IN_MATHS = re.compile(r"[^\\{}^_&~' ]+")
_BRACED_SCRIPT_BASE = re.compile(r"(?:(?<![^\W_])[^\W_]{1,3}|[)\]}*′'])$")
_PLACEHOLDER = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)+")
_SHORT_POWER = re.compile(r"(?:(?<=[^\W_])|(?<=[)\]}]))\^([0-9]{1,2})(?![0-9.^]|/[0-9])")
_FUNCTION = re.compile(r"[A-Za-z]{2}")


def plain_text(text: str) -> str:
    """`text` with its TeX turned into characters. Never raises; linear in the length of the text."""
    return _Reader(text).read(0, len(text), maths=False)


@lru_cache(maxsize=_CACHED_MATHS)
def maths_text(source: str) -> str | None:
    """The inside of a formula in plain characters, None when its braces do not balance."""
    reader = _Reader(source)
    if not reader.balanced:
        return None
    return reader.read(0, len(source), maths=True)


class _Reader:
    """A text with its matching braces found; `read` walks a stretch of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.closing: dict[int, int] = {}
        self.balanced = True
        self.depth = 0
        self.failures = 0
        opened: list[int] = []
        if "{" in text or "}" in text:
            for match in _BRACE.finditer(text):
                if match[0] == "{":
                    opened.append(match.start())
                elif match[0] == "}":
                    if not opened:
                        self.balanced = False
                        continue
                    start = opened.pop()
                    if len(opened) < MAX_DEPTH:
                        self.closing[start] = match.start()
                    else:
                        self.balanced = False
        self.balanced = self.balanced and not opened

    def read(self, start: int, end: int, *, maths: bool) -> str:
        """The stretch in plain characters."""
        step = self._step_in_maths if maths else self._step_in_text
        parts: list[str] = []
        position = start
        while position < end:
            part, position = step(position, end)
            parts.append(part)
        joined = "".join(parts)
        return spaced(joined) if maths else joined

    # -- one token of running text

    def _step_in_text(self, position: int, end: int) -> tuple[str, int]:
        char = self.text[position]
        if char == "\\":
            return self._macro(position, end, maths=False)
        if char == "$":
            return self._dollars(position, end)
        if char == "{":
            return self._group_in_text(position)
        if char in "^_":
            return self._script_in_text(position, end)
        match = _PLAIN_IN_TEXT.match(self.text, position, end)
        return (match[0], match.end()) if match else (char, position + 1)

    def _group_in_text(self, position: int) -> tuple[str, int]:
        r"""`{\bf x}` and `{\"o}` lose their braces; other braces belong to the text."""
        close = self.closing.get(position)
        match = _MACRO.match(self.text, position + 1)
        if close is None or match is None or not is_known(match[1]):
            return "{", position + 1
        return self.read(position + 1, close, maths=False), close + 1

    def _script_in_text(self, position: int, end: int) -> tuple[str, int]:
        """`T_{c}`, `10^{-3}` and `M^3`; `snake_case`, `{date_short}` and `1^1392734382` are no scripts."""
        sign = self.text[position]
        close = self.closing.get(position + 1)
        if close is not None and close < end:
            content = self.read(position + 2, close, maths=True)
            formed = unicode_script(sign, content)
            before = self.text[max(0, position - 4) : position]
            if formed and before[-1:].strip():
                return formed, close + 1
            if content and _BRACED_SCRIPT_BASE.search(before) and not _PLACEHOLDER.fullmatch(content):
                return script(sign, content), close + 1
        elif power := _SHORT_POWER.match(self.text, position, end):
            return script("^", power[1]), power.end()
        return sign, position + 1

    def _dollars(self, position: int, end: int) -> tuple[str, int]:
        width = 2 if self.text.startswith("$$", position) else 1
        limit = min(end, position + MAX_MATHS)
        close = self.text.find("$" * width, position + width, limit)
        while close > 0 and self.text[close - 1] == "\\":  # an escaped dollar is inside
            close = self.text.find("$" * width, close + 1, limit)
        if close > position + width - 1:
            content = self.text[position + width : close]
            following = self.text[close + width : close + width + 1]
            if width == len("$$") or looks_like_formula(content, following):
                formula = self._formula(content)
                if formula is not None:
                    return formula, close + width
        return "$", position + 1

    def _formula(self, source: str) -> str | None:
        """The formula in plain characters; None when it is none, or when this text has offered too many of those."""
        if self.failures >= MAX_FAILURES:
            return None
        formula = maths_text(source.strip())
        self.failures += formula is None
        return formula

    # -- one token of maths

    def _step_in_maths(self, position: int, end: int) -> tuple[str, int]:
        char = self.text[position]
        if char == "\\":
            return self._macro(position, end, maths=True)
        if char == "{":
            return self._argument(position, end, maths=True)
        if char in "^_":
            content, after = self._argument(position + 1, end, maths=True)
            return (script(char, content), after) if content else ("", after)
        if char == "'":
            return "′", position + 1
        match = _PLAIN_IN_MATHS.match(self.text, position, end)
        return (match[0], match.end()) if match else (" ", position + 1)

    def _argument(self, position: int, end: int, *, maths: bool) -> tuple[str, int]:
        """What a macro or a script takes: a group, a macro or one character."""
        while position < end and self.text[position] == " ":
            position += 1
        if position >= end:
            return "", end
        close = self.closing.get(position)
        if close is not None:
            return self.read(position + 1, close, maths=maths), close + 1
        if self.text[position] == "\\" and self.depth < MAX_DEPTH:  # `\hat\hat\hat…` nests without braces
            self.depth += 1
            formula, after = self._macro(position, end, maths=maths)
            self.depth -= 1
            return spaced(formula), after
        return self.text[position], position + 1

    # -- macros

    def _macro(self, position: int, end: int, *, maths: bool) -> tuple[str, int]:
        match = _MACRO.match(self.text, position, end)
        if match is None:  # a trailing backslash
            return "\\", position + 1
        name, after = match[1], match.end()
        if name in symbols():
            return self._symbol(name, after, end, maths=maths)
        if name in SPACES:
            return self._space(name, after, maths=maths)
        if name in SWITCHES:
            return self._switch(name, after, end)
        return self._with_arguments(name, position, after, end, maths=maths)

    def _symbol(self, name: str, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        sign = symbols()[name]
        if name in LETTERS and not maths:
            return sign, _skip_spaces(self.text, after, end)
        if _FUNCTION.match(sign) and maths:
            return BEFORE + sign + AFTER, after
        parts = [sign]
        # `\ell_1` without dollars: after a symbol a script is a script.
        while not maths and name.isalpha() and after < end and self.text[after] in "^_":
            part, after = self._step_in_maths(after, end)
            parts.append(part)
        return "".join(parts), after

    def _font(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        close = self.closing.get(_skip_spaces(self.text, after, end))
        if close is None and not maths:
            return self.text[position:after], after
        content, after = self._argument(after, end, maths=maths and name not in TEXT_FONTS)
        if name in BLACKBOARD_FONTS:
            content = content.translate(BLACKBOARD)
        if name.startswith("operatorname"):
            content = BEFORE + content + AFTER if maths else content
        return content, after

    def _accent(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        braced = self.closing.get(_skip_spaces(self.text, after, end)) is not None
        # Without braces `\v s` needs its space, and `\'e` must not have one; `\'\i` is the only macro taken.
        bare = re.compile(r" +[^\W\d_]" if name.isalpha() else r"[^\W\d_]|\\[ij](?![A-Za-z])")
        if not maths and not braced and not bare.match(self.text, after, end):
            return self._unknown(position, after, end)
        content, after_argument = self._argument(after, end, maths=maths)
        if not content.strip():
            return (name, after_argument) if name in "~^" else self._unknown(position, after, end)
        composed = unicodedata.normalize("NFC", content[0] + ACCENTS[name] + content[1:])
        if maths or len(name) > 1:
            single = len(content) == 1 or name == "not"
            return (composed if single else content), after_argument
        if len(composed) != len(content) or not content[0].isalpha():
            return self._unknown(position, after, end)
        return composed, after_argument

    def _space(self, name: str, after: int, *, maths: bool) -> tuple[str, int]:
        if not maths and name in "!/->:;":
            # In running text these may be punctuation after a stray backslash; only between letters are they TeX.
            inside = self.text[after : after + 1].isalnum()
            return (SPACES[name], after) if inside and name in "/-:;" else ("\\" + name, after)
        return SPACES[name], after

    def _switch(self, name: str, after: int, end: int) -> tuple[str, int]:
        if name in {"left", "right", "middle"} and self.text.startswith(".", after, end):
            return "", after + 1
        return "", _skip_spaces(self.text, after, end)

    def _with_arguments(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        if name in FONTS:
            return self._font(name, position, after, end, maths=maths)
        if name in ACCENTS:
            return self._accent(name, position, after, end, maths=maths)
        if name in ARGUMENTS:
            return self._several(name, position, after, end, maths=maths)
        if name in {"begin", "end"}:
            return self._environment(name, position, after, end, maths=maths)
        return self._structure(name, position, after, end, maths=maths)

    def _structure(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        if name in {"(", "["} and not maths:
            return self._delimited(position, after, end)
        if name == "\\" and (maths or self.text[after : after + 1] in {" ", "["}):
            return ("; " if maths else " "), after
        return self._unknown(position, after, end)

    def _several(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        arguments: list[str] = []
        here = after
        if name == "sqrt" and self.text.startswith("[", here, end):
            bracket = self.text.find("]", here, min(end, here + _LONGEST_DEGREE))
            arguments, here = ([self.text[here + 1 : bracket]], bracket + 1) if bracket > 0 else ([], here)
        for kind in ARGUMENTS[name]:
            if not maths and self.closing.get(_skip_spaces(self.text, here, end)) is None:
                return self._unknown(position, after, end)
            read = self._verbatim(here, end) if kind == "v" else self._argument(here, end, maths=kind == "m")
            arguments.append(read[0])
            here = read[1]
        return written(name, arguments), here

    def _verbatim(self, position: int, end: int) -> tuple[str, int]:
        start = _skip_spaces(self.text, position, end)
        close = self.closing.get(start)
        return (self.text[start + 1 : close], close + 1) if close is not None else ("", position)

    def _unknown(self, position: int, after: int, end: int) -> tuple[str, int]:
        """As typed, with the groups that stand right behind it: they are its arguments, whatever they mean."""
        while after < end and (close := self.closing.get(after)) is not None:
            after = close + 1
        return self.text[position:after], after

    def _delimited(self, position: int, after: int, end: int) -> tuple[str, int]:
        r"""`\( … \)` and `\[ … \]`."""
        closer = {"(": "\\)", "[": "\\]"}[self.text[position + 1]]
        close = self.text.find(closer, after, min(end, after + MAX_MATHS))
        formula = self._formula(self.text[after:close]) if close >= 0 else None
        return (self.text[position:after], after) if formula is None else (formula, close + 2)

    def _environment(self, name: str, position: int, after: int, end: int, *, maths: bool) -> tuple[str, int]:
        which, here = self._verbatim(after, end)
        bare = which.rstrip("*")
        if bare in TEXT_ENVIRONMENTS or (maths and bare in MATH_ENVIRONMENTS):
            column = self.closing.get(here) if bare == "array" and name == "begin" else None
            return " ", here if column is None else column + 1
        if name == "begin" and bare in MATH_ENVIRONMENTS:
            close = self.text.find(f"\\end{{{which}}}", here, min(end, here + MAX_MATHS))
            formula = self._formula(self.text[here:close]) if close >= 0 else None
            if formula is not None:
                return f" {formula} ", close + len(f"\\end{{{which}}}")
        return self._unknown(position, after, end)


def _skip_spaces(text: str, position: int, end: int) -> int:
    while position < end and text[position] == " ":
        position += 1
    return position
