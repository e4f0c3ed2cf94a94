import pathlib
import random
import subprocess
import sys

import pytest

from adapters import meaning
from adapters.meaning import NEAR, StaticMeaning, open_meaning
from bot.errors import BadSettings

numpy = pytest.importorskip("numpy", reason="the semantic extra is not installed")

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT.parent / "shared" / "data" / "models" / "m2v-minilm"
needs_model = pytest.mark.skipif(
    not MODEL.exists() or not meaning.is_installed(), reason="../shared/data is absent, or the semantic extra"
)
SIZE = 16
PAPERS = {
    "decoding": "Fast speculative decoding. A small language model drafts tokens and a large one verifies them.",
    "caching": "Paging the KV cache. We serve large language models with less memory on small GPUs.",
    "galaxies": "Galaxies at high redshift. We observe the luminosity function of early galaxies with a telescope.",
    "proteins": "Folding of proteins. We simulate the molecular dynamics of membrane proteins.",
}


class Letters:
    """Texts are the seeds of their vectors, so that every vector is known; the empty text says nothing."""

    def __init__(self):
        self.embedded = []

    def __call__(self, texts):
        self.embedded += texts
        return numpy.array([vector(each) for each in texts])


def vector(text):
    rolled = random.Random(text)  # noqa: S311 - the same vector in every run
    return [rolled.gauss() if text else 0.0 for _ in range(SIZE)]


def cosine(one, other):
    return sum(float(a) * float(b) for a, b in zip(one, other, strict=True))


def members(found):
    return [number for number in range(found.bit_length()) if found >> number & 1]


@pytest.mark.parametrize("papers", [1, 7, 8, 9, 64, 65, 200])
def test_the_bit_sets_are_those_of_a_plain_loop_over_cosines(papers):
    side = StaticMeaning(Letters())
    asked = side.embed([f"text {number}" for number in range(40)])
    known = side.embed([f"paper {number}" for number in range(papers)])
    for text, found in zip(asked, side.nearest(asked, known), strict=True):
        cosines = [cosine(text, paper) for paper in known]
        assert all(abs(each - NEAR) > 1e-6 for each in cosines), "too near to the bound to compare"
        assert members(found) == [number for number, each in enumerate(cosines) if each >= NEAR]


@pytest.mark.parametrize("texts_a_block", [1, 2, 3, 39, 40, 41])
def test_blocks_meet_without_a_gap(monkeypatch, texts_a_block):
    side = StaticMeaning(Letters())
    texts = [f"text {number}" for number in range(40)]
    papers = [f"paper {number}" for number in range(50)]
    whole = side.near(texts, papers)
    monkeypatch.setattr(meaning, "_BLOCK_BYTES", 4 * len(papers) * texts_a_block)
    monkeypatch.setattr(meaning, "_TEXTS_AT_ONCE", texts_a_block)
    assert side.near(texts, papers) == whole
    assert any(whole)


def test_nothing_asked_and_nothing_there_are_answered_without_a_model():
    side = StaticMeaning(Letters())
    assert side.near([], []) == []
    assert side.near([], ["paper"]) == []
    assert side.near(["one", "two"], []) == [0, 0]
    assert side.nearest(side.embed(["one"]), side.embed(["x"])[:0]) == [0]


def test_a_text_without_a_known_word_is_near_to_nothing():
    side = StaticMeaning(Letters())
    assert side.near(["", "paper"], ["", "paper"]) == [0, 0b10]


def test_what_every_paper_says_is_near_to_nothing():
    side = StaticMeaning(Letters())
    assert side.near([meaning.COMMONPLACE], [meaning.COMMONPLACE, "paper"]) == [0]


def test_a_day_is_embedded_once_and_the_oldest_papers_are_forgotten(monkeypatch):
    monkeypatch.setattr(meaning, "KEPT", 3)
    letters = Letters()
    side = StaticMeaning(letters)
    letters.embedded.clear()
    first = side.near(["text"], ["a", "b", "c", "a"])
    assert side.near(["text"], ["a", "b", "c", "a"]) == first
    assert letters.embedded == ["a", "b", "c", "text", "text"]
    side.near(["text"], ["d", "a"])
    side.near(["text"], ["a", "c", "d"])
    assert letters.embedded[5:] == ["d", "text", "text"]
    side.near(["text"], ["b"])
    assert letters.embedded[8:] == ["b", "text"]


def test_more_papers_than_are_kept_are_answered_all_the_same(monkeypatch):
    papers = [f"paper {number}" for number in range(20)]
    whole = StaticMeaning(Letters()).near(["paper 3"], papers)
    monkeypatch.setattr(meaning, "KEPT", 2)
    assert StaticMeaning(Letters()).near(["paper 3"], papers) == whole
    assert 3 in members(whole[0])


@needs_model
def test_a_description_finds_the_papers_that_are_about_it():
    side = open_meaning(str(MODEL))
    names = list(PAPERS)
    asked = ["Serving LLMs with less GPU memory", "Astronomy of distant galaxies", "Simulations of protein folding"]
    found = side.near(asked, list(PAPERS.values()))
    assert [[names[number] for number in members(each)] for each in found] == [["caching"], ["galaxies"], ["proteins"]]


@needs_model
def test_nothing_is_near_to_a_text_in_signs_alone():
    assert open_meaning(str(MODEL)).near(["", "\u2603"], ["", *PAPERS.values()]) == [0, 0]


@pytest.mark.skipif(not meaning.is_installed(), reason="the semantic extra is not installed")
def test_a_folder_that_is_not_there_is_told_without_asking_the_network(tmp_path):
    for absent in (str(tmp_path / "absent"), "./absent", "~/absent-model", "models/of/ours", "models\\minilm"):
        with pytest.raises(BadSettings, match="BROADSHEET_SEMANTIC_MODEL: there is no folder") as refused:
            open_meaning(absent)
        assert absent in refused.value.user_message


@pytest.mark.skipif(not meaning.is_installed(), reason="the semantic extra is not installed")
def test_a_folder_without_a_model_is_told(tmp_path):
    for make in (lambda: None, lambda: (tmp_path / "config.json").write_text("{")):
        make()
        with pytest.raises(BadSettings, match="gives no model2vec model"):
            open_meaning(str(tmp_path))


def test_an_install_without_the_extra_is_told_what_is_missing(monkeypatch):
    monkeypatch.setattr(meaning, "is_installed", lambda: False)
    with pytest.raises(BadSettings, match="needs the extra “semantic”"):
        open_meaning("any/model")


def test_the_module_is_imported_without_numpy_and_model2vec():
    program = "import sys, adapters.meaning; sys.exit(any(name in sys.modules for name in ('numpy', 'model2vec')))"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)  # noqa: S603 - our own program
