"""One form for all spellings of a topic: nested parts flattened, repeated ones dropped, the rest sorted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.topics.expression import And, AtLeast, Everything, Expression, Not, Or
from bot.topics.rendering import render


def flat(expression: Expression) -> Expression:
    """The same conditions in the same order, without nesting, repetition or double negation."""
    match expression:
        case And(parts):
            bounds = [each for each in _merged(And, parts) if not isinstance(each, Everything)]
            return _joined(And, bounds) if bounds else Everything()
        case Or(parts):
            choices = _merged(Or, parts)
            return Everything() if Everything() in choices else _joined(Or, choices)
        case Not(part):
            inner = flat(part)
            return inner.part if isinstance(inner, Not) else Not(inner)
        case AtLeast(count, parts):
            return AtLeast(count, tuple(dict.fromkeys(flat(each) for each in parts)))
        case _:
            return expression


def canonical(expression: Expression) -> Expression:
    """The flat expression with its parts sorted; `atleast` of one is `or`, of all is `and`."""
    match flat(expression):
        case And(parts):
            return _sorted(And, parts)
        case Or(parts):
            return _sorted(Or, parts)
        case Not(part):
            return flat(Not(canonical(part)))
        case AtLeast(count, parts):
            distinct = tuple(dict.fromkeys(canonical(each) for each in parts))
            if count == 1:
                return _sorted(Or, distinct)
            if count >= len(distinct):
                return _sorted(And, distinct)
            return AtLeast(count, tuple(sorted(distinct, key=_key)))
        case other:
            return other


def _merged(kind: type[And | Or], parts: tuple[Expression, ...]) -> list[Expression]:
    """The parts with those of the same kind taken apart, each once."""
    merged: dict[Expression, None] = {}
    for part in map(flat, parts):
        merged.update(dict.fromkeys(part.parts if isinstance(part, kind) else (part,)))
    return list(merged)


def _sorted(kind: type[And | Or], parts: tuple[Expression, ...]) -> Expression:
    # A part may turn into one of this kind only when it is made canonical (`atleast` of one is `or`).
    merged = flat(kind(tuple(map(canonical, parts))))
    return kind(tuple(sorted(merged.parts, key=_key))) if isinstance(merged, kind) else merged


def _joined(kind: type[And | Or], parts: Sequence[Expression]) -> Expression:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _key(expression: Expression) -> str:
    return render(expression, stems=True)
