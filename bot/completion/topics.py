"""Completing a topic or a search: its last word, with what stands before it kept; or a whole topic that stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from bot.completion.ranking import LONGEST, Hit, Level, Proposal, Shelf, after, best, moved
from bot.errors import BadTopic
from bot.findings import Choice
from bot.model import Paper, SourceName
from bot.parameters import PREVIEW_DAYS
from bot.text.cut import utf16_length
from bot.topics.categories import ARCHIVES, CATEGORIES
from bot.topics.category_names import CATEGORY_NAMES
from bot.topics.expression import Linked, Place, TypeGroup
from bot.topics.language import FIELDS, parse_topic

_QUOTES = '"“”„«»'
_COUNTS = (">=5", ">=10", ">=25", ">=50", ">=100")
_DISTANCES = ("7d", "14d", "30d", "90d", "1y")
FREE_TEXT = frozenset({"title", "abstract", "about", "like"})
"""The fields whose values cannot be guessed."""
VALUES: Mapping[str, tuple[str, ...]] = {
    "has": tuple(Linked),
    "upvotes": _COUNTS,
    "stars": _COUNTS,
    "votes": (">=1", ">=2", ">=5"),
    "since": _DISTANCES,
    "before": _DISTANCES,
    "source": tuple(SourceName),
    "type": tuple(TypeGroup),
    "in": tuple(Place),
}
"""What the other fields are mostly given."""
_OPERATORS = frozenset({"OR", "AND", "NOT", "ANDNOT"})
_FOR_SEARCH = frozenset({"in"})
_SHORTEST_NAME = 3  # letters of an author who is meant without `author:`
# A choice is shown with the name of its category; who goes on typing after it has that name in the text.
_SHOWN_NAME = re.compile(
    rf" · (?:{'|'.join(map(re.escape, sorted(CATEGORY_NAMES.values(), key=len, reverse=True)))})", re.IGNORECASE
)


_UNQUOTED = re.compile(r"(?<![^\s(|,-])(?P<field>author|org):\s*(?P<name>[^\"“”„«»()|,:]+)$", re.IGNORECASE)


class Vocabulary:
    """The authors, organisations and categories of some papers, the most frequent ones first."""

    def __init__(self, papers: Iterable[Paper] = ()) -> None:
        authors: Counter[str] = Counter()
        organizations: Counter[str] = Counter()
        categories: Counter[str] = Counter()
        for paper in papers:
            authors.update(paper.authors)
            organizations.update(filter(None, [paper.facts.organization]))
            categories.update(paper.categories)
        often = [each for each, _ in categories.most_common() if each in CATEGORIES]
        ordered = tuple(dict.fromkeys((*often, *_ordered_categories())))
        self.categories = Shelf(_category("", each) for each in ordered)
        self.fields: Mapping[str, Shelf] = {
            "author": _names("author", authors),
            "org": _names("org", organizations),
            "cat": Shelf(_category("cat:", each) for each in ordered),
            **{field: Shelf(_value(field, each) for each in values) for field, values in VALUES.items()},
        }


def complete_topic(
    typed: str,
    vocabulary: Vocabulary,
    standing: Iterable[str] = (),
    *,
    is_search: bool = False,
    is_preview: bool = False,
) -> tuple[Choice, ...]:
    """What was typed itself where it can be read, the topics that stand, and the last word completed.

    Choosing is how a value is entered on some platforms: what was typed must be among the choices.
    """
    typed = _SHOWN_NAME.sub("", typed)
    if utf16_length(typed) > LONGEST:
        return ()  # whatever keeps it is too long as well
    head, last = _parted(typed)
    found = Shelf(map(Proposal, standing)).find(typed, worst=Level.INSIDE)
    completed = _of_name(typed, vocabulary)
    # A word is tried first: refusing 25 topics takes 50 ms.
    if not completed and (is_search or _is_topic(_closed(f"{head}x"))):
        had = head.split()
        words = [each for each in _of_word(last, vocabulary, is_search=is_search) if each.choice.value not in had]
        completed = moved(words, lambda value: _closed(head + value))
    found += completed
    if is_preview and head.strip():
        found += moved(Shelf(map(Proposal, PREVIEW_DAYS)).find(last, worst=Level.PREFIX), after(head))
    own = _closed(typed.strip())
    if is_search or _is_topic(own):
        found += [Hit(Level.SAME, each.choice) for each in Shelf([Proposal(own)]).find("")]
    return best(found)


def _parted(typed: str) -> tuple[str, str]:
    """What stands before the last word, and the word itself: what follows a space, a bracket or a sign."""
    start, is_quoted = 0, False
    for at, char in enumerate(typed):
        if char in _QUOTES:
            is_quoted = not is_quoted
        elif not is_quoted and (char.isspace() or char in "(|,"):
            start = at + 1
    start += typed[start:].startswith("-")
    return typed[:start], typed[start:]


def _closed(text: str) -> str:
    """The text with the quotation mark and the brackets closed that are still open in it."""
    depth, is_quoted = 0, False
    for char in text:
        if char in _QUOTES:
            is_quoted = not is_quoted
        elif not is_quoted:
            depth = max(depth + (char == "(") - (char == ")"), 0)
    return text + '"' * is_quoted + ")" * depth


def _is_topic(text: str) -> bool:
    try:
        parse_topic(text)
    except BadTopic:
        return False
    return True


def _of_name(typed: str, vocabulary: Vocabulary) -> list[Hit]:
    """Whoever is meant by a name in two words without quotes: `author:tri d`."""
    if (named := _UNQUOTED.search(typed)) is None:
        return []
    people = vocabulary.fields[named["field"].casefold()].find(named["name"], worst=Level.WORD)
    return moved(people, lambda value: _closed(typed[: named.start()] + value))


def _of_word(last: str, vocabulary: Vocabulary, *, is_search: bool) -> list[Hit]:
    name, colon, rest = last.partition(":")
    name = name.casefold()
    if last in _OPERATORS or (name in _FOR_SEARCH and not is_search):
        return []
    if colon and name in FIELDS:
        shelf = vocabulary.fields.get(name)
        return shelf.find(rest.strip(f"<>={_QUOTES}")) if shelf else []
    hits = [*vocabulary.categories.find(last), *_conditions(is_search=is_search).find(last)]
    if name and "author".startswith(name):
        hits += [Hit(Level.PREFIX, each.choice) for each in vocabulary.fields["author"].find("")]
    elif len(last) >= _SHORTEST_NAME:
        hits += vocabulary.fields["author"].find(last, worst=Level.WORD)
    return hits


def _ordered_categories() -> Iterator[str]:
    yield from CATEGORY_NAMES
    yield from sorted(ARCHIVES - CATEGORIES)
    yield from sorted(CATEGORIES - CATEGORY_NAMES.keys())


def _category(prefix: str, category: str) -> Proposal:
    name = CATEGORY_NAMES.get(category)
    value = f"{prefix}{category}"
    return Proposal(value, f"{value} · {name}" if name else "", (category, *((name,) if name else ())))


@cache
def _conditions(*, is_search: bool) -> Shelf:
    """All fields by their names, each with its values."""
    fields = [field for field in VALUES if is_search or field not in _FOR_SEARCH]
    return Shelf(_value(field, each) for field in fields for each in VALUES[field])


def _value(field: str, value: str) -> Proposal:
    return Proposal(f"{field}:{value}", also=(value,))


def _names(field: str, counted: Counter[str]) -> Shelf:
    often = (name for name, _ in counted.most_common() if '"' not in name)
    return Shelf(Proposal(f'{field}:"{name}"', also=(name,), by_value=False) for name in often)
