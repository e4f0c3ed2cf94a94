"""The meaning of a topic, evaluated paper by paper in the plainest way: what the matcher has to agree with."""

from __future__ import annotations

import re
from datetime import date

import re2

from bot.model import AnnounceType, Candidate
from bot.text.keys import person_names, tokens, words
from bot.topics.expression import (
    And,
    AtLeast,
    Author,
    Before,
    Count,
    Everything,
    Expression,
    FromSource,
    Has,
    InCategory,
    Linked,
    Not,
    OfType,
    Or,
    Organization,
    Prefix,
    Regex,
    Since,
    Where,
    Words,
    atoms,
)

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False


def naive_match(expression: Expression, candidates: list[Candidate], on: date, votes: dict[str, int]) -> int:
    """The bit set of the candidates for which the expression holds, and whose announce type it means."""
    says_type = any(isinstance(each, OfType) for each in atoms(expression))
    found = 0
    for number, each in enumerate(candidates):
        if holds(expression, each, on, votes) and (says_type or "replace" not in each.announce_type):
            found |= 1 << number
    return found


def holds(  # noqa: C901, PLR0911, PLR0912 - one case for each kind of atom, in the plainest way
    expression: Expression, candidate: Candidate, on: date, votes: dict[str, int]
) -> bool:
    """True where the paper satisfies the expression, whatever its announce type."""
    paper = candidate.paper
    first = paper.announced_on or candidate.announced_on
    match expression:
        case And(parts):
            return all(holds(each, candidate, on, votes) for each in parts)
        case Or(parts):
            return any(holds(each, candidate, on, votes) for each in parts)
        case Not(part):
            return not holds(part, candidate, on, votes)
        case AtLeast(count, parts):
            return sum(holds(each, candidate, on, votes) for each in parts) >= count
        case Words(row, where):
            return any(_in_a_row(list(row), list(tokens(text))) for text in _texts(candidate, where))
        case Prefix(letters, where):
            return any(each.startswith(letters) for text in _texts(candidate, where) for each in words(text))
        case Regex(pattern, where):
            return any(re2.search(pattern, text, _OPTIONS) for text in _texts(candidate, where))
        case InCategory(name, primary):
            listed = paper.categories[:1] if primary else paper.categories
            return any(each == name or re.match(rf"{re.escape(name)}\.", each) for each in listed)
        case Author(family, given):
            return any(_is_author(name, family, given) for name in paper.authors)
        case Organization(row):
            return _in_a_row(list(row), list(tokens(paper.facts.organization or "")))
        case FromSource(source):
            return source in paper.sources
        case OfType(kind):
            is_kind = {AnnounceType.NEW: "new", AnnounceType.CROSS: "cross"}.get(candidate.announce_type, "replace")
            return is_kind == kind
        case Has(Linked.CODE):
            return bool(paper.facts.code_url)
        case Has(Linked.PROJECT):
            return bool(paper.facts.project_url)
        case Count(quantity, least, most):
            facts = {"upvotes": paper.facts.upvotes, "stars": paper.facts.stars, "votes": votes.get(paper.id)}
            number = facts[quantity] or 0
            return (least or 0) <= number <= (number if most is None else most)
        case Since(day):
            return first >= (day if isinstance(day, date) else on - day)
        case Before(day):
            return first < (day if isinstance(day, date) else on - day)
        case Everything():
            return True
        case _:
            raise NotImplementedError(expression)


def _texts(candidate: Candidate, where: Where) -> list[str]:
    paper = candidate.paper
    return {
        Where.TITLE: [paper.title],
        Where.ABSTRACT: [paper.abstract],
        Where.ANYWHERE: [paper.title, paper.abstract],
    }[where]


def _in_a_row(row: list[str], text: list[str]) -> bool:
    return any(text[at : at + len(row)] == row for at in range(len(text) - len(row) + 1))


def _is_author(name: str, family: str, given: tuple[str, ...]) -> bool:
    theirs, names = person_names(name)
    if theirs != family:
        return False
    for wanted in given:
        if not any(wanted == each or (1 in {len(wanted), len(each)} and wanted[0] == each[0]) for each in names):
            return False
    return True
