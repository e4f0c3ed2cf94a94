"""Near misses: papers that a topic would match if one of its conditions were let go."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from bot.model import PaperId
from bot.topics.bits import numbers
from bot.topics.expression import And, Expression, Or, Words
from bot.topics.language import Topic
from bot.topics.match import Matcher


def near_misses(matcher: Matcher, topic: Topic, size: int, votes: Mapping[PaperId, int]) -> list[int]:
    """The numbers of the best papers that fail on a single condition, best first.

    Of a single phrase they are the papers that have its words, but not in a row.
    """
    parts = topic.expression.parts if isinstance(topic.expression, And) else (topic.expression,)
    found = 0
    for at, part in enumerate(parts):
        others = And(parts[:at] + parts[at + 1 :])
        rest = matcher.evaluate(others if others.parts else _loosened(part), votes)
        found |= rest & ~matcher.evaluate(part, votes)
    return list(islice(numbers(found & matcher.index.announced), size))


def _loosened(expression: Expression) -> Expression:
    """The condition with its phrases taken apart into words; what holds no phrase matches nothing more."""
    match expression:
        case Words(tokens, where) if len(tokens) > 1:
            return And(tuple(Words((token,), where) for token in tokens))
        case Or(parts):
            return Or(tuple(_loosened(part) for part in parts))
        case _:
            return expression
