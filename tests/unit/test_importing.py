"""Filters of other tools become topics that mean the same, or are refused with the reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.keys import tokens
from bot.topics.expression import Or, Words, atoms
from bot.topics.importing import KINDS, Became, Refused, imported
from bot.topics.language import LONGEST_TOPIC, MOST_ATOMS, parse_topic
from bot.topics.prose import keywords
from bot.topics.rendering import render

pytestmark = pytest.mark.unit


def words_of(topic):
    return [each.tokens for each in parse_topic(topic).atoms]


def test_a_keyword_list_is_any_of_its_words():
    assert imported({"fid": "a", "kind": "keywords_any", "terms": ["SLAM", "Visual Odometry"]}) == Became(
        "a", 'SLAM OR "Visual Odometry"', "papers that mention SLAM or “Visual Odometry”"
    )


SIGNS = ["quantiz*", "*x*", "title:x", "/a/", "-x", "a,b", "10,000", "x|y", "(a", "a && b", "C++", "a\nb", "\ud800x"]
QUOTES = ['say "so"', "„so“", "O'Brien"]
READ_OTHERWISE = ["cs.LG", "math", "OR", "atleast", "x+AND+y", "search_query=z", "%22x"]


@pytest.mark.parametrize("term", [*SIGNS, *QUOTES, *READ_OTHERWISE, "深度学习"])
def test_a_keyword_is_looked_for_as_words_whatever_its_signs_mean_to_a_topic(term):
    outcome = imported({"kind": "keywords_any", "terms": [term, "plain"]})
    assert isinstance(outcome, Became)
    assert words_of(outcome.topic) == [tokens(term.replace("\ud800", " ")), ("plain",)]


def test_what_one_keyword_does_to_the_reading_of_a_text_leaves_the_others_as_they_are():
    assert "C++" in imported({"kind": "keywords_any", "terms": ["x+AND+y", "C++"]}).topic


def test_two_lists_must_both_be_met_and_categories_too():
    row = {"kind": "keywords_any_AND_any", "terms": ["GRPO", "RL"], "and_terms": ["robot"], "categories": ["cs.ro"]}
    assert imported(row).topic == "cs.RO (GRPO OR RL) robot"


def test_a_weighted_list_keeps_all_but_its_weight():
    row = {"kind": "weighted_keywords", "terms": ["kv cache", "--"], "weight": 2.5, "categories": None}
    outcome = imported(row | {"exclude": ["survey", "protein"]})
    assert outcome.topic == '"kv cache" NOT (survey OR protein)'
    assert [note.split()[0] for note in outcome.notes] == ["“--”", "The"]
    assert imported(row | {"exclude": None, "terms": ["x"], "weight": None}) == Became(
        None, "x", "papers that mention x"
    )


def test_a_query_of_arxiv_is_read_as_it_stands_even_out_of_a_link():
    outcome = imported({"kind": "arxiv_boolean", "query": "cat%3Acs.CL+AND+abs:%22kv+cache%22"})
    assert outcome.topic == 'cs.CL abstract:"kv cache"'
    assert outcome.notes == ("abs: of arXiv's queries is read as abstract:.",)


def test_a_mistake_in_a_query_is_told_with_its_place():
    outcome = imported({"kind": "arxiv_boolean", "query": "cs.CL AND ti:("})
    assert isinstance(outcome, Refused)
    assert outcome.position == 13
    assert "(at character 14)" in outcome.error


def test_a_query_with_a_range_of_days_is_proposed_without_it():
    outcome = imported({"kind": "arxiv_boolean", "query": "cat:cs.CL AND submittedDate:[20260101 TO 20260201]"})
    assert outcome.error.startswith("At character 15: ")
    assert outcome.proposed == "cs.CL"
    alone = imported({"kind": "arxiv_boolean", "query": "submittedDate:[20260101 TO 20260201]"})
    assert alone.proposed is None


@pytest.mark.parametrize("pattern", [r"a/b", r"a\/b", r"a\\/b", r"\bllm\b|x", "[/]"])
def test_a_pattern_keeps_its_meaning_whatever_its_slashes(pattern):
    outcome = imported({"kind": "regex", "query": pattern})
    assert isinstance(outcome, Became)
    (atom,) = parse_topic(outcome.topic).atoms
    assert atom.pattern.replace("\\\\/", "|").replace("\\/", "/") == pattern.replace("\\\\/", "|").replace("\\/", "/")


@pytest.mark.parametrize("pattern", ["(?=x)", "(", r"(a)\1", "x{2000}", "a" * 1_001])
def test_a_pattern_that_cannot_be_run_in_linear_time_is_refused(pattern):
    assert isinstance(imported({"kind": "regex", "query": pattern}), Refused)


def test_categories_alone_are_any_of_them_by_sign_or_by_name():
    row = {"kind": "categories_only", "categories": ["CS.cl", "hep-th", "Machine Learning", "math"]}
    assert imported(row).topic == "cs.CL OR hep-th OR cs.LG OR math.*"


def test_a_category_that_does_not_exist_is_named_with_the_nearest():
    error = imported({"kind": "categories_only", "categories": ["cs.CL", "stat.MLL"]}).error
    assert error == "Entry 2 of “categories”, “stat.MLL”, is no arXiv category. Did you mean stat.ML?"


@pytest.mark.parametrize("term", ["word{} of the list", "w{}"])
def test_a_list_that_is_too_long_is_refused_with_the_beginning_that_fits(term):
    row = {"kind": "keywords_any", "terms": [term.format(number) for number in range(400)], "categories": ["cs.CL"]}
    outcome = imported(row)
    assert "401 conditions" in outcome.error
    topic = parse_topic(outcome.proposed)
    kept = len(topic.atoms) - 1
    assert f"The first {kept} of its 400 keywords fit." in outcome.error
    assert len(outcome.proposed) <= LONGEST_TOPIC
    with_one_more = f"{outcome.proposed} OR {term.format(kept)!r}"
    assert kept + 1 == MOST_ATOMS or len(with_one_more) > LONGEST_TOPIC


def test_a_list_whose_exclusions_alone_are_too_long_has_nothing_to_propose():
    row = {"kind": "weighted_keywords", "terms": ["a"], "exclude": [f"w{number}" for number in range(400)]}
    assert imported(row).proposed is None


PROSE = {"fid": "p", "kind": "prose", "text": 'Studies "speculative decoding" for LLMs.', "categories": ["cs.CL"]}


def test_prose_is_asked_by_its_meaning_where_that_can_be_answered():
    outcome = imported(PROSE | {"relevant": "x", "not_relevant": "y", "threshold": 7}, semantic=True)
    assert outcome.topic == "cs.CL about:\"Studies 'speculative decoding' for LLMs.\""
    assert [note.split()[0] for note in outcome.notes] == ["“relevant”", "“not_relevant”", "“threshold”"]


def test_prose_is_refused_elsewhere_with_keywords_to_look_over():
    outcome = imported(PROSE)
    assert "“semantic” extra" in outcome.error
    assert outcome.proposed == 'cs.CL "speculative decoding" ("language model" OR LLM)'


def test_prose_of_what_is_not_wanted_leaves_that_out():
    row = {"kind": "prose", "text": "Not interested in paper focus on specific languages, e.g., Arabic, Chinese, etc."}
    assert imported(row | {"categories": ["cs.CL"]}).proposed == "cs.CL NOT (Arabic OR Chinese)"
    assert imported(row, semantic=True).topic.startswith('NOT about:"paper focus')


@pytest.mark.parametrize("text", ["new methods", "Papers that show improvements.", "!?"])
def test_prose_that_says_nothing_has_nothing_to_propose(text):
    outcome = imported({"kind": "prose", "text": text})
    assert isinstance(outcome, Refused)
    assert outcome.proposed is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Advancements in object detection techniques", '"object detection"'),
        ("Developments in text-to-image generation models", '"text-to-image generation"'),
        ("Significant advancements in the field of diffusion language models", '"diffusion language models"'),
        ("New approaches in text to video generation", '"text-to-video generation"'),
        (
            "Improvements in Reinforcement Learning from Human Feedback (RLHF)",
            '"Reinforcement Learning from Human Feedback" OR RLHF',
        ),
        (
            "Application of video generation or world modelling in robotics",
            '("video generation" OR "world modelling") robotics',
        ),
        ("Methods for compressing large language models", 'compressing ("language model" OR LLM)'),
        ("Cool new results on robotics", "robotics"),
        ("Studies 'scaling laws'. Scaling laws are a power-law relationship.", '"scaling laws"'),
        ("Reasoning, code and planning", "atleast(2, Reasoning, code, planning)"),
    ],
)
def test_the_words_that_tell_are_taken_from_prose(text, topic):
    found = keywords(text)
    assert found is not None
    assert parse_topic(render(found)).canonical_text == parse_topic(topic).canonical_text


@pytest.mark.parametrize(
    "row",
    [None, [], "x", 3, {}, {"kind": None}, {"kind": ["prose"]}, {"kind": "nonsense"}, {"kind": "prose"}]
    + [{"kind": "prose", "text": 5}, {"kind": "regex", "query": " "}, {"kind": "arxiv_boolean", "query": None}]
    + [{"kind": "keywords_any", "terms": bad} for bad in (None, [], "x", [3], ["--"], {"a": 1}, [None])]
    + [{"kind": "keywords_any", "terms": ["x"], "categories": bad} for bad in ("cs.CL", [3], ["xx.YY"], {})]
    + [{"kind": "keywords_any_AND_any", "terms": ["x"]}, {"kind": "categories_only", "categories": []}]
    + [{"kind": "weighted_keywords", "terms": ["x"], "exclude": "y"}, {"fid": 3, "kind": "prose", "text": []}],
)
def test_a_row_that_is_no_filter_is_refused_in_a_sentence(row):
    outcome = imported(row)
    assert isinstance(outcome, Refused)
    assert outcome.error.endswith((".", "?"))


def test_a_kind_that_is_nearly_right_is_named():
    assert imported({"kind": "keyword_any"}).error.endswith("Did you mean keywords_any?")


VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=30), st.lists(st.one_of(st.text(max_size=12), st.integers()), max_size=4)
)


@given(st.dictionaries(st.sampled_from(["terms", "and_terms", "exclude", "query", "text", "weight", "fid"]), VALUES))
def test_no_row_whatsoever_raises_and_every_topic_reads_back(fields):
    for kind in KINDS:
        for semantic in (False, True):
            outcome = imported({"kind": kind, **fields}, semantic=semantic)
            texts = [outcome.topic] if isinstance(outcome, Became) else [outcome.proposed or "*"]
            assert [parse_topic(text).text for text in texts] == texts
            assert json.dumps(outcome.notes)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=5))
def test_a_list_becomes_the_words_of_its_keywords_and_nothing_else(terms):
    outcome = imported({"kind": "keywords_any", "terms": terms})
    shown = [tokens("".join(char if char.isprintable() else " " for char in term)) for term in terms]
    if isinstance(outcome, Became):
        expression = parse_topic(outcome.topic).expression
        assert isinstance(expression, Or | Words)
        assert {each.tokens for each in atoms(expression)} <= {*shown} | {tokens(term) for term in terms}
    else:
        assert not any(found for term, found in zip(terms, shown, strict=True) if term.isalnum() and term.isascii())
