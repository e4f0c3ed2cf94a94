"""Cutting: never too long, never inside a character, at a word if one is near."""

import time

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.cut import SUMMARY_LIMIT, cut, first_sentence, utf16_length

FAMILY = "👨‍👩‍👧‍👦"


def test_a_text_that_fits_is_left_alone():
    assert cut("Attention is all you need", 25) == "Attention is all you need"


def test_a_cut_falls_on_a_word_and_ends_in_an_ellipsis():
    assert cut("Attention is all you need", 20) == "Attention is all…"
    assert cut("Attention is, all you need", 14) == "Attention is…"


def test_a_long_word_is_cut_within():
    assert cut("x" * 300, 256) == "x" * 255 + "…"


def test_a_cut_never_splits_what_people_see_as_one_character():
    assert cut(FAMILY * 3, 12) == FAMILY + "…"
    assert cut(FAMILY * 3, 7) == "…"
    assert cut("🇺🇸🇬🇧🇫🇷", 4) == "🇺🇸…"
    assert cut("e\u0301e\u0301e\u0301", 4) == "e\u0301…"


def test_discord_counts_utf16_units():
    assert utf16_length("a😀") == 3
    assert cut("😀😀😀", 5, width=utf16_length) == "😀😀…"


def test_a_limit_too_small_for_anything_gives_little_or_nothing():
    assert cut("abc", 1) == "…"
    assert cut("abc", 0) == cut("abc", -5) == ""


@given(
    st.text(alphabet=st.sampled_from([*"ab ,é\u0301\u200d🇺🇸👩👧한\ud83d<", "\U0001f469"]), max_size=60),
    st.integers(0, 40),
)
@settings(max_examples=300, deadline=None)
@pytest.mark.parametrize("width", [len, utf16_length, lambda text: len(text.replace("<", "&lt;"))])
def test_a_cut_is_a_prefix_within_the_limit(width, text, limit):
    short = cut(text, limit, width=width)
    assert width(short) <= limit
    if short != text:
        assert text.startswith(short.removesuffix("…"))
        assert not short or short.endswith("…")
        ends = {0, *(match.end() for match in regex.finditer(r"\X", text))}
        kept = len(short) - 1
        assert not short or kept in ends or text[kept] in " ,"


@pytest.mark.parametrize(
    ("abstract", "sentence"),
    [
        ("We study cats. They purr.", "We study cats."),
        ("We use tools, e.g. LLMs, i.e. models. Next.", "We use tools, e.g. LLMs, i.e. models."),
        ("As Dao et al. show, it is 3.5 times faster. Next.", "As Dao et al. show, it is 3.5 times faster."),
        ("See Fig. 3 and Eq. (2) of J. Smith. Next.", "See Fig. 3 and Eq. (2) of J. Smith."),
        ("We use RAG, agents, etc. We show more.", "We use RAG, agents, etc."),
        ("Is P = NP? We do not know.", "Is P = NP?"),
        ("這是一句。第二句。", "這是一句。"),
        ("No end in sight", "No end in sight"),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_say(abstract, sentence):
    assert first_sentence(abstract) == sentence


def test_a_long_first_sentence_is_cut():
    short = first_sentence("word " * 200)
    assert len(short) <= SUMMARY_LIMIT
    assert short.endswith("word…")


@pytest.mark.parametrize(
    "text", ["A" * 1_000_000, ". " * 500_000, "e.g. " * 200_000, "\u0301" * 1_000_000, '." ' * 300_000]
)
def test_a_megabyte_is_cut_at_once(text):
    began = time.perf_counter()
    cut(text, 300)
    cut(text, 256, width=utf16_length)
    first_sentence(text)
    assert time.perf_counter() - began < 0.3
