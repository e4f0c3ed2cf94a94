"""Weights, feedback, neighbours and the blend: what moves a paper up, and by how much."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.index_query import Hit, IndexField, SomeOf
from bot.ranking import SearchWeights
from bot.search.abbreviations import LONG_FORMS
from bot.search.blending import blend
from bot.search.marking import marks, telling_sentence
from bot.search.reading import read_search
from bot.search.spelling import corrected
from bot.search.weighing import FEEDBACK, every_word, fed_back, inverse_frequency, paired, weighted
from bot.text.keys import tokens
from tests.contract.samples import paper

pytestmark = pytest.mark.unit

TODAY = date(2026, 5, 28)


def weights_of(text):
    return {(each.field, each.terms[0]): each.weight for each in weighted(read_search(text))}


def test_a_word_counts_in_text_title_keywords_and_names():
    found = weights_of("attention")
    assert found[IndexField.TEXT, "attent"] == 1
    assert 0 < found[IndexField.TITLE, "attent"] < 1
    assert (IndexField.PEOPLE, "attent") in found


def test_neighbours_are_tried_as_one_word_too():
    assert (IndexField.TEXT, "pretrain") in weights_of("pre-training")


def test_an_abbreviation_brings_its_long_form_unless_that_was_typed_too():
    assert LONG_FORMS["gan"] == "generative adversarial networks"
    assert 0 < weights_of("GANs")[IndexField.TEXT, "adversari"] < 1
    assert weights_of("generative adversarial networks (GANs)")[IndexField.TEXT, "adversari"] == 1


def test_every_word_is_wanted_in_the_text_or_of_a_name_among_the_authors():
    def frequency(field, token):
        return {"dao": 900, "attent": 1}.get(token, 0) if field is IndexField.PEOPLE else 5_000

    name, word = every_word(read_search("dao attention"), frequency)
    assert isinstance(name, SomeOf)
    assert word.field is IndexField.TEXT


def idf(_token):
    return 4.0


def test_the_best_papers_lend_the_terms_that_they_share_softly():
    asked = read_search("graph networks weather prediction")
    best = [(9.0, tokens("forecast forecast storm")), (8.0, tokens("forecast ocean")), (1.0, tokens("galaxy"))]
    found = fed_back(best, asked, idf)
    assert {each.terms[0] for each in found} == {"forecast"}
    assert max(each.weight for each in found) == FEEDBACK
    assert fed_back(best, read_search("weather"), idf) == []


def test_words_next_to_each_other_as_they_were_typed_gain():
    asked = read_search("neural fields")
    apart, together = tokens("fields of neural data"), tokens("about neural fields")
    assert paired(asked, (), apart, idf) == 0
    assert paired(asked, (), together, idf) > 0
    assert paired(asked, together, (), idf) > paired(asked, (), together, idf)


def test_a_rare_word_weighs_more_than_a_common_one():
    weight = inverse_frequency(1_000, lambda _, token: {"rare": 2}.get(token, 800))
    assert weight("rare") > weight("common") > 0


def hit(number, score, *, days=0, upvotes=0):
    return Hit(number, score, (TODAY - timedelta(days=days)).toordinal(), upvotes, 0)


def test_relevance_leads_and_freshness_and_votes_decide_between_near_ones():
    weights = SearchWeights()
    old_best, fresh = hit(1, 10.0, days=3_000), hit(2, 9.8)
    assert [each.number for each in blend([old_best, fresh], on=TODAY, weights=weights)] == [2, 1]
    far = hit(3, 4.0, upvotes=500)
    assert [each.number for each in blend([old_best, far], on=TODAY, weights=weights)] == [1, 3]
    voted = hit(4, 9.9, days=3_000, upvotes=200)
    assert blend([old_best, voted], on=TODAY, weights=weights)[0].number == 4
    none = SearchWeights(upvotes=0, freshness=0)
    assert [each.number for each in blend([old_best, fresh, voted], on=TODAY, weights=none)] == [1, 4, 2]


def test_what_a_paper_gains_changes_its_place():
    found = blend([hit(1, 10.0), hit(2, 9.0)], on=TODAY, weights=SearchWeights(), gained={2: 3.0})
    assert [each.number for each in found] == [2, 1]
    assert found[0].relevance == 1


def test_the_nearest_spelling_is_the_commonest_of_the_nearest():
    papers = [paper(1, title="Transformer models"), paper(2, title="Transformers and transformer blocks")]
    assert corrected("trasformer", papers, 1) == "transformer"
    assert corrected("tranfsormer", papers, 1) == "transformer"
    assert corrected("zebra", papers, 2) == ""
    assert corrected("abc", [paper(1, title="abd")], 1) == ""


def test_the_telling_sentence_is_shown_and_its_words_are_marked():
    abstract = "We like cats. Speculative decoding makes models fast. Decoding is slow."
    said = telling_sentence(abstract, {"specul", "decod"})
    assert said == "Speculative decoding makes models fast."
    assert [said[start:end] for start, end in marks(said, {"specul", "decod"})] == ["Speculative decoding"]
    assert telling_sentence(abstract, {"dog"}) == ""
    assert marks("KV‑Caches, cached", {"cach"}) != ()
