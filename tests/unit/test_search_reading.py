"""Search texts: bare words are ranked, everything else must hold, and nothing that people type is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.index_query import AllOf, HasPrefix, HasTerms, IndexField, NoneOf, Numbered, SomeOf, Within
from bot.model import PaperId
from bot.search.compiling import Asker, narrowed
from bot.search.reading import NOTHING, read_search
from bot.topics.expression import And, Author, InCategory, Not, Or, Place, Prefix, Regex, Since, Where, Words
from bot.topics.language import parse_topic

pytestmark = pytest.mark.unit

TODAY = date(2026, 5, 28)


def condition(text, **places):
    return narrowed(parse_topic(text).expression, Asker(TODAY, **places))


def test_bare_words_are_ranked_and_nothing_must_hold():
    read = read_search("Speculative decoding of LLMs")
    assert read.words == ("speculative", "decoding", "llms")
    assert read.tokens == ("specul", "decod", "llm")
    assert read.required is None


def test_a_question_is_read_as_what_it_asks_about():
    asked = "Could you provide me some works related to representer theorems in machine learning?"
    assert read_search(asked).words == ("representer", "theorems", "machine", "learning")
    assert read_search("What are the papers that studied kv-cache eviction?").words == ("kv", "cache", "eviction")


def test_words_that_say_nothing_are_searched_where_there_are_no_others():
    assert read_search("the").words == ("the",)


@pytest.mark.parametrize(
    ("text", "required", "words"),
    [
        ('"kv cache" pruning', Words(("kv", "cach")), ("pruning",)),
        ("cat:cs.CL pruning", InCategory("cs.CL"), ("pruning",)),
        ("cs.CL pruning", InCategory("cs.CL"), ("pruning",)),
        ("title:pruning attention", Words(("prune",), Where.TITLE), ("attention",)),
        ('author:"Tri Dao" attention', Author("dao", ("tri",)), ("attention",)),
        ("quantiz* llama", Prefix("quantiz"), ("llama",)),
        ("/llama-?3/ evaluation", Regex("llama-?3"), ("evaluation",)),
        ("pruning -survey", Not(Words(("survey",))), ("pruning",)),
        ("(pruning OR sparsity) attention", Or((Words(("prune",)), Words(("sparsiti",)))), ("attention",)),
        ("since:2026-01-01 pruning", Since(date(2026, 1, 1)), ("pruning",)),
    ],
)
def test_operators_phrases_and_fields_must_hold(text, required, words):
    read = read_search(text)
    assert (read.required, read.words) == (required, words)


def test_an_archive_among_words_is_a_word_and_alone_a_category():
    assert read_search("math word problems").words == ("math", "word", "problems")
    assert read_search("cat:math word problems").required == InCategory("math")
    assert read_search("hep-th strings").required == InCategory("hep-th")


@pytest.mark.parametrize("text", ["(a", "NOT", "a*", "NEAR(a b, 99999999)", "athor:dao", "a OR", "kv, cache"])
def test_what_is_no_expression_is_searched_word_by_word_and_said(text):
    read = read_search(text)
    assert read.required is None
    assert read.words
    assert "as they stand" in read.notes[0]


@pytest.mark.parametrize("text", ['"', "<->", "%", "-", "()"])
def test_signs_alone_find_nothing(text):
    assert read_search(text).required == NOTHING


def test_an_id_a_doi_and_a_link_name_their_paper():
    assert read_search("2605.29801").reference == PaperId("arxiv:2605.29801")
    assert read_search("https://arxiv.org/abs/2605.29801v2").reference == PaperId("arxiv:2605.29801")
    assert read_search("10.1038/s41586-021-03819-2").reference == PaperId("doi:10.1038/s41586-021-03819-2")
    assert read_search("kv cache").reference is None


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read(text):
    read = read_search(text)
    says_nothing = read.text in {"", "*"} or not any(each.isalnum() for each in text)
    assert read.words or read.required is not None or says_nothing or not read.notes


def test_conditions_become_the_index_s_own():
    assert condition('"kv cache"').condition == HasTerms(IndexField.TEXT, ("kv", "cach"))
    assert condition("title:cache").condition == HasTerms(IndexField.TITLE, ("cach",))
    assert condition("quantiz*").condition == HasPrefix(IndexField.WORDS, "quantiz")
    assert condition("cs.CL!").condition == HasTerms(IndexField.FACETS, ("first:cs.CL",))
    assert condition("a -b").condition == AllOf(
        (HasTerms(IndexField.TEXT, ("a",)), NoneOf(HasTerms(IndexField.TEXT, ("b",))))
    )
    assert condition("upvotes:10..20").condition == Within(IndexField.UPVOTES, 10, 20)
    assert condition("since:7d").condition == Within(IndexField.DAY, date(2026, 5, 21).toordinal())
    assert condition("author:Dao").condition == AllOf((HasTerms(IndexField.AUTHORS, ("dao",)),))
    assert condition('author:"Tri Dao"').condition == AllOf(
        (SomeOf((HasTerms(IndexField.AUTHORS, ("dao/tri",)), HasTerms(IndexField.AUTHORS, ("dao/t",)))),)
    )


def test_places_and_votes_are_the_papers_that_they_stand_for():
    assert condition("in:saved", places={Place.SAVED: [5, 3]}).condition == Numbered((3, 5))
    assert condition("votes:>=2", votes={1: 1, 2: 2, 3: 9}).condition == Numbered((2, 3))
    assert condition("votes:<2", votes={1: 1, 2: 2, 3: 9}).condition == NoneOf(Numbered((2, 3)))


@pytest.mark.parametrize("text", ["/llama/", "abstract:cache", "title:quantiz*", "like:2605.29801"])
def test_what_the_index_cannot_tell_is_left_open(text):
    found = condition(f"{text} decoding")
    assert not found.is_exact
    negated = condition(f"-{text} decoding")
    assert negated.condition == HasTerms(IndexField.TEXT, ("decod",))
    assert not negated.is_exact


def test_an_expression_of_several_parts_is_flattened():
    assert isinstance(read_search('"a b" "c d" e').required, And)
