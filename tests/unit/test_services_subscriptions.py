"""Subscribing: a sample at once, no backlog, and plain words for what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.commands import Caller, Subscribe, Unsubscribe
from bot.errors import BadTopic, SubscriptionExists, SubscriptionNotFound
from bot.model import EditionKind, Facts, Layout, Member, MemberId, Origin, Schedule
from bot.services.digest import PlanDigests
from bot.services.ingest import take
from bot.services.pools import Pools
from bot.services.subscriptions import SAMPLE_SIZE, Subscribing
from bot.services.topic_entry import TopicEntry
from tests.contract.samples import HOME, channel
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

ADA = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", zone="Europe/Berlin")
CALLER = Caller(HOME, "general", ADA)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
async def store():
    made = MemoryStore()
    async with made.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
    return made


@pytest.fixture
def subscribing(store, clock):
    async def fetched():
        return ("cs", "stat.ML")

    return Subscribing(
        store=store,
        clock=clock,
        categories=fetched,
        zone="Asia/Tokyo",
        entry=TopicEntry(store, has_meaning=False),
        pools=Pools(store=store),
    )


async def announce(store, *numbers, **changes):
    rows = [listing(number, categories=("cs.CL",), facts=Facts(upvotes=number)) for number in numbers]
    await take(store, announcement(*rows, **changes))


async def editions(store):
    async with store.read() as tx:
        return list(reversed(await tx.editions.of_channel(HOME, limit=20)))


def picks(edition):
    return [pick.paper_id for pick in edition.picks]


async def test_the_first_subscribe_posts_the_best_three_of_the_last_days_at_once(store, subscribing):
    await announce(store, 1, 2, 3, 4, 5)

    made = await subscribing.subscribe(CALLER, Subscribe())

    assert made.sampled == SAMPLE_SIZE == 3
    [sample] = await editions(store)
    assert sample.kind is EditionKind.SAMPLE
    assert picks(sample) == ["arxiv:2605.00005", "arxiv:2605.00004", "arxiv:2605.00003"]
    async with store.read() as tx:
        assert len(await tx.deliveries.latest(channel=HOME, limit=20)) == 4


async def test_the_first_digest_holds_no_backlog(store, subscribing, clock):
    await announce(store, 1, 2, 3, 4, 5)
    made = await subscribing.subscribe(CALLER, Subscribe())
    clock.set(made.subscription.next_due_at)

    await PlanDigests(store=store, clock=clock, wake=lambda: None, pools=Pools(store=store))()

    _, digest = await editions(store)
    assert (digest.kind, picks(digest)) == (EditionKind.DIGEST, [])


async def test_a_sample_takes_nothing_away_from_a_digest(store, subscribing, clock):
    await announce(store, 1, origin=Origin.REPLAY)
    made = await subscribing.subscribe(CALLER, Subscribe())
    await announce(store, 1, announced_on=DAY + timedelta(days=1), fetched_at=MONDAY + timedelta(hours=1))
    clock.set(made.subscription.next_due_at)

    await PlanDigests(store=store, clock=clock, wake=lambda: None, pools=Pools(store=store))()

    sample, digest = await editions(store)
    assert picks(sample) == picks(digest) == ["arxiv:2605.00001"]


async def test_a_sample_is_no_larger_than_the_subscription(store, subscribing):
    await announce(store, 1, 2, 3)

    made = await subscribing.subscribe(CALLER, Subscribe(size=1))

    assert made.sampled == 1


async def test_recorded_days_make_a_sample_too(store, subscribing):
    await announce(store, 1, origin=Origin.REPLAY)

    assert (await subscribing.subscribe(CALLER, Subscribe())).sampled == 1


async def test_where_nothing_matches_there_is_no_sample(store, subscribing):
    await announce(store, 1)

    assert (await subscribing.subscribe(CALLER, Subscribe(topic="quasars"))).sampled == 0
    assert await editions(store) == []


async def test_an_empty_store_gives_no_sample(store, subscribing):
    assert (await subscribing.subscribe(CALLER, Subscribe())).sampled == 0
    assert await editions(store) == []


async def test_another_subscription_samples_what_the_channel_has_not_seen(store, subscribing):
    await announce(store, 1, 2, 3, 4, 5)

    await subscribing.subscribe(CALLER, Subscribe())
    second = await subscribing.subscribe(CALLER, Subscribe(topic="study"))

    first_sample, second_sample = await editions(store)
    assert second.sampled == 2
    assert not set(picks(first_sample)) & set(picks(second_sample))


async def test_stopping_and_subscribing_again_on_one_day_is_no_collision(store, subscribing):
    await announce(store, *range(1, 8))
    await subscribing.subscribe(CALLER, Subscribe())
    await subscribing.unsubscribe(CALLER, Unsubscribe("everything"))

    assert (await subscribing.subscribe(CALLER, Subscribe())).sampled == 3


@pytest.mark.parametrize(
    ("member_zone", "asked", "zone"),
    [
        ("Europe/Berlin", None, "Europe/Berlin"),
        (None, None, "Asia/Tokyo"),
        ("Europe/Berlin", "America/New_York", "America/New_York"),
    ],
    ids=["the member's", "the setting's", "the one that was named"],
)
async def test_the_zone_of_a_schedule_is(subscribing, member_zone, asked, zone):
    caller = replace(CALLER, member=replace(ADA, zone=member_zone))

    made = await subscribing.subscribe(caller, Subscribe(zone=asked))

    assert made.subscription.schedule == Schedule(time(9), zone)


async def test_everything_that_was_asked_for_is_kept(subscribing):
    asked = Subscribe(
        topic="quantization CS.cl",
        size=5,
        name="Robots",
        layout=Layout.LIST,
        settle=timedelta(hours=6),
        at=time(17, 30),
    )

    made = (await subscribing.subscribe(CALLER, asked)).subscription

    [kept] = await subscribing.of(CALLER)
    assert kept == made
    assert (kept.topic, kept.name, kept.size, kept.layout) == ("quantization cs.CL", "Robots", 5, Layout.LIST)
    assert (kept.settle, kept.created_by, kept.created_at) == (timedelta(hours=6), "ada", MONDAY)
    assert kept.next_due_at == datetime(2026, 5, 11, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(("topic", "name"), [("*", "everything"), ('cs.CL "in context"', "cs.CL in context")])
async def test_a_subscription_without_a_name_is_named_after_its_topic(subscribing, topic, name):
    assert (await subscribing.subscribe(CALLER, Subscribe(topic=topic))).subscription.name == name


async def test_a_name_that_is_taken_is_refused_in_any_case_and_leaves_nothing_behind(store, subscribing):
    await subscribing.subscribe(CALLER, Subscribe(name="Robots"))
    await announce(store, 1)

    with pytest.raises(SubscriptionExists):
        await subscribing.subscribe(CALLER, Subscribe(name="ROBOTS"))

    assert len(await subscribing.of(CALLER)) == 1
    assert await editions(store) == []


async def test_a_topic_that_cannot_be_read_changes_nothing(subscribing):
    with pytest.raises(BadTopic):
        await subscribing.subscribe(CALLER, Subscribe(topic="cs.CL OR (cs.RO"))

    assert await subscribing.of(CALLER) == []


async def test_a_category_that_nobody_had_asked_for_is_reported(subscribing):
    made = await subscribing.subscribe(CALLER, Subscribe(topic="math.OC cs.CL stat.ML"))

    assert made.new_categories == ("math.OC",)


async def test_unsubscribing_returns_what_was_stopped(subscribing):
    await subscribing.subscribe(CALLER, Subscribe(name="robots"))

    assert (await subscribing.unsubscribe(CALLER, Unsubscribe("Robots"))).name == "robots"
    assert await subscribing.of(CALLER) == []


async def test_unsubscribing_from_an_unknown_name_says_which_there_are(subscribing):
    await subscribing.subscribe(CALLER, Subscribe(name="robots"))
    await subscribing.subscribe(CALLER, Subscribe(name="vision", topic="cs.CV"))

    with pytest.raises(SubscriptionNotFound, match=r"no subscription called “robot”.*robots, vision"):
        await subscribing.unsubscribe(CALLER, Unsubscribe("robot"))


async def test_unsubscribing_where_there_is_none_says_so(subscribing):
    with pytest.raises(SubscriptionNotFound, match="There is none yet"):
        await subscribing.unsubscribe(CALLER, Unsubscribe("robots"))
