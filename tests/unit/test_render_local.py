"""Documents as HTML: what a reader sees, and what no text can do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from adapters.local.limits import LIMITS, fit
from adapters.local.live import EditedMessage
from adapters.local.render import (
    Answer,
    Overlay,
    Page,
    Thread,
    answer_html,
    channel_path,
    count,
    document_html,
    live_html,
    marked,
    marks_html,
    page_html,
    web_url,
)
from bot.document import (
    Actions,
    Audience,
    Button,
    CardStyle,
    Document,
    Entries,
    Entry,
    FieldKind,
    Form,
    FormField,
    Heading,
    Link,
    Note,
    PaperCard,
    Tone,
)
from bot.ledger import MessageRef
from bot.model import Channel, ChannelRef, Mark, Member, MemberId, PaperId, Platform, Role, WorkspaceId
from bot.ports import PostedMessage
from tests.fakes.html import Reader

pytestmark = pytest.mark.unit

NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)
HOME = WorkspaceId("local:home")
REF = ChannelRef(Platform.LOCAL, HOME, "papers")

# What the templates write; a title that brings another element or attribute has broken out.
OWN_TAGS = {
    "section",
    "h2",
    "h3",
    "p",
    "a",
    "span",
    "time",
    "form",
    "input",
    "button",
    "strong",
    "code",
    "dl",
    "div",
    "dt",
    "dd",
}
OWN_ATTRIBUTES = {
    *("class", "dir", "href", "target", "rel", "title", "datetime", "aria-hidden", "data-paper", "role"),
    *("method", "action", "hx-post", "hx-target", "hx-swap", "hx-disabled-elt", "hx-sync", "name", "value", "type"),
    *("data-votes", "data-verb", "aria-pressed"),
}


def paper_card(**changes) -> PaperCard:
    values = {
        "paper_id": PaperId("arxiv:2402.18789"),
        "title": "FlexLLM: Co-Serving",
        "url": "https://arxiv.org/abs/2402.18789",
        "byline": "A, B and 12 more",
        "categories": ("cs.CL", "cs.LG"),
        "announced_on": date(2026, 5, 28),
        "upvotes": 1240,
        "stars": 1,
        "comments": 0,
        "organization": "Ai2",
        "summary": "It serves.",
        "why": "matches serving",
    }
    return PaperCard(**{**values, **changes})


def rendered(*blocks) -> Reader:
    return Reader(document_html(Document(blocks), "/c/papers"))


def posted(number: int = 1, document: Document | None = None, **changes) -> PostedMessage:
    values = {"id": f"m{number}", "channel": REF, "key": "", "posted_at": NOON}
    return PostedMessage(**{**values, "document": document or Document((Note(f"line {number}"),)), **changes})


def page(**changes) -> Page:
    channel = Channel(ref=REF, name="papers", created_at=NOON)
    member = Member(workspace=HOME, id=MemberId("me"), name="Ada", role=Role.ADMIN)
    values = {"channels": [channel], "channel": channel, "member": member, "threads": (), "completions": ()}
    return Page(**{**values, **changes})


def test_a_card_shows_all_its_facts():
    texts = rendered(paper_card(comments=3)).texts
    assert texts["title"] == "FlexLLM: Co-Serving"
    assert texts["byline"] == "A, B and 12 more"
    assert texts["summary"] == "It serves."
    assert "matches serving" in texts["why"]
    for fact in ("28 May 2026", "cs.CL cs.LG", "▲ 1.2k upvotes", "★ 1 star", "3 comments", "Ai2"):
        assert fact in texts["facts"].replace("\n", ""), fact


def test_a_card_says_nothing_of_what_nobody_told():
    bare = paper_card(byline="", categories=(), announced_on=None, upvotes=None, stars=None, comments=None)
    texts = rendered(paper_card(**{**_values(bare), "organization": "", "summary": "", "why": ""})).texts
    assert texts["card"].split() == ["FlexLLM:", "Co-Serving", "▲", "Vote", "Save"]


def test_a_card_names_its_venue_and_day_first_and_hides_what_nobody_did():
    facts = rendered(paper_card(venue="NeurIPS 2025", stars=0, comments=0)).texts["facts"]
    assert facts.strip().startswith("NeurIPS 202528 May 2026")
    assert "star" not in facts
    assert "comment" not in facts


def test_a_card_shows_its_marks_as_they_stand_for_the_member():
    card = paper_card(actions=(Button("Vote", "vote 2402.18789"), Button("Save", "save 2402.18789")))
    marks = {card.paper_id: Mark(card.paper_id, votes=3, voted=True)}
    reader = Reader(document_html(Document((card,)), "/c/papers", Overlay(marks)))
    assert reader.texts["toggle"].split() == ["▲", "Vote", "3Save"]
    vote, save = reader.named("button")
    assert (vote["name"], vote["value"], vote["aria-pressed"]) == ("text", "unvote arxiv:2402.18789", "true")
    assert (save["name"], save["value"], save["aria-pressed"]) == ("text", "save arxiv:2402.18789", "false")
    [bar] = reader.named("form")
    assert (bar["data-paper"], bar["data-votes"]) == ("arxiv:2402.18789", "3")


def test_a_bar_of_marks_bears_the_id_of_its_card():
    reader = Reader(marks_html(Mark(PaperId("arxiv:9"), saved=True), PaperId("hf:old name"), "/c/papers"))
    assert reader.named("form")[0]["data-paper"] == "hf:old name"
    assert [button["value"] for button in reader.named("button")] == ["vote hf:old name", "unsave hf:old name"]
    assert "Saved" in reader.texts["toggle"]


def test_pictures_come_from_this_server_and_only_where_they_are_on():
    card = paper_card(paper_id=PaperId("doi:10.1/a b"), thumbnail_url="https://cdn.example/x.png")
    with_pictures = Overlay(thumbnails=True)
    [picture] = Reader(document_html(Document((card,)), "/c/papers", with_pictures)).named("img")
    assert picture["src"] == "/thumbnails/doi%3A10.1%2Fa%20b"
    assert (picture["alt"], picture["loading"], picture["width"], picture["height"]) == ("", "lazy", "160", "90")
    bare = Document((paper_card(), paper_card(thumbnail_url="https://cdn.example/x.png", style=CardStyle.BRIEF)))
    assert not Reader(document_html(bare, "/c/papers", with_pictures)).named("img")
    assert not rendered(card).named("img")


def test_a_long_title_folds():
    assert rendered(paper_card(title="t" * 240)).named("details") == []
    reader = rendered(paper_card(title="t" * 241))
    assert reader.texts["title"] == "t" * 241
    assert "Show all" in reader.texts["unfold"]


def test_a_whole_list_is_numbered_and_a_page_of_one_is_not():
    cards = (paper_card(style=CardStyle.BRIEF), paper_card(style=CardStyle.BRIEF))
    assert rendered(*cards).texts["rank"].split() == ["1.", "2."]
    assert "rank" not in rendered(*cards, Actions((Button("More", "trending week page 2"),))).texts
    assert "rank" not in rendered(paper_card()).texts


def _values(card):
    return {name: getattr(card, name) for name in card.__dataclass_fields__ if name != "kind"}


def test_links_open_apart_and_tell_nothing_of_where_they_were():
    links = rendered(paper_card(actions=(Link("PDF", "https://arxiv.org/pdf/2402.18789"),))).named("a")
    assert len(links) == 2
    for link in links:
        assert link["target"] == "_blank"
        assert link["rel"] == "noopener noreferrer nofollow"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example",
        "/relative",
        "https://",
        "https://user:secret@evil.example/",
        "https://evil.example/\u202etxt.exe",
        "http://[::1",
        "",
    ],
)
def test_urls_that_are_no_web_addresses_make_no_link(url):
    assert web_url(url) is None
    reader = rendered(paper_card(url=url, actions=(Link("PDF", url),)), Actions((Link("here", url),)))
    assert reader.named("a") == []
    assert reader.texts["title"] == "FlexLLM: Co-Serving"


def test_a_button_sends_its_command_to_the_channel_with_or_without_script():
    reader = rendered(Actions((Button("Next page", "today page 2"),)))
    [form] = reader.named("form")
    [button] = reader.named("button")
    assert form["action"] == form["hx-post"] == "/c/papers/command"
    assert (button["name"], button["value"]) == ("text", "today page 2")


def test_notes_entries_and_forms_have_their_own_looks():
    reader = rendered(
        Heading("Help"),
        Note("No such command.", Tone.ERROR, "unknown-command"),
        Entries((Entry("subscribe TOPIC", "Follow it.", literal=True), Entry("name", "text"))),
        Form(
            "Subscribe",
            "subscribe",
            (
                FormField(name="topic", label="Topic", kind=FieldKind.TEXT, value='"x"', required=True),
                FormField(name="layout", label="Layout", kind=FieldKind.CHOICE, choices=("thread", "list")),
                FormField(name="top", label="Top", kind=FieldKind.NUMBER, value="99", error="At most 50."),
            ),
            "Subscribe",
        ),
    )
    assert reader.texts["note-error"].split() == ["Error", "No", "such", "command.", "unknown-command"]
    fields = {field["name"]: field for field in reader.named("input") + reader.named("select")}
    assert fields["form"]["value"] == "subscribe"
    assert fields["field.topic"]["value"] == '"x"'
    assert "required" in fields["field.topic"]
    assert fields["field.top"]["aria-invalid"] == "true"
    assert reader.texts["error"] == "At most 50."


def test_large_numbers_are_short():
    assert [count(n) for n in (0, 999, 1000, 1240, 9999, 15_400)] == ["0", "999", "1k", "1.2k", "10k", "15k"]


def test_live_pages_are_told_of_messages_replies_and_edits():
    message = Reader(live_html(posted(1), "/c/papers")).named("article")[0]
    reply = Reader(live_html(posted(2, reply_to="m1"), "/c/papers")).named("article")[0]
    edit = EditedMessage(MessageRef(REF, "m1"), Document((Note("new"),)), NOON)
    edited = Reader(live_html(edit, "/c/papers"))
    assert message["id"] == "m-m1"
    assert (reply["id"], reply["data-parent"]) == ("m-m2", "m-m1")
    assert (edited.named("article")[0]["id"], edited.texts["words"]) == ("m-m1", "new")


def test_an_answer_says_that_only_the_caller_sees_it():
    mine = Reader(answer_html(Answer("help", Document((Note("x"),))), "/c/papers"))
    all_see = Reader(answer_html(Answer("help", Document((Note("x"),), Audience.EVERYONE)), "/c/papers"))
    assert mine.texts["private"] == "only you see this"
    assert "private" not in all_see.texts
    assert "/papers help" in mine.texts["asked"]


def test_an_empty_channel_proposes_commands():
    reader = Reader(page_html(page(completions=(Entry("today", "The newest papers", literal=True),))))
    assert "Nothing here yet" in reader.texts["empty"]
    assert [button["data-insert"] for button in reader.named("button") if "data-insert" in button] == ["today"]


def test_the_live_stream_goes_on_from_the_newest_change():
    later = NOON.replace(hour=15)
    threads = [Thread(posted(1, edited_at=later)), Thread(posted(2))]
    log = next(each for each in Reader(page_html(page(threads=threads))).named("div") if each.get("id") == "log")
    assert log["data-since"] == later.isoformat()


def test_a_page_of_older_messages_is_not_live():
    reader = Reader(page_html(page(threads=[Thread(posted(1))], live=False, earlier="m0")))
    log = next(each for each in reader.named("div") if each.get("id") == "log")
    assert "data-events" not in log
    assert "/c/papers?before=m0" in [link["href"] for link in reader.named("a")]
    assert "Back to the latest messages" in reader.texts["latest"]


def test_names_of_channels_are_escaped_in_paths():
    assert channel_path('a/b "c"?') == "/c/a%2Fb%20%22c%22%3F"


def test_a_document_is_cut_to_the_limits():
    actions = tuple(Button(f"b{n}", "today") for n in range(50))
    cards = tuple(paper_card(title="t" * 2000, summary="s" * 9000, actions=actions) for _ in range(80))
    fitted = fit(Document((Heading("h" * 9000), Note("n" * 90_000), *cards)), LIMITS)
    heading, note, *rest = fitted.blocks
    assert (len(heading.text), len(note.text), len(rest)) == (LIMITS.title, LIMITS.text, LIMITS.cards)
    assert (len(rest[0].title), len(rest[0].summary)) == (LIMITS.title, LIMITS.summary)
    assert len(rest[0].actions) == LIMITS.actions


def test_a_card_without_a_title_shows_its_id():
    fitted = fit(Document((paper_card(title=" "), paper_card(style=CardStyle.BRIEF))), LIMITS)
    assert [card.title for card in fitted.blocks] == ["arxiv:2402.18789", "FlexLLM: Co-Serving"]


BREAKOUTS = [
    "<script>alert(1)</script>",
    "</h3></section><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='alert(1)",
    "<!-- <b>",
    "]]><svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    '"><button hx-post="/c/papers/command" name=text value=unsubscribe>',
    "{{ config }}{% include 'page.html' %}",
    "&lt;script&gt;",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
]


@pytest.mark.parametrize("text", BREAKOUTS)
def test_no_text_breaks_out_of_its_place(text):
    card = paper_card(
        paper_id=PaperId(text), title=text, byline=text, summary=text, why=text, organization=text, categories=(text,)
    )
    blocks = (Heading(text), Note(text, Tone.ERROR, text), Entries((Entry(text, text, literal=True),)), card)
    reader = rendered(*blocks, Actions((Button(text, text), Link(text, "https://evil.example/?" + text.split()[0]))))
    assert {tag for tag, _ in reader.tags} <= OWN_TAGS
    assert {name for _, attributes in reader.tags for name in attributes} <= OWN_ATTRIBUTES
    assert [reader.texts[name] for name in ("title", "byline", "summary")] == [text] * 3


def test_marks_that_turn_the_line_around_and_controls_are_left_out():
    reader = rendered(Note("a\u202eb\x00c\u2066d\x1be"))
    assert reader.texts["words"] == "abcde"


def test_what_was_searched_for_is_marked_and_nothing_in_it_becomes_markup():
    title = "Decoding <b>kv</b> & caches\u202e"
    text = str(marked(title, ((0, 8), (12, 14))))
    assert text == "<mark>Decoding</mark> &lt;b&gt;<mark>kv</mark>&lt;/b&gt; &amp; caches"
    assert str(marked("plain", ())) == "plain"


def test_marks_beyond_the_cut_of_a_long_text_are_left_out():
    long = PaperCard(paper_id=PaperId("arxiv:1"), title="word " * 200, url="", title_marks=((0, 4), (900, 904)))
    [card] = fit(Document((long,)), LIMITS).blocks
    assert len(card.title) < 900
    assert card.title_marks == ((0, 4),)
