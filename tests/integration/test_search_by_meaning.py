"""Search and `similar` by meaning, with the small model of the shared data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.meaning import open_meaning
from adapters.paper_vectors import VectorFile
from bot.commands import Search, Similar
from bot.settings import Settings
from bot.wiring import open_app
from tests.contract.samples import paper
from tests.fakes.clock import FrozenClock

MODEL = Path(__file__).parents[2].parent / "shared" / "data" / "models" / "m2v-minilm"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MODEL.exists(), reason="../shared/data/models is absent: meanings cannot be compared"),
]
TITLES = (
    "Robots that grasp objects with soft hands",
    "Robots and the philosophy of objects in law",
    "Manipulation by robots: fingers for picking objects up",
    "Galaxies far away",
)
ASKED = "robots objects fingers grasp"


def test_vectors_are_kept_as_small_integers_and_read_for_the_papers_asked(tmp_path):
    meaning = open_meaning(str(MODEL))
    vectors = VectorFile(tmp_path, meaning.embed, model="a")
    assert vectors.position == 0
    assert list(vectors.nearness("robots", [1, 2])) == [0, 0]
    vectors.put([7, 70_000], [TITLES[0], TITLES[3]], position=9)
    again = VectorFile(tmp_path, meaning.embed, model="a")
    assert again.position == 9
    near, far, unknown = again.nearness("a robot hand picks something up", [7, 70_000, 8])
    assert near > 0.3 > far
    assert unknown == 0
    exact = float(meaning.embed([TITLES[0]])[0] @ meaning.embed([TITLES[3]])[0])
    assert again.nearness_to(7, [70_000])[0] == pytest.approx(exact, abs=0.02)
    leaning = again.nearness("a robot hand picks something up", [70_000], best=[70_000])[0]
    assert leaning > far
    assert VectorFile(tmp_path, meaning.embed, model="another").position == 0


async def test_papers_near_in_meaning_come_before_those_that_only_share_words(tmp_path):
    settings = Settings(data_dir=tmp_path, semantic_model=str(MODEL), hf_url="http://127.0.0.1:9")
    async with open_app(settings, clock=FrozenClock()) as app:
        async with app.store.write() as tx:
            papers = [paper(at, title=title, title_key=title.casefold()) for at, title in enumerate(TITLES, 1)]
            await tx.papers.save(papers, {})
        await app.indexing.follow()
        found = await app.searching.search(None, Search(ASKED))
        assert found.by_meaning
        plain = replace(app.searching, retrieval=replace(app.searching.retrieval, vectors=None))
        words = {each.paper.title: each.relevance for each in (await plain.search(None, Search(ASKED))).hits}
        gained = {each.paper.title: each.relevance - words[each.paper.title] for each in found.hits}
        assert gained[TITLES[0]] > gained[TITLES[1]] + 0.05
        alike = await app.searching.similar(None, Similar("2605.00001"))
        assert alike.by_meaning
        assert alike.hits[0].paper.title == TITLES[2]
        about = await app.searching.search(None, Search('about:"a hand that picks things up"'))
        assert TITLES[3] not in [each.paper.title for each in about.hits]
