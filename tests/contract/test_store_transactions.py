"""Units of work: the contract of `bot.ports.Store`."""

from __future__ import annotations

import asyncio

import pytest

from bot.ports import Advance, Store
from store import open_store
from tests.contract.samples import (
    DAY,
    HOME,
    NOON,
    announce,
    edition,
    listing,
    paper,
    paper_id,
    parts,
    save_papers,
    subscription,
)

pytestmark = pytest.mark.contract


class Boom(Exception):
    pass


async def test_a_write_is_kept(store: Store, other_store: Store) -> None:
    await save_papers(store, 1)
    async with other_store.read() as tx:
        assert await tx.papers.get(paper_id(1)) == paper(1)


@pytest.mark.usefixtures("home")
async def test_a_failed_write_leaves_nothing_behind(store: Store) -> None:
    await save_papers(store, 1)

    async def fail() -> None:
        async with store.write() as tx:
            await announce(tx, listing(2))
            added = await tx.subscriptions.add(subscription())
            await tx.editions.add(edition(1, subscription_id=added.id), parts("one", 2))
            raise Boom

    with pytest.raises(Boom):
        await fail()
    async with store.read() as tx:
        assert await tx.papers.count() == 1
        assert await tx.announcements.latest() == []
        assert await tx.subscriptions.of(HOME) == []
        assert await tx.editions.of_channel(HOME, limit=9) == []
        assert await tx.editions.had(HOME, edition().kind) == set()
        assert await tx.deliveries.latest(channel=None, limit=9) == []


async def test_the_store_goes_on_after_a_failed_write(store: Store) -> None:
    with pytest.raises(Boom):
        async with store.write():
            raise Boom
    await save_papers(store, 1)


async def test_a_cancelled_write_leaves_nothing_behind(store: Store) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        async with store.write() as tx:
            await tx.papers.save([paper(1)], {})
            started.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await save_papers(store, 2)
    async with store.read() as tx:
        assert await tx.papers.count() == 1


async def test_nothing_written_in_a_read_is_kept(store: Store) -> None:
    async with store.read() as tx:
        await tx.papers.save([paper(1)], {})
    async with store.read() as tx:
        assert await tx.papers.count() == 0


async def test_a_read_sees_one_state_throughout(store: Store, other_store: Store) -> None:
    async with store.read() as tx:
        assert await tx.papers.count() == 0
        await save_papers(other_store, 1)
        assert await tx.papers.count() == 0
        assert await tx.papers.get(paper_id(1)) is None


async def test_a_write_sees_what_it_wrote(store: Store) -> None:
    async with store.write() as tx:
        await tx.papers.save([paper(1)], {})
        assert await tx.papers.count() == 1


async def test_a_naive_datetime_never_reaches_a_database(database_url: str) -> None:
    store = await open_store(database_url)
    try:
        with pytest.raises(Exception, match="naive"):
            async with store.write() as tx:
                await tx.papers.save([paper(1, first_seen_at=NOON.replace(tzinfo=None))], {})
    finally:
        await store.close()


async def test_eight_writers_at_once_never_meet_a_locked_database(database_url: str) -> None:
    stores = [await open_store(database_url) for _ in range(4)]

    async def work(number: int) -> None:
        for round_ in range(10):
            async with stores[number % 4].write() as tx:
                # Reading first and then writing is what fails where the transaction is not a writer's from the start.
                before = await tx.papers.count()
                await tx.papers.save([paper(number * 100 + round_)], {})
                assert await tx.papers.count() > before

    try:
        await asyncio.gather(*(work(number) for number in range(8)))
        async with stores[0].read() as tx:
            assert await tx.papers.count() == 80
    finally:
        for store in stores:
            await store.close()


@pytest.mark.usefixtures("home")
async def test_one_edition_wins_however_many_decide_at_once(store: Store, other_store: Store) -> None:
    await save_papers(store, *range(5))
    async with store.write() as tx:
        added = await tx.subscriptions.add(subscription())

    async def decide(through: Store, name: str) -> int | None:
        async with through.write() as tx:
            edition_id = await tx.editions.add(edition(*range(5), subscription_id=added.id), parts(name, 6))
            if edition_id is not None:
                await tx.subscriptions.advance([Advance(added.id, NOON, NOON + DAY)])
            return edition_id

    found = await asyncio.gather(
        *(decide(through, f"{n}{i}") for i in range(4) for n, through in (("a", store), ("b", other_store)))
    )
    assert len([each for each in found if each is not None]) == 1
    async with store.read() as tx:
        assert len(await tx.deliveries.latest(channel=HOME, limit=99)) == 6
        assert len(await tx.editions.had(HOME, edition().kind)) == 5


@pytest.mark.usefixtures("home")
async def test_two_editions_that_want_the_same_papers_do_not_both_get_them(store: Store, other_store: Store) -> None:
    await save_papers(store, *range(5))

    async def decide(through: Store, name: str, *picked: int) -> int | None:
        async with through.write() as tx:
            return await tx.editions.add(edition(*picked), parts(name, 1))

    found = await asyncio.gather(decide(store, "a", 0, 1, 2, 3), decide(other_store, "b", 4, 3, 2, 1))
    assert len([each for each in found if each is not None]) == 1
