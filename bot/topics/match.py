"""Matching by bit sets: candidates are numbered in rank order, every term is looked up once and is one integer.

A topic is then `&` over a few integers and equal topics are evaluated once, however many channels share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Paper
from bot.text.keys import tokens
from bot.topics.categories import belongs
from bot.topics.language import Atom, HasWords, InCategory, Topic

_MOST_ANSWERS = 1_000


class TermIndex:
    """The terms of numbered papers: bit i of a set stands for the i-th paper."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers
        self._everything = (1 << len(papers)) - 1
        self._words: dict[str, int] = {}
        self._categories: dict[str, int] = {}
        self._answers: dict[str, int] = {}
        self._texts: list[tuple[str, str]] = []
        for number, paper in enumerate(papers):
            bit = 1 << number
            title, abstract = tokens(paper.title), tokens(paper.abstract)
            self._texts.append((_in_a_row(title), _in_a_row(abstract)))
            for token in {*title, *abstract}:
                self._words[token] = self._words.get(token, 0) | bit
            for category in paper.categories:
                self._categories[category] = self._categories.get(category, 0) | bit

    def match(self, topic: Topic) -> int:
        """The papers that the topic matches, as a bit set."""
        if topic.text not in self._answers:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()  # topics that are being typed are asked for once
            answer = self._everything
            for atom in topic.atoms:
                answer &= self._holds(atom)
            self._answers[topic.text] = answer
        return self._answers[topic.text]

    def _holds(self, atom: Atom) -> int:
        match atom:
            case HasWords(tokens=stems):
                answer = self._everything
                for stem in stems:
                    answer &= self._words.get(stem, 0)
                return self._only_in_a_row(stems, answer) if len(stems) > 1 else answer
            case InCategory(name):
                answer = 0
                for category, papers in self._categories.items():
                    if belongs(category, name):
                        answer |= papers
                return answer

    def _only_in_a_row(self, stems: tuple[str, ...], papers: int) -> int:
        wanted = _in_a_row(stems)
        for number in numbers(papers):
            title, abstract = self._texts[number]
            if wanted not in title and wanted not in abstract:
                papers &= ~(1 << number)
        return papers


def _in_a_row(stems: tuple[str, ...]) -> str:
    """Tokens as one text in which a run of tokens is a substring and half a token is none."""
    return f" {' '.join(stems)} "


def numbers(papers: int) -> Iterator[int]:
    """The members of a bit set, lowest (best ranked) first."""
    while papers:
        lowest = papers & -papers
        yield lowest.bit_length() - 1
        papers ^= lowest


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a topic matched a paper, or why it did not: atoms with the field that held them, and atoms that failed."""

    matched: tuple[tuple[Atom, str], ...]
    failed: tuple[Atom, ...]


def explain(topic: Topic, paper: Paper) -> Explanation:
    """Evaluate a topic on one paper, atom by atom."""
    title, abstract = _in_a_row(tokens(paper.title)), _in_a_row(tokens(paper.abstract))
    matched: list[tuple[Atom, str]] = []
    failed: list[Atom] = []
    for atom in topic.atoms:
        field = _field_of(atom, paper, title, abstract)
        if field:
            matched.append((atom, field))
        else:
            failed.append(atom)
    return Explanation(tuple(matched), tuple(failed))


def _field_of(atom: Atom, paper: Paper, title: str, abstract: str) -> str:
    match atom:
        case InCategory(name):
            return "categories" if any(belongs(category, name) for category in paper.categories) else ""
        case HasWords(tokens=stems):
            wanted = _in_a_row(stems)
            if wanted in title:
                return "title"
            return "abstract" if wanted in abstract else ""


def say_match(explanation: Explanation) -> str:
    """The short form for a card: `matched quantization in the title · cs.CL`."""
    words = [f"{atom.shown} in the {field}" for atom, field in explanation.matched if isinstance(atom, HasWords)]
    categories = [atom.name for atom, _ in explanation.matched if isinstance(atom, InCategory)]
    parts = ([f"matched {', '.join(words)}"] if words else []) + categories
    return " · ".join(parts)
