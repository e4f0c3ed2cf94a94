"""PaperIndex: what can be found and how, over memory and over Tantivy on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.index_query import (
    EVERY_PAPER,
    AllOf,
    HasPrefix,
    HasTerms,
    IndexField,
    NoneOf,
    Numbered,
    SomeOf,
    SortBy,
    Weighted,
    Within,
)
from bot.model import Facts
from bot.ports import PaperIndex
from bot.search.fields import indexed
from bot.topics.expression import TypeGroup
from store.search.search_index import TantivyIndex
from tests.contract.samples import paper
from tests.fakes.index import MemoryIndex

pytestmark = pytest.mark.contract

TITLES = (
    "Speculative decoding for language models",
    "Decoding speculative claims about markets",
    "Kv cache compression",
    "The migration of arctic terns",
)


def entry(number: int, title: str, **changes: object):
    facts = Facts(upvotes=changes.pop("upvotes", 0))
    made = paper(number, title=title, title_key=title.casefold(), facts=facts, **changes)
    return indexed(made, number=number, kind=TypeGroup.NEW)


@pytest.fixture(params=["memory", "tantivy"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PaperIndex]:
    opened = MemoryIndex() if request.param == "memory" else TantivyIndex(tmp_path / "index", memory_mb=15)
    assert opened.open()
    days = (date(2026, 5, day) for day in (3, 1, 4, 2))
    opened.take(
        [
            entry(number, title, announced_on=day, upvotes=number * 10, categories=("cs.CL",) if number < 3 else ())
            for number, (title, day) in enumerate(zip(TITLES, days, strict=True), 1)
        ]
    )
    opened.commit(4, is_whole=True)
    yield opened
    opened.close()


def terms(*found: str, field: IndexField = IndexField.TEXT) -> HasTerms:
    return HasTerms(field, found)


def matching(index: PaperIndex, condition: object) -> set[int]:
    return {each.number for each in index.sorted(condition, by=SortBy.NEWEST, limit=10)}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (EVERY_PAPER, {1, 2, 3, 4}),
        (terms("decod"), {1, 2}),
        (terms("specul", "decod"), {1}),
        (terms("cs.CL"), set()),
        (terms("cat:cs.CL", field=IndexField.FACETS), {1, 2}),
        (terms("cat:cs", field=IndexField.FACETS), {1, 2}),
        (HasPrefix(IndexField.WORDS, "compress"), {3}),
        (HasPrefix(IndexField.WORDS, "decoding"), {1, 2}),
        (Within(IndexField.UPVOTES, 20, 30), {2, 3}),
        (Within(IndexField.DAY, None, date(2026, 5, 2).toordinal()), {2, 4}),
        (Numbered((3, 9)), {3}),
        (Numbered(()), set()),
        (NoneOf(terms("decod")), {3, 4}),
        (NoneOf(EVERY_PAPER), set()),
        (AllOf((terms("decod"), NoneOf(terms("market")))), {1}),
        (SomeOf((terms("cach"), terms("tern"))), {3, 4}),
        (SomeOf((terms("decod"), terms("languag"), terms("market")), 2), {1, 2}),
        (terms("kv cache compression", field=IndexField.EXACT), {3}),
    ],
)
def test_a_condition_holds_for_these_papers(index: PaperIndex, condition: object, expected: set[int]) -> None:
    assert matching(index, condition) == expected


def test_the_more_of_the_weight_a_paper_has_the_higher_it_stands(index: PaperIndex) -> None:
    scored = [Weighted(IndexField.TEXT, (each,), 1.0) for each in ("decod", "languag", "tern")]
    found = index.rank(scored, condition=None, every=(), limit=10)
    assert {each.number for each in found} == {1, 2, 4}
    assert found[0].number == 1
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_ranking_keeps_to_the_conditions(index: PaperIndex) -> None:
    scored = [Weighted(IndexField.TEXT, ("decod",), 1.0)]
    found = index.rank(scored, condition=Within(IndexField.UPVOTES, 20), every=(terms("market"),), limit=10)
    assert [each.number for each in found] == [2]
    assert index.rank([], condition=EVERY_PAPER, every=(), limit=10) == []


def test_papers_come_newest_first_or_by_upvotes_with_their_numbers(index: PaperIndex) -> None:
    assert [each.number for each in index.sorted(EVERY_PAPER, by=SortBy.NEWEST, limit=3)] == [3, 1, 4]
    best = index.sorted(EVERY_PAPER, by=SortBy.UPVOTES, limit=1)
    assert [(each.number, each.upvotes, each.day) for each in best] == [(4, 40, date(2026, 5, 2).toordinal())]


def test_a_paper_that_comes_again_replaces_itself(index: PaperIndex) -> None:
    index.take([entry(3, "Kv cache eviction", upvotes=5)])
    assert matching(index, terms("evict")) == set()
    index.commit(5, is_whole=True)
    assert (matching(index, terms("evict")), matching(index, terms("compress"))) == ({3}, set())
    assert (index.size, index.position) == (4, 5)


def test_terms_are_counted_and_near_spellings_found(index: PaperIndex) -> None:
    assert index.frequency(IndexField.TEXT, "decod") == 2
    assert index.frequency(IndexField.TEXT, "nothing") == 0
    assert {each.number for each in index.alike("compresion", distance=1, limit=5)} == {3}
    assert {each.number for each in index.alike("artcic", distance=1, limit=5)} == {4}
    assert not index.alike("zzzzzz", distance=2, limit=5)


def test_the_most_alike_paper_shares_the_most_words_and_is_another(index: PaperIndex) -> None:
    index.take([entry(5, "Language models and speculative decoding"), entry(6, "Arctic terns")])
    index.commit(6, is_whole=True)
    probe = replace(entry(1, TITLES[0]))
    assert [each.number for each in index.resembling(probe, limit=2)][:1] == [5]


def test_a_new_index_takes_the_place_of_the_old_one_when_it_is_finished(index: PaperIndex) -> None:
    building = index.build()
    building.take([entry(7, "Another world")])
    assert matching(index, EVERY_PAPER) == {1, 2, 3, 4}
    building.finish(9)
    assert index.open()
    assert matching(index, EVERY_PAPER) == {7}
    assert (index.position, index.is_whole) == (9, True)


def test_what_is_abandoned_leaves_no_trace(index: PaperIndex) -> None:
    building = index.build()
    building.take([entry(7, "Another world")])
    building.abandon()
    assert index.open()
    assert matching(index, EVERY_PAPER) == {1, 2, 3, 4}
