"""Matching many topics at once: each is `&`, `|` and `~` over the bit sets of its atoms, and equal ones are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.model import PaperId
from bot.topics.expression import And, AtLeast, Atom, Count, Expression, Not, OfType, Or, Quantity
from bot.topics.index import TermIndex
from bot.topics.language import Topic

_MOST_ANSWERS = 100_000


class Matcher:
    """Answers topics over one index, each once."""

    def __init__(self, index: TermIndex) -> None:
        self.index = index
        self._answers: dict[int, tuple[Topic, int, int]] = {}

    def match(self, topic: Topic, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers that the topic matches, replacements only where it names a type.

        `votes` are those of the workspace that asks.
        """
        return self._answer(topic, votes)[1]

    def satisfying(self, topic: Topic, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers for which the topic's conditions hold, whatever their announce type."""
        return self._answer(topic, votes)[2]

    def _answer(self, topic: Topic, votes: Mapping[PaperId, int] | None) -> tuple[Topic, int, int]:
        # By identity: one text is one topic (`parse_topic` keeps them), and comparing costs as much as evaluating.
        known = self._answers.get(id(topic))
        if known is not None:
            return known
        found = self.evaluate(topic.expression, votes)
        asked = topic.atoms
        typed = any(isinstance(each, OfType) for each in asked)
        answer = (topic, found if typed else found & self.index.announced, found)
        if not any(_counts_votes(each) for each in asked):  # what counts votes depends on who asks
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()  # topics that are being typed are asked for once
            self._answers[id(topic)] = answer
        return answer

    def forget(self) -> None:
        """Let go of all answers and of what they were made of."""
        self._answers.clear()
        self.index.forget()

    def look_up(self, topics: Iterable[Topic]) -> None:
        """Work out at once what these topics ask for that is cheaper together: phrases, and meaning."""
        self.index.look_up(atom for topic in topics for atom in topic.atoms)

    def evaluate(self, expression: Expression, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers for which an expression holds, worked out anew from the bit sets of its atoms."""
        match expression:
            case And(parts):
                found = self.index.everything
                for part in parts:
                    found &= self.evaluate(part, votes)
                return found
            case Or(parts):
                found = 0
                for part in parts:
                    found |= self.evaluate(part, votes)
                return found
            case Not(part):
                return self.index.everything & ~self.evaluate(part, votes)
            case AtLeast(count, parts):
                return self._at_least(count, [self.evaluate(part, votes) for part in parts])
            case _:
                return self.index.holding(expression, votes)

    def _at_least(self, count: int, found: list[int]) -> int:
        reached = [self.index.everything] + [0] * count  # reached[n]: those that n of the parts seen so far hold for
        for papers in found:
            for number in range(count, 0, -1):
                reached[number] |= reached[number - 1] & papers
        return reached[count]


def names_type(topic: Topic) -> bool:
    """True where the topic says which announce types it means."""
    return any(isinstance(each, OfType) for each in topic.atoms)


def counts_votes(topic: Topic) -> bool:
    """True where the answer depends on the workspace that asks."""
    return any(map(_counts_votes, topic.atoms))


def _counts_votes(atom: Atom) -> bool:
    return isinstance(atom, Count) and atom.quantity is Quantity.VOTES
