"""Search and identity forms: what must be equal is equal, what must differ differs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.display import display_text
from bot.text.keys import displayed_words, fold, person_key, stem, stems, title_key, tokens, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Straße ẞ STRASSE", "strasse ss strasse"),
        ("İstanbul ışık", "istanbul isik"),
        ("ﬁne-tuning ﬂow ｌａｒｇｅ", "fine-tuning flow large"),
        ("Schrödinger Łódź Sørensen Œuvre", "schrodinger lodz sorensen oeuvre"),
        ("Z\u200be\u200br\u200bo", "zero"),
        ("M³ViT 𝕋𝕙𝕖 τ²", "m3vit the τ2"),
        ("KV‑Cache – test", "kv-cache - test"),
        ("が ภาษาไทย 대규모", "が ภาษาไทย 대규모"),
    ],
)
def test_case_accents_and_compatibility_forms_are_folded(typed, folded):
    assert fold(typed) == folded


def test_hyphens_part_words_whatever_their_form():
    assert tokens("kv-cache") == tokens("kv cache") == tokens("KV‑Cache") == tokens("KV—cache")


@pytest.mark.parametrize("typed", ["M³ViT", "M$^3$ViT", "M<sup>3</sup>ViT", "m3vit", "M^3ViT"])
def test_a_model_name_with_a_raised_digit_is_one_token(typed):
    assert tokens(typed) == ("m3vit",)


def test_english_inflection_is_folded():
    assert tokens("models modelling model's") == tokens("model model model")
    assert tokens("fusion") != tokens("diffusion")


def test_possessives_go_and_apostrophes_join():
    assert tokens("Schrödinger’s don't O'Brien") == (*tokens("Schrodinger"), "dont", "obrien")


def test_scripts_without_word_breaks_give_pairs_of_characters():
    assert tokens("大规模模型") == ("大规", "规模", "模模", "模型")
    assert tokens("基于BERT的模型 猫") == ("基于", "bert", "的模", "模型", "猫")
    assert set(tokens("規模")) <= set(tokens("大規模言語モデル"))
    assert tokens("ไทย") == ("ไท", "ทย")


def test_spelling_twins_share_a_title_key():
    assert title_key("Café") == title_key("Cafe\u0301") == "cafe"
    assert title_key("KV-Cache:  A Survey!") == title_key("kv cache — a survey") == "kv cache a survey"
    assert title_key("M$^3$ViT") == title_key("M³ViT")
    assert title_key("word\u2060joiner soft\u00adhyphen") == "wordjoiner softhyphen"


@pytest.mark.parametrize("title", ["???", "→", "🎉🎉", "+", "$", "基", "ٱ"])
def test_a_visible_title_has_a_key(title):
    assert title_key(title)


@pytest.mark.parametrize(
    "name", ["Dao, Tri", "T. Dao", "Tri Dao", "tri  dao", "Dao T.", "Dào, Tri", "Tri Dao, Jr.", "Tri Dao (Princeton)"]
)
def test_every_form_of_a_name_has_the_same_person_key(name):
    assert person_key(name) == "dao"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("The ATLAS Collaboration: G. Aad", "aad"),
        ("ATLAS Collaboration", "atlas collaboration"),
        ("García Márquez, Gabriel", "marquez"),
        ("José-Luis Fernández-Villacañas", "fernandez villacanas"),
        ("Ludwig van Beethoven", "beethoven"),
        ("Smith, Jr., John", "smith"),
        ("李 明", "李 明"),
        ("Madonna", "madonna"),
        ("X", "x"),
        ("", ""),
        ("???", "???"),
    ],
)
def test_a_person_key_is_the_folded_family_name(name, key):
    assert person_key(name) == key


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*"M$^3{}\\é²ßﬁ-'<>", "ViT", "\u200b", "基"]), max_size=12).map("".join)
)
@settings(max_examples=200, deadline=None)
def test_keys_agree_on_raw_and_display_form(typed):
    shown = display_text(typed)
    assert fold(typed) == fold(shown)
    assert title_key(typed) == title_key(shown)
    assert tokens(typed) == tokens(shown)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_only_an_invisible_title_has_no_key(typed):
    assert bool(title_key(typed)) == bool(display_text(typed))


TYPED = st.sampled_from(["M$^3$ViT", r"K\"ahler", "<i>x</i>", "深層学習による", "it's O(n)", "fig.~1 &#945;"])


@given(st.text(max_size=60) | st.text("abcXYZ019 -", max_size=20) | TYPED)
def test_a_text_in_its_display_form_has_the_words_of_the_text(text):
    assert displayed_words(display_text(text)) == words(text)


@pytest.mark.parametrize(
    ("many", "one"), [("LLMs", "LLM"), ("GNNs", "gnn"), ("VLM's", "VLM"), ("GPUs", "GPU"), ("models", "model")]
)
def test_a_plural_has_the_token_of_its_singular_also_of_abbreviations(many, one):
    assert tokens(many) == tokens(one)


@pytest.mark.parametrize("word", ["loss", "bias", "css", "gps", "this", "opus", "corpus", "class"])
def test_a_word_that_only_ends_in_s_keeps_it(word):
    assert tokens(word)[0].endswith("s")


def test_stemming_many_words_is_stemming_each():
    words_ = ["models", "LLMs".lower(), "studies", "m3vit", "深層", "gpus", "class", "a"]
    assert stems(words_) == {word: stem(word) for word in words_}
