"""Editions: the contract of `bot.ports.Editions`."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from bot.errors import ChannelNotFound
from bot.ledger import WhenInDoubt
from bot.model import EditionKind, Layout, PaperId, Pause, Schedule, Stage, Weekday
from bot.ports import Advance, Store
from tests.contract.samples import (
    AWAY,
    DAY,
    HOME,
    NOON,
    TODAY,
    add_edition,
    channel,
    edition,
    paper,
    paper_id,
    parts,
    save_papers,
    subscription,
)

pytestmark = [pytest.mark.contract, pytest.mark.usefixtures("home")]


async def test_an_edition_comes_back_as_it_was_added(store: Store) -> None:
    await save_papers(store, 1, 2)
    given = edition(
        2,
        1,
        name="Robots",
        topic="cs.RO",
        layout=Layout.THREAD,
        left_out={Stage.BELOW_CUT: (paper_id(3), paper_id(4)), Stage.TOPIC: (paper_id(5),)},
    )
    async with store.write() as tx:
        edition_id = await tx.editions.add(given, parts("one", 3))
    async with store.read() as tx:
        assert edition_id is not None
        assert await tx.editions.by_ids([edition_id]) == {edition_id: given}
        assert [each.key for each in (await tx.deliveries.by_edition([edition_id]))[edition_id]] == [
            "one-0",
            "one-1",
            "one-2",
        ]
        assert await tx.editions.by_ids([404]) == {}


async def test_a_subscription_has_one_edition_a_day_and_kind(store: Store) -> None:
    await save_papers(store, 1, 2, 3)
    async with store.write() as tx:
        mine = (await tx.subscriptions.add(subscription())).id
        other = (await tx.subscriptions.add(subscription("other"))).id
        assert await tx.editions.add(edition(1, subscription_id=mine), parts("one", 1)) is not None
        assert await tx.editions.add(edition(2, subscription_id=mine), parts("two", 1)) is None
        assert await tx.editions.had(HOME, EditionKind.DIGEST) == {paper_id(1)}
        assert len(await tx.deliveries.latest(channel=None, limit=10)) == 1
        for number, free in enumerate(
            (
                edition(subscription_id=mine, local_on=TODAY + DAY),
                edition(subscription_id=mine, kind=EditionKind.SAMPLE),
                edition(subscription_id=other),
            )
        ):
            assert await tx.editions.add(free, parts(f"free{number}", 1)) is not None


async def test_editions_of_no_subscription_are_as_many_as_wanted(store: Store) -> None:
    async with store.write() as tx:
        for name in ("one", "two"):
            assert await tx.editions.add(edition(kind=EditionKind.WELCOME), parts(name, 1)) is not None


async def test_a_paper_is_picked_once_a_channel_and_kind(store: Store) -> None:
    await save_papers(store, 1, 2, 3)
    async with store.write() as tx:
        assert await tx.editions.add(edition(1, 2), parts("one", 1)) is not None
        assert await tx.editions.add(edition(3, 2), parts("two", 1)) is None
        assert await tx.editions.had(HOME, EditionKind.DIGEST) == {paper_id(1), paper_id(2)}
        assert len(await tx.editions.of_channel(HOME, limit=10)) == 1
        assert len(await tx.deliveries.latest(channel=HOME, limit=10)) == 1
        assert await tx.editions.add(edition(2, kind=EditionKind.SAMPLE), parts("sample", 1)) is not None
        assert await tx.editions.had(HOME, EditionKind.SAMPLE) == {paper_id(2)}


async def test_what_was_done_before_a_taken_edition_is_kept(store: Store) -> None:
    await save_papers(store, 1)
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        await tx.editions.add(edition(1), [])
        assert await tx.editions.add(edition(1), []) is None
        await tx.subscriptions.advance([Advance(added.id, NOON, NOON + DAY)])
    async with store.read() as tx:
        assert await tx.subscriptions.due(NOON, limit=1) == []
        assert len(await tx.editions.of_channel(HOME, limit=10)) == 1


async def test_two_tenants_have_the_same_paper_each(store: Store) -> None:
    await save_papers(store, 1)
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))
        assert await tx.editions.add(edition(1), parts("one", 1)) is not None
        assert await tx.editions.had(AWAY, EditionKind.DIGEST) == set()
        assert await tx.editions.of_channel(AWAY, limit=10) == []
        assert await tx.editions.stage_of(AWAY, paper_id(1)) == []
        assert await tx.deliveries.latest(channel=AWAY, limit=10) == []
        assert await tx.editions.add(edition(1, channel=AWAY), parts("two", 1)) is not None
        assert len(await tx.editions.of_channel(HOME, limit=10)) == 1


async def test_an_edition_of_an_unknown_channel_is_refused(store: Store) -> None:
    async with store.write() as tx:
        with pytest.raises(ChannelNotFound):
            await tx.editions.add(edition(channel=AWAY), parts("one", 1))


async def test_a_delivery_key_is_used_once(store: Store) -> None:
    await add_edition(store, "one", 1)
    with pytest.raises(Exception, match=r"already|(?i:unique)"):
        await add_edition(store, "one", 1)
    async with store.read() as tx:
        assert len(await tx.editions.of_channel(HOME, limit=10)) == 1


async def test_a_channels_editions_come_newest_first(store: Store) -> None:
    async with store.write() as tx:
        for days in range(3):
            await tx.editions.add(edition(local_on=TODAY + days * DAY), [])
        newest = await tx.editions.of_channel(HOME, limit=2)
    assert [each.local_on for each in newest] == [TODAY + 2 * DAY, TODAY + DAY]


async def test_the_stage_at_which_a_paper_left_is_told_for_each_edition(store: Store) -> None:
    await save_papers(store, 1, 2)
    first = edition(2, left_out={Stage.SETTLING: (paper_id(1),)})
    second = edition(1, local_on=TODAY + DAY, left_out={Stage.SEEN_BEFORE: (paper_id(2),)})
    third = edition(local_on=TODAY + 2 * DAY, left_out={Stage.SEEN_BEFORE: (paper_id(2), paper_id(1))})
    async with store.write() as tx:
        for each in (first, second, third):
            await tx.editions.add(each, [])
        assert await tx.editions.stage_of(HOME, paper_id(1)) == [
            (third, Stage.SEEN_BEFORE),
            (second, Stage.PICKED),
            (first, Stage.SETTLING),
        ]
        assert await tx.editions.stage_of(HOME, paper_id(404)) == []


async def test_the_stage_is_told_by_any_key_even_after_a_better_id(store: Store) -> None:
    old = PaperId("title:paper one")
    left = edition(left_out={Stage.TOPIC: (old,)})
    async with store.write() as tx:
        await tx.papers.save([replace(paper(1), id=old)], {})
        await tx.editions.add(left, [])
        await tx.papers.rekey(old, paper_id(1))
        for key in (old, paper_id(1)):
            assert await tx.editions.stage_of(HOME, key) == [(left, Stage.TOPIC)]


async def test_what_a_channel_had_lately_is_told_by_kind_and_due_time(store: Store) -> None:
    await save_papers(store, 1, 2, 3, 4)
    async with store.write() as tx:
        await tx.editions.add(edition(1, due_at=NOON - 2 * DAY), [])
        await tx.editions.add(edition(3, 2), [])
        await tx.editions.add(edition(4, kind=EditionKind.SAMPLE), [])
        here = await tx.subscriptions.add(subscription())
        found = await tx.editions.lately_had([here], NOON - DAY)
        nobody = await tx.editions.lately_had([], NOON - DAY)
    told = {place: [each.id for each in papers] for place, papers in found.items()}
    digests, samples = (HOME, EditionKind.DIGEST), (HOME, EditionKind.SAMPLE)
    assert told == {digests: [paper_id(2), paper_id(3)], samples: [paper_id(4)]}
    assert nobody == {}


async def test_the_digests_of_one_subscription_are_told_newest_first(store: Store) -> None:
    async with store.write() as tx:
        one = (await tx.subscriptions.add(subscription("one"))).id
        other = (await tx.subscriptions.add(subscription("other"))).id
        for number, (whose, kind) in enumerate([(one, "digest"), (one, "sample"), (other, "digest"), (one, "digest")]):
            due_at = NOON + number * DAY
            told = {"due_at": due_at, "local_on": due_at.date(), "kind": EditionKind(kind), "subscription_id": whose}
            await tx.editions.add(edition(**told), [])
        found = await tx.editions.of_subscription(one, since=NOON)
        newest = await tx.editions.of_subscription(one, since=NOON + DAY)
    assert [each.due_at for each in found] == [NOON + 3 * DAY, NOON]
    assert [each.due_at for each in newest] == [NOON + 3 * DAY]


# --- planning many at once -------------------------------------------------------------------------------------------


async def test_many_editions_are_stored_at_once_and_a_date_that_is_taken_is_passed_over(store: Store) -> None:
    await save_papers(store, 1, 2)
    async with store.write() as tx:
        one = (await tx.subscriptions.add(subscription("one"))).id
        two = (await tx.subscriptions.add(subscription("two"))).id
        await tx.editions.add(edition(subscription_id=one), [])
        made = [
            (edition(1, subscription_id=one), [(0, "one-0")]),
            (edition(2, subscription_id=two, decided=7, late=True, notes=("late",)), [(0, "two-0"), (1, "two-1")]),
            (edition(subscription_id=two, local_on=TODAY + DAY, skipped="nobody was there"), []),
        ]
        taken, second, third = await tx.editions.add_all(made)
        assert taken is None
        assert await tx.editions.by_ids([second, third]) == {second: made[1][0], third: made[2][0]}
        assert [each.key for each in (await tx.deliveries.by_edition([second]))[second]] == ["two-0", "two-1"]
        assert await tx.editions.had(HOME, EditionKind.DIGEST) == {paper_id(2)}


async def test_accounts_bring_editions_with_their_deliveries(store: Store) -> None:
    await save_papers(store, 1)
    async with store.write() as tx:
        await tx.editions.add(edition(1), [(0, "one-0")])
        await tx.editions.add(edition(kind=EditionKind.SAMPLE), [])
        await tx.editions.add(edition(local_on=TODAY + DAY, skipped="paused by Ada"), [])
        newest, older = await tx.editions.accounts(HOME, limit=5)
        [of_day] = await tx.editions.of_day(TODAY)
    assert (newest.edition.skipped, newest.outcome.value) == ("paused by Ada", "skipped")
    assert ([each.key for each in older.deliveries], older.outcome.value) == (["one-0"], "under way")
    assert of_day == older


async def test_what_was_skipped_since_the_last_edition_is_told(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        for number, why in enumerate(["", "down", "", "down", "paused"]):
            due_at = NOON + number * DAY
            told = {"due_at": due_at, "local_on": due_at.date(), "subscription_id": added.id, "skipped": why}
            await tx.editions.add(edition(**told), [])
        found = await tx.editions.skipped([added])
    assert [each.due_at for each in found[added.id]] == [NOON + 3 * DAY, NOON + 4 * DAY]


async def test_strikes_are_counted_by_edition_and_taken_back(store: Store) -> None:
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())
        edition_id = await tx.editions.add(edition(subscription_id=added.id), [])
        assert [(await tx.subscriptions.strike(edition_id)).strikes for _ in range(2)] == [1, 2]
        await tx.subscriptions.clear_strikes(edition_id)
        assert (await tx.subscriptions.get(HOME, added.name)).strikes == 0
        orphan = await tx.editions.add(edition(local_on=TODAY + DAY), [])
        assert await tx.subscriptions.strike(orphan) is None


async def test_a_subscription_keeps_its_schedule_its_pause_and_its_quiet_line(store: Store) -> None:
    schedule = Schedule(time(9), "Asia/Tokyo", tuple(Weekday), 31, roundup=True)
    pause = Pause(NOON, "paused by Ada", TODAY + DAY)
    async with store.write() as tx:
        order = subscription(schedule=schedule, pause=pause, tells_quiet=True, strikes=2)
        added = await tx.subscriptions.add(order)
        assert (added.schedule, added.pause, added.tells_quiet, added.strikes) == (schedule, pause, True, 2)
        assert await tx.subscriptions.standing([added]) == {added.id: [added]}
        assert await tx.subscriptions.page(after=0, limit=9) == [added]
        assert await tx.subscriptions.page(after=added.id, limit=9) == []


async def test_a_workspace_has_one_contact_and_a_channel_its_rule(store: Store) -> None:
    async with store.write() as tx:
        assert await tx.channels.contact(HOME.workspace) is None
        await tx.channels.set_contact(HOME)
        assert (await tx.channels.contact(HOME.workspace)).ref == HOME
        assert await tx.channels.when_in_doubt(HOME) is WhenInDoubt.NEVER_TWICE
        await tx.channels.prefer(HOME, WhenInDoubt.NEVER_LOST)
        assert await tx.channels.when_in_doubt(HOME) is WhenInDoubt.NEVER_LOST
        assert [each.ref for each in await tx.channels.called(HOME.address)] == [HOME]
