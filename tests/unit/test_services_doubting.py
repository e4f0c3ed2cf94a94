"""Doubts: a message whose fate is unknown is found out about before anything is posted again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.doubts import Capabilities, Timing
from bot.ledger import DeliveryState, WhenInDoubt
from bot.model import Layout
from bot.outcome import RefusedForGood, RefusedForNow, Scope
from bot.services.delivery import Deliver
from tests.contract.samples import HOME
from tests.fakes.clock import MONDAY
from tests.fakes.messenger import MemoryMessenger
from tests.unit.test_services_delivery import ELSEWHERE, MINUTE, PostOffice

pytestmark = pytest.mark.unit

TIMING = Timing()
SECOND = timedelta(seconds=1)
KEY = Capabilities(key_holds=2 * MINUTE, can_find=True)
KEY_ALONE = Capabilities(key_holds=2 * MINUTE)
NEITHER = Capabilities()


async def office_with(capabilities):
    office = PostOffice()
    office.messenger = MemoryMessenger(office.clock, capabilities=capabilities)
    office.deliver = office.worker(office.messenger)
    await office.open()
    return office


async def test_nothing_is_asked_or_posted_while_the_request_may_still_be_on_its_way():
    office = await office_with(Capabilities(can_find=True))
    [key] = await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_request()
    await office.deliver()

    office.clock.move(TIMING.quarantine - SECOND)
    await office.deliver()
    assert (office.messenger.questions, office.messenger.attempts) == ([], [key])

    office.clock.move(SECOND)
    await office.deliver()
    assert (office.messenger.questions, office.messenger.attempts) == ([key], [key, key])


async def test_within_the_keys_window_it_is_posted_again_under_its_key():
    office = await office_with(KEY)
    [key] = await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_reply()
    await office.deliver()

    office.clock.move(TIMING.quarantine)
    await office.deliver()

    assert office.messenger.attempts == [key, key]
    assert office.posted() == [key]
    assert office.messenger.questions == []


async def test_after_the_keys_window_the_platform_is_asked():
    office = await office_with(KEY)
    [key] = await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_reply()
    await office.deliver()

    office.clock.move(2 * MINUTE)
    await office.deliver()

    assert office.messenger.attempts == [key]
    assert office.messenger.questions == [key]
    assert await office.states() == [DeliveryState.SENT]


async def test_the_window_counts_from_the_first_attempt_that_may_have_landed():
    office = await office_with(KEY_ALONE)
    await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_reply()
    await office.deliver()
    office.clock.move(MINUTE)
    office.messenger.refuse_next(RefusedForNow("rate-limited", "not now", office.clock.now() + MINUTE))
    await office.deliver()

    # The second attempt was refused, but the first may stand there; its key holds no longer when the wait is over.
    office.clock.move(MINUTE)
    await office.deliver()
    office.clock.move(TIMING.quarantine)
    await office.deliver()

    assert await office.states() == [DeliveryState.MISSED]
    assert len(office.posted()) == 1


@pytest.mark.parametrize("lost", ["request", "reply"])
async def test_with_neither_key_nor_memory_nothing_is_posted_twice_and_the_doubt_is_on_record(lost):
    office = await office_with(NEITHER)
    [key] = await office.plan(1, layout=Layout.LIST)
    getattr(office.messenger, f"lose_next_{lost}")()
    await office.deliver()

    for _ in range(3):
        office.clock.move(timedelta(days=1))
        await office.deliver()

    assert office.messenger.attempts == [key]
    assert await office.states() == [DeliveryState.MISSED]
    assert "not posted again" in (await office.detail())[0]


async def test_a_channel_that_wants_nothing_lost_gets_it_again():
    office = await office_with(NEITHER)
    [key] = await office.plan(1, layout=Layout.LIST)
    async with office.store.write() as tx:
        await tx.channels.prefer(HOME, WhenInDoubt.NEVER_LOST)
    office.messenger.lose_next_request()
    await office.deliver()

    office.clock.move(TIMING.quarantine)
    await office.deliver()

    assert office.posted() == [key]
    assert await office.states() == [DeliveryState.SENT]


async def test_a_platform_that_cannot_say_is_asked_again_and_nothing_is_posted_meanwhile():
    office = await office_with(Capabilities(can_find=True))
    [key] = await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_reply()
    await office.deliver()
    office.clock.move(TIMING.quarantine)
    office.messenger.refuse_next_question(RefusedForNow("rate-limited", "later", office.clock.now() + MINUTE))
    await office.deliver()
    assert await office.states() == [DeliveryState.UNKNOWN]

    office.clock.move(MINUTE)
    await office.deliver()

    assert office.messenger.attempts == [key]
    assert await office.states() == [DeliveryState.SENT]


async def test_the_cards_of_a_parent_that_was_missed_are_closed_with_it():
    office = await office_with(NEITHER)
    await office.plan(1, layout=Layout.THREAD)
    office.messenger.lose_next_reply()
    await office.deliver()
    office.clock.move(TIMING.quarantine)
    await office.deliver()

    assert await office.states() == [DeliveryState.MISSED, DeliveryState.REFUSED]


async def test_a_worker_that_was_stopped_past_its_lease_posts_nothing_when_it_wakes():
    office = await office_with(Capabilities(can_find=True))
    [key] = await office.plan(1, layout=Layout.LIST)
    stopped = MemoryMessenger(office.clock, capabilities=Capabilities(can_find=True))
    worker = Deliver(
        store=office.store, clock=StoppedClock(office), messengers={HOME.platform: stopped}, owner="stopped"
    )

    await worker()

    assert stopped.attempts == []
    assert office.posted() == [key]


class StoppedClock:
    """The clock of a worker that is stopped after its claim, for longer than its lease, while another takes over."""

    def __init__(self, office):
        self._office = office

    def now(self):
        return self._office.clock.now()

    async def sleep_until(self, instant):
        if not self._office.messenger.attempts:
            self._office.clock.move(TIMING.lease)
            await self._office.deliver()
        await self._office.clock.sleep_until(instant)


async def test_a_wait_for_a_whole_channel_is_kept_for_its_other_messages_and_over_a_restart():
    office = await office_with(KEY)
    await office.plan(1, layout=Layout.LIST)
    neighbour = await office.plan(2, ref=ELSEWHERE, layout=Layout.LIST)
    office.messenger.refuse_next(RefusedForNow("rate-limited", "slow down", MONDAY + MINUTE, Scope.CHANNEL))
    await office.deliver()
    assert office.posted(ELSEWHERE) == neighbour

    restarted = office.worker(office.messenger)
    office.clock.move(MINUTE - SECOND)
    await restarted()
    assert office.posted() == []

    office.clock.move(SECOND)
    await restarted()
    assert len(office.posted()) == 1


async def test_a_refusal_after_a_doubt_is_not_replayed_for_the_first_attempt_may_stand_there():
    office = await office_with(KEY)
    [key] = await office.plan(1, layout=Layout.LIST)
    office.messenger.lose_next_reply()
    await office.deliver()
    office.clock.move(TIMING.quarantine)
    office.messenger.refuse_next(RefusedForGood("channel-gone", "it was archived"))
    await office.deliver()
    assert await office.states() == [DeliveryState.REFUSED]
    async with office.store.write() as tx:
        assert await tx.deliveries.reopen([key]) == 0


async def test_a_worker_that_is_asked_to_stop_ends_what_is_on_its_way():
    office = await office_with(NEITHER)
    [key] = await office.plan(1, layout=Layout.LIST)
    posting, go_on = asyncio.Event(), asyncio.Event()
    inner = office.messenger.post

    async def slow(delivery, document, *, reply_to):
        posting.set()
        await go_on.wait()
        return await inner(delivery, document, reply_to=reply_to)

    office.messenger.post = slow
    running = asyncio.create_task(office.deliver.forever(asyncio.Event(), MINUTE))
    await posting.wait()
    running.cancel()
    asyncio.get_running_loop().call_later(0.01, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert office.posted() == [key]
    assert await office.states() == [DeliveryState.SENT]
