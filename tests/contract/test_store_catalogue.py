"""Catalogue: papers by number and in the order of their changes, on every kind of store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.model import AnnounceType, PaperId
from bot.ports import Store
from bot.services.ingest import take
from tests.contract.samples import announcement, listing, paper, paper_id

pytestmark = pytest.mark.contract


async def save(store: Store, *numbers: int) -> None:
    async with store.write() as tx:
        await tx.papers.save([paper(each) for each in numbers], {})


async def test_every_paper_has_a_number_that_stays_and_one_that_grows_with_each_change(store: Store) -> None:
    await save(store, 1, 2)
    async with store.read() as tx:
        before = {each.paper.id: each for each in await tx.catalogue.since(0, limit=10)}
        last = await tx.catalogue.last()
    await save(store, 1)
    async with store.read() as tx:
        [changed] = await tx.catalogue.since(last, limit=10)
        assert await tx.catalogue.last() == changed.changed
    assert changed.paper.id == paper_id(1)
    assert changed.number == before[paper_id(1)].number
    assert changed.changed > last == max(each.changed for each in before.values())


async def test_changes_come_in_the_order_of_their_numbers_and_in_parts(store: Store) -> None:
    await save(store, *range(7))
    async with store.read() as tx:
        found, after = [], 0
        while part := await tx.catalogue.since(after, limit=3):
            found += part
            after = part[-1].changed
    assert [each.changed for each in found] == sorted(each.changed for each in found)
    assert {each.paper.id for each in found} == {paper_id(each) for each in range(7)}


async def test_a_paper_keeps_its_number_under_a_better_id_and_counts_as_changed(store: Store) -> None:
    nameless = PaperId("title:paper 1")
    async with store.write() as tx:
        await tx.papers.save([paper(1, id=nameless)], {})
    async with store.read() as tx:
        [before] = await tx.catalogue.since(0, limit=10)
    async with store.write() as tx:
        await tx.papers.rekey(nameless, paper_id(1))
    async with store.read() as tx:
        [after] = await tx.catalogue.since(before.changed, limit=10)
        assert await tx.catalogue.numbers([nameless, paper_id(1), paper_id(9)]) == dict.fromkeys(
            [nameless, paper_id(1)], before.number
        )
    assert (after.number, after.paper.id) == (before.number, paper_id(1))


async def test_papers_are_found_by_number_with_the_type_of_their_newest_announcement(store: Store) -> None:
    await take(store, announcement(listings=(listing(1, announce_type=AnnounceType.CROSS), listing(2))))
    await save(store, 3)
    async with store.read() as tx:
        numbers = await tx.catalogue.numbers([paper_id(each) for each in (1, 2, 3)])
        found = await tx.catalogue.numbered([*numbers.values(), 999_999])
        texts = await tx.catalogue.texts([*numbers.values(), 999_999])
    assert texts[numbers[paper_id(1)]] == ("Paper 1", "")
    assert set(texts) == set(found) == set(numbers.values())
    kinds = {each.paper.id: each.announce_type for each in found.values()}
    assert kinds == {
        paper_id(1): AnnounceType.CROSS,
        paper_id(2): AnnounceType.NEW,
        paper_id(3): AnnounceType.NEW,
    }


async def test_a_new_version_does_not_hide_that_a_paper_was_announced_as_new(store: Store) -> None:
    new = announcement(listings=(listing(1),))
    later = new.announced_on + timedelta(days=2)
    replaced = (listing(1, announce_type=AnnounceType.REPLACE), listing(2, announce_type=AnnounceType.REPLACE))
    await take(store, new)
    await take(store, announcement(announced_on=later, listings=replaced))
    async with store.read() as tx:
        kinds = {each.paper.id: each.announce_type for each in await tx.catalogue.since(0, limit=10)}
    assert kinds == {paper_id(1): AnnounceType.NEW, paper_id(2): AnnounceType.REPLACE}


async def test_nothing_is_missed_by_who_follows_while_two_write_at_once(store: Store, other_store: Store) -> None:
    """The second writer's numbers are higher, so they must not be seen before the first one's."""
    seen: set[int] = set()
    written = asyncio.Event()

    async def write(into: Store, start: int) -> None:
        for each in range(start, start + 20):
            await save(into, each)

    async def follow() -> None:
        after = 0
        while not (written.is_set() and after == await newest()):
            async with store.read() as tx:
                part = await tx.catalogue.since(after, limit=5)
            seen.update(each.number for each in part)
            after = part[-1].changed if part else after
            await asyncio.sleep(0)

    async def newest() -> int:
        async with store.read() as tx:
            return await tx.catalogue.last()

    following = asyncio.create_task(follow())
    await asyncio.gather(write(store, 0), write(other_store, 100))
    written.set()
    await following
    assert len(seen) == 40
