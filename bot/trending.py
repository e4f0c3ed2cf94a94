"""Trending: how fast papers gather Hugging Face votes within a window, not how many they have.

    velocity = votes gained in the window ÷ (days observed in the window + ½)

A paper's gain is its last count in the window less its count when the window opened (the last one seen before;
nothing where it was first listed inside the window). The half day keeps a paper that is an hour old from winning
with two votes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import PaperId, VoteCount

PRIOR_DAYS = 0.5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Trend:
    """One paper's gain: `gained` votes over `days` observed, `velocity` in votes a day."""

    paper_id: PaperId
    gained: int
    days: float
    total: int

    @property
    def velocity(self) -> float:
        """Votes a day, tempered by the prior."""
        return self.gained / (self.days + PRIOR_DAYS)


def trends(
    counts: Iterable[VoteCount], *, since: datetime, until: datetime, listed_at: dict[PaperId, datetime] | None = None
) -> list[Trend]:
    """The papers that gained votes in [since, until], fastest first; equal ones in the order of their ids.

    `listed_at` tells when a paper was first listed: its votes before the first count we saw were gained since then.
    """
    by_paper: defaultdict[PaperId, list[VoteCount]] = defaultdict(list)
    for count in counts:
        if count.seen_at <= until:
            by_paper[count.paper_id].append(count)
    found = [
        _trend(paper_id, seen, since=since, until=until, listed_at=(listed_at or {}).get(paper_id))
        for paper_id, seen in by_paper.items()
    ]
    return sorted((trend for trend in found if trend.gained > 0), key=lambda each: (-each.velocity, each.paper_id))


def _trend(
    paper_id: PaperId, counts: list[VoteCount], *, since: datetime, until: datetime, listed_at: datetime | None
) -> Trend:
    ordered = sorted(counts, key=lambda count: count.seen_at)
    before = [count for count in ordered if count.seen_at < since]
    last = ordered[-1]
    if before:
        base, opened_at = before[-1].upvotes, since
    elif listed_at is not None and listed_at < since:
        # Listed before the window but first counted inside it: what it had then was not gained in the window.
        base, opened_at = ordered[0].upvotes, ordered[0].seen_at
    else:
        base, opened_at = 0, listed_at or ordered[0].seen_at
    days = max((until - max(opened_at, since)) / _DAY, 0.0)
    return Trend(paper_id, last.upvotes - base, days, last.upvotes)


def say_trend(trend: Trend) -> str:
    """Why a paper trends: `+34 votes in 3.20 days, 9.2 a day (58 in all)`."""
    return f"+{trend.gained} votes in {trend.days:.2f} days, {trend.velocity:.1f} a day ({trend.total} in all)"
