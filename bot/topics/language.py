"""The topic language as far as it is spoken today: arXiv categories, words and "words in a row"; all must be there.

The whole language (operators, fields, ranges) replaces `parse_topic` behind the same two values: a canonical Topic and
a BadTopic that names the position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import BadTopic
from bot.text.keys import tokens
from bot.topics.categories import looks_like_category, nearest_category, spell_category

LONGEST_TOPIC = 4_000
MOST_ATOMS = 256

_WORD = re.compile(r'"[^"]*"|\S+')
_OPERATORS = {"AND", "OR", "NOT", "|"}
_RESERVED = re.compile(r'["“”«»()|]|^[-/]|^\w+:|\*')


@dataclass(frozen=True, slots=True, order=True)
class InCategory:
    """The paper lists this category, or one of this archive."""

    name: str


@dataclass(frozen=True, slots=True)
class HasWords:
    """The title or the abstract holds these folded and stemmed tokens in a row; `shown` is what was typed."""

    tokens: tuple[str, ...]
    shown: str


Atom = InCategory | HasWords


@dataclass(frozen=True, slots=True)
class Topic:
    """A parsed topic. `text` is canonical: two spellings of one topic have the same text. No atoms means everything."""

    text: str
    categories: tuple[InCategory, ...] = ()
    words: tuple[HasWords, ...] = ()

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """All conditions, each of which must hold."""
        return (*self.categories, *self.words)

    @property
    def moves(self) -> bool:
        """True where a paper that fails today may pass tomorrow: Hugging Face's papers get their categories later."""
        return bool(self.categories)


EVERYTHING = Topic("*")


def parse_topic(text: str) -> Topic:
    """Read a topic. Raises BadTopic with the 0-based position, what was expected and a near spelling."""
    if len(text) > LONGEST_TOPIC:
        raise BadTopic(f"A topic is at most {LONGEST_TOPIC:,} characters long; this one has {len(text):,}.")
    if text.strip() in {"", "*"}:
        return EVERYTHING
    categories: dict[str, InCategory] = {}
    words: dict[tuple[str, ...], HasWords] = {}
    for found in _WORD.finditer(text):
        atom = _atom(found.group(), found.start())
        match atom:
            case InCategory(name):
                categories[name] = atom
            case HasWords(tokens=stems):
                words.setdefault(stems, atom)
    if len(categories) + len(words) > MOST_ATOMS:
        raise BadTopic(f"A topic names at most {MOST_ATOMS} words and categories; this one has more.")
    return _canonical(tuple(categories.values()), tuple(words.values()))


def _atom(word: str, position: int) -> Atom:
    if word.startswith('"') and word.endswith('"') and len(word) > 1:
        return _words(word, position)
    category = spell_category(word)
    if category is not None:
        return InCategory(category)
    if word.casefold() != "*" and looks_like_category(word):
        near = nearest_category(word)
        hint = f" Did you mean {near}?" if near else ""
        raise BadTopic(f"“{word}” is no arXiv category.{hint}", position=position)
    if word in _OPERATORS or _RESERVED.search(word):
        raise BadTopic(
            f"“{word}” (at character {position + 1}) is more than a topic can say yet: "
            "write arXiv categories and plain words, for instance cs.CL quantization.",
            position=position,
        )
    return _words(word, position)


def _words(word: str, position: int) -> HasWords:
    stems = tokens(word)
    if not stems:
        raise BadTopic(
            f"“{_visible(word)}” (at character {position + 1}) holds no letter or digit to look for; "
            "write arXiv categories and plain words.",
            position=position,
        )
    return HasWords(stems, _visible(word))


def _visible(word: str) -> str:
    return "".join(char for char in word if char.isprintable()) or "?"


def _canonical(categories: tuple[InCategory, ...], words: tuple[HasWords, ...]) -> Topic:
    # Categories are a set; words keep the order they were typed in, because that is how the topic is said back.
    ordered = tuple(sorted(categories))
    text = " ".join([*(each.name for each in ordered), *(each.shown.casefold() for each in words)])
    return Topic(text, ordered, words)


def say_topic(topic: Topic) -> str:
    """The topic in plain words, as it is said back before it is saved."""
    if not topic.atoms:
        return "all papers"
    where = f" in {_listed([each.name for each in topic.categories])}" if topic.categories else ""
    what = f" that mention {_listed([each.shown for each in topic.words])}" if topic.words else ""
    return f"papers{where}{what}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
