"""Ranking papers: a sum of visible terms, so that every rank can be explained.

    score = upvotes·ln(1 + upvotes) + stars·ln(1 + stars) + freshness·2^(−age / half-life)

with the weights of `Weights` and the age counted from the paper's announcement.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.model import Paper

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much. The unit is arbitrary; only the proportions matter."""

    upvotes: float = 1.0
    stars: float = 0.3
    freshness: float = 2.0
    half_life: timedelta = timedelta(days=3)


DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class SearchWeights:
    """What counts beside relevance, whose best is 1."""

    upvotes: float = 0.02
    freshness: float = 0.05
    half_life: timedelta = timedelta(days=365)


DEFAULT_SEARCH_WEIGHTS = SearchWeights()


@dataclass(frozen=True, slots=True)
class Score:
    """A paper's score, term by term."""

    upvotes: float
    stars: float
    freshness: float

    @property
    def total(self) -> float:
        """The sum by which papers are ordered."""
        return self.upvotes + self.stars + self.freshness


def score(paper: Paper, *, announced_on: date, on: date, weights: Weights = DEFAULT_WEIGHTS) -> Score:
    """Score one paper as seen on day `on`."""
    age = max(on - announced_on, timedelta(0))
    return Score(
        upvotes=weights.upvotes * math.log1p(max(paper.facts.upvotes or 0, 0)),
        stars=weights.stars * math.log1p(max(paper.facts.stars or 0, 0)),
        freshness=weights.freshness * 2 ** -(age / weights.half_life),
    )


def rank(
    papers: Iterable[tuple[Paper, date]], *, on: date, weights: Weights = DEFAULT_WEIGHTS
) -> list[tuple[Paper, Score]]:
    """Papers (each with the day it was announced), best first; equal scores in the order of their ids."""
    scored = [(paper, score(paper, announced_on=announced, on=on, weights=weights)) for paper, announced in papers]
    return sorted(scored, key=lambda entry: (-entry[1].total, entry[0].id))


def say_score(paper: Paper, value: Score) -> str:
    """Why a paper ranks where it does: `34 upvotes (3.6) + 120 stars (1.4) + fresh (2.0) = 7.0`."""
    parts = []
    if paper.facts.upvotes:
        parts.append(f"{_counted(paper.facts.upvotes, 'upvote')} ({value.upvotes:.1f})")
    if paper.facts.stars:
        parts.append(f"{_counted(paper.facts.stars, 'star')} ({value.stars:.1f})")
    parts.append(f"freshness ({value.freshness:.1f})")
    return f"{' + '.join(parts)} = {value.total:.1f}"


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def say_weights(weights: Weights) -> str:
    """The weights in one line, for `/papers settings`."""
    days = weights.half_life / _DAY
    return (
        f"{weights.upvotes:g}·ln(1+upvotes) + {weights.stars:g}·ln(1+stars) + {weights.freshness:g}·2^(−age/{days:g} d)"
    )


def say_search_weights(weights: SearchWeights) -> str:
    """The weights in one line, for `/papers settings`."""
    return (
        f"relevance + {weights.upvotes:g}·ln(1+upvotes) + {weights.freshness:g}·2^(−age/{weights.half_life / _DAY:g} d)"
    )
