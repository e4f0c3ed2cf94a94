"""What can be asked of the search index, and what it is given: neutral values, so that the core knows no engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IndexField(StrEnum):
    """The fields of an indexed paper. All but the last three hold terms."""

    TEXT = "text"
    """Title and abstract, stemmed, with `BREAK` between them: what ranking reads."""
    TITLE = "title"
    """The title, stemmed."""
    WORDS = "words"
    """Every word of title and abstract as it stands, for prefixes and for spelling."""
    PEOPLE = "people"
    """The authors' names, word by word, as a search finds them."""
    AUTHORS = "authors"
    """Family names, alone and with each given name (`bot.search.fields`)."""
    KEYWORDS = "keywords"
    ORGANIZATION = "organization"
    FACETS = "facets"
    """Categories, sources, announce type, what is linked: `cat:cs.CL`, `source:hf`."""
    EXACT = "exact"
    """The folded title, whole."""
    DAY = "day"
    """When it was first announced, as a proleptic Gregorian ordinal; 0 where no day is known."""
    UPVOTES = "upvotes"
    STARS = "stars"


BREAK = "¶"
"""Stands between title and abstract, so that no phrase runs from one into the other; it is no token of any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPaper:
    """One paper as the index takes it: terms joined by blanks. `number` is the store's own, and never changes."""

    number: int
    text: str
    title: str
    words: str
    people: str
    authors: str
    keywords: str
    organization: str
    facets: str
    exact: str
    day: int
    upvotes: int
    stars: int


class SortBy(StrEnum):
    """In which order papers are found."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    UPVOTES = "votes"
    """On Hugging Face."""


@dataclass(frozen=True, slots=True)
class HasTerms:
    """The field has these terms in a row; of one, simply has it."""

    field: IndexField
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasPrefix:
    """The field has a term that begins with these letters."""

    field: IndexField
    letters: str


@dataclass(frozen=True, slots=True)
class Within:
    """`least` ≤ number ≤ `most`; None is no bound."""

    field: IndexField
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """The paper is one of these, by the store's numbers."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; of no parts: every paper."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class SomeOf:
    """At least `count` of the parts hold."""

    parts: tuple[Condition, ...]
    count: int = 1


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The part does not hold."""

    part: Condition


Condition = HasTerms | HasPrefix | Within | Numbered | AllOf | SomeOf | NoneOf
EVERY_PAPER = AllOf(())


@dataclass(frozen=True, slots=True)
class Weighted:
    """Terms in a row that count towards a score: BM25 of the field, times the weight."""

    field: IndexField
    terms: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found. `score` is BM25's, 0 where nothing was scored."""

    number: int
    score: float
    day: int
    upvotes: int
    stars: int
