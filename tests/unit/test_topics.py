import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadTopic
from bot.topics.categories import CATEGORIES, nearest_category, spell_category
from bot.topics.language import EVERYTHING, HasWords, InCategory, parse_topic, say_topic
from bot.topics.match import TermIndex, explain, say_match
from tests.fakes.vocabulary import paper


@pytest.mark.parametrize("text", ["", "  ", "*"])
def test_nothing_and_a_star_mean_everything(text):
    assert parse_topic(text) == EVERYTHING


def test_categories_are_spelled_as_arxiv_does_in_any_case():
    assert parse_topic("CS.lg HEP-TH math.*").categories == (
        InCategory("cs.LG"),
        InCategory("hep-th"),
        InCategory("math"),
    )


def test_an_unknown_category_is_refused_with_position_and_the_nearest():
    with pytest.raises(BadTopic, match="Did you mean cs") as refused:
        parse_topic("attention cs.LGG")
    assert refused.value.position == 10
    assert nearest_category("cs.LGG") in CATEGORIES


@pytest.mark.parametrize(
    "text", ["a OR b", "NOT x", "-survey", "title:x", "(a)", "/re/", "quantiz*", "a | b", "$$$", "🤖"]
)
def test_what_the_language_cannot_say_yet_is_refused_and_never_misread(text):
    with pytest.raises(BadTopic):
        parse_topic(text)


def test_a_canonical_text_reads_back_as_the_same_topic():
    for text in ("cs.LG cs.CL Speculative decoding", '"KV cache" quantization', "*", "hep-th"):
        topic = parse_topic(text)
        assert parse_topic(topic.text) == parse_topic(parse_topic(topic.text).text)
        assert parse_topic(topic.text).text == topic.text


def test_the_same_word_twice_is_one_word():
    assert [each.tokens for each in parse_topic("model models MODEL").words] == [("model",)]


def test_a_topic_is_said_back_in_plain_words():
    assert say_topic(parse_topic("cs.CL cs.LG kv cache")) == "papers in cs.CL and cs.LG that mention kv and cache"
    assert say_topic(EVERYTHING) == "all papers"


def test_limits_are_refused_with_their_numbers():
    with pytest.raises(BadTopic, match="4,000"):
        parse_topic("a" * 4_001)
    with pytest.raises(BadTopic, match="256"):
        parse_topic(" ".join(f"w{number}" for number in range(300)))


def test_words_fold_case_accents_and_inflection_but_match_whole_words_only():
    index = TermIndex([paper(1, "Schrödinger MODELS for diffusion"), paper(2, "The fusion of plasma")])
    assert index.match(parse_topic("schrodinger model")) == 0b01
    assert index.match(parse_topic("fusion")) == 0b10


WORDS = st.sampled_from(["attention", "models", "kv-cache", "diffusion", "agents", "study", "subject", "nothing"])


@given(st.lists(st.lists(WORDS, max_size=5), min_size=1, max_size=8), st.lists(WORDS, min_size=1, max_size=3))
def test_the_bit_sets_say_what_explaining_each_paper_says(titles, words):
    papers = [paper(number, " ".join(title) or "untitled") for number, title in enumerate(titles)]
    topic = parse_topic(" ".join(words))
    matched = TermIndex(papers).match(topic)
    for number, each in enumerate(papers):
        assert bool(matched >> number & 1) == (not explain(topic, each).failed)


def test_a_match_is_explained_in_a_few_words():
    topic = parse_topic("cs.CL decoding abstract")
    explanation = explain(topic, paper(1, "Speculative decoding", categories=("cs.CL",)))
    assert say_match(explanation) == "matched decoding in the title, abstract in the abstract · cs.CL"
    assert explain(parse_topic("plasma"), paper(1)).failed == (HasWords(("plasma",), "plasma"),)


def test_archives_and_categories_are_told_from_words():
    assert spell_category("cs.XX") is None
    assert spell_category("attention") is None
    assert spell_category("stat.*") == "stat"
