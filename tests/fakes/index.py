"""MemoryIndex: the search index over a dict; the contract suite keeps it honest."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from bot.index_query import (
    AllOf,
    Condition,
    HasPrefix,
    HasTerms,
    Hit,
    IndexedPaper,
    IndexField,
    NoneOf,
    Numbered,
    SomeOf,
    SortBy,
    Weighted,
    Within,
)

_SORTED = {SortBy.NEWEST: "day", SortBy.UPVOTES: "upvotes"}


class MemoryIndex:
    """`bot.ports.PaperIndex`; what was taken is found after the commit."""

    def __init__(self) -> None:
        self.papers: dict[int, IndexedPaper] = {}
        self._taken: dict[int, IndexedPaper] = {}
        self.position = 0
        self.is_whole = False
        self.trouble = ""

    @property
    def size(self) -> int:
        return len(self.papers)

    def open(self) -> bool:
        return True

    def check(self) -> bool:
        return not self.trouble

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        self._taken |= {each.number: each for each in papers}

    def commit(self, position: int, *, is_whole: bool) -> None:
        self.papers |= self._taken
        self._taken = {}
        self.position, self.is_whole = position, self.is_whole or is_whole

    def build(self) -> MemoryBuilding:
        return MemoryBuilding(self)

    def close(self) -> None:
        self._taken = {}

    def rank(
        self, scored: Sequence[Weighted], *, condition: Condition | None, every: Sequence[Condition], limit: int
    ) -> Sequence[Hit]:
        musts = [each for each in (condition, *every) if each is not None]
        found = [
            (sum(_count(paper, each.field, each.terms) and each.weight for each in scored), paper)
            for paper in self.papers.values()
            if all(_holds(paper, each) for each in musts)
        ]
        return _hits([(score, paper) for score, paper in found if score])[:limit]

    def sorted(self, condition: Condition, *, by: SortBy, limit: int) -> Sequence[Hit]:
        found = [each for each in self.papers.values() if _holds(each, condition)]
        found.sort(key=lambda each: -getattr(each, _SORTED[by]))
        return [_hit(0.0, each) for each in found[:limit]]

    def resembling(self, paper: IndexedPaper, *, limit: int) -> Sequence[Hit]:
        ours = set(paper.text.split())
        found = [(float(len(ours & set(each.text.split()))), each) for each in self.papers.values()]
        return [each for each in _hits(found) if each.number != paper.number and each.score > 1][:limit]

    def frequency(self, field: IndexField, term: str) -> int:
        return sum(bool(_count(each, field, (term,))) for each in self.papers.values())

    def alike(self, word: str, *, distance: int, limit: int) -> Sequence[Hit]:
        near = [
            each
            for each in self.papers.values()
            if any(OSA.distance(word, other) <= distance for other in each.words.split())
        ]
        return [_hit(1.0, each) for each in near[:limit]]


class MemoryBuilding:
    """A whole new one, aside."""

    def __init__(self, index: MemoryIndex) -> None:
        self._index = index
        self._made: dict[int, IndexedPaper] = {}

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        self._made |= {each.number: each for each in papers}

    def finish(self, position: int) -> None:
        self._index.papers, self._index.position, self._index.is_whole = self._made, position, True
        self._index.trouble = ""

    def abandon(self) -> None:
        self._made = {}


def _count(paper: IndexedPaper, field: IndexField, terms: tuple[str, ...]) -> int:
    if field is IndexField.EXACT:
        return int(terms == (paper.exact,))
    found = tuple(getattr(paper, field.value).split())
    return sum(found[at : at + len(terms)] == terms for at in range(len(found) - len(terms) + 1))


def _holds(paper: IndexedPaper, condition: Condition) -> bool:  # noqa: PLR0911 - one for each kind
    match condition:
        case HasTerms(field, terms):
            return bool(_count(paper, field, terms))
        case HasPrefix(field, letters):
            return any(each.startswith(letters) for each in getattr(paper, field.value).split())
        case Within(field, least, most):
            number = getattr(paper, field.value)
            return (least is None or number >= least) and (most is None or number <= most)
        case Numbered(numbers):
            return paper.number in numbers
        case AllOf(parts):
            return all(_holds(paper, each) for each in parts)
        case SomeOf(parts, count):
            return sum(_holds(paper, each) for each in parts) >= count
        case NoneOf(part):
            return not _holds(paper, part)


def _hits(found: list[tuple[float, IndexedPaper]]) -> list[Hit]:
    return [_hit(score, paper) for score, paper in sorted(found, key=lambda each: (-each[0], each[1].number))]


def _hit(score: float, paper: IndexedPaper) -> Hit:
    return Hit(paper.number, score, paper.day, paper.upvotes, paper.stars)
