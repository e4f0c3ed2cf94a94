"""Conditions and weights of the core as Tantivy's queries."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tantivy
from tantivy import Occur, Query

from bot.index_query import (
    AllOf,
    Condition,
    HasPrefix,
    HasTerms,
    IndexField,
    NoneOf,
    Numbered,
    SomeOf,
    Weighted,
    Within,
)

_LARGEST = (1 << 63) - 1


def schema() -> tantivy.Schema:
    """The fields. Terms come ready from the core: nothing here splits, folds or stems, and nothing is stored."""
    builder = tantivy.SchemaBuilder()
    for field, option in (
        (IndexField.TEXT, "position"),
        (IndexField.TITLE, "position"),
        (IndexField.WORDS, "basic"),
        (IndexField.PEOPLE, "freq"),
        (IndexField.AUTHORS, "basic"),
        (IndexField.KEYWORDS, "freq"),
        (IndexField.ORGANIZATION, "position"),
        (IndexField.FACETS, "basic"),
    ):
        builder.add_text_field(field.value, tokenizer_name="whitespace", index_option=option)
    builder.add_text_field(IndexField.EXACT.value, tokenizer_name="raw", index_option="basic")
    for name in (NUMBER, IndexField.DAY.value, IndexField.UPVOTES.value, IndexField.STARS.value):
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


NUMBER = "number"
"""The store's number of a paper."""


def condition_query(schema: tantivy.Schema, condition: Condition) -> Query:
    """What must hold, without a score."""
    match condition:
        case HasTerms(field, terms):
            return _terms(schema, field, terms)
        case HasPrefix(field, letters):
            return Query.regex_query(schema, field.value, f"{re.escape(letters)}.*")
        case Within(field, least, most):
            return within(schema, field.value, least, most)
        case Numbered(numbers):
            return Query.term_set_query(schema, NUMBER, list(numbers))
        case AllOf(()):
            return Query.all_query()
        case AllOf(parts):
            wanted = [part for part in parts if not isinstance(part, NoneOf)]
            unwanted = [part.part for part in parts if isinstance(part, NoneOf)]
            clauses = [(Occur.Must, condition_query(schema, part)) for part in wanted] or [_everything()]
            return Query.boolean_query(
                [*clauses, *((Occur.MustNot, condition_query(schema, part)) for part in unwanted)]
            )
        case SomeOf(parts, count):
            clauses = [(Occur.Should, condition_query(schema, part)) for part in parts]
            return Query.boolean_query(clauses, minimum_number_should_match=count)
        case NoneOf(part):
            return Query.boolean_query([_everything(), (Occur.MustNot, condition_query(schema, part))])


def within(schema: tantivy.Schema, name: str, least: int | None, most: int | None) -> Query:
    """A number between bounds, which belong to it."""
    return Query.range_query(schema, name, tantivy.FieldType.Integer, least, _LARGEST if most is None else most)


def weighted_query(schema: tantivy.Schema, each: Weighted) -> Query:
    """BM25 of these terms in a row."""
    query = _terms(schema, each.field, each.terms)
    return query if each.weight == 1 else Query.boost_query(query, each.weight)


def any_of(schema: tantivy.Schema, scored: Sequence[Weighted]) -> Query:
    """The sum of the scores. Of single terms alone the engine skips what cannot come among the best."""
    return Query.boolean_query([(Occur.Should, weighted_query(schema, each)) for each in scored])


def _everything() -> tuple[Occur, Query]:
    return (Occur.Must, Query.all_query())


def _terms(schema: tantivy.Schema, field: IndexField, terms: tuple[str, ...]) -> Query:
    if len(terms) == 1:
        return Query.term_query(schema, field.value, terms[0], index_option="freq")
    return Query.phrase_query(schema, field.value, list(terms))
