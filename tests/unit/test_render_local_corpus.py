"""The hostile texts, row by row, on the page."""

from __future__ import annotations

import importlib.util
import json
import pathlib
from html import unescape
from html.parser import HTMLParser

import pytest

from adapters.local.limits import LIMITS, fit
from adapters.local.render import document_html
from bot.compose.cards import byline
from bot.document import Document, PaperCard
from bot.model import PaperId
from bot.text.display import display_text

pytestmark = pytest.mark.unit

SHARED = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
FILE = SHARED / "text.jsonl"
SAFE_TAGS = {
    *("section", "h3", "a", "p", "time", "span", "div"),
    *("form", "input", "button"),  # the marks
    *("details", "summary"),  # long titles fold
}


def load_rows():
    if not FILE.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{FILE} is not there"))]
    return [pytest.param(row, id=row["id"]) for row in map(json.loads, FILE.read_text("ascii").splitlines())]


def expanded(row):
    """The row's text, by the corpus's own loader."""
    spec = importlib.util.spec_from_file_location("hostile_load", SHARED / "load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.text(row)


class Texts(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags = set()
        self.attributes = set()
        self.by_class = {}
        self._class = ""
        self.feed(str(html))  # Markup would escape what is added to it
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._class = dict(attrs).get("class", self._class)

    def handle_data(self, data):
        self.by_class[self._class] = self.by_class.get(self._class, "") + data


def card_of(row):
    text = expanded(row)
    shown = [display_text(each) for each in text] if isinstance(text, list) else display_text(text)
    title = shown if row["field"] == "title" else "A title"
    return PaperCard(
        paper_id=PaperId("arxiv:2402.18789"),
        title=title,
        url="https://arxiv.org/abs/2402.18789",
        byline=byline(tuple(shown)) if row["field"] == "authors" else "",
        summary=shown if row["field"] == "abstract" else "",
    )


@pytest.mark.parametrize("row", load_rows())
def test_hostile_text_is_inert_literal_and_fits(row):
    card = card_of(row)
    [fitted] = fit(Document((card,)), LIMITS).blocks
    html = document_html(Document((fitted,)), "/c/papers")
    html.encode()
    page = Texts(html)
    assert page.tags <= SAFE_TAGS
    assert not {name for name in page.attributes if name.startswith("on")}
    title = page.by_class["title"].strip()
    assert len(title) <= LIMITS.title
    assert title == fitted.title
    assert page.by_class.get("byline", "").strip() == fitted.byline
    assert page.by_class.get("summary", "").strip() == fitted.summary
    if "nonempty" in row["expect"]:
        assert title
    if "literal" in row["expect"] and row["field"] == "title":
        assert title == card.title


@pytest.mark.parametrize("row", load_rows())
def test_hostile_text_stays_what_it_was_without_the_normaliser(row):
    """The renderer does not lean on the normaliser: raw strings may leave marks out, never become markup."""
    text = expanded(row)
    raw = text if isinstance(text, str) else ", ".join(text)
    [fitted] = fit(
        Document((PaperCard(paper_id=PaperId("x"), title=raw, url="", byline=raw, summary=raw),)), LIMITS
    ).blocks
    html = document_html(Document((fitted,)), "/c/papers")
    html.encode()
    assert Texts(html).tags <= SAFE_TAGS
    assert "<" not in unescape(fitted.title) or "&lt;" in html
