"""The hostile commands through the very handler that chats use: friendly, to the caller alone, and nothing leaks."""

from __future__ import annotations

import contextlib
import pathlib
import runpy
import time

import pytest

from bot.document import Audience, Note, Tone
from bot.errors import BadTopic
from bot.topics.index import TermIndex
from bot.topics.language import parse_topic
from bot.topics.match import Matcher
from bot.wiring import open_app
from tests.fakes.clock import FrozenClock
from tests.fakes.vocabulary import candidate

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(HOSTILE / "load.py")) if (HOSTILE / "commands.jsonl").exists() else None
ROWS = list(LOADED["rows"]("commands.jsonl")) if LOADED else []
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be tried"),
]


def of(*groups):
    return [pytest.param(row, id=row["id"]) for row in ROWS if row["group"] in groups]


@pytest.fixture
async def asked(tmp_path):
    from bot.settings import Settings

    settings = Settings(data_dir=tmp_path, hf_url="http://127.0.0.1:9", arxiv_feed_url="http://127.0.0.1:9/")
    async with open_app(settings, clock=FrozenClock()) as app:

        async def ask(text):
            return await app.answering(await app.local.caller("papers", "member"), text)

        yield ask


def told(reply):
    return [block for block in reply.document.blocks if isinstance(block, Note)]


@pytest.mark.parametrize("row", of("parse", "size", "search"))
async def test_every_hostile_command_gets_a_friendly_answer(asked, row):
    reply = await asked(LOADED["text"](row))
    failed = [block for block in told(reply) if block.tone is Tone.ERROR]
    assert reply.document.audience is Audience.CALLER
    assert all(block.code not in {"", "internal"} and len(block.text) < 1_000 for block in failed)
    assert "Traceback" not in repr(reply)
    if row["expect"]["outcome"] == "ok" and "2601." not in row["text"]:
        assert not failed
    if row["expect"]["outcome"] == "friendly_error":
        assert failed


async def test_a_second_command_behind_the_first_is_never_run(asked):
    await asked("subscribe cs.RO as robots")
    await asked("subscribe cs.LG; unsubscribe robots")
    assert "robots" in repr((await asked("list")).document)


async def test_a_category_of_look_alike_letters_is_told_from_the_real_one(asked):
    [error] = told(await asked("subscribe сs.LG"))
    assert "is no arXiv category. Did you mean cs.LG?" in error.text


@pytest.mark.parametrize("row", of("regex"))
def test_every_hostile_regular_expression_is_refused_or_answers_in_linear_time(row, record_property):
    started = time.perf_counter()
    with contextlib.suppress(BadTopic):  # a refusal is an answer too
        topic = parse_topic(f"/{row['pattern'].replace('/', chr(92) + '/')}/")
        Matcher(TermIndex([candidate(1, row["subject"])])).match(topic)
    record_property("milliseconds", round((time.perf_counter() - started) * 1_000, 1))
