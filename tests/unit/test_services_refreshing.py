"""Keeping up with the sources: what is due is asked for once, politely, and one source never stops the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import AnnouncementState, Origin, SourceName
from bot.refresh import BACKFILL_DAYS, CATCH_UP_DAYS
from bot.services.refreshing import Refresh
from tests.contract.samples import HOME, channel, subscription
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

MINUTE = timedelta(minutes=1)


class World:
    """Both sources; `down` names those that do not answer, `asked` holds every request by source."""

    def __init__(self, clock):
        self.clock = clock
        self.down = {}
        self.asked = {SourceName.HUGGING_FACE: [], SourceName.ARXIV: []}
        self.sources = {name: Asked(self, name) for name in self.asked}

    def days(self, name):
        return [request.on for request in self.asked[name]]


class Asked:
    def __init__(self, world, name):
        self.world = world
        self.name = name

    async def fetch(self, request):
        self.world.asked[self.name].append(request)
        told = {
            "source": self.name,
            "announced_on": request.on,
            "fetched_at": self.world.clock.now(),
            "origin": request.origin,
            "resource": "+".join(request.categories),
        }
        if self.name in self.world.down:
            retry_at = self.world.down[self.name]
            return announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 503", retry_at=retry_at, **told)
        return announcement(listing(request.on.toordinal() % 99_999), **told)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def world(clock):
    return World(clock)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def refresh(store, clock, world):
    return Refresh(store=store, clock=clock, sources=world.sources, categories=("cs.CL",))


async def test_the_first_pass_asks_for_the_last_week_and_the_feed(refresh, world):
    taken = await refresh()

    assert world.days(SourceName.HUGGING_FACE) == [DAY - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1)]
    assert [request.categories for request in world.asked[SourceName.ARXIV]] == [("cs.CL",)]
    assert len(taken) == CATCH_UP_DAYS + 2


async def test_on_a_first_start_only_the_open_day_can_make_candidates(refresh, world):
    await refresh()

    today, *older = world.asked[SourceName.HUGGING_FACE]
    assert today.origin is Origin.LIVE
    assert {request.origin for request in older} == {Origin.BACKFILL}


async def test_what_was_just_fetched_is_not_asked_for_again(refresh, world, clock):
    await refresh()
    clock.move(5 * MINUTE)
    asked = len(world.asked[SourceName.HUGGING_FACE])

    assert await refresh() == []
    assert len(world.asked[SourceName.HUGGING_FACE]) == asked


async def test_the_open_day_is_asked_for_again_because_it_grows(refresh, world, clock):
    await refresh()
    clock.move(16 * MINUTE)

    await refresh()

    assert world.days(SourceName.HUGGING_FACE)[CATCH_UP_DAYS + 1 :] == [DAY]


async def test_by_hand_the_open_day_is_asked_for_at_once(refresh, world):
    await refresh()
    await refresh(force=True)

    assert world.days(SourceName.HUGGING_FACE)[-1] == DAY
    assert len(world.asked[SourceName.ARXIV]) == 2


async def test_a_source_that_is_down_is_asked_once_and_does_not_stop_the_other(refresh, world):
    world.down = {SourceName.HUGGING_FACE: None}

    taken = await refresh()

    assert len(world.asked[SourceName.HUGGING_FACE]) == 1
    states = {each.announcement.source: each.announcement.state for each in taken}
    assert states == {
        SourceName.HUGGING_FACE: AnnouncementState.SOURCE_DOWN,
        SourceName.ARXIV: AnnouncementState.ANNOUNCED,
    }


async def test_a_source_that_asked_for_silence_is_not_asked_until_it_is_over(refresh, store, world, clock):
    async with store.write() as tx:
        await tx.announcements.keep_silent(SourceName.ARXIV, MONDAY + 10 * MINUTE)

    await refresh()
    assert world.asked[SourceName.ARXIV] == []
    assert world.asked[SourceName.HUGGING_FACE] != []

    clock.move(10 * MINUTE)
    await refresh()
    assert len(world.asked[SourceName.ARXIV]) == 1


async def test_the_silence_that_an_answer_asks_for_holds_for_the_next_pass(refresh, world, clock):
    world.down = {SourceName.ARXIV: MONDAY + 60 * MINUTE}
    await refresh()
    clock.move(30 * MINUTE)

    await refresh(force=True)

    assert len(world.asked[SourceName.ARXIV]) == 1


async def test_the_older_days_of_the_month_are_fetched_once_and_make_no_candidates(refresh, world):
    await refresh()
    brought = await refresh.backfill()

    assert len(brought) == BACKFILL_DAYS - CATCH_UP_DAYS
    assert {each.announcement.origin for each in brought} == {Origin.BACKFILL}
    assert await refresh.backfill() == []
    days = world.days(SourceName.HUGGING_FACE)
    assert len(days) == len(set(days)) == BACKFILL_DAYS + 1


async def test_fetching_older_days_ends_with_the_first_that_fails(refresh, world):
    world.down = {SourceName.HUGGING_FACE: None}

    assert len(await refresh.backfill()) == 1


async def test_older_days_are_not_fetched_from_a_source_that_asked_for_silence(refresh, world):
    world.down = {SourceName.HUGGING_FACE: MONDAY + 10 * MINUTE}
    await refresh()

    assert await refresh.backfill() == []
    assert len(world.asked[SourceName.HUGGING_FACE]) == 1


async def test_nothing_is_fetched_of_older_days_where_there_is_no_network(store, clock):
    refresh = Refresh(store=store, clock=clock, sources={}, categories=())

    assert await refresh.backfill() == []
    assert await refresh() == []


async def test_the_categories_that_subscriptions_name_are_fetched_too(refresh, store, world):
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
        await tx.subscriptions.add(subscription("robots", topic="cs.RO planning"))
        await tx.subscriptions.add(subscription("words", topic="quantization"))

    await refresh()

    assert [request.categories for request in world.asked[SourceName.ARXIV]] == [("cs.CL", "cs.RO")]


async def test_a_topic_that_can_no_longer_be_read_stops_no_source(refresh, store, world):
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
        await tx.subscriptions.add(subscription("of another release", topic="("))

    await refresh()

    assert all(world.asked.values())


async def test_days_that_were_missed_while_the_bot_was_down_are_live(refresh, world, clock):
    await refresh()
    clock.move(timedelta(days=2))

    await refresh()

    origins = {request.on: request.origin for request in world.asked[SourceName.HUGGING_FACE][CATCH_UP_DAYS + 1 :]}
    assert origins[DAY + timedelta(days=1)] is Origin.LIVE
    assert origins[DAY + timedelta(days=2)] is Origin.LIVE
