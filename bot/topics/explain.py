"""Why a topic matched a paper, or why it did not: one paper, condition by condition, with the place in its text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from bot.model import Candidate, PaperId
from bot.text.keys import person_names
from bot.topics.categories import belongs
from bot.topics.expression import (
    About,
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
    Like,
    Not,
    OfType,
    Or,
    Organization,
    Prefix,
    Quantity,
    Regex,
    Since,
    Where,
    Words,
)
from bot.topics.facts import counted, day_of, first_on, type_of, within
from bot.topics.language import Topic
from bot.topics.links import linked
from bot.topics.passages import Passage, Span
from bot.topics.patterns import compiled
from bot.topics.people import agree


@dataclass(frozen=True, slots=True)
class Evidence:
    """An atom that holds, the field that shows it (`title`, `categories`, …) and what stands there.

    `span` is where `found` stands in a title or an abstract, in characters.
    """

    atom: Atom
    field: str
    found: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that does not hold, with what holds of it: the forbidden word, the two of three that were there."""

    condition: Expression
    found: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The smallest set of atoms that made the topic match; or, where it did not, the conditions that failed."""

    matched: tuple[Evidence, ...]
    failed: tuple[Failure, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """One candidate, as one workspace sees it on one day."""

    candidate: Candidate
    on: date
    votes: Mapping[PaperId, int] = field(default_factory=dict)
    near: Callable[[About | Like], bool] = field(default=lambda _: False)
    """Answers what needs the other papers, or a model of meaning."""

    @cached_property
    def title(self) -> Passage:
        """The title, word by word."""
        return Passage(self.candidate.paper.title)

    @cached_property
    def abstract(self) -> Passage:
        """The abstract, word by word."""
        return Passage(self.candidate.paper.abstract)

    def count(self, atom: Count) -> int:
        """The number that the atom bounds."""
        paper = self.candidate.paper
        return self.votes.get(paper.id, 0) if atom.quantity is Quantity.VOTES else counted(paper, atom.quantity)


def explain(topic: Topic, view: View) -> Explanation:
    """Evaluate a topic on one paper, whatever its announce type."""
    matched, failed = _explain(topic.expression, view)
    return Explanation((), tuple(failed)) if failed else Explanation(tuple(dict.fromkeys(matched)), ())


_Result = tuple[list[Evidence], list[Failure]]
"""What holds, and what failed; nothing failed means that the expression holds."""


def _explain(expression: Expression, view: View) -> _Result:
    match expression:
        case And(parts):
            results = [_explain(part, view) for part in parts]
            return [each for matched, _ in results for each in matched], [each for _, bad in results for each in bad]
        case Or(parts):
            holding = [matched for matched, failed in (_explain(part, view) for part in parts) if not failed]
            return (min(holding, key=len), []) if holding else ([], [Failure(expression)])
        case Not(part):
            matched, failed = _explain(part, view)
            return ([], []) if failed else ([], [Failure(expression, tuple(matched))])
        case AtLeast(count, parts):
            holding = [matched for matched, failed in (_explain(part, view) for part in parts) if not failed]
            chosen = [each for matched in sorted(holding, key=len)[:count] for each in matched]
            return (chosen, []) if len(holding) >= count else ([], [Failure(expression, tuple(chosen))])
        case _:
            evidence = _evidence(expression, view)
            return ([evidence], []) if evidence else ([], [Failure(expression)])


def _evidence(atom: Atom, view: View) -> Evidence | None:
    paper = view.candidate.paper
    match atom:
        case Words(row, where):
            return _in_text(atom, where, view, lambda passage: passage.row(row))
        case Prefix(letters, where):
            return _in_text(atom, where, view, lambda passage: passage.prefix(letters))
        case Regex(pattern, where):
            return _in_text(atom, where, view, lambda passage: _searched(pattern, passage))
        case InCategory(name, primary):
            listed = paper.categories[:1] if primary else paper.categories
            return _shown(atom, "categories", next((each for each in listed if belongs(each, name)), None))
        case Author():
            return _shown(atom, "authors", next((each for each in paper.authors if _is(each, atom)), None))
        case Organization(row):
            named = paper.facts.organization or ""
            return _shown(atom, "organization", named if Passage(named).row(row) else None)
        case FromSource(source):
            return _shown(atom, "sources", source.value if source in paper.sources else None)
        case Has(kind):
            return _shown(atom, "links", kind.value if kind in linked(paper) else None)
        case Count(quantity):
            number = view.count(atom)
            return _shown(atom, quantity.value, f"{number:,}" if within(atom, number) else None)
        case _:
            return _other_evidence(atom, view)


def _other_evidence(atom: Atom, view: View) -> Evidence | None:
    announced = first_on(view.candidate)
    match atom:
        case OfType(kind):
            return _shown(atom, "type", kind.value if type_of(view.candidate) is kind else None)
        case Since(day):
            return _shown(atom, "announced", announced.isoformat() if announced >= day_of(day, view.on) else None)
        case Before(day):
            return _shown(atom, "announced", announced.isoformat() if announced < day_of(day, view.on) else None)
        case Like() | About():
            return _shown(atom, "meaning", "near" if view.near(atom) else None)
        case In():
            return None
        case Everything():
            return Evidence(atom, "", "")
        case _:
            raise AssertionError(atom)


def _in_text(atom: Atom, where: Where, view: View, find: Callable[[Passage], Span | None]) -> Evidence | None:
    for name in ("title", "abstract"):
        if where and name != where:
            continue
        passage = view.title if name == "title" else view.abstract
        span = find(passage)
        if span is not None:
            return Evidence(atom, name, passage.text[span[0] : span[1]], span)
    return None


def _searched(pattern: str, passage: Passage) -> Span | None:
    found = compiled(pattern).search(passage.text)
    return (found.start(), found.end()) if found else None


def _shown(atom: Atom, field: str, found: str | None) -> Evidence | None:
    return None if found is None else Evidence(atom, field, found)


def _is(name: str, author: Author) -> bool:
    family, given = person_names(name)
    return family == author.family and agree(author.given, given)
