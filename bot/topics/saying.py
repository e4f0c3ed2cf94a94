"""A topic in plain English, as it is said back before it is saved: `papers in cs.CL that mention “kv cache”`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from bot.identity import bare_arxiv_id
from bot.model import SourceName
from bot.topics.expression import (
    About,
    And,
    AtLeast,
    Author,
    Before,
    Count,
    Day,
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
    Place,
    Prefix,
    Quantity,
    Regex,
    Since,
    TypeGroup,
    Where,
    Words,
)
from bot.topics.language import Topic

_MOST_SAID = 12
SOURCES = {
    SourceName.HUGGING_FACE: "Hugging Face's daily list",
    SourceName.ARXIV: "arXiv's announcements",
    SourceName.TEAM: "the team itself",
    SourceName.FILE: "a file",
}
_TYPES = {TypeGroup.NEW: "new", TypeGroup.CROSS: "cross-listed", TypeGroup.REPLACE: "replaced"}
_QUANTITIES = {Quantity.UPVOTES: "upvote", Quantity.STARS: "star", Quantity.VOTES: "vote"}
_WHERE = {Where.TITLE: " in the title", Where.ABSTRACT: " in the abstract", Where.ANYWHERE: ""}
_LITTLE = frozenset({"and", "or", "not", "but", "in", "that", "the"})  # would be read as words of the sentence
_Text = Words | Prefix | Regex


def say_topic(topic: Topic) -> str:
    """`papers in cs.CL or cs.LG that mention “kv cache”, but not survey; at least 10 upvotes`."""
    parts = topic.expression.parts if isinstance(topic.expression, And) else (topic.expression,)
    if parts == (Everything(),):
        return "all papers"
    rest = list(parts)
    wheres = _take(rest, lambda each: _only(each, InCategory))
    bounds = _take(rest, lambda each: isinstance(each, Count | Since | Before))
    against = _take(rest, lambda each: isinstance(each, Not))
    mentions = _take(rest, _is_text)
    verbs = [f"mention {_and([_of_text(each) for each in mentions])}"] if mentions else []
    is_bare = not (wheres or bounds or mentions or rest)
    said = ("all papers" if is_bare else "papers") + "".join(f" in {_names(each)}" for each in wheres[:1])
    verbs = [*(f"are in {_names(each)}" for each in wheres[1:]), *verbs, *(_verb(each) for each in rest)]
    said += f" that {_and(verbs)}" if verbs else ""
    said += f", but {_and([_against(each) for each in against])}" if against else ""
    return said + "".join(f"; {_without_verb(each)}" for each in bounds)


def say_condition(expression: Expression) -> str:
    """One condition as the noun it asks for: `“kv cache” in the title`, `cs.CL`, `at least 10 upvotes`."""
    if _is_text(expression):
        return _of_text(expression)
    match expression:
        case InCategory() | Or() if _only(expression, InCategory):
            return _names(expression)
        case Author(shown=shown):
            return f"the author {shown}"
        case Not(part):
            return f"not {say_condition(part)}"
        case And(parts):
            return _and([_bracketed(each) for each in parts])
        case Or(parts):
            return _or([_bracketed(each) for each in parts])
        case AtLeast(count, parts):
            return f"at least {count} of {_listed([say_condition(each) for each in parts], 'and')}"
        case _:
            return _without_verb(expression)


def _without_verb(expression: Expression) -> str:
    verb, _, rest = _verb(expression).partition(" ")
    return rest if verb in {"have", "were", "are", "come", "came"} else f"{verb} {rest}"


def _bracketed(expression: Expression) -> str:
    said = say_condition(expression)
    return f"({said})" if isinstance(expression, And | Or) else said


def _take(rest: list[Expression], wanted: Callable[[Expression], bool]) -> list[Expression]:
    taken = [each for each in rest if wanted(each)]
    rest[:] = [each for each in rest if not wanted(each)]
    return taken


def _only(expression: Expression, kind: type) -> bool:
    return isinstance(expression, kind) or (
        isinstance(expression, Or) and all(isinstance(each, kind) for each in expression.parts)
    )


def _names(expression: Expression) -> str:
    parts = expression.parts if isinstance(expression, Or) else (expression,)
    return _or([_category(each) for each in parts if isinstance(each, InCategory)])


def _category(atom: InCategory) -> str:
    return f"{atom.name} (as the primary category)" if atom.primary else atom.name


def _is_text(expression: Expression) -> bool:
    match expression:
        case Words() | Prefix() | Regex():
            return True
        case Or(parts) | And(parts) | AtLeast(_, parts):
            return all(map(_is_text, parts))
        case _:
            return False


def _of_text(expression: Expression, *, nested: bool = False) -> str:
    match expression:
        case Words(_, where, shown):
            return f"{f'“{shown}”' if ' ' in shown or shown.lower() in _LITTLE else shown}{_WHERE[where]}"
        case Prefix(letters, where, shown):
            return f"a word beginning with {shown or letters}{_WHERE[where]}"
        case Regex(pattern, where):
            return f"the pattern /{pattern}/{_WHERE[where]}"
        case Or(parts):
            said = _or([_of_text(each, nested=True) for each in parts])
        case And(parts):
            said = _and([_of_text(each, nested=True) for each in parts])
        case AtLeast(count, parts):
            return f"at least {count} of {_listed([_of_text(each, nested=True) for each in parts], 'and')}"
        case _:
            return say_condition(expression)
    return f"({said})" if nested else said


def _against(negation: Expression) -> str:
    assert isinstance(negation, Not)  # noqa: S101 - sorted out by the caller
    part = negation.part
    return f"not {_of_text(part)}" if _is_text(part) else f"not {say_condition(part)}"


def _verb(expression: Expression) -> str:
    """What the paper does: `mention x`, `are by Tri Dao`, `have at least 10 upvotes`."""
    if _is_text(expression):
        return f"mention {_of_text(expression)}"
    match expression:
        case InCategory():
            return f"are in {_category(expression)}"
        case Author(shown=shown):
            return f"are by {shown}"
        case Organization(shown=shown):
            return f"come from {shown}"
        case FromSource(source):
            return f"came through {SOURCES[source]}"
        case OfType(kind):
            return f"are {_TYPES[kind]}"
        case Has(linked):
            return f"have {linked if linked == 'code' else f'a {linked}'} linked"
        case Count(quantity, least, most):
            return f"have {_counted(quantity, least, most)}"
        case Since(day):
            return f"were announced since {_day(day)}"
        case Before(day):
            return f"were announced before {_day(day)}"
        case _:
            return _rare_verb(expression)


def _rare_verb(expression: Expression) -> str:
    match expression:
        case Like(paper_id):
            return f"resemble {bare_arxiv_id(paper_id) or paper_id}"
        case About(text):
            return f"are about “{text}”"
        case In(Place.HERE):
            return "were posted here"
        case In(Place.SAVED):
            return "were saved by you"
        case Everything():
            return "exist"
        case Not(part):
            return f"do not {_verb(part)}" if _is_text(part) else f"are not among those that {_verb(part)}"
        case And(parts):
            return _and([_nested(each) for each in parts])
        case Or(parts):
            return _or([_nested(each) for each in parts])
        case AtLeast(count, parts):
            return f"hold at least {count} of these: {_listed([_nested(each) for each in parts], 'and')}"
        case _:
            raise AssertionError(expression)


def _nested(expression: Expression) -> str:
    said = _verb(expression)
    return f"({said})" if isinstance(expression, And | Or) and not _is_text(expression) else said


def _counted(quantity: Quantity, least: int | None, most: int | None) -> str:
    word = _QUANTITIES[quantity]
    if least is None:
        return f"at most {most:,} {_plural(word, most)}"
    if most is None:
        return f"at least {least:,} {_plural(word, least)}"
    return f"{least:,} {_plural(word, least)}" if least == most else f"{least:,} to {most:,} {_plural(word, most)}"


def _plural(word: str, number: int | None) -> str:
    return word if number == 1 else f"{word}s"


def _day(day: Day) -> str:
    if isinstance(day, date):
        return day.isoformat()
    return f"{day.days} {_plural('day', day.days)} ago"


def _and(parts: Iterable[str]) -> str:
    return _listed(list(parts), "and")


def _or(parts: Iterable[str]) -> str:
    return _listed(list(parts), "or")


def _listed(parts: list[str], conjunction: str) -> str:
    if len(parts) > _MOST_SAID:
        parts = [*parts[: _MOST_SAID - 1], f"{len(parts) - _MOST_SAID + 1} more"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"
