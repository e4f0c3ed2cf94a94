"""One work, one row, whichever sources bring it and however often: on a real SQLite file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.identity import title_paper_id
from bot.model import (
    Announcement,
    AnnouncementState,
    Edition,
    EditionKind,
    Facts,
    Layout,
    Listing,
    Origin,
    PaperId,
    Pick,
    Schedule,
    SourceName,
)
from bot.services.digest import PlanDigests
from bot.services.ingest import take
from bot.services.pools import Pools
from store import open_store
from tests.contract.samples import HOME, channel, subscription
from tests.fakes.clock import FrozenClock

pytestmark = pytest.mark.integration

HF, ARXIV, FILE = SourceName.HUGGING_FACE, SourceName.ARXIV, SourceName.FILE
MONDAY, TUESDAY = date(2026, 5, 11), date(2026, 5, 12)
NOON = datetime(2026, 5, 11, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
ID, OTHER_ID = PaperId("arxiv:2605.00001"), PaperId("arxiv:2605.04444")

WORK = Listing(
    id=ID,
    title="Attention Sinks in Small Language Models",
    abstract="We show that the first tokens of a prompt gather attention in small language models and why they do.",
    authors=("Ada Lovelace", "Alan Turing"),
)


@pytest.fixture
async def store(tmp_path):
    opened = await open_store(f"sqlite:///{tmp_path / 'broadsheet.sqlite3'}")
    yield opened
    await opened.close()


def said(*listings, source=HF, on=MONDAY, at=NOON, origin=Origin.LIVE):
    return Announcement(
        source=source,
        announced_on=on,
        state=AnnouncementState.ANNOUNCED,
        fetched_at=at,
        origin=origin,
        listings=listings,
    )


async def papers(store, *keys):
    async with store.read() as tx:
        found = await tx.papers.by_keys(keys)
        return await tx.papers.count(), [found[key] for key in keys]


async def test_a_paper_that_both_sources_list_is_one_row_with_the_facts_of_both(store):
    await take(store, said(replace(WORK, facts=Facts(upvotes=12, stars=3, ai_summary="Where attention goes."))))
    native = replace(WORK, title="Attention Sinks in Small Language Models.", categories=("cs.CL", "cs.LG"), version=1)

    taken = await take(store, said(native, source=ARXIV, on=TUESDAY, at=NOON + ONE_DAY))

    count, [paper] = await papers(store, ID)
    assert (taken.new, taken.merged, count) == (0, 1, 1)
    assert paper.sources == (HF, ARXIV)
    assert paper.categories == ("cs.CL", "cs.LG")
    assert (paper.facts.upvotes, paper.facts.stars, paper.facts.ai_summary) == (12, 3, "Where attention goes.")
    assert (paper.announced_on, paper.first_seen_at) == (MONDAY, NOON)


async def test_a_paper_that_is_listed_on_two_days_is_one_row_with_two_lines(store):
    await take(store, said(WORK))

    taken = await take(store, said(WORK, on=TUESDAY, at=NOON + ONE_DAY))

    assert (taken.new, taken.lines) == (0, 1)
    async with store.read() as tx:
        assert await tx.papers.count() == 1
        for day in (MONDAY, TUESDAY):
            [(paper, on)] = await tx.papers.announced(since=day, until=day)
            assert (paper.id, on) == (ID, day)


async def test_a_paper_that_was_uploaded_again_under_a_new_id_is_one_row_known_by_both(store):
    await take(store, said(WORK))
    again = replace(WORK, id=OTHER_ID, title="Attention sinks in small language models")

    taken = await take(store, said(again, on=TUESDAY, at=NOON + ONE_DAY))

    count, [first, second] = await papers(store, ID, OTHER_ID)
    assert (taken.new, taken.merged, count) == (0, 1, 1)
    assert first == second
    assert first.id == ID


async def test_all_three_at_once_are_one_row(store):
    await take(store, said(WORK))
    await take(store, said(replace(WORK, categories=("cs.CL",)), source=ARXIV))
    await take(store, said(WORK, on=TUESDAY, at=NOON + ONE_DAY))
    await take(store, said(replace(WORK, id=OTHER_ID), source=ARXIV, on=TUESDAY, at=NOON + ONE_DAY))

    count, [paper] = await papers(store, OTHER_ID)
    assert (count, paper.id, paper.sources) == (1, ID, (HF, ARXIV))


async def test_what_was_uploaded_again_does_not_come_to_a_channel_again(store):
    clock = FrozenClock(NOON + timedelta(hours=1))
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add(channel())
        await tx.subscriptions.add(
            subscription(
                topic="*",
                settle=timedelta(0),
                created_at=NOON - 30 * ONE_DAY,
                schedule=Schedule(time(13), "UTC"),
                cut_until_at=NOON - ONE_DAY,
                next_due_at=clock.now(),
            )
        )
    plan = PlanDigests(store=store, clock=clock, wake=lambda: None, pools=Pools(store=store))
    await take(store, said(WORK))
    await plan()
    await take(store, said(replace(WORK, id=OTHER_ID), on=TUESDAY, at=NOON + ONE_DAY))
    clock.move(ONE_DAY)
    await plan()

    async with store.read() as tx:
        second, first = await tx.editions.of_channel(HOME, limit=5)
    assert [pick.paper_id for pick in first.picks] == [ID]
    assert second.picks == ()


@pytest.mark.parametrize(
    "other",
    [
        replace(WORK, id=OTHER_ID, authors=("Grace Hopper",)),
        replace(
            WORK,
            id=OTHER_ID,
            abstract="A telescope in Chile measured the dust of forty young stars; its spectra are tabulated here.",
        ),
    ],
    ids=["by other authors", "about something else"],
)
async def test_two_works_of_one_title_are_two_rows(store, other):
    await take(store, said(WORK))

    taken = await take(store, said(other, on=TUESDAY))

    count, [first, second] = await papers(store, ID, OTHER_ID)
    assert (taken.new, count) == (1, 2)
    assert first.id != second.id


async def test_two_works_of_one_title_in_one_list_are_two_rows(store):
    taken = await take(store, said(WORK, replace(WORK, id=OTHER_ID)))

    assert (taken.new, (await papers(store))[0]) == (2, 2)


async def test_a_work_known_by_its_title_moves_to_its_arxiv_id_and_takes_everything_along(store):
    nameless = title_paper_id(WORK.title)
    await take(store, said(replace(WORK, id=nameless, facts=Facts(upvotes=4)), source=FILE, origin=Origin.REPLAY))
    edition = Edition(
        channel=HOME,
        kind=EditionKind.SAMPLE,
        local_on=MONDAY,
        due_at=NOON,
        cut_until_at=NOON,
        subscription_id=None,
        layout=Layout.LIST,
        picks=(Pick(nameless, 1.0, "a test"),),
    )
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add(channel())
        await tx.editions.add(edition, [(0, "a-key")])

    taken = await take(store, said(WORK, source=HF, on=TUESDAY, at=NOON + ONE_DAY))

    count, [by_title, by_id] = await papers(store, nameless, ID)
    assert (taken.new, taken.merged, count) == (0, 1, 1)
    assert by_title == by_id
    assert by_id.id == ID
    async with store.read() as tx:
        assert await tx.announcements.known_papers(FILE, MONDAY) == {ID}
        assert await tx.announcements.known_papers(HF, TUESDAY) == {ID}
        assert await tx.editions.had(HOME, EditionKind.SAMPLE) == {ID}
        counts = await tx.papers.votes(since=NOON - ONE_DAY, until=NOON + 2 * ONE_DAY)
    assert {each.paper_id for each in counts} == {ID}


async def test_a_doi_joins_what_the_titles_do_not(store):
    await take(store, said(replace(WORK, doi="10.1000/Sinks"), source=ARXIV))
    renamed = replace(WORK, id=PaperId("doi:10.1000/sinks"), title="On Sinks", authors=())

    taken = await take(store, said(renamed, source=FILE, on=TUESDAY))

    count, [paper] = await papers(store, PaperId("doi:10.1000/sinks"))
    assert (taken.new, count, paper.id, paper.title) == (0, 1, ID, WORK.title)


async def test_the_order_in_which_the_sources_come_does_not_matter(store, tmp_path):
    native = replace(WORK, categories=("cs.CL",), version=2, doi="10.1000/sinks")
    both = [said(replace(WORK, facts=Facts(upvotes=5))), said(native, source=ARXIV)]
    other = await open_store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    for announcement in both:
        await take(store, announcement)
    for announcement in reversed(both):
        await take(other, announcement)

    _, [one] = await papers(store, ID)
    _, [two] = await papers(other, ID)
    await other.close()
    assert set(one.sources) == set(two.sources)
    assert replace(one, sources=()) == replace(two, sources=())
