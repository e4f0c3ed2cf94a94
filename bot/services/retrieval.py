"""Retrieval: a search text that was read becomes the store's numbers of papers, best first.

Gather (the index, the texts of the best) → decide (`bot.search`) → nothing to apply. What computes runs in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from bot.index_query import EVERY_PAPER, AllOf, Condition, HasTerms, Hit, IndexField, SortBy, Weighted, Within
from bot.model import Candidate, PaperId
from bot.ports import Change, Meaning, PaperIndex, PaperVectors, Store
from bot.ranking import SearchWeights
from bot.search.blending import Ranked, blend
from bot.search.compiling import Asker, Narrowed, narrowed
from bot.search.fields import displayed_tokens
from bot.search.reading import SearchText
from bot.search.weighing import (
    FEEDBACK_PAPERS,
    FIELD_WEIGHTS,
    PAIRED,
    SENTENCE,
    every_word,
    fed_back,
    has_pairs,
    inverse_frequency,
    paired,
    weighted,
)
from bot.topics.expression import Expression, Like, Place, Where, Words, wanted
from bot.topics.index import TermIndex
from bot.topics.match import Matcher

DEPTH = 200
"""How many papers a search finds at the most."""
LOOKED_THROUGH = 1_000
"""How many are read where the index alone cannot tell, as for a regular expression."""
COMMON = 20_000
"""So many papers with each of a phrase's words, and only the newest with the phrase are ranked."""
_RECENT_DAYS = (30, 365, 3_650)
MEANT = 10
"""So many of the best say what is meant, beside the words."""
WHOLE = 4
"""Of fewer ranked words all are wanted first; of a question's many, one may be missing from the best answer."""
MEANING = 0.3
"""How much the cosine of meanings counts beside relevance, whose best is 1."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Texts = Mapping[int, tuple[Sequence[str], Sequence[str]]]
"""The tokens of title and abstract, by the paper's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Everything that one search depends on."""

    asked: SearchText
    asker: Asker
    sort: SortBy = SortBy.RELEVANCE
    upto: int
    """Papers with higher numbers are left out."""
    places: Mapping[Place, Collection[PaperId]] = field(default_factory=dict)
    votes: Mapping[PaperId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, best first; `looked_through` where every single paper had to be read, and only so many were."""

    ranked: tuple[Ranked, ...]
    is_cut: bool
    looked_through: int = 0
    recent_days: int = 0
    """Where only the newest papers were looked at, of how many days."""
    by_meaning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """The pipeline of a search."""

    store: Store
    index: PaperIndex
    weights: SearchWeights
    meaning: Meaning | None = None
    vectors: PaperVectors | None = None

    async def find(self, ask: Ask) -> Retrieved:
        """Find, rank, and put whole titles first."""
        required = ask.asked.required
        narrow = narrowed(required, ask.asker) if required is not None else Narrowed(EVERY_PAPER, is_exact=True)
        limit = DEPTH if narrow.is_exact else LOOKED_THROUGH
        scored = self._scored(ask.asked)
        days = 0
        if _phrases(ask.asked) and narrow.is_exact:
            narrow, days = await asyncio.to_thread(self._recent, ask, narrow, scored, limit)
        return replace(await self._ranked(ask, narrow, scored, limit), recent_days=days)

    async def _ranked(self, ask: Ask, narrow: Narrowed, scored: Sequence[Weighted], limit: int) -> Retrieved:
        """The papers in the order that was asked for."""
        if not scored:
            by = SortBy.NEWEST if ask.sort is SortBy.RELEVANCE else ask.sort
            hits = await asyncio.to_thread(self.index.sorted, narrow.condition, by=by, limit=limit)
            return await self._settled(ask, narrow, _plain(hits), limit)
        if ask.sort is not SortBy.RELEVANCE:
            hits = await asyncio.to_thread(self._sorted, ask, narrow.condition, limit)
            if hits:
                return await self._settled(ask, narrow, _plain(hits), limit)
        first = await asyncio.to_thread(self._first, ask.asked, narrow.condition, scored, limit)
        idf = inverse_frequency(self.index.size, self.index.frequency)
        texts: Texts = {}
        if len(ask.asked.tokens) >= SENTENCE:
            texts = await self._texts([each.number for each in first.best[:FEEDBACK_PAPERS]])
            first = await asyncio.to_thread(self._second, ask.asked, narrow.condition, scored, first, texts, idf, limit)
        if has_pairs(ask.asked):
            looked_at = [each.number for each in first.best[:PAIRED]]
            texts = {**texts, **await self._texts([each for each in looked_at if each not in texts])}
        if texts or self.vectors is not None:
            ranked = await asyncio.to_thread(self._blended, ask, first, texts, idf)
        else:
            ranked = self._blended(ask, first, texts, idf)
        if ask.sort is not SortBy.RELEVANCE:
            ranked = _resorted(ranked, first.best, ask.sort)
        found = await self._settled(ask, narrow, ranked, limit)
        return replace(found, by_meaning=self.vectors is not None)

    def _recent(self, ask: Ask, narrow: Narrowed, scored: Sequence[Weighted], limit: int) -> tuple[Narrowed, int]:
        """Of a phrase whose every word stands nearly everywhere only the newest papers, of so many days; 0: of all.

        All of its papers would have to be looked at, which takes a third of a second where there are millions, for an
        order that means nothing.
        """
        tokens = {token for phrase in _phrases(ask.asked) for token in phrase}.union(ask.asked.tokens)
        if min(self.index.frequency(IndexField.TEXT, token) for token in tokens) < COMMON:
            return narrow, 0
        for days in _RECENT_DAYS:
            within = AllOf((narrow.condition, Within(IndexField.DAY, least=ask.asker.on.toordinal() - days)))
            hits = self.index.rank(scored, condition=within, every=(), limit=limit)
            if len(hits) >= limit:
                return Narrowed(within, is_exact=True), days
        return narrow, 0

    def _scored(self, asked: SearchText) -> list[Weighted]:
        """The ranked words; where there are none, the words of the conditions."""
        if found := weighted(asked):
            return found
        said = [each for each in wanted(asked.required) if isinstance(each, Words)] if asked.required else []
        return [
            Weighted(name, (token,), FIELD_WEIGHTS[name])
            for each in said
            for token in each.tokens
            for name in ((IndexField.TITLE,) if each.where is Where.TITLE else (IndexField.TEXT, IndexField.TITLE))
        ]

    def _sorted(self, ask: Ask, condition: Condition, limit: int) -> Sequence[Hit]:
        """In another order than by relevance, only papers that have all of the words are meant."""
        every = every_word(ask.asked, self.index.frequency)
        return self.index.sorted(AllOf((condition, *every)), by=ask.sort, limit=limit)

    def _first(self, asked: SearchText, condition: Condition, scored: Sequence[Weighted], limit: int) -> _First:
        filtered = None if condition == EVERY_PAPER else condition
        every = every_word(asked, self.index.frequency)
        if not 1 < len(every) < WHOLE:
            return _First(self.index.rank(scored, condition=filtered, every=(), limit=limit), frozenset())
        whole = self.index.rank(scored, condition=filtered, every=every, limit=limit)
        numbers = frozenset(each.number for each in whole)
        if len(whole) >= limit:
            return _First(whole, numbers)
        some = self.index.rank(scored, condition=filtered, every=(), limit=limit)
        # The order of the second list: both are scored alike, and it has the best of either.
        return _First([*some, *(each for each in whole if each.number not in {hit.number for hit in some})], numbers)

    def _second(  # noqa: PLR0913, PLR0917 - what the first pass knew, and what it found
        self,
        asked: SearchText,
        condition: Condition,
        scored: Sequence[Weighted],
        first: _First,
        texts: Texts,
        idf: Callable[[str], float],
        limit: int,
    ) -> _First:
        """Once more, with what the best of the first pass have in common."""
        best = [
            (each.score, [*texts[each.number][0], *texts[each.number][1]])
            for each in first.best[:FEEDBACK_PAPERS]
            if each.number in texts
        ]
        more = fed_back(best, asked, idf)
        if not more:
            return first
        filtered = None if condition == EVERY_PAPER else condition
        again = self.index.rank([*scored, *more], condition=filtered, every=(), limit=limit)
        numbers = {each.number for each in again}
        lost = (each for each in first.best if each.number in first.whole and each.number not in numbers)
        return _First([*again, *lost], first.whole)

    def _blended(self, ask: Ask, first: _First, texts: Texts, idf: Callable[[str], float]) -> tuple[Ranked, ...]:
        gained = {number: paired(ask.asked, title, abstract, idf) for number, (title, abstract) in texts.items()}
        ranked = blend(first.best, on=ask.asker.on, weights=self.weights, gained=gained)
        if self.vectors is not None:
            ranked = self._by_meaning(ask.asked, ranked, self.vectors)
        return tuple(sorted(ranked, key=lambda each: each.number not in first.whole))

    def _by_meaning(self, asked: SearchText, ranked: list[Ranked], vectors: PaperVectors) -> list[Ranked]:
        """Add the nearness in meaning of each; all that were found are looked at, and none else."""
        said = " ".join(asked.words) or asked.text
        numbers = [each.number for each in ranked]
        cosines = vectors.nearness(said, numbers, best=numbers[:MEANT])
        nearer = [
            replace(each, relevance=each.relevance + MEANING * cosine)
            for each, cosine in zip(ranked, cosines, strict=True)
        ]
        return sorted(nearer, key=lambda each: (-each.total, each.number))

    async def _texts(self, numbers: Sequence[int]) -> Texts:
        if not numbers:
            return {}
        async with self.store.read() as tx:
            found = await tx.catalogue.texts(numbers)
        return {
            number: (displayed_tokens(title), displayed_tokens(abstract)) for number, (title, abstract) in found.items()
        }

    async def _settled(self, ask: Ask, narrow: Narrowed, ranked: Sequence[Ranked], limit: int) -> Retrieved:
        """Without what came later; where the index could not tell, with those alone that really match."""
        is_cut = len(ranked) >= limit
        standing = tuple(each for each in ranked if each.number <= ask.upto)
        if not narrow.is_exact and ask.asked.required is not None:
            holding = await self._holding(ask, ask.asked.required, [each.number for each in standing])
            standing = tuple(each for each in standing if each.number in holding)
            return Retrieved(standing[:DEPTH], is_cut, looked_through=len(ranked))
        titled = await self._whole_titles_first(ask, narrow, standing)
        return Retrieved(titled[:DEPTH], is_cut)

    async def _whole_titles_first(self, ask: Ask, narrow: Narrowed, ranked: tuple[Ranked, ...]) -> tuple[Ranked, ...]:
        if not ask.asked.title or ask.asked.required is not None or ask.sort is not SortBy.RELEVANCE:
            return ranked
        titled = HasTerms(IndexField.EXACT, (ask.asked.title,))
        # One term, of few papers or none: looking it up takes less than handing it to a thread.
        hits = self.index.sorted(AllOf((narrow.condition, titled)), by=SortBy.UPVOTES, limit=DEPTH)
        first = {each.number for each in hits if each.number <= ask.upto}
        new = _plain([each for each in hits if each.number in first - {one.number for one in ranked}])
        return (*new, *sorted(ranked, key=lambda each: each.number not in first))

    async def _holding(self, ask: Ask, required: Expression, numbers: Sequence[int]) -> set[int]:
        """Those of the papers for which the expression really holds: each of them is read."""
        named = {each.paper_id for each in wanted(required) if isinstance(each, Like)}
        async with self.store.read() as tx:
            found = await tx.catalogue.numbered(numbers)
            known = await tx.papers.by_keys(named) if named else {}

        def held() -> set[int]:
            changes = list(found.values())
            index = TermIndex(
                [_candidate(each) for each in changes],
                on=ask.asker.on,
                known=known,
                meaning=self.meaning,
                places=ask.places,
            )
            holding = Matcher(index).evaluate(required, ask.votes)
            return {each.number for at, each in enumerate(changes) if holding >> at & 1}

        return await asyncio.to_thread(held)


@dataclass(frozen=True, slots=True)
class _First:
    """The first pass: the best, and which of them have every word."""

    best: Sequence[Hit]
    whole: frozenset[int]


def _phrases(asked: SearchText) -> list[tuple[str, ...]]:
    said = [each for each in wanted(asked.required) if isinstance(each, Words)] if asked.required else []
    return [each.tokens for each in said if len(each.tokens) > 1]


def _plain(hits: Sequence[Hit]) -> tuple[Ranked, ...]:
    return tuple(Ranked(each.number, 0.0, 0.0, 0.0) for each in hits)


def _resorted(ranked: Sequence[Ranked], hits: Sequence[Hit], by: SortBy) -> tuple[Ranked, ...]:
    known = {each.number: each for each in hits}
    none = Hit(0, 0.0, 0, 0, 0)

    def value(each: Ranked) -> int:
        hit = known.get(each.number, none)
        return hit.day if by is SortBy.NEWEST else hit.upvotes

    return tuple(sorted(ranked, key=value, reverse=True))


def _candidate(change: Change) -> Candidate:
    paper = change.paper
    day = paper.announced_on or paper.published_on or date.min
    return Candidate(
        paper=paper,
        seen_at=paper.first_seen_at or _LONG_AGO,
        announced_on=day,
        announce_type=change.announce_type,
    )
