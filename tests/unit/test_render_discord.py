"""Documents as Discord's messages: every body passes Discord's own schema, and says what it is to say."""

from __future__ import annotations

import json
from datetime import date

import pytest

from adapters.discord.components import CHOOSE
from adapters.discord.layout import texts_of
from adapters.discord.pieces import Style
from adapters.discord.render import (
    IS_COMPONENTS_V2,
    SUPPRESS_NOTIFICATIONS,
    carries,
    edit_body,
    forum_body,
    message,
    messages,
    plain_body,
    request_body,
)
from adapters.discord.texts import web_url
from bot.command_table import VERBS
from bot.compose.forms import form
from bot.compose.help import help_document
from bot.document import (
    Actions,
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
from bot.model import PaperId
from bot.text.cut import utf16_length
from tests.fakes.discord_bodies import KEY, URL, buttons_of, checked, paper
from tests.fakes.discord_client import read, seen

pytestmark = pytest.mark.unit


def test_a_mention_in_a_heading_is_seen_and_rings_for_nobody():
    body = checked(Document((Heading("<@&123> @everyone <@456> <#789>"),)), key="")
    assert body["allowed_mentions"] == {"parse": []}
    assert seen(body["content"]) == "<@&123> @everyone <@456> <#789>"


@pytest.mark.parametrize("style", list(Style))
def test_one_role_is_mentioned_once_and_nobody_else(style):
    cards = tuple(paper(number, summary="words " * 90) for number in range(30))
    first, *rest = messages(Document((Heading("@everyone"), *cards), mention="123"), style=style)
    assert rest
    body = first.body()
    assert body["allowed_mentions"] == {"parse": [], "roles": ["123"]}
    assert (body.get("content") or texts_of(body["components"])[0]).startswith("<@&123>")
    assert all(each.body()["allowed_mentions"] == {"parse": []} for each in rest)
    assert "<@&123>" not in json.dumps([each.body() for each in rest])


@pytest.mark.parametrize("mention", ["", "everyone", "0", "12 34", "123>"])
def test_what_is_no_role_is_not_mentioned(mention):
    body = message(Document((Note("x"),), mention=mention)).body()
    assert body == {"allowed_mentions": {"parse": []}, "content": "x"}


def test_a_silent_document_says_so():
    assert message(Document((Note("x"),), is_silent=True)).body()["flags"] == SUPPRESS_NOTIFICATIONS
    assert "flags" not in edit_body(Document((Note("x"),), is_silent=True))


@pytest.mark.parametrize("style", list(Style))
def test_the_key_is_nonce_and_fragment(style):
    body = checked(Document((Heading("papers"), paper())), style)
    assert (body["nonce"], body["enforce_nonce"]) == (KEY, True)
    assert f"{URL}#{KEY}" in json.dumps(body)
    unkeyed = request_body(Document((paper(),)), "100", "", None, style=style)
    assert "nonce" not in unkeyed
    assert "#" not in json.dumps(unkeyed["embeds"] if style is Style.EMBEDS else unkeyed["components"]).replace(
        "###", ""
    )


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (Heading("papers"),),
        (Heading("papers"), Note("Nothing today.")),
        (Note("Nothing today."),),
        (Entries((Entry("a", "b"),)),),
        (paper(url=""),),
        (paper(url="", style=CardStyle.BRIEF),),
        (Note("word " * 700), Note("word " * 700), paper()),
        (Actions((Button("More", "today page 2"),)),),
    ],
)
@pytest.mark.parametrize("style", list(Style))
def test_whatever_it_is_a_delivery_carries_its_key(blocks, style):
    checked(Document(blocks), style)


def test_a_title_without_a_page_never_becomes_a_link_to_somewhere_else():
    [embed] = checked(Document((paper(url=""),)))["embeds"]
    assert "title" not in embed
    assert seen(embed["description"]).startswith("A title")


def test_the_heading_of_a_quiet_day_stays_in_the_content_where_notifications_find_it():
    body = checked(Document((Heading("papers"), Note("Nothing today."))))
    assert body["content"] == "## papers"
    assert [each["description"] for each in body["embeds"]] == ["Nothing today."]


def test_equal_addresses_are_told_apart_as_discord_would_merge_them():
    body = checked(Document((paper(), paper(), paper(1))))
    urls = [each["url"] for each in body["embeds"]]
    assert urls == [f"{URL}#{KEY}", URL, "https://arxiv.org/abs/2402.00001"]
    [*_, second, third] = message(Document((paper(), paper(), paper()))).embeds
    assert (second["url"], third["url"]) == (f"{URL}#2", f"{URL}#3")


def test_a_card_tells_who_what_where_and_why():
    card = paper(
        byline="Ada Lovelace and Bob",
        organization="Analytical Engines",
        summary="It works.",
        upvotes=1_234,
        comments=5,
        stars=67,
        venue="NeurIPS 2025",
        categories=("cs.CL", "cs.LG"),
        why="matches engines",
        announced_on=date(2026, 1, 6),
        thumbnail_url="https://cdn.example.org/a.png",
    )
    [embed] = checked(Document((card,)))["embeds"]
    code = "[Code](https://github.com/a/b)"
    assert embed["description"] == f"-# Ada Lovelace and Bob · Analytical Engines\nIt works.\n{code}"
    assert [each["value"] for each in embed["fields"]] == ["▲ 1,234 · 💬 5", "★ 67", "NeurIPS 2025 · cs.CL, cs.LG"]
    assert embed["footer"] == {"text": "matches engines · 6 Jan 2026"}
    assert embed["thumbnail"] == {"url": "https://cdn.example.org/a.png"}


def test_the_colour_tells_the_source():
    team = PaperCard(paper_id=PaperId("doi:10.1/x"), title="x", url="https://doi.org/10.1/x")
    colours = [message(Document((each,))).embeds[0]["color"] for each in (paper(upvotes=0), paper(), team)]
    assert len(set(colours)) == 3


def test_a_card_has_one_row_and_the_links_that_it_does_not_hold_are_written_out():
    body = checked(Document((paper(),)))
    [row] = body["components"]
    assert [each["label"] for each in row["components"]] == ["Vote", "Save", "Similar", "Why?", "PDF"]
    assert row["components"][0]["custom_id"] == "vote 2402.18789"
    assert body["embeds"][0]["description"] == "[Code](https://github.com/a/b)"
    many = checked(Document(tuple(paper() for each in range(6))))
    assert many["embeds"][0]["description"].startswith("[PDF](https://arxiv.org/pdf/2402.18789) · [Code]")


def test_papers_beside_each_other_have_numbered_rows_and_many_have_menus():
    few = checked(Document((paper(1), paper(2), paper(3))))
    assert [row["components"][0]["label"] for row in few["components"]] == ["1 · Vote", "2 · Vote", "3 · Vote"]
    assert [each["title"] for each in few["embeds"]] == ["1 · A title", "2 · A title", "3 · A title"]
    paging = Actions((Button("Older", "today page 2"),))
    many = checked(Document((Heading("Papers"), *(paper(each) for each in range(10)), paging)))
    assert len(many["embeds"]) == 10
    *menus, last = buttons_of(many["components"])
    assert [(each["placeholder"], each["custom_id"]) for each in menus] == [
        (f"{label} …", f"{CHOOSE}{place}") for place, label in enumerate(("Vote", "Save", "Similar", "Why?"))
    ]
    assert menus[0]["options"][9] == {"label": "A title", "value": "vote 2402.00009"}
    assert last["custom_id"] == "today page 2"


@pytest.mark.parametrize("style", list(Style))
def test_ten_long_papers_and_the_way_on_fit_one_message(style):
    cards = [
        paper(each, title="Title " * 60, byline="Names " * 40, summary="words " * 200, why="why " * 90)
        for each in range(10)
    ]
    made = messages(Document((Heading("Papers"), *cards, Actions((Button("Older", "today page 2"),)))), style=style)
    assert len(made) == 1 or style is Style.COMPONENTS


@pytest.mark.parametrize("style", list(Style))
def test_twenty_papers_of_a_list_fit_one_message(style):
    more = {"title": "Title " * 80, "byline": "Names " * 40, "why": "why " * 80, "style": CardStyle.BRIEF}
    cards = [paper(each, **more) for each in range(20)]
    [made] = messages(Document((Heading("papers"), Note("20 picked " * 20, Tone.QUIET), *cards)), style=style)
    assert (
        sum(
            "Title" in line
            for text in [*texts_of(made.components), *(each["description"] for each in made.embeds)]
            for line in text.split("\n")
        )
        == 20
    )
    assert {len(each["options"]) for each in buttons_of(made.components)} == {20}


def test_one_paper_of_a_list_has_buttons_and_several_have_menus():
    [one, two] = (paper(each, style=CardStyle.BRIEF, actions=(Button("Details", f"show {each}"),)) for each in (1, 2))
    assert [each["type"] for each in buttons_of(checked(Document((one,)))["components"])] == [2]
    [menu] = buttons_of(checked(Document((one, two)))["components"])
    assert [each["value"] for each in menu["options"]] == ["show 1", "show 2"]


def test_a_command_stands_once_in_a_message():
    [button] = buttons_of(checked(Document((Actions((Button("A", "help"), Button("B", "help"))),)))["components"])
    assert button["label"] == "A"
    cards = [paper(1, style=CardStyle.BRIEF)] * 2
    assert all(len(each["options"]) == 1 for each in buttons_of(checked(Document(tuple(cards)))["components"]))


def test_a_command_that_is_too_long_and_a_link_that_is_none_are_left_out():
    actions = Actions(
        (Button("Long", "show " + "x" * 100), Link("Bad", "javascript:x"), Link("Far", "https://a.org/" + "x" * 600))
    )
    assert "components" not in checked(Document((Note("x"), actions)))


@pytest.mark.parametrize("style", list(Style))
def test_a_parent_of_fifty_papers_fits_one_message(style):
    items = tuple(Entry(f"{number}. {'Title ' * 40}", "Names " * 40) for number in range(50))
    document = Document((Heading("papers"), Note("50 picked", Tone.QUIET), Entries(items)))
    [made] = messages(document, style=style)
    said = json.dumps(made.body()).replace("\\", "")
    assert all(f"{number}. Title" in said for number in range(50))


@pytest.mark.parametrize("style", list(Style))
def test_what_does_not_fit_goes_into_several_messages_or_is_said_to_be_missing(style):
    document = Document((*(Note("word " * 500) for _ in range(20)), paper()))
    assert len(messages(document, style=style, key=KEY)) > 1
    assert "did not fit" in json.dumps(checked(document, style))


@pytest.mark.parametrize("style", list(Style))
def test_the_help_of_every_command_is_accepted(style):
    for verb in (None, *VERBS):
        checked(Document(tuple(help_document(verb))), style)


@pytest.mark.parametrize("style", list(Style))
def test_every_kind_of_block_is_accepted(style):
    blocks = (
        Heading(""),
        Note("", Tone.ERROR, "bad-topic"),
        Entries((Entry("help", "what there is", literal=True), Entry("", ""))),
        Bars("by day", tuple(Bar(f"day {each}", each) for each in range(12))),
        Actions((Button("Older", "saved page 2"), Link("Code", "https://github.com/a/b"), Link("Bad", "javascript:x"))),
        form(VERBS["subscribe"]),
    )
    checked(Document(blocks), style)
    checked(Document((*blocks, paper())), style)


def test_a_form_in_a_message_is_a_button_that_opens_it():
    filled = form(VERBS["edit"], values={"subscription": "robots"})
    [button] = buttons_of(checked(Document((filled,)))["components"])
    assert (button["label"], button["custom_id"]) == ("Open the form", "form robots")


def test_an_edit_names_what_is_to_go():
    assert edit_body(Document((Note("x"),))) == {
        "content": "x",
        "embeds": [],
        "components": [],
        "allowed_mentions": {"parse": []},
    }
    layout = edit_body(Document((paper(),)), Style.COMPONENTS, KEY)
    assert (layout["content"], layout["embeds"], layout["flags"]) == (None, [], IS_COMPONENTS_V2)
    assert carries(layout, KEY)


def test_a_post_in_a_forum_is_named_after_its_paper_or_its_heading():
    one = forum_body(Document((Heading("vision · Monday"), paper(title="T " * 200))), KEY)
    assert len(one["name"]) <= 100
    assert one["name"].startswith("T T")
    assert one["message"]["content"] == "## vision · Monday"
    many = forum_body(Document((Heading("vision · Monday"), Entries((Entry("a", "b"),)))), KEY, tags=["7"])
    assert (many["name"], many["applied_tags"]) == ("vision · Monday", ["7"])
    assert "content" not in many["message"]
    assert "nonce" not in many["message"]
    assert forum_body(Document((Note("x"),), label="vision"), KEY)["name"] == "vision"
    assert forum_body(Document(()), KEY)["name"] == "Papers"


def test_only_its_own_key_is_found():
    body = request_body(Document((paper(),)), "100", KEY, None)
    assert carries(body, KEY)
    assert not carries(body, KEY[:-1])
    assert not carries(body, "")
    assert not carries({}, KEY)


def test_plain_text_rings_no_louder_and_is_read_as_nothing_else():
    body = plain_body(Document((Heading("*a*"), paper(title="<@1> @here")), mention="5"), KEY)
    assert body["allowed_mentions"] == {"parse": [], "roles": ["5"]}
    assert {"embeds", "components"}.isdisjoint(body)
    assert "*a*\n<@1> @here" in seen(body["content"])


@pytest.mark.parametrize("url", ["javascript:x", "https://", "https://a|b", "https://a>b", "https://u:p@a.org", "//a"])
def test_what_is_no_web_address_becomes_no_link(url):
    assert web_url(url) is None
    for style in Style:
        assert f'"{url}"' not in json.dumps(checked(Document((paper(url=url, thumbnail_url=url),)), style))


@pytest.mark.parametrize(
    "title", ["[A](https://b.org)", "A [b] c]", "arxiv.org/abs/1 explained", "🚀 to the moon", "https://a.org"]
)
@pytest.mark.parametrize("style", list(Style))
def test_a_title_that_cannot_be_a_link_has_one_beside_it(title, style):
    body = checked(Document((paper(title=title, style=CardStyle.BRIEF),)), style)
    [text] = [*texts_of(body.get("components")), *(each["description"] for each in body.get("embeds", ()))]
    runs = read(text)
    assert "".join(each.text for each in runs if not each.target).startswith(title)
    assert "".join(each.text for each in runs if each.target) == "open"


def test_what_was_searched_for_is_bold():
    card = paper(
        title="Video of video",
        title_marks=((0, 5), (9, 14)),
        summary="A *video* model.",
        summary_marks=((3, 8),),
        style=CardStyle.BRIEF,
    )
    [embed] = checked(Document((card,)))["embeds"]
    strong = [each.text for each in read(embed["description"]) if "bold" in each.looks]
    assert "".join(strong) == "Videovideovideo"


def test_lengths_are_counted_as_discord_counts():
    body = checked(Document((paper(title="🚀" * 200),)))
    assert utf16_length(body["embeds"][0]["title"]) <= 256
