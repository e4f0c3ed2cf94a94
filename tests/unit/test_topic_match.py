"""Matching by bit sets: it says what the plainest evaluation says, paper by paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import AnnounceType, Facts, PaperId, SourceName
from bot.topics.bits import bits, numbers
from bot.topics.explain import View, explain
from bot.topics.index import TermIndex
from bot.topics.language import Topic, parse_topic
from bot.topics.match import Matcher
from tests.fakes.naive_topics import naive_match
from tests.fakes.topics import NAMES, WORDS, expressions
from tests.fakes.vocabulary import DAY, candidate

pytestmark = pytest.mark.unit


def matched(topic, *candidates, **options):
    return list(numbers(Matcher(TermIndex(candidates, **options)).match(parse_topic(topic))))


TEXTS = st.lists(st.sampled_from((*WORDS, "a/b", "of", "gradient")), min_size=1, max_size=6).map(" ".join)
FACTS = st.builds(
    Facts,
    upvotes=st.none() | st.integers(0, 20),
    stars=st.none() | st.integers(0, 20),
    organization=st.none() | st.just("Google DeepMind"),
    code_url=st.none() | st.just("https://github.com/a/b"),
    project_url=st.none() | st.just("https://example.org/x"),
)


@st.composite
def candidates(draw):
    made = []
    for number in range(draw(st.integers(0, 6))):
        day = draw(st.dates(date(2026, 5, 1), date(2026, 5, 20)))
        each = candidate(
            number,
            draw(TEXTS),
            abstract=draw(TEXTS),
            authors=tuple(draw(st.lists(st.sampled_from((*NAMES, "Tri M. Dao", "T. Dao")), max_size=3))),
            categories=tuple(draw(st.lists(st.sampled_from(("cs.CL", "cs.LG", "hep-th")), max_size=2, unique=True))),
            announce_type=draw(st.sampled_from(AnnounceType)),
            announced_on=day,
        )
        source = (draw(st.sampled_from(SourceName)),)
        made.append(replace(each, paper=replace(each.paper, facts=draw(FACTS), sources=source)))
    return made


@given(
    candidates(), st.lists(expressions(), min_size=1, max_size=4), st.dictionaries(st.integers(0, 6), st.integers(1, 9))
)
def test_the_bit_sets_the_explanation_and_the_naive_evaluation_agree(given_candidates, wanted, ballots):
    votes = {PaperId(f"arxiv:2605.{number:05d}"): count for number, count in ballots.items()}
    matcher = Matcher(TermIndex(given_candidates, on=DAY))
    for expression in wanted:
        topic = Topic(expression)
        found = matcher.match(topic, votes)
        assert found == naive_match(expression, given_candidates, DAY, votes)
        assert matcher.match(Topic(topic.canonical), votes) == found
        for number, each in enumerate(given_candidates):
            told = explain(topic, View(candidate=each, on=DAY, votes=votes))
            assert bool(matcher.satisfying(topic, votes) >> number & 1) == (not told.failed)


@given(st.sets(st.integers(0, 300)))
def test_a_set_gives_its_numbers_back_in_order(members):
    assert list(numbers(bits(members, 301))) == sorted(members)


def test_words_fold_case_accents_and_inflection_but_match_whole_words_only():
    papers = candidate(0, "Schrödinger MODELS for diffusion"), candidate(1, "The fusion of plasma")
    assert matched("schrodinger model", *papers) == [0]
    assert matched("fusion", *papers) == [1]


def test_words_in_a_row_never_run_from_the_title_into_the_abstract():
    split = candidate(0, "A speculative", abstract="decoding method")
    assert matched('"speculative decoding"', split) == []
    assert matched("speculative decoding", split) == [0]


def test_scripts_without_word_breaks_match_inside_a_run_of_characters():
    paper = candidate(0, "深層学習による画像認識")
    assert matched("学習", paper) == [0]
    assert matched("習", paper) == [0]
    assert matched("学校", paper) == []


def test_a_formula_is_found_as_people_type_it():
    assert matched("M3ViT", candidate(0, "M³ViT: mixture of experts")) == [0]
    assert matched("M$^3$ViT", candidate(0, "M³ViT: mixture of experts")) == [0]


def test_replacements_come_only_where_a_topic_names_the_type():
    papers = candidate(0), candidate(1, announce_type=AnnounceType.REPLACE_CROSS)
    assert matched("study", *papers) == [0]
    assert matched("study type:replace", *papers) == [1]
    assert matched("study (type:replace OR type:new)", *papers) == [0, 1]


@pytest.mark.parametrize("wanted", ["Dao", '"Tri Dao"', '"T. Dao"', '"Dao, Tri"', '"TRI DÃO"', "dao_t"])
def test_an_author_is_found_by_every_spelling_of_the_name(wanted):
    theirs = candidate(0, authors=("Tri Dao",))
    others = candidate(1, authors=("Quang Dao",)), candidate(2, authors=("Dao Wang",))
    assert matched(f"author:{wanted}", theirs, *others)[0] == 0
    assert 2 not in matched(f"author:{wanted}", theirs, *others)


def test_votes_are_those_of_the_workspace_that_asks():
    matcher = Matcher(TermIndex([candidate(0), candidate(1)]))
    topic = parse_topic("votes:>=2")
    assert matcher.match(topic, {PaperId("arxiv:2605.00001"): 2}) == 0b10
    assert matcher.match(topic, {PaperId("arxiv:2605.00000"): 5}) == 0b01
    assert matcher.match(topic) == 0


def test_a_paper_is_like_those_that_share_its_rarest_terms_and_never_like_itself():
    shared = "tokamak divertor plasma sheath ablation tungsten"
    papers = [candidate(n, f"{shared} study {n}") for n in (1, 2)]
    papers += [candidate(n, f"language models of kind {n}") for n in range(3, 60)]
    known = {papers[0].paper.id: papers[0].paper}
    assert matched("like:2605.00001", *papers, known=known) == [1]
    assert matched("like:2605.00001", *papers) == []


class NearTheFirst:
    """A model of meaning that finds every text near to the first paper alone."""

    def __init__(self):
        self.asked = []

    def near(self, texts, papers):  # noqa: ARG002 - the port has it
        self.asked.append(list(texts))
        return [1 for _ in texts]


def test_what_asks_for_meaning_is_worked_out_in_one_product_for_all_topics():
    model = NearTheFirst()
    matcher = Matcher(TermIndex([candidate(0), candidate(1)], meaning=model))
    topics = [parse_topic('about:"small GPUs"'), parse_topic('about:"robots" study'), parse_topic("study")]
    matcher.look_up(topics)
    assert [matcher.match(each) for each in topics] == [0b01, 0b01, 0b11]
    assert model.asked == [["small GPUs", "robots"]]


def test_a_day_counts_back_from_the_day_of_asking():
    old, new = candidate(0, announced_on=DAY - timedelta(days=9)), candidate(1)
    assert matched("since:7d", old, new, on=DAY) == [1]
    assert matched("before:7d", old, new, on=DAY) == [0]


def test_an_index_that_has_forgotten_answers_the_same():
    matcher = Matcher(TermIndex([candidate(1, "KV cache"), candidate(2)]))
    topic = parse_topic('"kv cache" OR subject')
    found = matcher.match(topic)
    assert matcher.index.size > 0
    matcher.forget()
    assert matcher.index.size == 0
    assert matcher.match(topic) == found


def test_many_phrases_at_once_are_found_as_one_by_one():
    papers = [candidate(n, f"alpha beta gamma {n}", abstract=f"delta {n} alpha beta") for n in range(1, 9)]
    topics = [parse_topic(f'"beta gamma {n}"') for n in range(1, 40)] + [parse_topic(f'"delta {n}"') for n in range(40)]
    topics += [parse_topic("title:alpha-beta"), parse_topic('abstract:"beta gamma"'), parse_topic('"gamma alpha"')]
    at_once, single = Matcher(TermIndex(papers)), Matcher(TermIndex(papers))
    at_once.look_up(topics)
    assert [at_once.match(each) for each in topics] == [single.match(each) for each in topics]
