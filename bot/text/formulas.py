"""What makes a formula: where one stands in running text, and where its spaces belong."""

from __future__ import annotations

import re

BEFORE, AFTER = "\x01", "\x02"
"""Put around a function name until its neighbours are known; no clean text holds these two."""

_GROUP = re.compile(r"\{[^{}]*\}")
_PROSE = re.compile(r"(?<![A-Za-z\\])[a-z]{3,} (?:[a-z]{2,}|[a-z]+ [a-z]+) ")
_WORDS = re.compile(r"[A-Za-z]{2,} | [A-Za-z]{2,}")
_TELLING = frozenset("\\^_{=<>")

_RELATION = "=<>≤≥≠≈≡≃≅∼∝∈∉∋⊂⊆⊃⊇→←↔⇒⇐⇔↦×·∘±∓∧∨∩∪⊗⊕≪≫≲≳"
_SPACING = (
    (re.compile(rf"(?<=[^\W_]){BEFORE}|(?<=[)\]}}]){BEFORE}"), " "),
    (re.compile(rf"{AFTER}(?=[A-Za-z0-9\u0370-\u03ff])"), " "),
    (re.compile(f"[{BEFORE}{AFTER}]"), ""),
    # `x\leq y` needs its space in TeX, so it is no more than half a space around the sign.
    (re.compile(rf"([^\s(\[{{{_RELATION}])([{_RELATION}]) (?=\S)"), r"\1 \2 "),
    (re.compile(r"(?<=\S)/ (?=\S)"), "/"),
    (re.compile(r"([(\[{⟨⌊⌈√]) +"), r"\1"),
    (re.compile(r" +(?=[)\]}⟩⌋⌉,])"), ""),
)


def spaced(formula: str) -> str:
    """Even out the spaces that TeX ignores: around function names and relations, inside brackets."""
    for pattern, replacement in _SPACING:
        formula = pattern.sub(replacement, formula)
    return " ".join(formula.split())


def looks_like_formula(content: str, following: str) -> bool:
    """Whether `$content$` is a formula rather than two sums of money or two shell variables.

    `following` is the character behind it, if any.
    """
    stripped = content.strip()
    if not stripped or (following.isdigit() and _may_be_money(stripped)):
        return False
    telling = not _TELLING.isdisjoint(stripped) and not _PROSE.search(_GROUP.sub("", content))
    if (content[0] == " ") != (content[-1] == " "):
        # The gap in “$5 for x_1 and $6” begins or ends with a space; a formula that does is full of macros.
        return telling and "\\" in stripped
    if telling:
        return True
    if content[0] == " ":
        return stripped[0].isalpha() and len(stripped) <= len("n-1")
    # “$6 or US$” names money; `$k$NN` and `$n$th` are formulas that a word follows.
    return not _WORDS.search(stripped) and (len(stripped) <= len("ab") or not following.isalnum())


def _may_be_money(stripped: str) -> bool:
    return "\\" not in stripped and (len(stripped) > 1 or stripped.isdigit())
