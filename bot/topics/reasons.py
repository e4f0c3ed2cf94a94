"""An explanation in a few words: on a card why a paper matched, and in `/papers why` which condition failed."""

from __future__ import annotations

from bot.topics.explain import Evidence, Explanation, Failure, View
from bot.topics.expression import (
    About,
    AtLeast,
    Author,
    Count,
    Expression,
    Has,
    InCategory,
    Like,
    Not,
    Or,
    Organization,
    Prefix,
    Regex,
    Words,
)
from bot.topics.saying import say_condition

_TEXTS = Words | Prefix | Regex
_MOST = 4
_LONGEST = 60


def say_match(explanation: Explanation) -> str:
    """The short form for a card: `matched quantization in the title · cs.CL`."""
    text = [_at_its_place(each) for each in explanation.matched if isinstance(each.atom, _TEXTS)]
    facts = [said for each in explanation.matched if (said := _fact(each))]
    more = f" and {len(text) - _MOST} more" if len(text) > _MOST else ""
    told = [f"matched {', '.join(text[:_MOST])}{more}"] if text else []
    return " · ".join([*told, *dict.fromkeys(facts)])


def _at_its_place(evidence: Evidence) -> str:
    atom = evidence.atom
    shown = atom.shown if isinstance(atom, Words) else evidence.found
    return f"{_quoted(shown or evidence.found)} in the {evidence.field}"


def _quoted(text: str) -> str:
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"“{text}”" if " " in text else text


def _fact(evidence: Evidence) -> str:
    match evidence.atom:
        case InCategory(name):
            return name if evidence.found == name else evidence.found
        case Author():
            return f"by {evidence.found}"
        case Organization():
            return f"from {evidence.found}"
        case Has():
            return f"has {evidence.found}"
        case Count(quantity):
            return f"{evidence.found} {quantity if evidence.found != '1' else quantity.removesuffix('s')}"
        case Like() | About():
            return f"near {say_condition(evidence.atom)}"
        case _:
            return ""


def say_evidence(evidence: Evidence) -> str:
    """The full form for one atom: `“kv cache” in the title (“KV-cache”)`."""
    if isinstance(evidence.atom, _TEXTS):
        return f"{say_condition(evidence.atom)}: “{evidence.found}” stands in the {evidence.field}"
    return _fact(evidence) or f"{say_condition(evidence.atom)} ({evidence.found})"


def say_failure(failure: Failure, view: View) -> str:
    """Why a condition did not hold: `no “kv cache” in the title or the abstract`, `3 upvotes, not at least 10`."""
    condition = failure.condition
    match condition:
        case Not():
            there = ", ".join(_at_its_place(each) for each in failure.found if isinstance(each.atom, _TEXTS))
            return f"left out by {say_condition(condition)}" + (f": {there}" if there else "")
        case Count():
            return f"{view.count(condition):,} {condition.quantity}, not {say_condition(condition)}"
        case AtLeast():
            return f"only {len(failure.found)} of them: {say_condition(condition)}"
        case _ if _is_of(condition, InCategory):
            listed = ", ".join(view.candidate.paper.categories)
            told = f"it is in {listed}" if listed else "its categories are not known yet"
            return f"not in {say_condition(condition)}: {told}"
        case Words() | Prefix() | Regex():
            place = "" if condition.where else " in the title or the abstract"
            return f"no {say_condition(condition)}{place}"
        case Or():
            return f"none of {say_condition(condition)}"
        case _:
            return f"not {say_condition(condition)}"


def say_failures(explanation: Explanation, view: View) -> str:
    """All that failed, in one line."""
    return "; ".join(say_failure(each, view) for each in explanation.failed)


def _is_of(condition: Expression, kind: type) -> bool:
    return isinstance(condition, kind) or (
        isinstance(condition, Or) and all(isinstance(each, kind) for each in condition.parts)
    )
