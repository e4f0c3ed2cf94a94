"""Near misses: papers that a topic would match if one of its conditions were let go."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from bot.model import PaperId
from bot.topics.bits import numbers
from bot.topics.expression import About, And, Author, Expression, Or, Organization, Prefix, Regex, Words, wanted
from bot.topics.language import Topic
from bot.topics.match import Matcher


def near_misses(matcher: Matcher, topic: Topic, size: int, votes: Mapping[PaperId, int]) -> list[int]:
    """The numbers of the best papers that fail on a single condition, best first.

    Without its only words a topic would be near to anything: of those the near misses are the papers that have the
    words of a phrase, but not in a row.
    """
    parts = topic.expression.parts if isinstance(topic.expression, And) else (topic.expression,)
    found = 0
    for at, part in enumerate(parts):
        others = parts[:at] + parts[at + 1 :]
        told = others if any(map(_asks_words, others)) else (*others, _loosened(part))
        found |= matcher.evaluate(And(told), votes) & ~matcher.evaluate(part, votes)
    return list(islice(numbers(found & matcher.index.announced), size))


def _asks_words(expression: Expression) -> bool:
    return any(isinstance(each, Words | Prefix | Regex | Author | Organization | About) for each in wanted(expression))


def _loosened(expression: Expression) -> Expression:
    """The condition with its phrases taken apart into words; what holds no phrase matches nothing more."""
    match expression:
        case Words(tokens, where) if len(tokens) > 1:
            return And(tuple(Words((token,), where) for token in tokens))
        case Or(parts):
            return Or(tuple(_loosened(part) for part in parts))
        case _:
            return expression
