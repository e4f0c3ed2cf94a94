"""Matching many topics at once: each is `&`, `|` and `~` over the bit sets of its atoms, and equal ones are one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.model import PaperId
from bot.topics.expression import And, AtLeast, Count, Expression, Not, OfType, Or, Quantity
from bot.topics.index import TermIndex
from bot.topics.language import Topic

_MOST_ANSWERS = 100_000


class Matcher:
    """Answers topics over one index, each once."""

    def __init__(self, index: TermIndex) -> None:
        self.index = index
        self._answers: dict[str, int] = {}

    def match(self, topic: Topic, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers that the topic matches, replacements only where it names a type.

        `votes` are those of the workspace that asks.
        """
        if names_type(topic):
            return self.satisfying(topic, votes)
        return self.satisfying(topic, votes) & self.index.announced

    def satisfying(self, topic: Topic, votes: Mapping[PaperId, int] | None = None) -> int:
        """The papers for which the topic's conditions hold, whatever their announce type."""
        if counts_votes(topic):
            return self.evaluate(topic.expression, votes)
        found = self._answers.get(topic.text)
        if found is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()  # topics that are being typed are asked for once
            found = self._answers[topic.text] = self.evaluate(topic.expression, None)
        return found

    def look_up(self, topics: Iterable[Topic]) -> None:
        """Work out what asks for meaning in all of these topics at once."""
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
    return any(isinstance(each, Count) and each.quantity is Quantity.VOTES for each in topic.atoms)
