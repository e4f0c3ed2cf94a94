"""Delivering: whatever a platform does, each message stands in its channel once, or the ledger says why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.compose.digest import parts
from bot.document import Entries, PaperCard
from bot.doubts import Capabilities, Timing
from bot.ledger import DeliveryState
from bot.model import EditionKind, Layout, Pick, Platform
from bot.outcome import RefusedForGood, RefusedForNow
from bot.services.delivery import Deliver
from bot.services.ingest import take
from tests.contract.samples import HOME, channel, edition
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.messenger import MemoryMessenger
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

MINUTE = timedelta(minutes=1)
TIMING = Timing()
READ_BACK = Capabilities(can_find=True)
SLOW = RefusedForNow("rate-limited", "not so fast", MONDAY + MINUTE)
GONE = RefusedForGood("channel-gone", "it was archived")
ELSEWHERE = replace(HOME, address="elsewhere")


class PostOffice:
    """A store with two channels, a messenger, and a worker between them."""

    def __init__(self):
        self.store = MemoryStore()
        self.clock = FrozenClock()
        self.messenger = MemoryMessenger(self.clock, capabilities=READ_BACK)
        self.deliver = self.worker(self.messenger)

    def worker(self, messenger):
        return Deliver(store=self.store, clock=self.clock, messengers={Platform.LOCAL: messenger}, owner="this process")

    async def open(self):
        await take(self.store, announcement(*(listing(number) for number in range(1, 6))))
        async with self.store.write() as tx:
            for ref in (HOME, ELSEWHERE):
                await tx.channels.add_workspace(ref.workspace, ref.platform, MONDAY)
                await tx.channels.add(channel(ref, ref.address))

    async def plan(self, *numbers, layout=Layout.THREAD, ref=HOME):
        """An edition that is ready to go out; the keys of its parts."""
        picked = tuple(Pick(f"arxiv:2605.{number:05d}", 1.0, "a test") for number in numbers)
        made = edition(channel=ref, layout=layout, local_on=DAY, due_at=MONDAY, name="all", picks=picked)
        async with self.store.write() as tx:
            assert await tx.editions.add(made, parts(made)) is not None
        return [key for _, key in parts(made)]

    async def states(self, ref=HOME):
        async with self.store.read() as tx:
            found = await tx.deliveries.latest(channel=ref, limit=50)
        return [each.state for each in sorted(found, key=lambda each: each.part)]

    async def detail(self, ref=HOME):
        async with self.store.read() as tx:
            return {each.part: each.detail for each in await tx.deliveries.latest(channel=ref, limit=50)}

    def posted(self, ref=HOME):
        return [message.key for message in self.messenger.in_channel(ref)]


@pytest.fixture
async def office():
    made = PostOffice()
    await made.open()
    return made


async def test_a_thread_begins_with_its_parent_and_the_cards_reply_to_it(office):
    keys = await office.plan(1, 2)

    assert await office.deliver() == 3

    parent, *cards = office.messenger.in_channel(HOME)
    assert office.posted() == keys
    assert parent.reply_to is None
    assert [card.reply_to for card in cards] == [parent.ref, parent.ref]
    [contents] = [block for block in parent.document.blocks if isinstance(block, Entries)]
    assert len(contents.items) == 2
    assert [block.paper_id for card in cards for block in card.document.blocks if isinstance(block, PaperCard)] == [
        "arxiv:2605.00001",
        "arxiv:2605.00002",
    ]
    assert set(await office.states()) == {DeliveryState.SENT}


async def test_single_cards_reply_to_nothing(office):
    await office.plan(1, 2, layout=Layout.CARDS)

    assert await office.deliver() == 2

    assert [message.reply_to for message in office.messenger.kept] == [None, None]


async def test_a_list_is_one_message_with_every_paper(office):
    await office.plan(1, 2, 3, layout=Layout.LIST)

    assert await office.deliver() == 1

    [message] = office.messenger.kept
    assert sum(isinstance(block, PaperCard) for block in message.document.blocks) == 3


async def test_what_was_delivered_is_not_delivered_again(office):
    await office.plan(1)
    await office.deliver()

    assert await office.deliver() == 0
    assert len(office.messenger.attempts) == 2


async def test_a_post_that_is_refused_for_now_waits_until_it_may_be_tried_again(office):
    parent, card = await office.plan(1)
    office.messenger.refuse_next(SLOW)

    assert await office.deliver() == 0
    office.clock.move(MINUTE - timedelta(seconds=1))
    assert await office.deliver() == 0
    assert office.messenger.attempts == [parent]

    office.clock.move(timedelta(seconds=1))
    assert await office.deliver() == 2
    assert office.posted() == [parent, card]


async def test_a_post_whose_answer_was_lost_is_found_and_not_posted_twice(office):
    parent, card = await office.plan(1)
    office.messenger.lose_next_reply()

    assert await office.deliver() == 0
    assert await office.states() == [DeliveryState.UNKNOWN, DeliveryState.READY]

    office.clock.move(TIMING.quarantine)
    await office.deliver()
    assert office.messenger.attempts == [parent, card]
    assert office.posted() == [parent, card]
    assert office.messenger.kept[1].reply_to == office.messenger.kept[0].ref
    assert set(await office.states()) == {DeliveryState.SENT}


async def test_a_post_whose_answer_was_lost_is_found_after_a_long_weekend_too(office):
    parent, card = await office.plan(1)
    office.messenger.lose_next_reply()
    await office.deliver()

    office.clock.move(timedelta(days=4))
    await office.deliver()

    assert office.messenger.attempts == [parent, card]


async def test_a_post_that_never_arrived_is_posted(office):
    parent, card = await office.plan(1)
    office.messenger.lose_next_request()

    assert await office.deliver() == 0
    assert office.posted() == []

    office.clock.move(TIMING.quarantine)
    assert await office.deliver() == 2
    assert office.messenger.attempts == [parent, parent, card]
    assert office.posted() == [parent, card]


async def test_the_cards_wait_while_nobody_knows_what_became_of_their_parent(office):
    parent, _ = await office.plan(1)
    office.messenger.lose_next_reply()

    await office.deliver()

    assert office.messenger.attempts == [parent]


async def test_a_refusal_for_good_is_recorded_with_its_reason_and_takes_the_thread_along(office):
    parent, _ = await office.plan(1)
    office.messenger.refuse_next(GONE)

    assert await office.deliver() == 0
    assert await office.deliver() == 0

    assert await office.states() == [DeliveryState.REFUSED, DeliveryState.REFUSED]
    assert (await office.detail())[0] == "channel-gone: it was archived"
    assert office.messenger.attempts == [parent]


async def test_a_card_that_is_refused_costs_its_neighbours_nothing(office):
    first, _, third = await office.plan(1, 2, 3, layout=Layout.CARDS)
    await office.plan(4, ref=ELSEWHERE)
    office.messenger.refuse_next(RefusedForGood("invalid", "too odd"))
    await office.deliver()

    assert first not in office.posted()
    assert third in office.posted()


@pytest.mark.parametrize("trouble", ["refuse for good", "refuse for now", "lose request", "lose reply"])
async def test_one_bad_channel_does_not_stop_the_others(office, trouble):
    await office.plan(1)
    keys = await office.plan(2, ref=ELSEWHERE)
    match trouble:
        case "refuse for good":
            office.messenger.refuse_next(GONE)
        case "refuse for now":
            office.messenger.refuse_next(SLOW)
        case "lose request":
            office.messenger.lose_next_request()
        case "lose reply":
            office.messenger.lose_next_reply()

    await office.deliver()

    assert office.posted(ELSEWHERE) == keys


class Crashing(MemoryMessenger):
    """A messenger with a mistake in it, for one channel."""

    async def post(self, delivery, document, *, reply_to):
        if delivery.channel == HOME:
            raise ZeroDivisionError("a mistake of ours")
        return await super().post(delivery, document, reply_to=reply_to)

    async def find_posted(self, key, since, channel, *, reply_to):
        if channel == HOME:
            raise ZeroDivisionError("a mistake of ours")
        return await super().find_posted(key, since, channel, reply_to=reply_to)


async def test_a_mistake_of_ours_leaves_an_unknown_outcome_and_the_other_channels_alone(office):
    await office.plan(1)
    keys = await office.plan(2, ref=ELSEWHERE)
    messenger = Crashing(office.clock)

    assert await office.worker(messenger)() == 2

    assert [message.key for message in messenger.in_channel(ELSEWHERE)] == keys
    assert await office.states() == [DeliveryState.UNKNOWN, DeliveryState.READY]


async def test_a_mistake_while_asking_after_a_message_does_not_stop_the_other_channels(office):
    await office.plan(1)
    messenger = Crashing(office.clock, capabilities=READ_BACK)
    deliver = office.worker(messenger)
    await deliver()
    office.clock.move(TIMING.quarantine)
    keys = await office.plan(2, ref=ELSEWHERE)

    assert await deliver() == 2

    assert [message.key for message in messenger.in_channel(ELSEWHERE)] == keys


async def test_a_post_of_a_process_that_died_is_asked_about_and_taken_over(office):
    parent, card = await office.plan(1)
    async with office.store.write() as tx:
        lease = {"owner": "a dead process", "now": MONDAY, "lease_until": MONDAY + TIMING.lease}
        assert await tx.deliveries.claim([parent], **lease)
    assert await office.deliver() == 0

    office.clock.move(TIMING.lease)

    assert await office.deliver() == 2
    assert office.posted() == [parent, card]


async def test_a_paper_that_left_the_store_leaves_a_line_in_its_place(office):
    await office.plan(1, layout=Layout.LIST)
    del office.store.tables.papers["arxiv:2605.00001"]
    del office.store.tables.keys["arxiv:2605.00001"]

    assert await office.deliver() == 1

    said = [getattr(block, "text", "") for block in office.messenger.kept[0].document.blocks]
    assert "arxiv:2605.00001 is no longer in the store." in said


async def test_a_sample_does_not_claim_to_be_the_days_digest(office):
    made = edition(channel=HOME, kind=EditionKind.SAMPLE, local_on=DAY, name="robots", layout=Layout.LIST)
    made = replace(made, picks=(Pick("arxiv:2605.00001", 1.0, "a test"),))
    async with office.store.write() as tx:
        await tx.editions.add(made, parts(made))

    await office.deliver()

    [message] = office.messenger.kept
    assert message.document.blocks[0].text == "robots · a sample of the newest days"
