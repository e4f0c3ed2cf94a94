"""Announcements: the contract of `bot.ports.Announcements`."""

from __future__ import annotations

import pytest

from bot.model import AnnouncementState, Origin, SourceName, Validators
from bot.ports import AnnouncementRecord, Said, Store
from tests.contract.samples import DAY, HOUR, NOON, TODAY, announce, announcement, listing, paper_id, voted

pytestmark = pytest.mark.contract

HF = SourceName.HUGGING_FACE


async def test_a_day_is_recorded_with_its_lines(store: Store) -> None:
    async with store.write() as tx:
        assert await announce(tx, listing(1), listing(2), detail="2 papers", validators=Validators("e", None)) == 2
    async with store.read() as tx:
        assert await tx.announcements.of_day(HF, TODAY) == [
            AnnouncementRecord(
                source=HF,
                announced_on=TODAY,
                resource="",
                state=AnnouncementState.ANNOUNCED.value,
                origin=Origin.LIVE,
                first_fetched_at=NOON,
                fetched_at=NOON,
                papers=2,
                detail="2 papers",
                validators=Validators("e", None),
            )
        ]
        assert await tx.announcements.known_papers(HF, TODAY) == {paper_id(1), paper_id(2)}


async def test_recording_a_day_twice_adds_nothing(store: Store) -> None:
    async with store.write() as tx:
        assert await announce(tx, listing(1), listing(2)) == 2
        assert await announce(tx, listing(1), listing(2)) == 0
        (record,) = await tx.announcements.of_day(HF, TODAY)
        assert record.papers == 2


async def test_a_growing_day_counts_its_new_lines_only(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), state=AnnouncementState.PARTIAL, detail="cut off after entry 1")
        assert await announce(tx, listing(1), listing(2), listing(3), seen_at=NOON + HOUR) == 2
        (record,) = await tx.announcements.of_day(HF, TODAY)
    assert (record.state, record.detail, record.papers) == (AnnouncementState.ANNOUNCED.value, "", 3)
    assert (record.first_fetched_at, record.fetched_at) == (NOON, NOON + HOUR)


async def test_a_paper_said_twice_in_one_list_is_one_line(store: Store) -> None:
    async with store.write() as tx:
        assert await announce(tx, listing(1), listing(1)) == 1


async def test_a_line_keeps_when_it_was_first_seen(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1))
        await announce(tx, listing(1), seen_at=NOON + DAY)
        (candidate,) = await tx.papers.candidates(seen_after=NOON - HOUR, seen_until=NOON + 2 * DAY)
    assert candidate.seen_at == NOON


async def test_a_failed_fetch_keeps_the_validators_of_the_last_answer(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), validators=Validators("etag", "yesterday"))
        down = announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 503", fetched_at=NOON + HOUR)
        assert await tx.announcements.record(down, []) == 0
        (record,) = await tx.announcements.of_day(HF, TODAY)
        assert (record.state, record.detail) == (AnnouncementState.SOURCE_DOWN.value, "HTTP 503")
        assert record.validators == Validators("etag", "yesterday")
        await announce(tx, listing(1), validators=Validators(None, "today"))
        (record,) = await tx.announcements.of_day(HF, TODAY)
        assert record.validators == Validators(None, "today")


async def test_resources_of_one_day_keep_records_of_their_own(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), resource="cs.RO", validators=Validators("b", None))
        await announce(tx, listing(2), resource="cs.CV", validators=Validators("a", None))
        records = await tx.announcements.of_day(HF, TODAY)
    assert [(each.resource, each.validators) for each in records] == [
        ("cs.CV", Validators("a", None)),
        ("cs.RO", Validators("b", None)),
    ]
    assert [each.papers for each in records] == [2, 2]


async def test_the_latest_records_are_those_fetched_last(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, seen_at=NOON, announced_on=TODAY)
        await announce(tx, seen_at=NOON + HOUR, announced_on=TODAY - DAY)
        await announce(tx, seen_at=NOON + 2 * HOUR, announced_on=TODAY, source=SourceName.ARXIV)
        latest = await tx.announcements.latest(limit=2)
        assert len(await tx.announcements.latest()) == 3
    assert [(each.source, each.announced_on) for each in latest] == [(SourceName.ARXIV, TODAY), (HF, TODAY - DAY)]


async def test_other_days_and_sources_are_not_of_this_day(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, listing(1), announced_on=TODAY - DAY)
        await announce(tx, listing(2), source=SourceName.ARXIV)
        assert await tx.announcements.of_day(HF, TODAY) == []
        assert await tx.announcements.known_papers(HF, TODAY) == set()


async def test_upvotes_are_kept_when_they_change(store: Store) -> None:
    async with store.write() as tx:
        for hours, upvotes in enumerate([3, 3, 4, None, 4, 2]):
            await announce(tx, voted(1, upvotes), seen_at=NOON + hours * HOUR)
        counts = await tx.papers.votes(since=NOON, until=NOON + DAY)
    assert [(each.seen_at, each.upvotes) for each in counts] == [(NOON, 3), (NOON + 2 * HOUR, 4), (NOON + 5 * HOUR, 2)]


async def test_a_late_answer_is_compared_with_what_came_before_it(store: Store) -> None:
    async with store.write() as tx:
        await announce(tx, voted(1, 3), seen_at=NOON)
        await announce(tx, voted(1, 9), seen_at=NOON + 2 * HOUR)
        await announce(tx, voted(1, 3), seen_at=NOON + HOUR)
        assert len(await tx.papers.votes(since=NOON, until=NOON + DAY)) == 2


async def test_a_line_of_an_unknown_paper_is_refused(store: Store) -> None:
    unknown = Said(paper_id=paper_id(404), listing=listing(404), first_seen_at=NOON)
    with pytest.raises(Exception, match=r"unknown paper|(?i:foreign key)"):
        async with store.write() as tx:
            await tx.announcements.record(announcement(), [unknown])


async def test_a_source_is_left_alone_until_the_latest_instant_it_named(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.announcements.silent_until(SourceName.ARXIV) is None
        await tx.announcements.keep_silent(SourceName.ARXIV, NOON)
        await tx.announcements.keep_silent(SourceName.ARXIV, NOON + HOUR)
        await tx.announcements.keep_silent(SourceName.ARXIV, NOON - HOUR)
    async with store.read() as tx:
        assert await tx.announcements.silent_until(SourceName.ARXIV) == NOON + HOUR
        assert await tx.announcements.silent_until(HF) is None
