"""Where in a text its words stand: the spans that an explanation points at."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.text.keys import stem, words

_PIECE = re.compile(r"[^\s\-‐‑‒–—/]+")
_EDGE = re.compile(r"^[^\w]*(.*?)[^\w]*$", re.DOTALL)

Span = tuple[int, int]
"""Start and end (exclusive) in characters of the displayed text."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    token: str
    span: Span


class Passage:
    """One field of one paper, word by word. The words are the normaliser's own, each with the piece it came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = list(_located(text))

    def row(self, tokens: tuple[str, ...]) -> Span | None:
        """Where these tokens first stand in a row."""
        found = [each.token for each in self._words]
        for at in range(len(found) - len(tokens) + 1):
            if tuple(found[at : at + len(tokens)]) == tokens:
                return (self._words[at].span[0], self._words[at + len(tokens) - 1].span[1])
        return self._single(tokens[0]) if len(tokens) == 1 else None

    def prefix(self, letters: str) -> Span | None:
        """Where the first word stands that begins with these folded letters."""
        return next((each.span for each in self._words if each.text.startswith(letters)), None)

    def standing(self, tokens: Collection[str]) -> tuple[Span, ...]:
        """Where words of these stems stand, in order; neighbours with nothing but a blank between them as one."""
        found: list[Span] = []
        for each in self._words:
            if each.token in tokens:
                start, end = each.span
                if found and start <= found[-1][1] + 1 and not self.text[found[-1][1] : start].strip():
                    found[-1] = (found[-1][0], max(end, found[-1][1]))
                else:
                    found.append(each.span)
        return tuple(found)

    def _single(self, token: str) -> Span | None:
        """One character of a script without word breaks is looked for in every pair of characters."""
        if len(token) != 1 or token.isascii():
            return None
        return next((each.span for each in self._words if token in each.text), None)


def _located(text: str) -> list[_Word]:
    whole = words(text)
    parts = [(word, found.span()) for found in _PIECE.finditer(text) for word in words(found.group())]
    if [word for word, _ in parts] != whole:
        # Folding joined what stands apart: then the words are right, and all of the text is their place.
        parts = [(word, (0, len(text))) for word in whole]
    return [_Word(word, stem(word), _trimmed(text, span)) for word, span in parts]


def _trimmed(text: str, span: Span) -> Span:
    """The span without the punctuation around it."""
    start, end = span
    inner = _EDGE.match(text[start:end])
    return (start + inner.start(1), start + inner.end(1)) if inner and inner.group(1) else span
