"""The word that was probably meant: the nearest of the spellings that papers have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from bot.model import Paper
from bot.text.keys import displayed_words

SHORTEST = 4
"""Letters; of shorter words too many are alike."""


def corrected(word: str, papers: Sequence[Paper], distance: int) -> str:
    """The commonest of the papers' words that differ from this one by so many letters at the most; empty: none.

    Two letters that changed places count as one that is another.
    """
    if len(word) < SHORTEST:
        return ""
    found: Counter[str] = Counter()
    for paper in papers:
        for each in {*displayed_words(paper.title), *displayed_words(paper.abstract)}:
            if each != word and abs(len(each) - len(word)) <= distance and len(each) >= SHORTEST:
                found[each] += 1
    near = [
        (OSA.distance(word, each, score_cutoff=distance), each[0] != word[0], -count, each)
        for each, count in found.items()
    ]
    within = [each for each in near if each[0] <= distance]
    return min(within)[-1] if within else ""
