"""The local workspace: usable from the first minute, and every step may be repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import BadArgument, ChannelNotFound
from bot.model import AnnouncementState, EditionKind, Facts, MemberId, Origin, Role
from bot.services.ingest import take
from bot.services.local_workspace import FIRST_CHANNEL, LocalWorkspace
from bot.services.pools import Pools
from bot.services.reading import Reading
from bot.services.topic_entry import TopicEntry
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def local(store, clock):
    return LocalWorkspace(
        store,
        clock,
        Reading(
            store=store, clock=clock, lookup=None, entry=TopicEntry(store, has_meaning=False), pools=Pools(store=store)
        ),
    )


async def test_opening_a_channel_twice_changes_nothing(local, clock):
    first = await local.open_channel()
    clock.move(timedelta(hours=1))

    assert await local.open_channel() == first
    assert await local.channels() == [first]
    assert (first.name, first.created_at) == (FIRST_CHANNEL, MONDAY)


async def test_a_channel_may_be_named_with_its_sign(local):
    assert (await local.open_channel("#reading-group_2")).name == "reading-group_2"


@pytest.mark.parametrize("name", ["", "#", "two words", "a/b", "x" * 61, "<script>"])
async def test_a_name_that_cannot_stand_is_refused(local, name):
    with pytest.raises(BadArgument, match="letters, digits"):
        await local.open_channel(name)
    assert await local.channels() == []


async def test_whoever_comes_is_the_admin_unless_they_say_otherwise(local):
    await local.open_channel()

    assert (await local.member(None, None)).role is Role.ADMIN
    assert (await local.member(MemberId("nobody"), None)).role is Role.ADMIN
    assert (await local.member(MemberId("member"), None)).role is Role.MEMBER


async def test_the_zone_that_the_browser_tells_is_remembered(local):
    await local.open_channel()

    await local.member(None, "Europe/Berlin")
    await local.open_channel()

    assert (await local.member(None, None)).zone == "Europe/Berlin"
    assert (await local.member(MemberId("member"), None)).zone is None


async def test_the_command_line_speaks_as_a_member_in_a_channel_that_is_there(local):
    await local.open_channel("robots")
    caller = await local.caller("#robots", "member")

    assert (caller.channel_name, caller.channel.address, caller.member.role) == ("robots", "robots", Role.MEMBER)


async def test_a_channel_or_member_that_is_not_there_is_refused_with_those_that_are(local):
    with pytest.raises(ChannelNotFound, match=r"There is no #robts, only #papers\. `broadsheet channel add robts`"):
        await local.caller("robts", "admin")
    with pytest.raises(BadArgument, match="There is no member “grace”, only admin, member"):
        await local.caller("papers", "grace")
    assert [each.name for each in await local.channels()] == [FIRST_CHANNEL]


async def test_members_are_made_by_name_and_may_change_their_role(local):
    grace = await local.add_member("Grace  Hopper", Role.MEMBER)

    assert (grace.id, grace.name, grace.role) == ("grace-hopper", "Grace Hopper", Role.MEMBER)
    assert (await local.add_member("grace hopper", Role.ADMIN)).name == "Grace Hopper"
    assert (await local.caller("papers", "Grace Hopper")).member.role is Role.ADMIN
    assert [each.name for each in await local.members()] == ["Editor", "Grace Hopper", "Reader"]
    with pytest.raises(BadArgument, match="letters, digits"):
        await local.add_member("<script>", Role.MEMBER)


async def test_a_channel_is_removed_but_never_the_first(local):
    await local.open_channel()
    await local.open_channel("robots")

    assert (await local.remove_channel("#robots")).name == "robots"
    assert [each.name for each in await local.channels()] == [FIRST_CHANNEL]
    with pytest.raises(ChannelNotFound):
        await local.remove_channel("robots")
    with pytest.raises(BadArgument, match="cannot be removed"):
        await local.remove_channel(FIRST_CHANNEL)


async def test_the_newest_days_best_ten_stand_in_a_new_channel_once(local, store):
    await take(store, announcement(*(listing(number, facts=Facts(upvotes=number)) for number in range(1, 13))))
    channel = await local.open_channel()

    assert await local.post_today(channel.ref) is True
    assert await local.post_today(channel.ref) is False

    async with store.read() as tx:
        [welcome] = await tx.editions.of_channel(channel.ref, limit=5)
        deliveries = await tx.deliveries.latest(channel=channel.ref, limit=50)
    assert welcome.kind is EditionKind.WELCOME
    assert [pick.paper_id for pick in welcome.picks] == [f"arxiv:2605.{number:05d}" for number in range(12, 2, -1)]
    assert len(deliveries) == 10


async def test_without_papers_nothing_is_posted_and_it_may_be_tried_later(local, store):
    channel = await local.open_channel()
    assert await local.post_today(channel.ref) is False

    await take(store, announcement(listing(1)))

    assert await local.post_today(channel.ref) is True


async def test_the_page_says_when_it_shows_the_sample_edition(local, store):
    assert list(await local.notices()) == []
    await take(store, announcement(listing(1), origin=Origin.SAMPLE))

    [notice] = await local.notices()

    assert notice.text.startswith("Sample edition")


async def test_the_page_says_which_source_is_down_although_older_papers_are_there(local, store):
    await take(store, announcement(listing(1)))
    assert await local.notices() == ()

    down = {"state": AnnouncementState.SOURCE_DOWN, "detail": "HTTP 503", "fetched_at": MONDAY + timedelta(days=1)}
    await take(store, announcement(announced_on=DAY + timedelta(days=1), **down))

    [notice] = await local.notices()
    assert "Hugging Face could not be read: HTTP 503" in notice.text
