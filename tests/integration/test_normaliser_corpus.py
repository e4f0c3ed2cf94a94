"""The normaliser over recorded texts: every hostile row, every title and a sample of abstracts of the corpus."""

import gzip
import json
import pathlib
import re
import unicodedata

import pytest

from bot.errors import BadReference
from bot.identity import bare_arxiv_id, parse_reference
from bot.text.display import display_text
from bot.text.keys import fold, title_key, tokens

SHARED = pathlib.Path(__file__).parents[2].parent / "shared"
HOSTILE = SHARED / "hostile"
CORPUS = SHARED / "data" / "corpus" / "papers_sample.jsonl.gz"

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
MARK_TOWER = re.compile("[\u0300-\u036f]{9,}")
KNOWN_MACRO = re.compile(r"\\(?:mathbb|mathcal|mathrm|textbf|emph|alpha|beta|times|log|infty)\{?(?![A-Za-z])")
ABSTRACTS = 2_000
# The rows whose marks of formatting are TeX: what a person would write instead.
LATEX = {
    "T074": "O(n log n) attention",
    "T076": "∑ᵢ₌₁ⁿ xᵢ",
    "T079": "α-divergences & β",
    "T081": "⟨ψ | ϕ⟩",
    "T083": r"\input{/etc/passwd}\write18{id}",
    "T085": "x ³He",
    "T086": "Unbalanced $ math",
    "T088": "~tie~ and -- en --- em",
}


def rows(name):
    path = HOSTILE / name
    if not path.exists():
        pytest.skip(f"the hostile inputs are not beside this checkout ({path})")
    with path.open(encoding="ascii") as lines:
        return [json.loads(line) for line in lines]


def inputs(row):
    """Every text of a row, with its generated ones written out."""
    if "gen" in row:
        made = row["gen"]
        return [made.get("prefix", "") + made["repeat"] * made["n"] + made.get("suffix", "")]
    if "gen_list" in row:
        return [row["gen_list"]["fmt"] % number for number in range(row["gen_list"]["n"])]
    return row["input"] if isinstance(row["input"], list) else [row["input"]]


def as_one_line(typed):
    """What a literal row must show: its own characters on one line, less what no payload may carry."""
    return " ".join(unicodedata.normalize("NFC", CONTROL.sub(lambda m: " " if m[0].isspace() else "", typed)).split())


def papers():
    if not CORPUS.exists():
        pytest.skip(f"the corpus is not beside this checkout ({CORPUS})")
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_hostile_text_becomes_one_clean_line():
    for row in rows("text.jsonl"):
        for typed in inputs(row):
            shown = display_text(typed)
            shown.encode()  # a lone surrogate would raise here
            assert shown or "nonempty" in row["expect"] or not typed, row["id"]
            assert not CONTROL.search(shown), row["id"]
            assert not BIDI.search(shown), row["id"]
            assert not MARK_TOWER.search(shown), row["id"]
            assert shown == " ".join(shown.split()), row["id"]
            assert display_text(shown) == shown, row["id"]


def test_literal_rows_are_shown_as_typed():
    for row in rows("text.jsonl"):
        if "literal" in row["expect"] and row["group"] != "latex":
            for typed in inputs(row):
                assert display_text(typed) == as_one_line(typed), row["id"]


def test_injections_are_shown_as_typed_for_the_renderers_to_escape():
    for row in rows("text.jsonl"):
        if row["group"] == "inject":
            for typed in inputs(row):
                assert display_text(typed) == as_one_line(typed), row["id"]


def test_latex_rows_become_what_a_person_would_write():
    found = {row["id"]: display_text(row["input"]) for row in rows("text.jsonl") if row["group"] == "latex"}
    assert {name: shown for name, shown in found.items() if name in LATEX} == {
        name: shown for name, shown in LATEX.items() if name in found
    }
    assert set(found) <= set(LATEX)


def test_twin_rows_share_their_keys():
    texts = {row["id"]: row["input"] for row in rows("text.jsonl") if {"nfc_key", "zw_search"} & set(row["expect"])}
    assert len({title_key(texts[name]) for name in ("T139", "T140") if name in texts}) == 1
    assert tokens(texts["T145"]) == tokens("Zero width")
    assert title_key(texts["T147"]) == "wordjoiner softhyphen"


def test_every_hostile_title_that_shows_something_has_a_key():
    for row in rows("text.jsonl"):
        for typed in inputs(row)[:100]:
            assert bool(title_key(typed)) == bool(display_text(typed)), row["id"]
            assert fold(display_text(typed)) == fold(typed), row["id"]


def test_every_submitted_link_is_read_or_refused_as_expected():
    for row in rows("commands.jsonl"):
        if row.get("group") != "url":
            continue
        text = row["text"].removeprefix("submit ")
        if row["expect"]["outcome"] == "ok":
            assert bare_arxiv_id(parse_reference(text)) == row["expect"]["paper_id"], row["id"]
        else:
            with pytest.raises(BadReference):
                parse_reference(text)


def test_every_title_of_the_corpus_is_clean_and_settled():
    for paper in papers():
        shown = display_text(paper["title"])
        assert shown, paper["id"]
        assert not CONTROL.search(shown), paper["id"]
        assert display_text(shown) == shown, paper["id"]
        assert title_key(shown), paper["id"]
        for name in paper["authors"]:
            assert not CONTROL.search(display_text(name)), paper["id"]


def test_a_sample_of_abstracts_keeps_no_known_macro():
    found = papers()
    kept = 0
    for paper in found[:: max(1, len(found) // ABSTRACTS)]:
        shown = display_text(paper["abstract"])
        assert not CONTROL.search(shown), paper["id"]
        assert display_text(shown) == shown, paper["id"]
        kept += bool(KNOWN_MACRO.search(shown))
    # Formulas that were cut off or mistyped at the source keep their macros; they are few.
    assert kept <= ABSTRACTS // 200


def test_every_arxiv_id_of_the_corpus_is_read():
    for paper in papers():
        if ":" in paper["id"]:  # some records come from lists of conferences, under ids of their own
            continue
        assert bare_arxiv_id(parse_reference(paper["id"])) == paper["id"]
