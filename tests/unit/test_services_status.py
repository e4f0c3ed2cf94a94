"""Status, pauses, strikes and replays: a channel is told how it stands, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import Caller, PauseDigests, ResumeDigests
from bot.compose.status import status_blocks
from bot.document import Entries, Heading, Note
from bot.errors import BadArgument, SubscriptionNotFound
from bot.ledger import DeliveryState, WhenInDoubt
from bot.model import Layout, Member, MemberId, Platform
from bot.outcome import RefusedForGood, RefusedForNow
from bot.services.delivery import Deliver
from bot.services.pausing import Pausing
from bot.services.replaying import Replaying
from bot.services.rescheduling import Reschedule
from bot.services.status import Status
from tests.contract.samples import HOME
from tests.fakes.clock import MONDAY
from tests.fakes.messenger import MemoryMessenger
from tests.unit.test_services_digest import HOUR, ONE_DAY, Newsroom

pytestmark = pytest.mark.unit

CONTACT = replace(HOME, address="contact")
ADA = Caller(HOME, "papers", Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada"))
GONE = RefusedForGood("channel-gone", "it was archived")


class Channel(Newsroom):
    """A newsroom with a platform."""

    def __init__(self):
        super().__init__()
        self.messenger = MemoryMessenger(self.clock)
        messengers = {Platform.LOCAL: self.messenger}
        self.deliver = Deliver(store=self.store, clock=self.clock, messengers=messengers, owner="me")
        self.pausing = Pausing(self.store, self.clock)
        self.status = Status(self.store, self.clock)

    async def day(self, number=None):
        """One day passes, with a paper or without."""
        if number is not None:
            await self.announce(number, at=self.clock.now() - HOUR, announced_on=self.clock.now().date())
        await self.plan()
        await self.deliver()
        self.clock.move(ONE_DAY)

    async def said(self):
        blocks = status_blocks(await self.status.of(ADA))
        entries = [f"{item.term}: {item.text}" for each in blocks if isinstance(each, Entries) for item in each.items]
        return "\n".join([*entries, *(each.text for each in blocks if isinstance(each, Heading | Note))])


@pytest.fixture
async def channel():
    made = Channel()
    await made.open(HOME, CONTACT)
    async with made.store.write() as tx:
        await tx.channels.set_contact(CONTACT)
    return made


async def test_status_tells_the_next_digest_and_what_became_of_the_last_ones(channel):
    await channel.subscribe(layout=Layout.LIST)
    await channel.day(1)
    await channel.day()
    said = await channel.said()
    assert "all: next: Wednesday 13 May, 12:00" in said
    assert "Mon 2026-05-11 · all: delivered, 1 paper" in said
    assert "Tue 2026-05-12 · all: empty: nothing was announced" in said


async def test_status_of_an_empty_channel_says_how_to_begin(channel):
    assert "/papers subscribe" in await channel.said()


async def test_a_doubt_is_listed_until_somebody_looked(channel):
    channel.messenger = MemoryMessenger(channel.clock, capabilities=type(channel.messenger.capabilities)())
    messengers = {Platform.LOCAL: channel.messenger}
    channel.deliver = Deliver(store=channel.store, clock=channel.clock, messengers=messengers, owner="me")
    channel.messenger.lose_next_reply()
    await channel.subscribe(layout=Layout.LIST)
    await channel.day(1)
    await channel.deliver()
    said = await channel.said()
    assert "in doubt: 1 missed" in said
    assert "2026-05-11 · all · message 1: missed: reply lost" in said
    await channel.status.prefer(ADA, WhenInDoubt.NEVER_LOST)
    assert "posted again" in await channel.said()


async def test_paused_dates_are_skipped_and_their_papers_come_afterwards_once(channel):
    await channel.subscribe(layout=Layout.LIST)
    await channel.pausing.pause(ADA, PauseDigests(until=(MONDAY + 2 * ONE_DAY).date()))
    await channel.day(1)
    await channel.day(2)
    assert channel.messenger.kept == []
    assert "skipped: paused by Ada" in await channel.said()
    await channel.day(3)
    [edition] = [each for each in await channel.editions() if not each.skipped]
    assert sorted(pick.paper_id[-1] for pick in edition.picks) == ["1", "2", "3"]
    assert edition.notes == ()


async def test_a_pause_without_end_is_told_and_resumed(channel):
    await channel.subscribe()
    await channel.pausing.pause(ADA, PauseDigests("all"))
    assert "all: paused by Ada; to go on: /papers resume all" in await channel.said()
    assert [each.name for each in await channel.pausing.resume(ADA, ResumeDigests())] == ["all"]
    assert await channel.pausing.resume(ADA, ResumeDigests()) == []
    assert "next: Monday 11 May" in await channel.said()


async def test_a_pause_needs_a_day_to_come_and_a_subscription_that_is_there(channel):
    with pytest.raises(SubscriptionNotFound, match="no subscription yet"):
        await channel.pausing.pause(ADA, PauseDigests())
    await channel.subscribe()
    with pytest.raises(SubscriptionNotFound, match="There are: all"):
        await channel.pausing.pause(ADA, PauseDigests("none"))
    with pytest.raises(BadArgument):
        await channel.pausing.pause(ADA, PauseDigests(until=MONDAY.date()))


async def test_three_refusals_pause_the_subscription_and_tell_the_contact_once(channel):
    await channel.subscribe(layout=Layout.THREAD)
    for number in (1, 2, 3):
        channel.messenger.refuse_next(GONE)
        await channel.day(number)
    standing = await channel.standing()
    assert standing.pause.why == "paused after 3 refusals (channel-gone: it was archived)"
    await channel.day(4)
    await channel.day(5)
    assert channel.messenger.in_channel(HOME) == []
    [notice] = channel.messenger.in_channel(CONTACT)
    text = " ".join(each.text for each in notice.document.blocks)
    assert "could not be posted there" in text
    assert "/papers resume all" in text
    assert len(channel.messenger.attempts) == 4


async def test_a_digest_that_arrives_takes_the_strikes_back(channel):
    await channel.subscribe(layout=Layout.LIST)
    for number in (1, 2, 3, 4, 5):
        if number != 3:
            channel.messenger.refuse_next(GONE)
        await channel.day(number)
    standing = await channel.standing()
    assert (standing.strikes, standing.pause) == (2, None)


async def test_several_refused_cards_of_one_digest_are_one_strike(channel):
    await channel.subscribe(layout=Layout.CARDS)
    await channel.announce(1, 2, 3)
    for _ in range(3):
        channel.messenger.refuse_next(GONE)
    await channel.day()
    assert (await channel.standing()).strikes == 1


async def test_what_is_refused_for_now_without_a_time_is_tried_at_longer_intervals(channel):
    await channel.subscribe(layout=Layout.LIST)
    await channel.announce(1)
    await channel.plan()
    waits = []
    for _ in range(6):
        channel.messenger.refuse_next(RefusedForNow("busy", "come back later"))
        await channel.deliver()
        [waiting] = await channel.deliveries()
        waits.append(waiting.retry_at - channel.clock.now())
        channel.clock.set(waiting.retry_at)
    assert all(timedelta(seconds=2) < each < timedelta(minutes=4) for each in waits)
    assert waits[5] > 4 * waits[1]
    await channel.deliver()
    assert len(channel.messenger.kept) == 1


async def test_a_day_is_replayed_under_its_old_keys_and_what_was_sent_stays_sent(channel):
    await channel.subscribe(layout=Layout.CARDS)
    await channel.announce(1, 2)
    channel.messenger.refuse_next(GONE)
    await channel.day()
    replaying = Replaying(channel.store)
    found = await replaying(MONDAY.date(), dry_run=True)
    assert len(found.again) == 1
    assert {each.state for each in await channel.deliveries()} == {DeliveryState.REFUSED, DeliveryState.SENT}
    await replaying(MONDAY.date(), dry_run=False)
    await channel.deliver()
    assert {each.state for each in await channel.deliveries()} == {DeliveryState.SENT}
    assert len(channel.messenger.kept) == 2


async def test_due_times_are_worked_out_again_when_the_zone_data_change(channel):
    wrong = MONDAY + 5 * HOUR
    await channel.subscribe(next_due_at=wrong)
    await channel.subscribe("missed", next_due_at=MONDAY - HOUR)
    assert await Reschedule(channel.store, channel.clock, "2026.1")() == 1
    assert (await channel.standing()).next_due_at == MONDAY + ONE_DAY
    assert (await channel.standing("missed")).next_due_at == MONDAY - HOUR
    assert await Reschedule(channel.store, channel.clock, "2026.1")() == 0


async def test_a_roundup_may_show_what_a_digest_posted_and_a_digest_never_does(channel):
    await channel.subscribe("daily", layout=Layout.LIST)
    weekly = replace((await channel.standing("daily")).schedule, roundup=True)
    await channel.subscribe("weekly", layout=Layout.LIST, schedule=weekly, next_due_at=MONDAY + ONE_DAY)
    await channel.day(1)
    await channel.day(2)
    kinds = [(each.kind.value, sorted(pick.paper_id[-1] for pick in each.picks)) for each in await channel.editions()]
    assert kinds == [("digest", ["1"]), ("digest", ["2"]), ("roundup", ["1", "2"])]
