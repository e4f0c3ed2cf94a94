"""Selecting an edition: which candidates a subscription gets, and at which stage every other one left.

Pure: candidates in, an answer for each of them out. A candidate is decided upon once, when its arrival lies in
(cut_until_at, now − settle]; see docs/adr/0003-candidates-by-first-seen-cursor.md. What a topic that counts votes or
asks for links did not match then stays a candidate for `MOVING`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice

from bot.model import Candidate, Paper, PaperId, Pick, Stage
from bot.near_duplicates import first_alike
from bot.ports import Meaning
from bot.ranking import DEFAULT_WEIGHTS, Score, Weights, rank, say_score
from bot.topics.bits import bits, numbers
from bot.topics.explain import Explanation, View, explain
from bot.topics.expression import Count, Has, InCategory
from bot.topics.index import TermIndex
from bot.topics.language import Topic
from bot.topics.match import Matcher, names_type
from bot.topics.reasons import say_match

MOVING = timedelta(days=7)
"""How long a paper that failed only on what moves (counts, links, categories that come late) stays a candidate."""
_INSTANTS = 1_024


class Pool:
    """All candidates of one planning, ranked once and indexed once, shared by every subscription of the tick."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        on: date,
        weights: Weights = DEFAULT_WEIGHTS,
        known: Mapping[PaperId, Paper] | None = None,
        meaning: Meaning | None = None,
    ) -> None:
        """`known` has the papers that `like:` names, `meaning` answers `about:`."""
        by_id = {candidate.paper.id: candidate for candidate in candidates}
        ranked = rank(((each.paper, each.announced_on) for each in candidates), on=on, weights=weights)
        self.on = on
        self.candidates: tuple[Candidate, ...] = tuple(by_id[paper.id] for paper, _ in ranked)
        self.scores: tuple[Score, ...] = tuple(value for _, value in ranked)
        self.index = TermIndex(self.candidates, on=on, known=known, meaning=meaning)
        self.matcher = Matcher(self.index)
        self.seen_after = lru_cache(maxsize=_INSTANTS)(self._seen_after)
        self.categorised_after = lru_cache(maxsize=_INSTANTS)(self._categorised_after)
        self.ids = lru_cache(maxsize=_INSTANTS)(self._ids)
        self._places = {each.paper.id: number for number, each in enumerate(self.candidates)}
        self._views: dict[int, View] = {}
        self._reasons: dict[tuple[str, int], str] = {}

    def numbers_of(self, papers: Collection[PaperId]) -> int:
        """Those of the papers that are candidates, as a bit set."""
        places = self._places
        if len(papers) <= len(places):
            return bits((places[each] for each in papers if each in places), len(places))
        return bits((number for each, number in places.items() if each in papers), len(places))

    def reason(self, number: int, topic: Topic, votes: Mapping[PaperId, int]) -> str:
        """What of the topic the numbered candidate matched; worked out once for all channels of a topic."""
        if votes:
            return say_match(self.explain(number, topic, votes))
        key = (topic.text, number)
        if (said := self._reasons.get(key)) is None:
            said = self._reasons[key] = say_match(explain(topic, self._view(number)))
        return said

    def _view(self, number: int) -> View:
        if number not in self._views:
            self._views[number] = self.view(number)
        return self._views[number]

    def view(self, number: int, votes: Mapping[PaperId, int] | None = None) -> View:
        """The numbered candidate, for explaining."""
        return View(
            candidate=self.candidates[number],
            on=self.on,
            votes=votes or {},
            near=lambda atom: bool(self.index.holding(atom) >> number & 1),
        )

    def explain(self, number: int, topic: Topic, votes: Mapping[PaperId, int] | None = None) -> Explanation:
        """Why the topic matches the numbered candidate, or why it does not."""
        return explain(topic, self.view(number, votes))

    def where(self, holds: Callable[[Candidate], bool]) -> int:
        """The candidates for which this holds, as a bit set."""
        return bits((number for number, each in enumerate(self.candidates) if holds(each)), len(self.candidates))

    def _ids(self, numbered: int) -> tuple[PaperId, ...]:
        """The papers of a bit set, in rank order."""
        return tuple(self.candidates[each].paper.id for each in numbers(numbered))

    def _seen_after(self, instant: datetime) -> int:
        return self.where(lambda each: each.seen_at > instant)

    def _categorised_after(self, instant: datetime) -> int:
        return self.where(lambda each: with_categories_at(each) > instant)


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
    lately: Sequence[Paper] = ()
    """What the channel had in the last weeks: a near-duplicate of these is not posted again."""
    moving_since_at: datetime | None = None
    """From when on an unmatched paper is looked at again, where the topic moves; None: never."""
    passed: Collection[PaperId] = ()
    """What matched in these days and was passed over, for good."""
    votes: Mapping[PaperId, int] = field(default_factory=dict)
    others: Sequence[tuple[str, Topic]] = ()
    """The channel's other subscriptions by name: a paper is posted once, and says which of them want it too."""
    marks_late: bool = False
    """Whether a pick says so where a source listed it for a day whose digest had gone out already."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The picks in rank order, and every other candidate under the stage at which it left."""

    picks: tuple[Pick, ...]
    left_out: Mapping[Stage, tuple[PaperId, ...]]
    """All but those that did not match the topic: thousands, which nobody lists one by one."""
    unmatched: int = 0
    """Those, as a bit set of the pool's numbers."""

    @property
    def decided(self) -> int:
        """How many candidates were decided upon."""
        settling = len(self.left_out.get(Stage.SETTLING, ()))
        others = sum(len(ids) for ids in self.left_out.values()) - settling
        return len(self.picks) + others + self.unmatched.bit_count()


def select(pool: Pool, order: Order) -> Selection:
    """Decide upon every candidate of the pool that has arrived since the last cut."""
    matched = pool.matcher.satisfying(order.topic, order.votes)
    considered, settling = _arrived(pool, order, matched)
    decided = considered & ~settling
    wanted = matched if names_type(order.topic) else matched & pool.index.announced
    rest = decided & wanted
    seen = rest & pool.numbers_of(order.had)
    picks, alike = _picked(pool, order, rest & ~seen)
    taken = bits([*picks, *alike], len(pool.candidates))
    left = {
        Stage.SETTLING: settling,
        Stage.TYPE: decided & matched & ~wanted,
        Stage.SEEN_BEFORE: seen,
        Stage.NEAR_DUPLICATE: bits(alike, len(pool.candidates)),
        Stage.BELOW_CUT: rest & ~seen & ~taken,
    }
    return Selection(
        tuple(_pick(pool, order, number) for number in picks),
        {stage: pool.ids(found) for stage, found in left.items() if found},
        decided & ~matched,
    )


def best(pool: Pool, topic: Topic, size: int) -> list[int]:
    """The numbers of the best candidates that match, best first."""
    return list(islice(numbers(pool.matcher.match(topic)), size))


def _arrived(pool: Pool, order: Order, matched: int) -> tuple[int, int]:
    """The candidates to be looked at now, and those of them that have not settled."""
    arrived_after = pool.categorised_after if _asks_categories(order.topic) else pool.seen_after
    fresh = pool.seen_after(order.created_at)
    considered = fresh & arrived_after(order.cut_until_at)
    settling = considered & arrived_after(order.settled_at)
    if order.moving_since_at is not None and moves(order.topic):
        passed = pool.where(lambda each: each.paper.id in order.passed) if order.passed else 0
        again = fresh & pool.seen_after(order.moving_since_at) & ~pool.seen_after(order.cut_until_at)
        considered |= again & matched & ~passed
    return considered, settling


def moves(topic: Topic) -> bool:
    """True where a paper that fails today may pass tomorrow because something of it was counted or linked."""
    return any(isinstance(each, Count | Has) for each in topic.atoms)


def _asks_categories(topic: Topic) -> bool:
    return any(isinstance(each, InCategory) for each in topic.atoms)


def with_categories_at(candidate: Candidate) -> datetime:
    """When the candidate could first have matched a topic that names categories: it can say nothing before them."""
    known_at = candidate.paper.categorised_at
    if known_at is not None and known_at <= candidate.seen_at + MOVING:
        return max(candidate.seen_at, known_at)
    return candidate.seen_at


def _picked(pool: Pool, order: Order, free: int) -> tuple[list[int], list[int]]:
    """The best of these candidates, and those that were passed over on the way as near-duplicates."""
    picks: list[int] = []
    alike: list[int] = []
    for number in numbers(free):
        if len(picks) >= order.size:
            break
        paper = pool.candidates[number].paper
        taken = (pool.candidates[each].paper for each in picks)
        is_alike = first_alike(paper, taken) or first_alike(paper, order.lately)
        (alike if is_alike else picks).append(number)
    return picks, alike


def _pick(pool: Pool, order: Order, number: int) -> Pick:
    candidate, value = pool.candidates[number], pool.scores[number]
    also = [name for name, topic in order.others if pool.matcher.match(topic, order.votes) >> number & 1]
    reasons = [
        pool.reason(number, order.topic, order.votes),
        f"also for {_listed(also)}" if also else "",
        _say_late(candidate, order),
        say_score(candidate.paper, value),
    ]
    return Pick(candidate.paper.id, round(value.total, 4), " · ".join(reason for reason in reasons if reason))


def _say_late(candidate: Candidate, order: Order) -> str:
    if (
        not order.marks_late
        or candidate.seen_at <= order.cut_until_at
        or candidate.announced_on >= order.cut_until_at.date()
    ):
        return ""
    return f"announced late, for {candidate.announced_on:%A} {candidate.announced_on.day} {candidate.announced_on:%B}"


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return " and ".join(part for part in (", ".join(quoted[:-1]), quoted[-1]) if part)
