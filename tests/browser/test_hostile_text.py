"""Every hostile text as a title and an abstract on the page: nothing runs, nothing overflows, it reads as typed."""

from __future__ import annotations

import pathlib
import re
import runpy

import pytest
from playwright.async_api import expect

from bot.document import Audience, Document, PaperCard
from bot.model import PaperId
from tests.browser.house import PHONE, WIDE

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(HOSTILE / "load.py")) if (HOSTILE / "text.jsonl").exists() else None
ROWS = list(LOADED["rows"]("text.jsonl")) if LOADED else []
pytestmark = pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be shown")
A_MESSAGE = 10
TITLE, SUMMARY = 600, 1_000
# What adapters/local/render.py takes out of every text, and what white space does in HTML.
UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
OVERFLOWING = """
    cards => cards.filter(card => card.scrollWidth > card.clientWidth + 1).map(card => card.dataset.paper)
"""
INJECTED = "'script, img, iframe, object, embed, svg, style, form form, [onload], [onerror], a[href^=javascript]'"


def text_of(row):
    value = LOADED["text"](row)
    return value if isinstance(value, str) else ", ".join(map(str, value))


def shown(text):
    return " ".join(UNSHOWABLE.sub("", re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)).split())


async def channel_of_rows(house, name):
    channel = await house.channel(name)
    for first in range(0, len(ROWS), A_MESSAGE):
        cards = [
            PaperCard(paper_id=PaperId(row["id"]), title=text, url="https://arxiv.org/abs/1", byline=text, summary=text)
            for row in ROWS[first : first + A_MESSAGE]
            for text in [text_of(row)]
        ]
        await house.posts(channel, Document(tuple(cards), Audience.EVERYONE))
    return channel


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_hostile_texts_neither_run_nor_overflow_and_read_as_typed(house, opened, viewport):
    page = await opened(await channel_of_rows(house, f"hostile-{viewport['width']}"), viewport=viewport)
    await expect(page.locator(".card")).to_have_count(len(ROWS))
    assert await page.locator(".card").evaluate_all(OVERFLOWING) == []
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    inside = f".card :is(.title, .byline, .summary) :is({INJECTED[1:-1]})"
    assert await page.locator(inside).count() == 0
    assert await page.evaluate("document.title.startsWith('#hostile')")
    read = await page.locator(".card").evaluate_all(
        "cards => cards.map(card => [card.dataset.paper, card.querySelector('.title').textContent])"
    )
    titles = {paper: shown(title) for paper, title in read}
    for row in ROWS:
        if "literal" in row["expect"] and len(text_of(row)) <= TITLE and shown(text_of(row)):
            assert titles[row["id"]].startswith(shown(text_of(row))), row["id"]
