"""The order of what was found: relevance, with something for freshness and for votes; the weights can be seen and set.

score = relevance ÷ the best one's + votes·ln(1 + upvotes) + freshness·2^(−age / half-life)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.index_query import Hit
from bot.ranking import SearchWeights


@dataclass(frozen=True, slots=True)
class Ranked:
    """A paper that was found, with its score term by term."""

    number: int
    relevance: float
    upvotes: float
    freshness: float

    @property
    def total(self) -> float:
        """The sum by which papers are ordered."""
        return self.relevance + self.upvotes + self.freshness


def blend(
    hits: Iterable[Hit], *, on: date, weights: SearchWeights, gained: Mapping[int, float] | None = None
) -> list[Ranked]:
    """The hits in their order as seen on day `on`; `gained` is added to a paper's relevance by its number."""
    more = gained or {}
    found = [(each, each.score + more.get(each.number, 0.0)) for each in hits]
    best = max((score for _, score in found), default=0.0) or 1.0
    ranked = [
        Ranked(
            each.number,
            score / best,
            weights.upvotes * math.log1p(each.upvotes),
            weights.freshness * 2 ** -(_age(each.day, on) / weights.half_life) if each.day else 0.0,
        )
        for each, score in found
    ]
    return sorted(ranked, key=lambda each: (-each.total, each.number))


def _age(day: int, on: date) -> timedelta:
    return timedelta(days=max(on.toordinal() - day, 0))
