"""Texts and papers of strangers on their way to Discord: seen as they were typed, and nobody is pinged."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord import limits
from adapters.discord.pieces import Style
from adapters.discord.texts import escape, marked, width
from adapters.sources.huggingface_day import parse_day
from bot.compose.cards import byline
from bot.compose.digest import compose_part, parts
from bot.document import Audience, Bar, Bars, CardStyle, Document, Entries, Entry, Heading, Note, Tone
from bot.merging import paper_of
from bot.model import ChannelRef, Edition, EditionKind, Layout, Pick, Platform, SourceName, WorkspaceId
from bot.text.display import display_text
from tests.fakes.discord_bodies import LOADED, SHARED, paper, posted, titles_of
from tests.fakes.discord_client import looks_of, seen

pytestmark = pytest.mark.unit
NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
ABSENT = [pytest.param(None, marks=pytest.mark.skip(reason=f"{SHARED} is not there"))]
TEXTS = [pytest.param(row, id=row["id"]) for row in LOADED["rows"]("text.jsonl")] if LOADED else ABSENT
PAPERS = [pytest.param(row, id=row["id"]) for row in LOADED["rows"]("papers.jsonl")] if LOADED else ABSENT


@pytest.mark.parametrize(("style", "cards"), list(product(Style, CardStyle)))
@pytest.mark.parametrize("row", TEXTS)
def test_hostile_text_is_inert_literal_and_fits(row, style, cards):
    text = LOADED["text"](row)
    shown = [display_text(each) for each in text] if isinstance(text, list) else display_text(text)
    card = paper(
        title=shown if row["field"] == "title" else "A title",
        byline=byline(tuple(shown)) if row["field"] == "authors" else "",
        summary=shown if row["field"] == "abstract" else "",
        style=cards,
    )
    body = posted(Document((card,), Audience.EVERYONE), style)
    if "nonempty" in row["expect"]:
        assert any(each.strip() for each in titles_of(body))
    if "literal" in row["expect"] and row["field"] == "title" and width(shown) < 200:
        assert shown in titles_of(body)
    if "ellipsis" in row["expect"] and row["field"] == "title" and width(shown) > limits.TITLE:
        assert any(each.endswith("…") for each in titles_of(body))


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("row", TEXTS)
def test_hostile_text_is_inert_without_the_normaliser(row, style):
    text = LOADED["text"](row)
    raw = text if isinstance(text, str) else ", ".join(text)
    whole = paper(title=raw, byline=raw, summary=raw, url=raw, thumbnail_url=raw, venue=raw, why=raw, categories=(raw,))
    brief = paper(2, title=raw, summary=raw, style=CardStyle.BRIEF, summary_marks=((0, 3), (5, 9)))
    posted(Document((Heading(raw), Note(raw), whole, brief, Note(raw, Tone.QUIET))), style)
    posted(Document((Entries((Entry(raw, raw), Entry(raw, raw, literal=True))), Bars(raw, (Bar(raw, 3),)))), style)


@pytest.mark.parametrize("row", PAPERS)
def test_hostile_papers_are_inert_and_delivered(row):
    raw = json.dumps(row["payload"]) if "payload" in row else LOADED["text"](row)
    day = parse_day(raw.encode("utf-8", "surrogatepass"))
    papers = {each.id: paper_of(each, SourceName.HUGGING_FACE, NOON) for each in getattr(day, "listings", ())}
    documents = [each for layout in Layout for each in digest(layout, list(papers.values())[:20])] if papers else []
    for document, style in product(documents, Style):
        posted(document, style)
    for delivered in row["expect"].get("delivered", ()):
        assert f"arxiv:{delivered}" in papers


def digest(layout: Layout, papers) -> list[Document]:
    """The parts of a digest of these papers."""
    edition = Edition(
        channel=ChannelRef(Platform.DISCORD, WorkspaceId("discord:1"), "100"),
        kind=EditionKind.DIGEST,
        local_on=date(2026, 1, 6),
        due_at=NOON,
        cut_until_at=NOON,
        subscription_id=1,
        layout=layout,
        name="papers",
        picks=tuple(Pick(each.id, 1.0, "everything") for each in papers),
        decided=57,
    )
    return [compose_part(edition, part, {each.id: each for each in papers}) for part, _ in parts(edition)]


@given(st.text(max_size=300))
def test_an_escaped_text_is_seen_as_it_was_typed(text):
    assert seen(escape(text)) == text
    assert looks_of(escape(text)) == set()


SIGNS = st.text(alphabet="\\*_~|`<>[]()#+-.@:!/ \n1abc:emoji:everyone", max_size=80)


@given(SIGNS)
def test_whatever_signs_meet_nothing_is_read_as_markup(text):
    assert seen(escape(text)) == text
    assert looks_of(escape(text)) == set()


@given(SIGNS, st.integers(0, 60), st.integers(0, 20))
def test_marks_are_bold_and_what_is_around_them_literal(text, start, length):
    text = " ".join(text.split()) or "a"
    marks = ((start, start + length),)
    made = marked(text, marks, 300)
    assert seen(made) == text
    assert looks_of(made) <= {"bold"}


@given(st.text(max_size=400), st.text(max_size=400), st.sampled_from(Style))
def test_whatever_a_text_holds_the_message_is_accepted(title, summary, style):
    card = paper(title=title, summary=summary)
    posted(Document((Heading(title), Note(summary), Entries((Entry(title, summary),)), card)), style)
