"""Papers: the contract of `bot.ports.Papers`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.model import AnnounceType, Facts, Origin, PaperId, SourceName, VoteCount
from bot.ports import Store
from tests.contract.samples import (
    DAY,
    HOUR,
    NOON,
    REPLACED,
    TODAY,
    add_edition,
    announce,
    edition,
    listing,
    paper,
    paper_id,
    save_papers,
    voted,
)

pytestmark = pytest.mark.contract

RICH = replace(
    paper(1),
    title="M³ViT: “Ünïcode” 論文 \U0001f4dc",
    abstract="Line one.\nLine two with a 'quote' and 100 % \\alpha.",
    authors=("Ada Lovelace", "Пафнутий Чебышёв"),
    categories=("cs.CV", "cs.LG"),
    published_on=date(2026, 5, 20),
    version=3,
    doi="10.1000/182",
    facts=Facts(
        upvotes=0,
        comments=4,
        stars=17,
        thumbnail_url="https://example.org/t.png",
        submitter="ada",
        organization="Engines",
        ai_summary="It works.",
        ai_keywords=("vision", "transformer"),
        code_url="https://example.org/code",
        project_url="https://example.org/",
        media_urls=("https://example.org/a.mp4",),
        comment="12 pages",
        journal_ref="J. 1",
        withdrawn=True,
    ),
    sources=(SourceName.HUGGING_FACE, SourceName.ARXIV),
    announced_on=TODAY,
    first_seen_at=NOON,
    last_seen_at=NOON + HOUR,
    categorised_at=NOON + 2 * HOUR,
)


async def test_a_paper_comes_back_as_it_was_saved(store: Store) -> None:
    async with store.write() as tx:
        await tx.papers.save([RICH, paper(2)], {})
    async with store.read() as tx:
        assert await tx.papers.get(RICH.id) == RICH
        assert await tx.papers.get(paper_id(2)) == paper(2)
        assert await tx.papers.count() == 2


async def test_an_unknown_key_finds_nothing(store: Store) -> None:
    async with store.read() as tx:
        assert await tx.papers.get(paper_id(1)) is None
        assert await tx.papers.by_keys([paper_id(1)]) == {}
        assert await tx.papers.by_keys([]) == {}
        assert await tx.papers.by_title_keys([]) == {}


async def test_a_paper_is_found_by_each_of_its_keys(store: Store) -> None:
    alias, doi = PaperId("arxiv:2606.00001"), PaperId("doi:10.1000/182")
    async with store.write() as tx:
        await tx.papers.save([paper(1), paper(2)], {paper_id(1): paper_id(1), alias: paper_id(1), doi: paper_id(1)})
        assert await tx.papers.by_keys([alias, doi, paper_id(2), paper_id(3)]) == {
            alias: paper(1),
            doi: paper(1),
            paper_id(2): paper(2),
        }


async def test_saving_again_replaces_and_adds_no_row(store: Store) -> None:
    better = paper(1, title="A better title", title_key="a better title")
    async with store.write() as tx:
        await tx.papers.save([paper(1)], {})
        await tx.papers.save([better], {})
        assert await tx.papers.get(paper_id(1)) == better
        assert await tx.papers.by_title_keys(["paper 1"]) == {}
        assert await tx.papers.count() == 1


async def test_papers_of_one_title_are_all_found_by_it(store: Store) -> None:
    twins = [paper(1, title_key="quantum walks"), paper(2, title_key="quantum walks")]
    async with store.write() as tx:
        await tx.papers.save([*twins, paper(3)], {})
        assert await tx.papers.by_title_keys(["quantum walks", "unheard of"]) == {"quantum walks": twins}


async def test_two_thousand_papers_are_saved_and_found_in_one_call(store: Store) -> None:
    many = [paper(number) for number in range(2_000)]
    async with store.write() as tx:
        await tx.papers.save(many, {})
        assert len(await tx.papers.by_keys([each.id for each in many])) == 2_000
        assert len(await tx.papers.by_title_keys([each.title_key for each in many])) == 2_000


async def test_an_alias_of_no_paper_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"unknown paper|(?i:foreign key)"):
        async with store.write() as tx:
            await tx.papers.save([], {PaperId("doi:10.1/1"): paper_id(1)})


@pytest.mark.usefixtures("home")
async def test_a_work_that_gets_a_better_id_takes_everything_along(store: Store) -> None:
    old, new = PaperId("title:paper one"), paper_id(77)
    async with store.write() as tx:
        await announce(tx, replace(voted(1, 5), id=old))
        await tx.editions.add(edition(), [])
    async with store.write() as tx:
        chosen = replace(edition(), picks=(replace(edition(1).picks[0], paper_id=old),))
        edition_id = await tx.editions.add(chosen, [])
        await tx.papers.rekey(old, new)
    async with store.read() as tx:
        moved = await tx.papers.get(new)
        assert moved is not None
        assert moved.id == new
        assert await tx.papers.get(old) == moved
        assert await tx.announcements.known_papers(SourceName.HUGGING_FACE, TODAY) == {new}
        assert [count.paper_id for count in await tx.papers.votes(since=NOON, until=NOON)] == [new]
        assert await tx.editions.had(chosen.channel, chosen.kind) == {new}
        kept = (await tx.editions.by_ids([edition_id]))[edition_id]
        assert kept is not None
        assert [pick.paper_id for pick in kept.picks] == [new]


async def test_rekeying_what_was_never_stored_changes_nothing(store: Store) -> None:
    async with store.write() as tx:
        await tx.papers.rekey(PaperId("title:nothing"), paper_id(1))
        assert await tx.papers.get(paper_id(1)) is None


async def test_a_work_cannot_take_another_works_id(store: Store) -> None:
    await save_papers(store, 1, 2)
    with pytest.raises(Exception, match=r"already|(?i:unique)"):
        async with store.write() as tx:
            await tx.papers.rekey(paper_id(1), paper_id(2))
    async with store.read() as tx:
        assert await tx.papers.get(paper_id(1)) == paper(1)


async def test_announced_papers_come_with_their_newest_day_of_the_span(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), listing(2), announced_on=TODAY - 2 * DAY)
        await announce(tx, listing(3), listing(1), announced_on=TODAY - DAY)
        await announce(tx, listing(2), announced_on=TODAY, source=SourceName.ARXIV)
        await announce(tx, listing(4, **REPLACED), announced_on=TODAY)
        week = await tx.papers.announced(since=TODAY - 7 * DAY, until=TODAY)
        early = await tx.papers.announced(since=TODAY - 2 * DAY, until=TODAY - 2 * DAY)
        one_source = await tx.papers.announced(since=TODAY - 7 * DAY, until=TODAY, source=SourceName.ARXIV)
    assert [(each.id, on) for each, on in week] == [
        (paper_id(2), TODAY),
        (paper_id(1), TODAY - DAY),
        (paper_id(3), TODAY - DAY),
    ]
    assert [each.id for each, _ in early] == [paper_id(1), paper_id(2)]
    assert [each.id for each, _ in one_source] == [paper_id(2)]


async def test_the_newest_day_is_the_last_one_with_a_paper_that_is_no_replacement(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.papers.newest_day() is None
        await announce(tx, listing(1), announced_on=TODAY - 3 * DAY)
        await announce(tx, listing(2), announced_on=TODAY - DAY, source=SourceName.ARXIV)
        await announce(tx, listing(3, **REPLACED), announced_on=TODAY)
        await announce(tx, announced_on=TODAY + DAY)
        assert await tx.papers.newest_day() == TODAY - DAY
        assert await tx.papers.newest_day(SourceName.HUGGING_FACE) == TODAY - 3 * DAY
        assert await tx.papers.newest_day(until=TODAY - 2 * DAY) == TODAY - 3 * DAY
        assert await tx.papers.newest_day(SourceName.TEAM) is None


async def test_candidates_are_seen_after_the_last_cut_and_up_to_the_next(store: Store) -> None:
    async with store.write() as tx:
        for number, seen_at in enumerate([NOON - HOUR, NOON - HOUR / 2, NOON, NOON + HOUR]):
            await announce(tx, listing(number), seen_at=seen_at)
        found = await tx.papers.candidates(seen_after=NOON - HOUR, seen_until=NOON)
    assert [(each.paper.id, each.seen_at) for each in found] == [(paper_id(1), NOON - HOUR / 2), (paper_id(2), NOON)]
    assert [each.announced_on for each in found] == [TODAY, TODAY]


async def test_papers_are_listed_by_the_days_of_their_announcements_whatever_brought_them(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), announced_on=TODAY - DAY, origin=Origin.REPLAY)
        await announce(tx, listing(1), listing(2), announced_on=TODAY, seen_at=NOON + HOUR)
        await announce(tx, listing(2, **REPLACED), announced_on=TODAY + DAY)
        await announce(tx, listing(3, **REPLACED), announced_on=TODAY + DAY)
        found = await tx.papers.listed(since=TODAY, until=TODAY + DAY)
        before = await tx.papers.listed(since=TODAY - DAY, until=TODAY - DAY)
    told = [(each.paper.id, each.announced_on, each.announce_type.is_replacement) for each in found]
    assert told == [(paper_id(1), TODAY, False), (paper_id(2), TODAY, False), (paper_id(3), TODAY + DAY, True)]
    assert [(each.paper.id, each.announced_on) for each in before] == [(paper_id(1), TODAY - DAY)]


@pytest.mark.parametrize("origin", [Origin.BACKFILL, Origin.REPLAY, Origin.SAMPLE])
async def test_only_live_announcements_make_candidates(store: Store, origin: Origin) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), origin=origin)
        assert await tx.papers.candidates(seen_after=NOON - DAY, seen_until=NOON + DAY) == []


async def test_a_backfilled_day_stays_history_when_it_is_read_again(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), origin=Origin.BACKFILL)
        await announce(tx, listing(1), seen_at=NOON + HOUR)
        assert await tx.papers.candidates(seen_after=NOON - DAY, seen_until=NOON + DAY) == []


@pytest.mark.parametrize("origin", [Origin.REPLAY, Origin.SAMPLE])
async def test_a_recording_does_not_keep_the_source_itself_from_announcing(store: Store, origin: Origin) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), origin=origin)
        await announce(tx, listing(1), seen_at=NOON + HOUR)
        found = await tx.papers.candidates(seen_after=NOON - DAY, seen_until=NOON + DAY)
    assert [(each.paper.id, each.seen_at) for each in found] == [(paper_id(1), NOON + HOUR)]


async def test_a_recording_changes_nothing_in_the_record_of_a_day_that_was_fetched(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1))
        await announce(tx, listing(2), origin=Origin.REPLAY, seen_at=NOON - HOUR)
        (record,) = await tx.announcements.of_day(SourceName.HUGGING_FACE, TODAY)
        found = await tx.papers.candidates(seen_after=NOON - DAY, seen_until=NOON + DAY)
    assert (record.origin, record.fetched_at, record.papers) == (Origin.LIVE, NOON, 2)
    assert [each.paper.id for each in found] == [paper_id(1)]


async def test_a_candidate_is_listed_once_with_its_newest_announcement(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), announced_on=TODAY - DAY, seen_at=NOON - DAY)
        await announce(tx, listing(1, announce_type=AnnounceType.CROSS), source=SourceName.ARXIV)
        found = await tx.papers.candidates(seen_after=NOON - 2 * DAY, seen_until=NOON)
    assert [(each.paper.id, each.seen_at, each.announce_type) for each in found] == [
        (paper_id(1), NOON, AnnounceType.CROSS)
    ]


async def test_a_replacement_does_not_hide_the_announcement_of_the_same_window(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), announced_on=TODAY - DAY, seen_at=NOON - DAY)
        await announce(tx, listing(1, **REPLACED), announced_on=TODAY)
        await announce(tx, listing(2, **REPLACED), announced_on=TODAY)
        found = await tx.papers.candidates(seen_after=NOON - 2 * DAY, seen_until=NOON)
    assert [(each.paper.id, each.announce_type) for each in found] == [
        (paper_id(1), AnnounceType.NEW),
        (paper_id(2), AnnounceType.REPLACE),
    ]


async def test_papers_without_categories_are_named_newest_first(store: Store) -> None:
    async with store.write() as tx:
        await tx.papers.save([paper(4, categorised_at=NOON)], {})
        await announce(tx, listing(1), listing(2), listing(4), announced_on=TODAY - DAY)
        await announce(tx, listing(3), listing(2), replace(listing(9), id=PaperId("title:no arxiv id")))
        await announce(tx, listing(5), announced_on=TODAY - 9 * DAY)
        since = TODAY - 7 * DAY
        found = await tx.papers.uncategorised(limit=10, announced_since=since)
        assert found == [paper_id(2), paper_id(3), paper_id(1)]
        assert await tx.papers.uncategorised(limit=1, announced_since=since) == [paper_id(2)]


async def test_votes_of_a_window_start_from_the_last_count_before_it(store: Store) -> None:
    async with store.write() as tx:
        for hours, upvotes in enumerate([1, 2, 5, 9]):
            await announce(tx, voted(1, upvotes), seen_at=NOON + hours * HOUR)
        await announce(tx, voted(2, 50), seen_at=NOON)
        found = await tx.papers.votes(since=NOON + 2 * HOUR, until=NOON + 3 * HOUR)
    assert found == [VoteCount(paper_id(1), NOON + hours * HOUR, count) for hours, count in ((1, 2), (2, 5), (3, 9))]


@pytest.mark.usefixtures("home")
async def test_a_pick_of_an_unknown_paper_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"unknown paper|(?i:foreign key)"):
        await add_edition(store, "one", 1, picks=edition(404).picks)
