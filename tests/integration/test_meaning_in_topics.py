"""`about:` and `like:` through the whole application, with the small model of the shared data."""

from __future__ import annotations

import pathlib

import pytest

from bot.document import Note, PaperCard, Tone
from bot.errors import BadSettings
from bot.settings import Settings
from bot.wiring import open_app
from tests.fakes.clock import FrozenClock

MODEL = pathlib.Path(__file__).parents[2].parent / "shared" / "data" / "models" / "m2v-minilm"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not MODEL.exists(), reason="../shared/data/models is absent: meanings cannot be compared"),
]


def settings(folder, model):
    return Settings(data_dir=folder, semantic_model=str(model), hf_url="http://127.0.0.1:9")


async def answered(app, text):
    return (await app.answering(await app.local.caller("papers", "admin"), text)).document.blocks


def titles(blocks):
    return [block.title for block in blocks if isinstance(block, PaperCard)]


async def test_a_description_finds_papers_by_their_meaning(tmp_path):
    async with open_app(settings(tmp_path, MODEL), clock=FrozenClock()) as app:
        assert await app.intake.take_sample()
        found = titles(await answered(app, 'preview about:"autonomous software agents that use tools" 30d'))
        assert any("gent" in title for title in found)
        said = await answered(app, 'subscribe about:"robots that grasp things" as robots')
        assert all(block.tone is not Tone.ERROR for block in said if isinstance(block, Note))


async def test_a_model_that_is_not_there_is_told_at_the_start(tmp_path):
    with pytest.raises(BadSettings, match="BROADSHEET_SEMANTIC_MODEL"):
        async with open_app(settings(tmp_path, tmp_path / "nowhere"), clock=FrozenClock()):
            pass
