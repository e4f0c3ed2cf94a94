"""Explaining: the smallest set of conditions that matched, with their place, or those that failed."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.model import Facts
from bot.topics.explain import View, explain
from bot.topics.language import Topic, parse_topic
from bot.topics.reasons import say_failures, say_match
from tests.fakes.topics import expressions
from tests.fakes.vocabulary import DAY, candidate, paper
from tests.unit.test_topic_match import candidates

pytestmark = pytest.mark.unit


def view(title="A study", **changes):
    return View(candidate=candidate(1, title, **changes), on=DAY)


def told(topic, seen):
    return say_match(explain(parse_topic(topic), seen))


def missed(topic, seen):
    return say_failures(explain(parse_topic(topic), seen), seen)


def test_a_match_is_told_in_a_few_words_with_its_place():
    seen = view("Speculative decoding", categories=("cs.CL",))
    assert told("cs.CL decoding abstract", seen) == "matched decoding in the title, abstract in the abstract · cs.CL"


def test_of_alternatives_only_the_one_that_holds_is_told():
    assert told("plasma OR (a b c) OR decoding", view("Speculative decoding")) == "matched decoding in the title"


def test_the_span_is_what_stands_in_the_text():
    seen = view("Faster KV-caches, for “all”")
    (evidence,) = explain(parse_topic('"kv cache"'), seen).matched
    assert (evidence.field, evidence.found, evidence.span) == ("title", "KV-caches", (7, 16))
    (evidence,) = explain(parse_topic("/c.che/"), seen).matched
    assert evidence.found == "cache"


def test_authors_counts_and_links_are_told_as_facts():
    facts = Facts(stars=120, code_url="https://github.com/a/b")
    seen = View(candidate=candidate(1, authors=("Tri Dao",)), on=DAY)
    assert told("author:Dao", seen) == "by Tri Dao"
    with_facts = View(
        candidate=type(seen.candidate)(paper=paper(1, facts=facts), seen_at=seen.candidate.seen_at, announced_on=DAY),
        on=DAY,
    )
    assert told("stars:>100 has:code", with_facts) == "120 stars · has code"


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("plasma", "no plasma in the title or the abstract"),
        ("title:plasma", "no plasma in the title"),
        ("cs.LG", "not in cs.LG: it is in cs.CL"),
        ("cs.LG OR hep-th", "not in cs.LG or hep-th: it is in cs.CL"),
        ("-decoding", "left out by not decoding: decoding in the title"),
        ("upvotes:>=10", "3 upvotes, not at least 10 upvotes"),
        ('plasma OR "kv cache"', "none of plasma or “kv cache”"),
        ("atleast(2, decoding, plasma, ion)", "only 1 of them: at least 2 of decoding, plasma and ion"),
        ("decoding plasma ion", "no plasma in the title or the abstract; no ion in the title or the abstract"),
        ("author:Dao", "not the author Dao"),
    ],
)
def test_what_failed_is_told_condition_by_condition(topic, said):
    assert missed(topic, view("Speculative decoding", categories=("cs.CL",), upvotes=3)) == said


def test_unknown_categories_are_told_as_unknown():
    assert missed("cs.LG", view()) == "not in cs.LG: its categories are not known yet"


@given(candidates(), expressions())
def test_every_explanation_can_be_said_and_its_spans_stand_in_the_text(given_candidates, expression):
    topic = Topic(expression)
    for each in given_candidates:
        seen = View(candidate=each, on=DAY)
        explanation = explain(topic, seen)
        assert bool(explanation.failed) == bool(say_failures(explanation, seen))
        for evidence in explanation.matched:
            if evidence.span is not None:
                text = each.paper.title if evidence.field == "title" else each.paper.abstract
                assert text[evidence.span[0] : evidence.span[1]] == evidence.found
