"""Planning digests: what is due gets its edition once, and nothing old ever floods a channel."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.merging import enriched
from bot.model import (
    WEEKDAYS,
    Alert,
    EditionKind,
    Facts,
    Layout,
    Member,
    MemberId,
    Origin,
    PaperId,
    Schedule,
    Stage,
)
from bot.services.digest import PlanDigests
from bot.services.ingest import take
from bot.services.pools import Pools
from tests.contract.samples import HOME, channel, subscription
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)
ONE_DAY = timedelta(days=1)
NOON = Schedule(time(12), "UTC")


class Newsroom:
    """A store, a clock and the planner over them."""

    def __init__(self):
        self.store = MemoryStore()
        self.clock = FrozenClock()
        self.wakes = 0
        self.plan = PlanDigests(store=self.store, clock=self.clock, wake=self._wake, pools=Pools(store=self.store))

    def _wake(self):
        self.wakes += 1

    async def open(self, *refs):
        async with self.store.write() as tx:
            for ref in refs:
                await tx.channels.add_workspace(ref.workspace, ref.platform, MONDAY)
                await tx.channels.add(channel(ref, ref.address))

    async def subscribe(self, name="all", **changes):
        """A subscription that is due now, and took everything up to yesterday."""
        order = {
            "topic": "*",
            "schedule": NOON,
            "settle": timedelta(0),
            "layout": Layout.CARDS,
            "created_at": MONDAY - 30 * ONE_DAY,
            "cut_until_at": MONDAY - ONE_DAY,
            "next_due_at": MONDAY,
        }
        async with self.store.write() as tx:
            return await tx.subscriptions.add(subscription(name, **{**order, **changes}))

    async def reschedule(self, schedule, next_due_at):
        """What an edit leaves."""
        async with self.store.write() as tx:
            moved = replace(await tx.subscriptions.get(HOME, "all"), schedule=schedule, next_due_at=next_due_at)
            await tx.subscriptions.replace(moved)

    async def announce(self, *numbers, at=MONDAY - HOUR, upvotes=None, **changes):
        rows = [listing(number, facts=Facts(upvotes=upvotes)) for number in numbers]
        await take(self.store, announcement(*rows, fetched_at=at, **changes))

    async def editions(self, ref=HOME):
        async with self.store.read() as tx:
            return list(reversed(await tx.editions.of_channel(ref, limit=50)))

    async def deliveries(self, ref=HOME):
        async with self.store.read() as tx:
            return await tx.deliveries.latest(channel=ref, limit=100)

    async def standing(self, name="all", ref=HOME):
        async with self.store.read() as tx:
            return await tx.subscriptions.get(ref, name)


@pytest.fixture
async def room():
    made = Newsroom()
    await made.open(HOME)
    return made


def picks(edition):
    return [pick.paper_id for pick in edition.picks]


def ids(*numbers):
    return [PaperId(f"arxiv:2605.{number:05d}") for number in numbers]


async def test_what_is_due_gets_its_edition_with_its_deliveries(room):
    await room.subscribe()
    await room.announce(1, 2)

    assert await room.plan() == 1

    [edition] = await room.editions()
    assert picks(edition) == ids(1, 2)
    assert edition.kind is EditionKind.DIGEST
    assert len(await room.deliveries()) == 2
    assert room.wakes == 1


async def test_an_edition_tells_whom_its_subscription_tells(room):
    await room.subscribe(alert=Alert(role="4242", is_silent=True))
    await room.announce(1)
    await room.plan()

    [edition] = await room.editions()
    assert edition.alert == Alert(role="4242", is_silent=True)


async def test_what_is_not_due_yet_waits(room):
    await room.subscribe(next_due_at=MONDAY + timedelta(seconds=1))
    await room.announce(1)

    assert await room.plan() == 0
    assert await room.editions() == []
    assert room.wakes == 0


async def test_the_cursor_and_the_next_due_time_move_with_the_edition(room):
    await room.subscribe()
    await room.announce(1)

    await room.plan()

    standing = await room.standing()
    assert standing.cut_until_at == MONDAY
    assert standing.next_due_at == MONDAY + ONE_DAY


async def test_an_edition_is_of_the_local_day_on_which_it_was_due_however_late_it_is_made(room):
    nine_in_auckland = datetime(2026, 5, 10, 21, tzinfo=UTC)
    await room.subscribe(schedule=Schedule(time(9), "Pacific/Auckland"), next_due_at=nine_in_auckland)
    await room.announce(1, at=nine_in_auckland - HOUR)
    room.clock.set(nine_in_auckland + 5 * HOUR)

    await room.plan()

    [edition] = await room.editions()
    assert (edition.local_on, edition.due_at, edition.late) == (date(2026, 5, 11), nine_in_auckland, True)
    assert (await room.standing()).next_due_at == datetime(2026, 5, 11, 21, tzinfo=UTC)


async def test_two_ticks_in_a_row_make_one_edition(room):
    await room.subscribe()
    await room.announce(1)

    assert await room.plan() == 1
    room.clock.move(timedelta(seconds=30))
    assert await room.plan() == 0

    assert len(await room.editions()) == 1
    assert len(await room.deliveries()) == 1


async def test_two_planners_at_once_make_one_edition_and_the_cursor_stays_ahead(room):
    await room.subscribe()
    await room.announce(1)

    assert sorted(await asyncio.gather(room.plan(), room.plan())) == [0, 1]

    assert len(await room.editions()) == 1
    assert (await room.standing()).cut_until_at == MONDAY


async def test_a_paper_that_is_listed_again_the_next_day_does_not_come_twice(room):
    await room.subscribe()
    await room.announce(1)
    await room.plan()
    await room.announce(1, 2, at=MONDAY + HOUR, announced_on=DAY + ONE_DAY)
    room.clock.move(ONE_DAY)

    await room.plan()

    _, second = await room.editions()
    assert picks(second) == ids(2)
    assert second.left_out[Stage.SEEN_BEFORE] == tuple(ids(1))


async def test_after_days_of_downtime_there_is_one_merged_digest(room):
    await room.subscribe()
    await room.announce(1)
    await room.announce(2, at=MONDAY + ONE_DAY, announced_on=DAY + ONE_DAY)
    room.clock.move(3 * ONE_DAY)

    assert await room.plan() == 1
    assert await room.plan() == 0

    *missed, edition = await room.editions()
    assert [each.skipped for each in missed] == ["Broadsheet was not running"] * 3
    assert sorted(picks(edition)) == ids(1, 2)
    assert "There was no digest on" in edition.notes[0]


@pytest.mark.parametrize("origin", [Origin.REPLAY, Origin.BACKFILL, Origin.SAMPLE])
async def test_only_live_announcements_make_candidates(room, origin):
    await room.subscribe()
    await room.announce(1, 2, 3, origin=origin)

    await room.plan()

    [edition] = await room.editions()
    assert picks(edition) == []
    assert edition.left_out == {}
    assert await room.deliveries() == []


async def test_papers_known_before_the_cut_are_no_backlog(room):
    await room.subscribe(cut_until_at=MONDAY - HOUR)
    await room.announce(1, at=MONDAY - 2 * HOUR)

    await room.plan()

    [edition] = await room.editions()
    assert picks(edition) == []


async def test_what_fell_below_the_cut_does_not_come_back(room):
    await room.subscribe(size=1)
    await room.announce(1, upvotes=1)
    await room.announce(2, upvotes=50)
    await room.plan()
    room.clock.move(ONE_DAY)

    await room.plan()

    first, second = await room.editions()
    assert picks(first) == ids(2)
    assert first.left_out == {Stage.BELOW_CUT: tuple(ids(1))}
    assert picks(second) == []


async def test_a_paper_that_must_settle_comes_with_a_later_edition(room):
    await room.subscribe(settle=6 * HOUR)
    await room.announce(1)
    await room.plan()
    room.clock.move(ONE_DAY)

    await room.plan()

    first, second = await room.editions()
    assert (picks(first), picks(second)) == ([], ids(1))
    assert first.left_out == {Stage.SETTLING: tuple(ids(1))}


async def test_a_paper_whose_categories_come_late_reaches_the_topic_that_names_them_once(room):
    await room.subscribe(topic="cs.CL")
    await room.announce(1)
    await room.plan()
    await categorise(room, 1, "cs.CL", at=MONDAY + 3 * HOUR)
    for _ in range(3):
        room.clock.move(ONE_DAY)
        await room.plan()

    editions = await room.editions()
    assert [picks(each) for each in editions] == [[], ids(1), [], []]
    assert (editions[0].left_out, editions[0].decided) == ({}, 1)


async def test_late_categories_do_not_bring_a_paper_to_those_who_decided_upon_it(room):
    await room.subscribe(size=1)
    await room.announce(1, upvotes=1)
    await room.announce(2, upvotes=50)
    await room.plan()
    await categorise(room, 1, "cs.CL", at=MONDAY + HOUR)
    room.clock.move(ONE_DAY)

    await room.plan()

    assert [picks(each) for each in await room.editions()] == [ids(2), []]


async def categorise(room, number, category, *, at):
    async with room.store.write() as tx:
        [key] = ids(number)
        paper = await tx.papers.get(key)
        await tx.papers.save([enriched(paper, listing(number, categories=(category,)), at)], {})


async def test_two_subscriptions_of_one_channel_do_not_post_a_paper_twice(room):
    await room.subscribe("all")
    await room.subscribe("studies", topic="study")
    await room.announce(1)

    assert await room.plan() == 2

    assert sorted(picks(each) for each in await room.editions()) == [[], ids(1)]


async def test_two_channels_each_get_the_paper(room):
    elsewhere = replace(HOME, address="elsewhere")
    await room.open(elsewhere)
    await room.subscribe()
    await room.subscribe(channel=elsewhere)
    await room.announce(1)

    await room.plan()

    for ref in (HOME, elsewhere):
        [edition] = await room.editions(ref)
        assert picks(edition) == ids(1)


async def test_one_subscription_that_cannot_be_planned_does_not_stop_the_others(room):
    await room.subscribe("broken", topic="(", next_due_at=MONDAY - HOUR)
    await room.subscribe("sound")
    await room.announce(1)

    assert await room.plan() == 1

    broken, sound = sorted(await room.editions(), key=lambda each: each.name)
    assert (sound.name, picks(sound)) == ("sound", ids(1))
    assert "planning failed" in broken.skipped


async def test_an_edition_keeps_the_name_and_the_topic_under_which_it_was_chosen(room):
    made = await room.subscribe("studies", topic="study")
    await room.announce(1)

    await room.plan()

    [edition] = await room.editions()
    assert (edition.subscription_id, edition.name, edition.topic) == (made.id, "studies", "study")
    assert "study" in edition.picks[0].why


async def test_a_weekend_makes_no_edition_and_loses_no_paper(room):
    saturday = datetime(2026, 5, 16, 12, tzinfo=UTC)
    room.clock.set(datetime(2026, 5, 15, 12, tzinfo=UTC))
    await room.subscribe(next_due_at=room.clock.now())
    await room.plan()
    await room.announce(1, at=saturday, announced_on=saturday.date())
    for _ in range(3):
        room.clock.move(ONE_DAY)
        await room.plan()

    friday, monday = await room.editions()
    assert (friday.local_on, monday.local_on) == (date(2026, 5, 15), date(2026, 5, 18))
    assert picks(monday) == ids(1)


async def next_day(room):
    room.clock.move(ONE_DAY)
    await room.plan()
    return picks((await room.editions())[-1])


async def test_a_paper_that_gathers_its_votes_later_is_posted_then_and_once(room):
    await room.subscribe(topic="upvotes:>=10")
    await room.announce(1, upvotes=3)
    await room.plan()
    await room.announce(1, upvotes=15, at=MONDAY + HOUR)

    assert [await next_day(room), await next_day(room)] == [ids(1), []]
    assert [picks(each) for each in await room.editions()] == [[], ids(1), []]


async def test_votes_that_come_after_a_week_come_too_late(room):
    await room.subscribe(topic="upvotes:>=10", schedule=Schedule(time(12), "UTC", WEEKDAYS))
    await room.announce(1, upvotes=3)
    await room.plan()
    for _ in range(7):
        await next_day(room)
    await room.announce(1, upvotes=15, at=MONDAY + 7 * ONE_DAY + HOUR)

    assert await next_day(room) == []


async def test_what_fell_below_the_cut_when_its_votes_came_is_gone(room):
    await room.subscribe(topic="upvotes:>=10", size=1)
    await room.announce(1, 2, upvotes=3)
    await room.plan()
    await room.announce(1, upvotes=15, at=MONDAY + HOUR)
    await room.announce(2, upvotes=90, at=MONDAY + HOUR)

    assert [await next_day(room), await next_day(room)] == [ids(2), []]


async def test_an_edited_topic_brings_no_backlog_of_what_moves(room):
    standing = await room.subscribe(topic="upvotes:>=10")
    await room.announce(1, upvotes=3)
    await room.plan()
    async with room.store.write() as tx:
        await tx.subscriptions.replace(replace(await room.standing(), topic="upvotes:>=1"))
    await room.announce(2, upvotes=3, at=MONDAY + HOUR)

    assert standing.topic != (await room.standing()).topic
    assert await next_day(room) == ids(2)


async def test_a_re_upload_is_not_posted_again_within_the_month(room):
    await room.subscribe()
    title = "A unified theory of speculative decoding for agents"
    await take(room.store, announcement(listing(1, title), fetched_at=MONDAY - HOUR))
    await room.plan()
    again = listing(2, f"{title} again", authors=("Alan Turing",))
    tuesday = announcement(again, fetched_at=MONDAY + HOUR, announced_on=DAY + ONE_DAY)
    await take(room.store, tuesday)

    assert await next_day(room) == []
    assert (await room.editions())[-1].left_out == {Stage.NEAR_DUPLICATE: tuple(ids(2))}


async def test_votes_of_the_own_workspace_decide_where_a_topic_counts_them(room):
    await room.subscribe(topic="votes:>=1")
    await room.announce(1, 2)
    member = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada")
    async with room.store.write() as tx:
        await tx.channels.put_member(member)
        await tx.marks.vote(member, ids(2)[0], MONDAY)
    await room.plan()

    assert [picks(each) for each in await room.editions()] == [ids(2)]
