"""Selecting an edition: which candidates a subscription gets, and at which stage every other one left.

Pure: candidates in, an answer for each of them out. A candidate is decided upon once, when its arrival lies in
(cut_until_at, now − settle]; see docs/adr/0003-candidates-by-first-seen-cursor.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.model import Candidate, PaperId, Pick, Stage
from bot.ranking import DEFAULT_WEIGHTS, Score, Weights, rank, say_score
from bot.topics.language import Topic
from bot.topics.match import TermIndex, explain, say_match

LATE_CATEGORIES = timedelta(days=7)
"""How long a paper that failed only for want of its categories stays a candidate."""


class Pool:
    """All candidates of one planning, ranked once and indexed once, shared by every subscription of the tick."""

    def __init__(self, candidates: Sequence[Candidate], *, on: date, weights: Weights = DEFAULT_WEIGHTS) -> None:
        by_id = {candidate.paper.id: candidate for candidate in candidates}
        ranked = rank(((each.paper, each.announced_on) for each in candidates), on=on, weights=weights)
        self.candidates: tuple[Candidate, ...] = tuple(by_id[paper.id] for paper, _ in ranked)
        self.scores: tuple[Score, ...] = tuple(value for _, value in ranked)
        self.index = TermIndex([paper for paper, _ in ranked])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one subscription asks of the pool."""

    topic: Topic
    size: int
    created_at: datetime
    """When the subscription was made: what was announced before is backlog, however late its categories came."""
    cut_until_at: datetime
    settled_at: datetime
    """now − settle: papers that arrived later must wait for a next edition."""
    had: Collection[PaperId]


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks in rank order, and every other candidate under the stage at which it left."""

    picks: tuple[Pick, ...]
    left_out: Mapping[Stage, tuple[PaperId, ...]]


def select(pool: Pool, order: Order) -> Selection:
    """Decide upon every candidate of the pool that has arrived since the last cut."""
    matches = pool.index.match(order.topic)
    picks: list[Pick] = []
    left_out: dict[Stage, list[PaperId]] = {}
    for number, candidate in enumerate(pool.candidates):
        if not _undecided(candidate, order):
            continue
        stage = _stage(candidate, order, matched=bool(matches >> number & 1), full=len(picks) >= order.size)
        if stage is Stage.PICKED:
            picks.append(_pick(candidate, order.topic, pool.scores[number]))
        else:
            left_out.setdefault(stage, []).append(candidate.paper.id)
    return Selection(tuple(picks), {stage: tuple(ids) for stage, ids in left_out.items()})


def arrived_at(candidate: Candidate, topic: Topic) -> datetime:
    """When the candidate could first have matched.

    A topic that names categories can say nothing of a paper before they are known, so for it the paper arrives with
    them: it is decided upon then, within `LATE_CATEGORIES` of the announcement.
    """
    known_at = candidate.paper.categorised_at
    if topic.moves and known_at is not None and known_at <= candidate.seen_at + LATE_CATEGORIES:
        return max(candidate.seen_at, known_at)
    return candidate.seen_at


def _undecided(candidate: Candidate, order: Order) -> bool:
    return candidate.seen_at > order.created_at and arrived_at(candidate, order.topic) > order.cut_until_at


def _stage(candidate: Candidate, order: Order, *, matched: bool, full: bool) -> Stage:
    if arrived_at(candidate, order.topic) > order.settled_at:
        return Stage.SETTLING
    if candidate.announce_type.is_replacement:
        return Stage.TYPE
    if not matched:
        return Stage.TOPIC
    if candidate.paper.id in order.had:
        return Stage.SEEN_BEFORE
    return Stage.BELOW_CUT if full else Stage.PICKED


def _pick(candidate: Candidate, topic: Topic, value: Score) -> Pick:
    reasons = [say_match(explain(topic, candidate.paper)), say_score(candidate.paper, value)]
    return Pick(candidate.paper.id, round(value.total, 4), " · ".join(reason for reason in reasons if reason))
