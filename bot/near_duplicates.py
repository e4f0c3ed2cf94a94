"""Near-duplicates: one work that came twice, under another id, on another day or from another source.

Merging joins what is certainly one work; here only the second post is spared. Two works with one title are two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz import fuzz

from bot.model import Paper
from bot.text.keys import person_key

_ALIKE = 92.0  # per cent of equal letters: a typo mended or a subtitle's word changed, not another work of the series
_NUMBER = re.compile(r"\b(?:\d+|[ivx]+|[a-z])\b")


def first_alike(paper: Paper, others: Iterable[Paper]) -> Paper | None:
    """The first of the others that is the same work under another id."""
    return next((other for other in others if is_near_duplicate(paper, other)), None)


def is_near_duplicate(paper: Paper, other: Paper) -> bool:
    """True for a title alike and an author in common, from another day or source.

    Titles that differ in a number are parts of a series; a source that lists two ids on one day means two works.
    """
    if paper.id == other.id or _listed_together(paper, other):
        return False
    if fuzz.ratio(paper.title_key, other.title_key, score_cutoff=_ALIKE) < _ALIKE:
        return False
    if _NUMBER.findall(paper.title_key) != _NUMBER.findall(other.title_key):
        return False
    return bool({*map(person_key, paper.authors)} & {*map(person_key, other.authors)})


def _listed_together(paper: Paper, other: Paper) -> bool:
    return paper.announced_on == other.announced_on and not {*paper.sources}.isdisjoint(other.sources)
