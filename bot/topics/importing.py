"""Filters that people bring along from other tools, as topics: keyword lists, arXiv queries, patterns, prose.

A row becomes a topic that means the same, or is refused with the reason and, where there is one, a topic instead.
What of a row a topic cannot hold (weights, thresholds) is dropped and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot.errors import BadTopic
from bot.text.keys import tokens, words
from bot.topics.canonical import flat
from bot.topics.categories import nearest_category, spell_category
from bot.topics.category_names import category_named
from bot.topics.expression import About, And, Expression, InCategory, Not, Or, Regex, Words, atoms
from bot.topics.language import LONGEST_TOPIC, MOST_ATOMS, Topic, parse_topic
from bot.topics.prose import against, keywords
from bot.topics.rendering import render
from bot.topics.saying import say_topic

_SHOWN = 60
_QUOTES = str.maketrans(dict.fromkeys('"“”„«»', " "))
_DATES = re.compile(r"[\s+]*(?:\b(?:AND|ANDNOT)[\s+]+)?\b(?:submitted|lastUpdated)Date:\[[^\]]*\]?", re.IGNORECASE)
_LEADING = re.compile(r"^[\s+]*(?:AND|OR)\b[\s+]*")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Became:
    """The filter is a topic. `fid` is the row's own name for itself, `plain` the topic in plain words."""

    fid: str | None
    topic: str
    plain: str
    notes: tuple[str, ...] = ()
    """What was dropped, or read in another way than it stands."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The filter is no topic; `error` says why in a sentence. `position` is the 0-based offset into its query."""

    fid: str | None
    error: str
    position: int | None = None
    proposed: str | None = None
    """A topic that comes near, to be looked over."""
    notes: tuple[str, ...] = ()


Imported = Became | Refused


@dataclass(slots=True)
class _Draft:
    """A topic in the making: `any_of` may be cut to fit, `others` must hold besides."""

    any_of: Sequence[Expression]
    before: list[Expression] = field(default_factory=list)
    after: list[Expression] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def expression(self, size: int | None = None) -> Expression:
        return flat(And((*self.before, *_or(self.any_of[:size]), *self.after)))


def imported(row: object, *, semantic: bool = False) -> Imported:
    """What becomes of a filter, one JSON value; `semantic`: this installation answers `about:`. Never raises."""
    fid = row.get("fid") if isinstance(row, Mapping) else None
    fid = fid if isinstance(fid, str) else None
    try:
        return _read(fid, row, semantic=semantic)
    except BadTopic as error:
        return Refused(fid, error.user_message)


def _read(fid: str | None, row: object, *, semantic: bool) -> Imported:
    if not isinstance(row, Mapping):
        raise BadTopic("A filter is an object with a “kind” and the fields of that kind; this is none.")
    match row.get("kind"):
        case "prose":
            return _prose(fid, row, semantic=semantic)
        case "arxiv_boolean":
            return _boolean(fid, row)
        case str(kind) if kind in _DRAFTS:
            return _built(fid, _DRAFTS[kind](row))
        case str(kind):
            near = get_close_matches(kind, KINDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise BadTopic(f"“{_visible(kind)[:_SHOWN]}” is no kind of filter; a kind is {_LISTED}.{hint}")
        case _:
            raise BadTopic(f"The filter names no kind; a kind is {_LISTED}.")


def _built(fid: str | None, draft: _Draft) -> Imported:
    """The draft as a topic; where it is too large, as much of it as fits is proposed."""
    whole, notes = draft.expression(), tuple(draft.notes)
    text = render(whole)
    if _fits(whole):
        topic = parse_topic(text)
        if topic != Topic(whole):
            raise BadTopic("This filter cannot be written as a topic that means the same.")
        return Became(fid, topic.text, say_topic(topic), notes)
    size = _most_that_fit(draft)
    proposed = render(draft.expression(size)) if size else None
    hint = f" The first {size} of its {len(draft.any_of)} keywords fit." if size else ""
    error = (
        f"This filter makes {sum(1 for _ in atoms(whole))} conditions in {len(text):,} characters; "
        f"a topic holds {MOST_ATOMS} conditions and {LONGEST_TOPIC:,} characters.{hint}"
    )
    return Refused(fid, error, None, proposed, notes)


def _fits(expression: Expression) -> bool:
    return sum(1 for _ in atoms(expression)) <= MOST_ATOMS and len(render(expression)) <= LONGEST_TOPIC


def _most_that_fit(draft: _Draft) -> int:
    """How many of the keywords fit; 0 where not even one does."""
    least, most = 0, len(draft.any_of)
    while least < most:
        middle = (least + most + 1) // 2
        if _fits(draft.expression(middle)):
            least = middle
        else:
            most = middle - 1
    return least


def _keyword_list(row: Mapping[str, object]) -> _Draft:
    notes: list[str] = []
    found = _keywords(row, "terms", notes)
    return _Draft(found, before=_or(_categories(row, is_needed=False)), notes=notes)


def _both_lists(row: Mapping[str, object]) -> _Draft:
    draft = _keyword_list(row)
    draft.after += _or(_keywords(row, "and_terms", draft.notes))
    return draft


def _weighted(row: Mapping[str, object]) -> _Draft:
    draft = _keyword_list(row)
    if row.get("exclude") not in (None, []):
        found = _keywords(row, "exclude", draft.notes, is_needed=False)
        draft.after += [Not(each) for each in _or(found)]
    if row.get("weight") is not None:
        draft.notes.append("The weight is not kept: a paper matches a topic or it does not.")
    return draft


def _only_categories(row: Mapping[str, object]) -> _Draft:
    return _Draft(_categories(row, is_needed=True))


def _pattern(row: Mapping[str, object]) -> _Draft:
    query = _text(row, "query")
    # A slash needs no escape of its own in RE2; the topic's text gives it one.
    return _Draft([Regex(_ESCAPED.sub(lambda found: "/" if found[1] == "/" else found[0], query))])


def _boolean(fid: str | None, row: Mapping[str, object]) -> Imported:
    query = _text(row, "query")
    try:
        topic = parse_topic(query)
    except BadTopic as error:
        said = error.user_message
        if error.position and "at character" not in said:
            said = f"At character {error.position + 1}: {said}"
        return Refused(fid, said, error.position, _without_dates(query))
    return Became(fid, topic.text, say_topic(topic), topic.notes)


def _without_dates(query: str) -> str | None:
    """The query without its range of days, which a topic about papers to come has no use for."""
    rest = _LEADING.sub("", _DATES.sub("", query))
    if rest == query or not rest.strip():
        return None
    try:
        return parse_topic(rest).text
    except BadTopic:
        return None


def _prose(fid: str | None, row: Mapping[str, object], *, semantic: bool) -> Imported:
    text = _visible(_text(row, "text")).replace('"', "'")
    notes = [
        f"“{name}” is not kept: a topic has no {what}."
        for name, what in (
            ("relevant", "sentences to be judged by"),
            ("not_relevant", "sentences to be judged by"),
            ("threshold", "score to be reached"),
        )
        if row.get(name) not in (None, "")
    ]
    unwanted = against(text)
    before = _or(_categories(row, is_needed=False))
    if semantic:
        if not tokens(text):
            raise BadTopic("“text” holds no letter or digit.")
        meant = About(text) if unwanted is None else Not(About(unwanted))
        return _built(fid, _Draft([meant], before=before, notes=notes))
    error = (
        "Prose is read for its meaning, and that needs the “semantic” extra and a model, which this installation does "
        "not have (see BROADSHEET_SEMANTIC_MODEL)."
    )
    found = keywords(text if unwanted is None else unwanted)
    if found is None:
        return Refused(fid, f"{error} No keywords could be made of it.", notes=tuple(notes))
    proposed = _Draft([found if unwanted is None else Not(found)], before=before)
    match _built(fid, proposed):
        case Became(topic=topic):
            return Refused(fid, f"{error} Keywords made of its words are proposed instead.", None, topic, tuple(notes))
        case Refused():
            return Refused(fid, error, notes=tuple(notes))


def _or(parts: Sequence[Expression]) -> list[Expression]:
    return [Or(tuple(parts))] if parts else []


def _text(row: Mapping[str, object], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str) or not found.strip():
        raise BadTopic(f"“{name}” must be a text that is not empty.")
    return found


def _list(row: Mapping[str, object], name: str) -> list[str]:
    found = row.get(name)
    if not isinstance(found, list) or not found:
        raise BadTopic(f"“{name}” must be a list of texts that is not empty.")
    for at, each in enumerate(found, 1):
        if not isinstance(each, str):
            raise BadTopic(f"Entry {at} of “{name}” is no text.")
    return found


def _keywords(row: Mapping[str, object], name: str, notes: list[str], *, is_needed: bool = True) -> list[Words]:
    found: dict[Words, None] = {}
    for each in _list(row, name):
        word = _keyword(each)
        if word is None:
            notes.append(f"“{_visible(each)[:_SHOWN]}” of “{name}” is dropped: it is no word that can be looked for.")
        else:
            found[word] = None
    if is_needed and not found:
        raise BadTopic(f"“{name}” holds no word that can be looked for.")
    return list(found)


def _keyword(text: str) -> Words | None:
    """The keyword as words in a row, whatever signs it holds; None where it has no letter, or is as long as a topic."""
    shown = _visible(text.translate(_QUOTES))
    found = tokens(shown)
    # As it is typed; else as plain words, where the text holds what a topic would read in another way.
    for spelled in (shown, " ".join(words(shown))):
        word = Words(found, shown=spelled)
        try:
            read = parse_topic(render(word)) if found else None
            if read is not None and (read.expression, read.text) == (word, render(word)):
                return word
        except BadTopic:
            continue
    return None


def _categories(row: Mapping[str, object], *, is_needed: bool) -> list[Expression]:
    if not is_needed and row.get("categories") in (None, []):
        return []
    return list(dict.fromkeys(_category(each, at) for at, each in enumerate(_list(row, "categories"), 1)))


def _category(text: str, at: int) -> InCategory:
    name = spell_category(text.strip()) or category_named(text)
    if name is None:
        near = nearest_category(text.strip())
        hint = f" Did you mean {near}?" if near else " Categories look like cs.CL, archives like hep-th."
        raise BadTopic(f"Entry {at} of “categories”, “{_visible(text)[:_SHOWN]}”, is no arXiv category.{hint}")
    return InCategory(name)


def _visible(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


_DRAFTS: Mapping[str, Callable[[Mapping[str, object]], _Draft]] = {
    "keywords_any": _keyword_list,
    "keywords_any_AND_any": _both_lists,
    "weighted_keywords": _weighted,
    "regex": _pattern,
    "categories_only": _only_categories,
}
KINDS = (*_DRAFTS, "arxiv_boolean", "prose")
"""The kinds of filters that are understood."""
_LISTED = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
