"""Workspaces, channels, members and subscriptions: never another tenant's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import ChannelNotFound, SubscriptionExists
from bot.model import ChannelRef, Layout, Member, MemberId, Platform, Role, Schedule, Weekday, WorkspaceId
from bot.ports import Advance, Store
from tests.contract.samples import AWAY, DAY, HOME, HOUR, NOON, channel, edition, parts, subscription

pytestmark = pytest.mark.contract


@pytest.fixture
async def away(store: Store, home: None) -> None:  # noqa: ARG001 - the first tenant comes first
    """Another tenant, with a channel of the very same address and name."""
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))


# --- channels and members --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
async def test_a_channel_that_is_known_stays_as_it_stands(store: Store) -> None:
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON + DAY)
        assert await tx.channels.add(channel(name="Another name")) == channel()
        assert await tx.channels.get(HOME) == channel()


async def test_a_channel_of_an_unknown_workspace_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match=r"unknown workspace|(?i:foreign key)"):
        async with store.write() as tx:
            await tx.channels.add(channel())


@pytest.mark.usefixtures("home")
async def test_a_channel_is_found_by_name_whatever_the_case(store: Store) -> None:
    async with store.read() as tx:
        assert await tx.channels.named(HOME.workspace, " gENERAL ") == channel()
        assert await tx.channels.named(HOME.workspace, "random") is None


@pytest.mark.usefixtures("home")
async def test_channels_are_listed_by_name(store: Store) -> None:
    names = ["zebra", "Älter", "apple", "Banana"]
    async with store.write() as tx:
        for name in names:
            await tx.channels.add(channel(replace(HOME, address=name), name))
        listed = await tx.channels.all(HOME.workspace)
    assert [each.name for each in listed] == ["apple", "Banana", "General", "zebra", "Älter"]


@pytest.mark.usefixtures("away")
async def test_tenants_see_their_own_channels_only(store: Store) -> None:
    async with store.read() as tx:
        assert await tx.channels.all(HOME.workspace) == [channel(HOME)]
        assert await tx.channels.named(AWAY.workspace, "general") == channel(AWAY)
        assert await tx.channels.get(AWAY) == channel(AWAY)
        assert await tx.channels.all(WorkspaceId("local:nobody")) == []
        assert await tx.channels.get(ChannelRef(Platform.LOCAL, WorkspaceId("local:nobody"), HOME.address)) is None


@pytest.mark.usefixtures("away")
async def test_a_member_is_put_and_replaced(store: Store) -> None:
    ada = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada")
    async with store.write() as tx:
        await tx.channels.put_member(ada)
        assert await tx.channels.member(HOME.workspace, ada.id) == ada
        promoted = replace(ada, role=Role.ADMIN, zone="Europe/London")
        await tx.channels.put_member(promoted)
        assert await tx.channels.member(HOME.workspace, ada.id) == promoted


@pytest.mark.usefixtures("away")
async def test_members_of_one_id_in_two_workspaces_are_two(store: Store) -> None:
    ada = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada")
    async with store.write() as tx:
        await tx.channels.put_member(ada)
        assert await tx.channels.member(AWAY.workspace, ada.id) is None
        other = replace(ada, workspace=AWAY.workspace, name="Another Ada")
        await tx.channels.put_member(other)
        assert await tx.channels.member(HOME.workspace, ada.id) == ada


# --- subscriptions ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
async def test_a_subscription_comes_back_as_it_was_added(store: Store) -> None:
    given = subscription(
        schedule=Schedule(at=subscription().schedule.at, zone="Asia/Kolkata", days=(Weekday.SUN, Weekday.MON)),
        layout=Layout.THREAD,
        settle=timedelta(minutes=90),
        cut_until_at=NOON - timedelta(microseconds=1),
    )
    async with store.write() as tx:
        added = await tx.subscriptions.add(given)
        assert added == replace(given, id=added.id)
        assert await tx.subscriptions.get(HOME, "ROBOTS") == added
        assert await tx.subscriptions.get(HOME, "birds") is None


@pytest.mark.usefixtures("away")
async def test_a_name_is_taken_once_a_channel_whatever_its_case(store: Store) -> None:
    async with store.write() as tx:
        await tx.subscriptions.add(subscription("Robots"))
        await tx.subscriptions.add(subscription("Robots", channel=AWAY))
        with pytest.raises(SubscriptionExists):
            await tx.subscriptions.add(subscription("robots"))
        assert len(await tx.subscriptions.of(HOME)) == 1


async def test_a_subscription_of_an_unknown_channel_is_refused(store: Store) -> None:
    async with store.write() as tx:
        with pytest.raises(ChannelNotFound):
            await tx.subscriptions.add(subscription())


@pytest.mark.usefixtures("away")
async def test_a_channels_subscriptions_are_listed_by_name(store: Store) -> None:
    async with store.write() as tx:
        for name in ("zebras", "Apes", "bees"):
            await tx.subscriptions.add(subscription(name))
        await tx.subscriptions.add(subscription("strangers", channel=AWAY))
        assert [each.name for each in await tx.subscriptions.of(HOME)] == ["Apes", "bees", "zebras"]


@pytest.mark.usefixtures("away")
async def test_a_tenant_cannot_reach_anothers_subscription(store: Store) -> None:
    async with store.write() as tx:
        await tx.subscriptions.add(subscription())
        assert await tx.subscriptions.get(AWAY, "Robots") is None
        assert await tx.subscriptions.remove(AWAY, "Robots") is None
        assert len(await tx.subscriptions.of(HOME)) == 1


@pytest.mark.usefixtures("home")
async def test_a_removed_subscription_leaves_what_it_posted(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        edition_id = await tx.editions.add(edition(subscription_id=added.id), parts("one", 1))
        assert edition_id is not None
        assert await tx.subscriptions.remove(HOME, "robots") == added
        assert await tx.subscriptions.get(HOME, "Robots") is None
        assert (await tx.editions.by_ids([edition_id]))[edition_id] == edition(subscription_id=None)
        assert len((await tx.deliveries.by_edition([edition_id]))[edition_id]) == 1


@pytest.mark.usefixtures("home")
async def test_a_name_is_free_again_after_removal_but_the_id_is_not(store: Store) -> None:
    async with store.write() as tx:
        first = await tx.subscriptions.add(subscription())
        await tx.subscriptions.remove(HOME, "Robots")
        second = await tx.subscriptions.add(subscription())
    assert second.id > first.id


@pytest.mark.usefixtures("away")
async def test_due_subscriptions_come_earliest_first(store: Store) -> None:
    async with store.write() as tx:
        for name, due in (("later", NOON + HOUR), ("now", NOON), ("early", NOON - HOUR)):
            await tx.subscriptions.add(subscription(name, next_due_at=due))
        await tx.subscriptions.add(subscription("theirs", channel=AWAY, next_due_at=NOON - DAY))
        due = await tx.subscriptions.due(NOON, limit=10)
        assert [each.name for each in due] == ["theirs", "early", "now"]
        assert [each.name for each in await tx.subscriptions.due(NOON, limit=1)] == ["theirs"]


@pytest.mark.usefixtures("home")
async def test_advancing_moves_the_cursor_and_the_due_time(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        await tx.subscriptions.advance([Advance(added.id, NOON, NOON + DAY)])
        await tx.subscriptions.advance([Advance(404, NOON, NOON + DAY)])
        assert await tx.subscriptions.due(NOON, limit=10) == []
        moved = await tx.subscriptions.get(HOME, "Robots")
    assert moved == replace(added, cut_until_at=NOON, next_due_at=NOON + DAY)


@pytest.mark.usefixtures("away")
async def test_replacing_keeps_the_id_the_making_and_the_cursor(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        wanted = subscription(
            "Birds",
            id=added.id,
            topic="bees",
            schedule=Schedule(at=added.schedule.at, zone="Asia/Kolkata", days=(Weekday.SUN,)),
            size=3,
            layout=Layout.LIST,
            settle=timedelta(0),
            next_due_at=NOON + DAY,
            created_at=NOON + DAY,
            created_by=MemberId("eve"),
            cut_until_at=NOON + DAY,
        )
        assert await tx.subscriptions.replace(wanted)
        kept = replace(
            wanted, created_at=added.created_at, created_by=added.created_by, cut_until_at=added.cut_until_at
        )
        assert list(await tx.subscriptions.of(HOME)) == [kept]


@pytest.mark.usefixtures("away")
async def test_replacing_may_respell_its_own_name_but_take_no_other(store: Store) -> None:
    async with store.write() as tx:
        first = await tx.subscriptions.add(subscription("Robots"))
        await tx.subscriptions.add(subscription("Birds"))
        await tx.subscriptions.add(subscription("Bees", channel=AWAY))
        assert await tx.subscriptions.replace(replace(first, name="ROBOTS"))
        with pytest.raises(SubscriptionExists):
            await tx.subscriptions.replace(replace(first, name="birds"))
        assert await tx.subscriptions.replace(replace(first, name="Bees"))
        assert [each.name for each in await tx.subscriptions.of(HOME)] == ["Bees", "Birds"]


@pytest.mark.usefixtures("away")
async def test_what_is_gone_or_anothers_is_not_replaced(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        assert not await tx.subscriptions.replace(replace(added, id=added.id + 1))
        assert not await tx.subscriptions.replace(replace(added, channel=AWAY, name="Stolen"))
        assert list(await tx.subscriptions.of(HOME)) == [added]


@pytest.mark.usefixtures("away")
async def test_topics_are_named_once(store: Store) -> None:
    async with store.write() as tx:
        await tx.subscriptions.add(subscription("one"))
        await tx.subscriptions.add(subscription("two", channel=AWAY))
        await tx.subscriptions.add(subscription("three", topic="bees"))
        assert set(await tx.subscriptions.topics()) == {"cs.RO", "bees"}


async def test_the_workspaces_of_a_platform_are_told_and_those_of_others_are_not(store):
    async with store.write() as tx:
        for workspace, platform in (("discord:2", Platform.DISCORD), ("slack:T1", Platform.SLACK)):
            await tx.channels.add_workspace(WorkspaceId(workspace), platform, NOON)
        await tx.channels.add_workspace(WorkspaceId("discord:1"), Platform.DISCORD, NOON)
    async with store.read() as tx:
        assert list(await tx.channels.workspaces(Platform.DISCORD)) == ["discord:1", "discord:2"]
