"""Conditions of the topic language as conditions of the index.

What the index cannot tell (a regular expression, a likeness) is left open: the result then holds for more papers
than the expression does, and whoever asks looks at each of them (`Narrowed.is_exact`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.index_query import (
    EVERY_PAPER,
    AllOf,
    Condition,
    HasPrefix,
    HasTerms,
    IndexField,
    NoneOf,
    Numbered,
    SomeOf,
    Within,
)
from bot.search.fields import author_terms, category_facet, link_facet, source_facet, type_facet
from bot.topics.expression import (
    And,
    AtLeast,
    Atom,
    Author,
    Before,
    Count,
    Everything,
    Expression,
    FromSource,
    Has,
    In,
    InCategory,
    Not,
    OfType,
    Or,
    Organization,
    Place,
    Prefix,
    Quantity,
    Since,
    Where,
    Words,
)
from bot.topics.facts import day_of, within

_NUMBERS = {Quantity.UPVOTES: IndexField.UPVOTES, Quantity.STARS: IndexField.STARS}


@dataclass(frozen=True, slots=True)
class Asker:
    """What the conditions mean to who asks: the day, and the papers of places and votes, by the store's numbers."""

    on: date
    places: Mapping[Place, Collection[int]] = field(default_factory=dict)
    votes: Mapping[int, int] = field(default_factory=dict)
    """Of the workspace, for each paper that has one."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the index can be asked; `is_exact` says that it holds for no other papers than the expression does."""

    condition: Condition
    is_exact: bool


def narrowed(expression: Expression, asker: Asker) -> Narrowed:
    """The condition of the index that holds for all papers for which the expression does."""
    match expression:
        case And(parts):
            return _all_of([narrowed(part, asker) for part in parts])
        case Or(parts):
            return _some_of([narrowed(part, asker) for part in parts], 1)
        case AtLeast(count, parts):
            return _some_of([narrowed(part, asker) for part in parts], count)
        case Not(part):
            found = narrowed(part, asker)
            return Narrowed(NoneOf(found.condition), is_exact=True) if found.is_exact else _OPEN
        case _:
            return _atom(expression, asker)


_OPEN = Narrowed(EVERY_PAPER, is_exact=False)


def _all_of(found: list[Narrowed]) -> Narrowed:
    conditions = tuple(each.condition for each in found if each.condition != EVERY_PAPER)
    whole = conditions[0] if len(conditions) == 1 else AllOf(conditions)
    return Narrowed(whole, all(each.is_exact for each in found))


def _some_of(found: list[Narrowed], count: int) -> Narrowed:
    return Narrowed(SomeOf(tuple(each.condition for each in found), count), all(each.is_exact for each in found))


def _atom(atom: Atom, asker: Asker) -> Narrowed:
    match atom:
        case Words(tokens, where):
            return _words(tokens, where)
        case Prefix(letters, where):
            # The spellings are kept of title and abstract together.
            return Narrowed(HasPrefix(IndexField.WORDS, letters), where is Where.ANYWHERE)
        case Author(_, given):
            alternatives = [_one_of(IndexField.AUTHORS, terms) for terms in author_terms(atom)]
            return Narrowed(AllOf(tuple(alternatives)), len(given) <= 1)
        case Organization(tokens):
            return Narrowed(HasTerms(IndexField.ORGANIZATION, tokens), is_exact=True)
        case InCategory(name, primary):
            return _facet(category_facet(name, primary=primary))
        case FromSource(source):
            return _facet(source_facet(source))
        case OfType(kind):
            return _facet(type_facet(kind))
        case Has(kind):
            return _facet(link_facet(kind))
        case Count(quantity, least, most) if quantity in _NUMBERS:
            return Narrowed(Within(_NUMBERS[quantity], least, most), is_exact=True)
        case Count():
            return Narrowed(_voted(atom, asker.votes), is_exact=True)
        case In(place):
            return Narrowed(_numbered(asker.places.get(place, ())), is_exact=True)
        case Since(day):
            return Narrowed(Within(IndexField.DAY, least=day_of(day, asker.on).toordinal()), is_exact=True)
        case Before(day):
            last = day_of(day, asker.on).toordinal() - 1
            return Narrowed(Within(IndexField.DAY, least=1, most=last), is_exact=True)
        case Everything():
            return Narrowed(EVERY_PAPER, is_exact=True)
        case _:
            return _OPEN


def _voted(count: Count, votes: Mapping[int, int]) -> Condition:
    """Papers without a vote are not listed: where 0 is within the bounds, those that have too many or too few are."""
    if within(count, 0):
        return NoneOf(_numbered([number for number, given in votes.items() if not within(count, given)]))
    return _numbered([number for number, given in votes.items() if within(count, given)])


def _numbered(numbers: Collection[int]) -> Condition:
    return Numbered(tuple(sorted(numbers)))


def _words(tokens: tuple[str, ...], where: Where) -> Narrowed:
    if len(tokens) == 1 and len(tokens[0]) == 1 and not tokens[0].isascii():
        return Narrowed(HasTerms(IndexField.WORDS, tokens), where is Where.ANYWHERE)
    field = IndexField.TITLE if where is Where.TITLE else IndexField.TEXT
    return Narrowed(HasTerms(field, tokens), where is not Where.ABSTRACT)


def _one_of(field: IndexField, terms: tuple[str, ...]) -> Condition:
    found = tuple(HasTerms(field, (term,)) for term in terms)
    return found[0] if len(found) == 1 else SomeOf(found)


def _facet(term: str) -> Narrowed:
    return Narrowed(HasTerms(IndexField.FACETS, (term,)), is_exact=True)
