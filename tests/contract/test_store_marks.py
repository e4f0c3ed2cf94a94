"""Votes, saved papers, and who may change what: on every store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.model import ChangesBy, Mark, Member, MemberId, Role, WorkspaceId
from tests.contract.samples import (
    HOME,
    NOON,
    add_edition,
    channel,
    paper_id,
    save_papers,
    subscription,
)

pytestmark = pytest.mark.contract

ADA = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", role=Role.ADMIN)
BOB = Member(workspace=HOME.workspace, id=MemberId("bob"), name="Bob")
ELSEWHERE = WorkspaceId("local:elsewhere")
FIRST, SECOND = paper_id(1), paper_id(2)


@pytest.fixture
async def team(store):
    await save_papers(store, 1, 2)
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add_workspace(ELSEWHERE, HOME.platform, NOON)
        for member in (ADA, BOB):
            await tx.channels.put_member(member)
    return store


async def of(store, member, *papers):
    async with store.read() as tx:
        return dict(await tx.marks.of(member, papers))


async def test_a_member_has_one_vote_a_paper(team):
    async with team.write() as tx:
        assert await tx.marks.vote(ADA, FIRST, NOON)
        assert not await tx.marks.vote(ADA, FIRST, NOON)
        assert await tx.marks.vote(BOB, FIRST, NOON)
    assert await of(team, ADA, FIRST, SECOND) == {FIRST: Mark(FIRST, votes=2, voted=True)}


async def test_a_hundred_votes_of_one_member_at_once_are_one(team):
    async def vote():
        async with team.write() as tx:
            return await tx.marks.vote(ADA, FIRST, NOON)

    given = await asyncio.gather(*(vote() for _ in range(100)))
    assert sum(given) == 1
    assert (await of(team, ADA, FIRST))[FIRST].votes == 1


async def test_a_vote_can_be_taken_back(team):
    async with team.write() as tx:
        await tx.marks.vote(ADA, FIRST, NOON)
        await tx.marks.vote(BOB, FIRST, NOON)
        assert await tx.marks.unvote(ADA, FIRST)
        assert not await tx.marks.unvote(ADA, FIRST)
    assert await of(team, ADA, FIRST) == {FIRST: Mark(FIRST, votes=1)}


async def test_saved_papers_are_the_member_s_own_newest_first(team):
    async with team.write() as tx:
        assert await tx.marks.save(ADA, FIRST, NOON)
        assert await tx.marks.save(ADA, SECOND, NOON + timedelta(minutes=1))
        assert not await tx.marks.save(ADA, FIRST, NOON + timedelta(hours=1))
        assert await tx.marks.saved(ADA, limit=10) == [SECOND, FIRST]
        assert await tx.marks.saved(ADA, limit=1, offset=1) == [FIRST]
        assert await tx.marks.count_saved(ADA) == 2
        assert await tx.marks.saved(BOB, limit=10) == []
    assert await of(team, ADA, FIRST) == {FIRST: Mark(FIRST, saved=True)}
    assert await of(team, BOB, FIRST) == {}


async def test_a_saved_paper_can_be_taken_off(team):
    async with team.write() as tx:
        await tx.marks.save(ADA, FIRST, NOON)
        assert await tx.marks.unsave(ADA, FIRST)
        assert not await tx.marks.unsave(ADA, FIRST)
        assert await tx.marks.count_saved(ADA) == 0


async def test_marks_stay_within_their_workspace(team):
    other = Member(workspace=ELSEWHERE, id=MemberId("ada"), name="Another Ada")
    async with team.write() as tx:
        await tx.channels.put_member(other)
        await tx.marks.vote(ADA, FIRST, NOON)
        await tx.marks.save(ADA, FIRST, NOON)
    assert await of(team, other, FIRST) == {}


async def test_marks_follow_a_work_to_its_better_id(team):
    better = paper_id(99)
    async with team.write() as tx:
        await tx.marks.vote(ADA, FIRST, NOON)
        await tx.marks.save(ADA, FIRST, NOON)
        await tx.papers.rekey(FIRST, better)
    assert await of(team, ADA, better) == {better: Mark(better, votes=1, voted=True, saved=True)}


async def test_members_are_listed_by_name(team):
    async with team.read() as tx:
        assert await tx.channels.members(HOME.workspace) == [ADA, BOB]
        assert await tx.channels.members(ELSEWHERE) == []


async def test_everybody_may_change_subscriptions_until_a_workspace_says_otherwise(team):
    async with team.write() as tx:
        assert await tx.channels.changes_by(HOME.workspace) is ChangesBy.ANYONE
        await tx.channels.let_change(HOME.workspace, ChangesBy.ADMINS)
        assert await tx.channels.changes_by(HOME.workspace) is ChangesBy.ADMINS
        assert await tx.channels.changes_by(ELSEWHERE) is ChangesBy.ANYONE


async def test_a_removed_channel_leaves_nothing_behind(team):
    async with team.write() as tx:
        await tx.channels.add(channel())
        await tx.subscriptions.add(subscription())
    await add_edition(team, "gone", 2)
    async with team.write() as tx:
        assert await tx.channels.remove(HOME)
        assert not await tx.channels.remove(HOME)
        assert await tx.channels.get(HOME) is None
    async with team.write() as tx:
        await tx.channels.add(channel())
        assert await tx.subscriptions.of(HOME) == []
        assert await tx.editions.of_channel(HOME, limit=9) == []


async def test_votes_are_counted_by_workspace(team):
    async with team.write() as tx:
        for member in (ADA, BOB):
            await tx.marks.vote(member, FIRST, NOON)
        counted = await tx.marks.votes(HOME.workspace, [FIRST, SECOND])
        elsewhere = await tx.marks.votes(ELSEWHERE, [FIRST, SECOND])
    assert (dict(counted), dict(elsewhere)) == ({FIRST: 2}, {})
