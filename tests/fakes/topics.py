"""Hypothesis strategies of topics: expressions over a small vocabulary, so that they meet the papers of tests."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from bot.model import SourceName
from bot.text.keys import person_names, tokens
from bot.topics.canonical import canonical
from bot.topics.expression import (
    And,
    AtLeast,
    Author,
    Before,
    Count,
    Expression,
    FromSource,
    Has,
    InCategory,
    Linked,
    Not,
    OfType,
    Or,
    Organization,
    Prefix,
    Quantity,
    Regex,
    Since,
    TypeGroup,
    Where,
    Words,
)

WORDS = ("model", "models", "KV cache", "kv-cache", "diffusion", "fusion", "café", "深層学習", "survey", "math", "OR")
NAMES = ("Dao", "Tri Dao", "Dao, T.", "García Márquez, Gabriel", "李飞飞")
PATTERNS = ("mod.l", "k[vw]", "a/b", "\\bfusion\\b", "^a")
_wheres = st.sampled_from(Where)


def _words(text: str, where: Where) -> Words:
    return Words(tokens(text), where, text)


def _author(name: str) -> Author:
    return Author(*person_names(name), name)


def _count(quantity: Quantity, least: int, more: int | None) -> Count:
    return Count(quantity, least, None if more is None else least + more)


def atoms() -> st.SearchStrategy[Expression]:
    """One condition that needs no other paper."""
    days = st.one_of(st.dates(date(2026, 5, 1), date(2026, 5, 20)), st.integers(0, 20).map(lambda n: timedelta(days=n)))
    return st.one_of(
        st.builds(_words, st.sampled_from(WORDS), _wheres),
        st.builds(_words, st.sampled_from(WORDS), st.just(Where.ANYWHERE)),
        st.builds(Prefix, st.sampled_from(("mod", "dif", "sur")), _wheres),
        st.builds(Regex, st.sampled_from(PATTERNS), _wheres),
        st.builds(InCategory, st.sampled_from(("cs.CL", "cs.LG", "cs", "hep-th")), st.booleans()),
        st.builds(_author, st.sampled_from(NAMES)),
        st.just(Organization(("deepmind",), "DeepMind")),
        st.builds(FromSource, st.sampled_from(SourceName)),
        st.builds(OfType, st.sampled_from(TypeGroup)),
        st.builds(Has, st.sampled_from((Linked.CODE, Linked.PROJECT))),
        st.builds(_count, st.sampled_from(Quantity), st.integers(0, 12), st.none() | st.integers(0, 9)),
        st.builds(Since, days),
        st.builds(Before, days),
    )


def expressions() -> st.SearchStrategy[Expression]:
    """Any topic over such conditions."""

    def joined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        parts = st.lists(inner, min_size=2, max_size=4).map(tuple)
        different = st.lists(inner, min_size=2, max_size=4, unique_by=canonical).map(tuple)
        return st.one_of(
            parts.map(And), parts.map(Or), inner.map(Not), different.map(lambda each: AtLeast(1 + len(each) % 2, each))
        )

    return st.recursive(atoms(), joined, max_leaves=8)
