"""Documents as Slack's messages: every payload passes Slack's own schema, and strangers' texts stay inert."""

from __future__ import annotations

import json
import pathlib
import runpy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import limits
from adapters.slack.conversations import with_votes
from adapters.slack.render import message, messages, plain_body, request_body, weight
from adapters.slack.texts import web_url
from adapters.slack.views import home
from bot.command_table import VERBS
from bot.compose.cards import byline
from bot.compose.forms import form
from bot.document import (
    Actions,
    Audience,
    Bar,
    Bars,
    Button,
    CardStyle,
    Document,
    Entries,
    Entry,
    Heading,
    Link,
    Note,
    PaperCard,
    Tone,
)
from bot.model import ChannelRef, Mark, PaperId, Platform, WorkspaceId
from bot.text.display import display_text
from tests.schema.slack.check import check

pytestmark = pytest.mark.unit
SHARED = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(SHARED / "load.py")) if (SHARED / "text.jsonl").exists() else None
CHECKS = runpy.run_path(str(SHARED / "checks.py")) if LOADED else None
ABSENT = [pytest.param(None, marks=pytest.mark.skip(reason=f"{SHARED} is not there"))]
TEXTS = [pytest.param(row, id=row["id"]) for row in LOADED["rows"]("text.jsonl")] if LOADED else ABSENT

ACTIONS = (
    Link("PDF", "https://arxiv.org/pdf/2402.18789"),
    Link("Abstract", "https://arxiv.org/abs/2402.18789"),
    Button("Why?", "why 2402.18789"),
    Button("Similar", "similar 2402.18789"),
    Button("Vote", "vote 2402.18789"),
    Button("Save", "save 2402.18789"),
)


def paper(**changes) -> PaperCard:
    given_ = {"title": "A title", "url": "https://arxiv.org/abs/2402.18789", "actions": ACTIONS} | changes
    return PaperCard(paper_id=PaperId("arxiv:2402.18789"), **given_)


def checked(document: Document, key: str = "k" * 25) -> dict:
    """The body of the post, with nothing that Slack would refuse."""
    body = request_body(document, "C0001", key, None)
    json.dumps(body, ensure_ascii=False).encode()
    assert not check(body["blocks"], "blocks")
    assert weight(body["blocks"]) <= limits.CHARACTERS
    assert 0 < len(body["text"]) <= limits.FALLBACK
    assert not body["unfurl_links"]
    assert not body["unfurl_media"]
    if CHECKS:
        assert not CHECKS["slack"](body)
    return body


def texts_of(value) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in texts_of(each)]
    return [text for each in value for text in texts_of(each)] if isinstance(value, list) else []


@pytest.mark.parametrize("style", list(CardStyle))
@pytest.mark.parametrize("row", TEXTS)
def test_hostile_text_is_inert_literal_and_fits(row, style):
    text = LOADED["text"](row)
    shown = [display_text(each) for each in text] if isinstance(text, list) else display_text(text)
    card = paper(
        title=shown if row["field"] == "title" else "A title",
        byline=byline(tuple(shown)) if row["field"] == "authors" else "",
        summary=shown if row["field"] == "abstract" else "",
        style=style,
    )
    body = checked(Document((Heading(card.title), Note(card.summary), card), Audience.EVERYONE))
    said = texts_of(body["blocks"])
    if "nonempty" in row["expect"]:
        assert all(each.strip() for each in said)
    if "literal" in row["expect"] and row["field"] == "title" and len(shown) < limits.LINE // 2:
        assert shown in said


@pytest.mark.parametrize("row", TEXTS)
def test_hostile_text_is_inert_without_the_normaliser(row):
    text = LOADED["text"](row)
    raw = text if isinstance(text, str) else ", ".join(text)
    checked(Document((Heading(raw), Note(raw), paper(title=raw, byline=raw, summary=raw, url=raw, thumbnail_url=raw))))


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_a_text_holds_the_message_is_accepted(title, summary):
    checked(
        Document(
            (Heading(title), Note(summary), Entries((Entry(title, summary),)), paper(title=title, summary=summary))
        )
    )


def test_a_mention_in_a_title_is_escaped_beside_the_blocks_and_plain_in_them():
    body = checked(Document((paper(title="<!channel> & <@U012AB3CD>"),)))
    assert "&lt;!channel&gt; &amp; &lt;@U012AB3CD&gt;" in body["text"]
    assert "<!channel> & <@U012AB3CD>" in texts_of(body["blocks"])
    assert "mrkdwn" not in {each.get("type") for block in body["blocks"] for each in (block.get("text") or {},)}


def test_the_key_goes_along_as_metadata():
    body = checked(Document((Note("x"),)), key="a" * 25)
    assert body["metadata"] == {"event_type": "digest_posted", "event_payload": {"delivery_key": "a" * 25}}
    assert "metadata" not in request_body(Document((Note("x"),)), "C0001", "", None)


def test_a_card_has_four_buttons_and_the_links_in_a_menu():
    [actions] = [each for each in checked(Document((paper(),)))["blocks"] if each["type"] == "actions"]
    assert [each.get("value") for each in actions["elements"][:4]] == [
        f"{verb} 2402.18789" for verb in ("vote", "save", "similar", "why")
    ]
    assert [each["url"] for each in actions["elements"][4]["options"]] == [ACTIONS[0].url, ACTIONS[1].url]


def test_a_thumbnail_stands_beside_the_summary_with_words_for_who_does_not_see_it():
    body = checked(Document((paper(summary="It works.", thumbnail_url="https://cdn.example.org/a.png"),)))
    [accessory] = [each["accessory"] for each in body["blocks"] if "accessory" in each]
    assert accessory["image_url"] == "https://cdn.example.org/a.png"
    assert "A title" in accessory["alt_text"]


def test_a_parent_of_fifty_papers_fits_one_message():
    items = tuple(Entry(f"{number}. {'Title ' * 40}", "Names " * 40) for number in range(50))
    checked(Document((Heading("papers"), Note("50 picked", Tone.QUIET), Entries(items))))


def test_twenty_papers_of_a_list_fit_one_message():
    cards = [
        paper(title="Title " * 80, byline="Names " * 40, why="why " * 80, style=CardStyle.BRIEF) for _ in range(20)
    ]
    made = messages(Document((Heading("papers"), Note("20 picked " * 20, Tone.QUIET), *cards)))
    assert len(made) == 1


def test_what_does_not_fit_one_message_goes_into_several_or_is_said_to_be_missing():
    document = Document(tuple(Note("word " * 500) for _ in range(20)))
    assert len(messages(document)) > 1
    assert "did not fit" in texts_of(message(document).blocks)[-1]


def test_refused_blocks_become_plain_text_that_is_read_as_nothing_else():
    body = plain_body(checked(Document((paper(),))))
    assert "blocks" not in body
    assert body["mrkdwn"] is False
    assert body["metadata"]


def test_every_kind_of_block_is_accepted():
    blocks = (
        Heading(""),
        Note("", Tone.ERROR, "bad-topic"),
        Entries((Entry("help", "what there is", literal=True), Entry("", ""))),
        Bars("by day", tuple(Bar(f"day {each}", each) for each in range(12))),
        Actions((Button("Older", "saved page 2"), Link("Code", "https://github.com/a/b"), Link("Bad", "javascript:x"))),
        form(VERBS["subscribe"]),
    )
    checked(Document(blocks))


def test_a_document_without_a_block_still_says_something():
    checked(Document(()))


@pytest.mark.parametrize("url", ["javascript:x", "https://", "https://a|b", "https://a>b", "https://u:p@a.org", "//a"])
def test_what_is_no_web_address_becomes_no_link(url):
    assert web_url(url) is None
    assert f'"{url}"' not in json.dumps(checked(Document((paper(url=url, thumbnail_url=url),)))["blocks"])


def test_votes_are_shown_on_the_button_of_their_paper_alone():
    other = PaperCard(
        paper_id=PaperId("arxiv:2402.00001"), title="x", url="", actions=(Button("Vote", "vote 2402.00001"),)
    )
    blocks = message(Document((paper(), other))).blocks
    changed = with_votes(blocks, Mark(PaperId("arxiv:2402.18789"), votes=3))
    labels = [
        each["text"]["text"]
        for block in changed
        for each in block.get("elements", ())
        if str(each.get("value", "")).startswith("vote")
    ]
    assert labels == ["▲ 3", "Vote"]
    assert with_votes(blocks, Mark(PaperId("arxiv:2402.00002"), votes=1)) is None


def test_votes_are_shown_in_the_menu_of_a_list():
    vote = Button("Vote", "vote 2402.00001")
    other = PaperCard(
        paper_id=PaperId("arxiv:2402.00001"), title="Mamba", url="", actions=(vote,), style=CardStyle.BRIEF
    )
    blocks = message(Document((paper(style=CardStyle.BRIEF), other))).blocks

    def labels(found):
        menus = [each for block in found for each in block.get("elements", ()) if each["type"] == "static_select"]
        return [each["text"]["text"] for menu in menus for each in menu["options"] if each["value"] == vote.command]

    once = with_votes(blocks, Mark(other.paper_id, votes=3))
    twice = with_votes(once, Mark(other.paper_id, votes=4))
    assert [*labels(blocks), *labels(once), *labels(twice)] == ["Mamba", "▲ 3 · Mamba", "▲ 4 · Mamba"]
    assert labels(with_votes(twice, Mark(other.paper_id, votes=0))) == ["Mamba"]


def test_an_app_home_that_is_too_long_says_so_and_is_accepted():
    ref = ChannelRef(Platform.SLACK, WorkspaceId("slack:T1"), "C0001")
    button = Actions((Button("Edit", "form robots"), Button("Stop", "unsubscribe robots")))
    view = home([(ref, [Heading(f"#channel-{number}"), Note("x"), button]) for number in range(60)])
    assert not check(view, "view")
    assert len(view["blocks"]) <= 100
    assert "more than fits" in view["blocks"][-1]["elements"][0]["text"]
    assert view["blocks"][2]["elements"][0]["value"] == "@C0001 form robots"
