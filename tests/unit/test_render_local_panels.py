"""Threads, forms and members as HTML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.local.render import (
    Answer,
    Page,
    Thread,
    answer_html,
    dialog_html,
    message_html,
    page_html,
    thread_html,
)
from bot.document import (
    Document,
    FieldKind,
    Form,
    FormField,
    Heading,
    Note,
    PaperCard,
)
from bot.model import Channel, ChannelRef, Member, MemberId, PaperId, Platform, Role, WorkspaceId
from bot.ports import PostedMessage
from tests.fakes.html import Reader

pytestmark = pytest.mark.unit

NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)
HOME = WorkspaceId("local:home")
REF = ChannelRef(Platform.LOCAL, HOME, "papers")


def posted(number: int = 1, document: Document | None = None, **changes) -> PostedMessage:
    values = {"id": f"m{number}", "channel": REF, "key": "", "posted_at": NOON}
    return PostedMessage(**{**values, "document": document or Document((Note(f"line {number}"),)), **changes})


def test_a_message_counts_its_replies_and_says_what_they_are_about():
    replies = [
        posted(n, Document((PaperCard(paper_id=PaperId("x"), title=f"Title {n}", url=""),)), reply_to="m1")
        for n in range(2, 7)
    ]
    reader = Reader(message_html(Thread(posted(1), replies), "/c/papers"))
    assert reader.texts["thread-link"] == "5 replies"
    assert reader.texts["thread-names"] == "Title 2 · Title 3 · Title 4 and 2 more"
    assert [article["id"] for article in reader.named("article")] == ["m-m1"]
    [link] = [each for each in reader.named("a") if each.get("class") == "thread-link"]
    assert (link["href"], link["hx-get"], link["data-last"]) == ("/c/papers/thread/m1", "/c/papers/thread/m1", "m6")
    [line] = [each for each in reader.named("p") if each.get("class") == "thread-line"]
    assert "hidden" not in line


def test_a_message_without_replies_hides_its_line():
    reader = Reader(message_html(Thread(posted(1)), "/c/papers"))
    [line] = [each for each in reader.named("p") if each.get("class") == "thread-line"]
    assert "hidden" in line


def test_a_thread_has_its_message_and_all_replies():
    thread = Thread(posted(1), [posted(2, reply_to="m1"), posted(3, reply_to="m1")])
    reader = Reader(thread_html(thread, "/c/papers"))
    assert [article["id"] for article in reader.named("article")] == ["t-m1", "m-m2", "m-m3"]
    assert reader.texts["thread-count"] == "2 replies"


def test_the_errors_of_a_form_stand_at_their_fields():
    field = FormField(name="top", label="Top", kind=FieldKind.NUMBER, hint="1 to 50", error="At most 50.")
    form = Form("Subscribe", "subscribe", (field,), "Subscribe")
    reader = Reader(dialog_html(Document((form,)), "/c/papers"))
    [asked] = [each for each in reader.named("input") if each["name"] == "field.top"]
    spans = {each["id"] for each in reader.named("span") if "id" in each}
    assert set(asked["aria-describedby"].split()) == spans
    assert [label["for"] for label in reader.named("label")] == [asked["id"]]
    [own] = reader.named("form")
    assert (own["hx-target"], own["data-preview"]) == ("#dialog-body", "/c/papers/preview")


def test_an_answer_of_words_alone_has_the_look_of_nothing():
    nothing = answer_html(Answer("today", Document((Heading("No papers yet"), Note("Wait.")))), "/c/papers")
    assert "press" in Reader(nothing).named("svg")[0]["class"]
    assert not Reader(answer_html(Answer("help", Document((Note("x"),))), "/c/papers")).named("svg")


def page_for(*members):
    channel = Channel(ref=REF, name="papers", created_at=NOON)
    shown = Page(channels=[channel], channel=channel, member=members[0], members=members, threads=(), completions=())
    return Reader(page_html(shown))


def test_the_choice_of_members_needs_two():
    me = Member(workspace=HOME, id=MemberId("me"), name="Ada", role=Role.ADMIN)
    other = Member(workspace=HOME, id=MemberId("other"), name="<b>Grace")
    options = page_for(me, other).named("option")
    assert [(each["value"], "selected" in each) for each in options] == [("me", True), ("other", False)]
    assert not page_for(me).named("option")
