from dataclasses import replace
from datetime import date

import pytest

from bot.command_table import COMMANDS
from bot.commands import Today, Trending, Window
from bot.compose.cards import byline, card, summary
from bot.compose.digest import KEY_LENGTH, compose_part, parts
from bot.compose.help import help_document
from bot.compose.reading import day_document, paper_document, trends_document
from bot.document import Actions, Button, Entries, Form, Heading, Link, Note, PaperCard, Tone
from bot.errors import UnknownCommand
from bot.findings import Day, Trends
from bot.model import (
    AnnouncementState,
    ChannelRef,
    Edition,
    EditionKind,
    Facts,
    Layout,
    Origin,
    Pick,
    Platform,
    SourceName,
)
from bot.model import PaperId as Id
from bot.model import WorkspaceId as Workspace
from bot.ports import AnnouncementRecord
from bot.ranking import rank
from bot.trending import Trend
from tests.fakes.clock import MONDAY
from tests.fakes.vocabulary import DAY, paper

CHANNEL = ChannelRef(Platform.LOCAL, Workspace("local:home"), "papers")


def edition(layout, picks=2, **changes):
    fields = {
        "channel": CHANNEL,
        "kind": EditionKind.DIGEST,
        "local_on": DAY,
        "due_at": MONDAY,
        "cut_until_at": MONDAY,
        "subscription_id": 7,
        "name": "kv",
        "picks": tuple(Pick(Id(f"arxiv:2605.{number:05d}"), 1.0, f"reason {number}") for number in range(1, picks + 1)),
    }
    return Edition(layout=layout, **{**fields, **changes})


PAPERS = {each.id: each for each in (paper(1), paper(2))}


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ((), ""),
        (("A",), "A"),
        (("A", "B"), "A and B"),
        (("A", "B", "C"), "A, B and C"),
        (tuple("ABCDEFGHIJKLMN"), "A, B and 12 more"),
        (("", "Madonna"), "Madonna"),
        (tuple(f"A{number}" for number in range(100_000)), "A0, A1 and 99,998 more"),
    ],
)
def test_authors_are_named_shortly(authors, expected):
    assert byline(authors) == expected


def test_the_summary_is_the_sources_own_else_the_abstracts_first_sentence():
    assert summary(paper(1, facts=Facts(ai_summary="Short and good."))) == "Short and good."
    assert summary(paper(1, abstract="We do e.g. this. Then that.")) == "We do e.g. this."
    assert summary(paper(1, abstract="")) == ""


def test_a_card_links_only_to_pages_that_exist():
    labels = [action.label for action in card(paper(1, facts=Facts(code_url="https://example.org/x"))).actions]
    assert labels == ["PDF", "Abstract", "Code", "Hugging Face", "Why?", "Similar", "Vote", "Save"]
    nameless = replace(paper("title:abc"), sources=(SourceName.FILE,))
    assert [action.label for action in card(nameless).actions] == ["Why?", "Similar", "Vote", "Save"]


@pytest.mark.parametrize(("layout", "count"), [(Layout.THREAD, 3), (Layout.CARDS, 2), (Layout.LIST, 1)])
def test_an_edition_has_the_parts_of_its_layout_with_lasting_keys(layout, count):
    made = edition(layout)
    keys = [key for _, key in parts(made)]
    assert len(keys) == len(set(keys)) == count
    assert {len(key) for key in keys} == {KEY_LENGTH}
    assert parts(replace(made, name="renamed")) == parts(made)
    assert parts(replace(made, local_on=date(2026, 5, 12))) != parts(made)


def test_an_empty_edition_has_no_parts():
    assert parts(edition(Layout.THREAD, picks=0)) == ()


def test_a_thread_opens_with_the_days_list_and_goes_on_with_cards():
    made = edition(Layout.THREAD)
    opening = compose_part(made, 0, PAPERS).blocks
    assert [type(block) for block in opening] == [Heading, Note, Entries]
    assert opening[0].text == "kv · Monday 11 May 2026"
    (shown,) = compose_part(made, 2, PAPERS).blocks
    assert (shown.paper_id, shown.why) == ("arxiv:2605.00002", "reason 2")


def test_single_cards_and_lists_open_with_the_heading():
    assert [type(block) for block in compose_part(edition(Layout.CARDS), 0, PAPERS).blocks] == [
        Heading,
        Note,
        PaperCard,
    ]
    assert [type(block) for block in compose_part(edition(Layout.CARDS), 1, PAPERS).blocks] == [PaperCard]
    assert len(compose_part(edition(Layout.LIST), 0, PAPERS).blocks) == 4


def test_a_paper_that_vanished_costs_its_card_only():
    blocks = compose_part(edition(Layout.LIST), 0, {}).blocks
    assert [block.tone for block in blocks[2:]] == [Tone.WARNING, Tone.WARNING]


def record(state=AnnouncementState.ANNOUNCED, origin=Origin.LIVE, papers=12):
    return AnnouncementRecord(
        source=SourceName.HUGGING_FACE,
        announced_on=DAY,
        resource="",
        state=state,
        origin=origin,
        first_fetched_at=MONDAY,
        fetched_at=MONDAY,
        papers=papers,
        detail="HTTP 503",
        validators=None,
    )


def day(count, *records):
    return Day(DAY, rank(((paper(number), DAY) for number in range(1, count + 1)), on=DAY), records, DAY)


def test_a_long_day_is_paged_by_buttons_that_are_commands():
    blocks = day_document(day(25, record()), Today(page=2))
    assert sum(isinstance(block, PaperCard) for block in blocks) == 10
    (row,) = [block for block in blocks if isinstance(block, Actions)]
    assert row.items == (Button("Earlier", "today 2026-05-11 page 1"), Button("More", "today 2026-05-11 page 3"))


def test_a_page_beyond_the_end_says_so():
    notes = [block.text for block in day_document(day(3, record()), Today(page=9)) if isinstance(block, Note)]
    assert notes == ["There is no page 9: 3 papers in all."]


def test_the_sample_edition_and_a_source_that_is_down_are_said():
    sample = day_document(day(3, record(origin=Origin.SAMPLE)), Today())
    assert any(isinstance(block, Note) and block.text.startswith("Sample edition") for block in sample)
    down = day_document(day(3, record(AnnouncementState.SOURCE_DOWN)), Today())
    assert any(isinstance(block, Note) and "HTTP 503" in block.text for block in down)


def test_no_papers_at_all_say_what_to_do():
    blocks = day_document(Day(None, (), (), None), Today())
    assert "broadsheet ingest" in blocks[1].text


def test_every_trend_says_its_numbers():
    trends = Trends(Window.WEEK, MONDAY, [(paper(1), Trend(Id("arxiv:2605.00001"), 10, 2.0, 12))])
    (shown,) = [block for block in trends_document(trends, Trending()) if isinstance(block, PaperCard)]
    assert shown.why == "+10 votes in 2.00 days, 4.0 a day (12 in all)"
    assert isinstance(shown.actions[0], Button)


def test_a_withdrawn_paper_is_marked():
    blocks = paper_document(paper(1, facts=Facts(withdrawn=True)))
    assert blocks[0] == Note("This paper was withdrawn.", Tone.WARNING)


def test_an_empty_day_says_what_is_known_and_where_papers_are():
    saturday, newest = date(2026, 5, 16), date(2026, 5, 15)
    heading, note, actions = day_document(Day(saturday, (), (), newest), Today(saturday))
    assert heading == Heading("Nothing on Saturday 16 May 2026")
    assert note.text.startswith("arXiv announces nothing at weekends.")
    assert [each.command for each in actions.items] == ["today 2026-05-15", "trending"]


def test_help_lists_every_command_and_one_with_its_options_and_form():
    assert len(help_document(None)[1].items) == len(COMMANDS)
    assert isinstance(help_document("Subscribe")[-1], Form)
    with pytest.raises(UnknownCommand):
        help_document("dance")


def test_links_open_pages_and_the_buttons_beside_them_ask_why_find_more_vote_and_save():
    made = card(paper(1))
    buttons = [each.command for each in made.actions if isinstance(each, Button)]
    assert buttons == ["why 2605.00001", "similar 2605.00001", "vote 2605.00001", "save 2605.00001"]
    assert {type(each) for each in made.actions} == {Link, Button}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), "arXiv"),
        (Facts(comment="12 pages, 3 figures"), "arXiv"),
        (Facts(comment="Accepted at NeurIPS 2025. Code: https://x.org"), "NeurIPS 2025"),
        (Facts(comment="To appear in the Proceedings of ACL 2026, 9 pages"), "Proceedings of ACL 2026"),
        (Facts(journal_ref="Phys. Rev. Lett. 96, 241301 (2006)"), "Phys. Rev. Lett. 96, 241301 (2006)"),
    ],
)
def test_the_venue_is_what_the_paper_says_of_itself_else_the_archive(facts, expected):
    assert card(paper(1, facts=facts)).venue == expected
