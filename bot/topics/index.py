"""The terms of one day's candidates: for every atom that a topic uses, the bit set of the papers for which it holds.

Candidates are numbered in the order given (best first); a term is worked out when it is first asked for and kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise

from bot.model import Candidate, Paper, PaperId
from bot.ports import Meaning
from bot.text.keys import displayed_words, person_names, stems, tokens
from bot.topics.bits import bits, numbers
from bot.topics.categories import belongs
from bot.topics.expression import (
    About,
    Atom,
    Author,
    Before,
    Count,
    Everything,
    FromSource,
    Has,
    In,
    InCategory,
    Like,
    OfType,
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
from bot.topics.facts import counted, day_of, first_on, type_of, whole_text, within
from bot.topics.likeness import resembling
from bot.topics.links import linked
from bot.topics.patterns import compiled
from bot.topics.people import agree

_LAST = "\U0010ffff"
_MANY_PHRASES = 64  # fewer are looked for one by one, among the papers that have their words


class Field:
    """The words of one field of all papers: their postings, and each paper's terms in a row."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words: list[str] = []
        self._rows: dict[int, str] = {}
        self._sets: dict[str, int] = {}
        self._pairs: dict[tuple[str, ...], int] = {}
        postings: dict[str, list[int]] = defaultdict(list)
        for number, text in enumerate(texts):
            found = displayed_words(text)
            self._words.append(" ".join(found))  # one text takes a tenth of the memory of its words
            for word in set(found):
                postings[word].append(number)
        self._postings = dict(postings)

    @cached_property
    def vocabulary(self) -> list[str]:
        """All words, sorted."""
        return sorted(self._postings)

    @cached_property
    def _stems(self) -> Mapping[str, str]:
        return stems(self._postings)

    @cached_property
    def _by_stem(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for word, token in self._stems.items():
            found[token].append(word)
        return found

    def forget(self) -> None:
        """Let go of all sets that were worked out; the postings stay."""
        self._sets.clear()
        self._pairs.clear()

    def having(self, token: str) -> int:
        """The papers that have a word of this stem."""
        if token not in self._sets:
            if len(token) == 1 and not token.isascii():
                spelled: Iterable[str] = (each for each in self._postings if token in each)
            else:
                spelled = self._by_stem.get(token, ())
            self._sets[token] = self._any_of(spelled)
        return self._sets[token]

    def beginning(self, letters: str) -> int:
        """The papers that have a word with these first letters."""
        start, end = (bisect_left(self.vocabulary, edge) for edge in (letters, letters + _LAST))
        return self._any_of(self.vocabulary[start:end])

    def in_a_row(self, found: tuple[str, ...]) -> int:
        """The papers that have these tokens in a row."""
        if len(found) == 1:
            return self.having(found[0])
        known = self._pairs.get(found)
        if known is not None:
            return known  # of two tokens the pair itself says all
        pairs = [self._pairs.get(pair) for pair in pairwise(found)]
        papers = -1
        for token, pair in zip(found, pairs, strict=False):
            papers &= self.having(token) if pair is None else pair
        papers &= self.having(found[-1])
        wanted = f" {' '.join(found)} "
        return bits((each for each in numbers(papers) if wanted in self._row(each)), len(self._texts))

    def look_up(self, rows: Iterable[tuple[str, ...]]) -> None:
        """Find all pairs of neighbours in these rows in one pass over the texts."""
        wanted = {pair for row in rows for pair in pairwise(row)} - self._pairs.keys()
        found: dict[tuple[str, ...], list[int]] = {pair: [] for pair in wanted}
        stem_of = self._stems
        for number, text in enumerate(self._words):
            row = [stem_of[word] for word in text.split()]
            for pair in wanted.intersection(pairwise(row)):
                found[pair].append(number)
        self._pairs.update((pair, bits(papers, len(self._texts))) for pair, papers in found.items())

    def matching(self, pattern: str) -> int:
        """The papers in whose text the regular expression is found."""
        search = compiled(pattern).search
        return bits((number for number, text in enumerate(self._texts) if search(text)), len(self._texts))

    def _row(self, number: int) -> str:
        """A paper's tokens as one text in which a run of tokens is a substring and half a token is none."""
        if number not in self._rows:
            stem_of = self._stems
            self._rows[number] = f" {' '.join([stem_of[word] for word in self._words[number].split()])} "
        return self._rows[number]

    def _any_of(self, spelled: Iterable[str]) -> int:
        lists = [self._postings[word] for word in spelled]
        return bits((number for each in lists for number in each), len(self._texts))


class TermIndex:
    """The bit set of every atom over numbered candidates: bit i of a set stands for the i-th of them."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        on: date | None = None,
        known: Mapping[PaperId, Paper] | None = None,
        meaning: Meaning | None = None,
        places: Mapping[Place, Collection[PaperId]] | None = None,
    ) -> None:
        """`on` is the day from which `since:7d` counts back; `known` has the papers that `like:` may name.

        `places` has the papers that `in:` means, for searches; of a topic none stands anywhere before it is posted.
        """
        self._places = places or {}
        self._papers = [each.paper for each in candidates]
        self._candidates = candidates
        self._on = on or max((each.announced_on for each in candidates), default=date.min)
        self._known = dict(known or {})
        self._meaning = meaning
        self._terms: dict[Atom, int] = {}
        # By identity first: hashing an atom takes longer than all else here. Kept alive, its identity stays its own.
        self._known_atoms: dict[int, tuple[Atom, int]] = {}
        self._titles = Field([each.title for each in self._papers])
        self._abstracts = Field([each.abstract for each in self._papers])
        self.everything = (1 << len(candidates)) - 1

    @cached_property
    def announced(self) -> int:
        """The papers that are announced as new or cross-listed: what a topic means that names no type."""
        replaced = self.holding(OfType(TypeGroup.REPLACE))
        return self.everything & ~replaced

    def holding(self, atom: Atom, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers for which an atom holds. `votes` are those of the workspace that asks."""
        known = self._known_atoms.get(id(atom))
        if known is not None:
            return known[1]
        if isinstance(atom, Count) and atom.quantity is Quantity.VOTES:
            return self._where(lambda each: within(atom, (votes or {}).get(each.id, 0)))
        found = self._terms.get(atom)
        if found is None:
            found = self._terms[atom] = self._found(atom)
        self._known_atoms[id(atom)] = (atom, found)
        return found

    @property
    def size(self) -> int:
        """How many atoms are kept."""
        return len(self._known_atoms)

    def forget(self) -> None:
        """Let go of every set that was worked out: an index that stands for long is asked for ever new words."""
        self._terms.clear()
        self._known_atoms.clear()
        self._titles.forget()
        self._abstracts.forget()

    def learn(self, known: Mapping[PaperId, Paper]) -> None:
        """More papers that `like:` may name."""
        self._known.update(known)

    def look_up(self, atoms: Iterable[Atom]) -> None:
        """Work out at once what is cheaper together: many phrases in one pass, meaning in one matrix product."""
        asked = list({id(each): each for each in atoms}.values())
        self._look_up_phrases([each for each in asked if isinstance(each, Words) and len(each.tokens) > 1])
        if self._meaning is None:
            return
        meant = dict.fromkeys(each for each in asked if isinstance(each, About | Like))
        wanted = [each for each in meant if each not in self._terms]
        texts = [(each, text) for each in wanted if (text := self._said_by(each)) is not None]
        found = self._meaning.near([text for _, text in texts], [whole_text(each) for each in self._papers])
        for (atom, _), papers in zip(texts, found, strict=True):
            self._terms[atom] = papers & ~self._itself(atom)

    def _look_up_phrases(self, phrases: Sequence[Words]) -> None:
        if len(phrases) < _MANY_PHRASES:
            return
        self._titles.look_up(each.tokens for each in phrases if each.where is not Where.ABSTRACT)
        self._abstracts.look_up(each.tokens for each in phrases if each.where is not Where.TITLE)

    def _found(self, atom: Atom) -> int:
        match atom:
            case Words(found, where):
                return self._in_text(where, lambda field: field.in_a_row(found))
            case Prefix(letters, where):
                return self._in_text(where, lambda field: field.beginning(letters))
            case Regex(pattern, where):
                return self._in_text(where, lambda field: field.matching(pattern))
            case InCategory(name, primary):
                return self._of(
                    papers for category, papers in self._categories[primary].items() if belongs(category, name)
                )
            case Author(family, given):
                return self._of([[number for number, names in self._authors.get(family, ()) if agree(given, names)]])
            case Organization(found):
                return self._where(lambda each: _holds_row(found, each.facts.organization or ""))
            case FromSource(source):
                return self._where(lambda each: source in each.sources)
            case Has(kind):
                return self._where(lambda each: kind in linked(each))
            case Count(quantity):
                return self._where(lambda each: within(atom, counted(each, quantity)))
            case _:
                return self._found_otherwise(atom)

    def _found_otherwise(self, atom: Atom) -> int:
        match atom:
            case OfType(kind):
                return self._of([[n for n, each in enumerate(self._candidates) if type_of(each) is kind]])
            case Since(day):
                since = day_of(day, self._on)
                return self._of([[n for n, each in enumerate(self._candidates) if first_on(each) >= since]])
            case Before(day):
                before = day_of(day, self._on)
                return self._of([[n for n, each in enumerate(self._candidates) if first_on(each) < before]])
            case Like() | About():
                return self._of_meaning(atom)
            case In(place):
                return self._where(lambda each: each.id in self._places.get(place, ()))
            case Everything():
                return self.everything
            case _:
                raise AssertionError(atom)

    def _of_meaning(self, atom: Like | About) -> int:
        self.look_up([atom])
        if atom in self._terms:
            return self._terms[atom]
        if isinstance(atom, About) or (paper := self._known.get(atom.paper_id)) is None:
            return 0
        return resembling(paper, self._both, len(self._papers)) & ~self._itself(atom)

    def _said_by(self, atom: About | Like) -> str | None:
        if isinstance(atom, About):
            return atom.text
        paper = self._known.get(atom.paper_id)
        return None if paper is None else whole_text(paper)

    def _itself(self, atom: Atom) -> int:
        if not isinstance(atom, Like):
            return 0
        own = {atom.paper_id, *(each.id for each in (self._known.get(atom.paper_id),) if each)}
        return self._where(lambda each: each.id in own)

    def _both(self, token: str) -> int:
        return self._titles.having(token) | self._abstracts.having(token)

    def _in_text(self, where: Where, found: Callable[[Field], int]) -> int:
        match where:
            case Where.TITLE:
                return found(self._titles)
            case Where.ABSTRACT:
                return found(self._abstracts)
            case Where.ANYWHERE:
                return found(self._titles) | found(self._abstracts)

    def _where(self, holds: Callable[[Paper], bool]) -> int:
        return bits((number for number, each in enumerate(self._papers) if holds(each)), len(self._papers))

    def _of(self, lists: Iterable[Iterable[int]]) -> int:
        return bits((number for each in lists for number in each), len(self._papers))

    @cached_property
    def _categories(self) -> tuple[Mapping[str, list[int]], Mapping[str, list[int]]]:
        """The papers by category: by any that they list, and by the first alone."""
        listed: dict[str, list[int]] = defaultdict(list)
        first: dict[str, list[int]] = defaultdict(list)
        for number, paper in enumerate(self._papers):
            for category in paper.categories:
                listed[category].append(number)
            for category in paper.categories[:1]:
                first[category].append(number)
        return listed, first

    @cached_property
    def _authors(self) -> Mapping[str, list[tuple[int, tuple[str, ...]]]]:
        found: dict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for number, paper in enumerate(self._papers):
            for name in paper.authors:
                family, given = person_names(name)
                found[family].append((number, given))
        return found


def _holds_row(found: tuple[str, ...], text: str) -> bool:
    return f" {' '.join(found)} " in f" {' '.join(tokens(text))} "
