"""What networks and platforms do to a post: nothing is lost, nothing stands twice, nobody is called too early.

The platform runs in its own process and its log is the judge.
"""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.system import SystemClock
from bot.compose.digest import parts
from bot.doubts import Timing
from bot.ledger import DeliveryState
from bot.model import EditionKind, Layout, Pick, Platform
from bot.services.delivery import Deliver
from store import open_store
from tests.contract.samples import HOME, NOON, channel, edition, paper, paper_id
from tests.standins.faults import Fault, fault_proxy
from tests.standins.platform_messenger import PlatformMessenger, chat_platform

pytestmark = pytest.mark.integration

TIMING = Timing(post=timedelta(seconds=1.5), quarantine=timedelta(seconds=30), lease=timedelta(seconds=90))
MODES = ["key", "readback", "neither"]
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
FAULTS = [
    Fault("reset"),
    Fault("black hole"),
    *(Fault(f"cut {what}", share) for what in ("request", "reply") for share in SHARES),
]
FOUR = 4


class MovedClock(SystemClock):
    """The system's clock, moved ahead: time passes by saying so."""

    def __init__(self):
        self.ahead = timedelta(0)

    def now(self):
        return super().now() + self.ahead

    async def sleep_until(self, instant):
        self.ahead += max(instant - self.now(), timedelta(0))


class Newsstand:
    """A store with four digests to deliver, a platform, and the worker between them."""

    def __init__(self, store, url):
        self.store = store
        self.url = url
        self.clock = MovedClock()

    async def fill(self):
        async with self.store.write() as tx:
            await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
            await tx.channels.add(channel(HOME))
            await tx.papers.save([paper(number) for number in range(FOUR)], {})
            for number in range(FOUR):
                made = edition(
                    kind=EditionKind.WELCOME,
                    layout=Layout.LIST,
                    local_on=NOON.date() + timedelta(days=number),
                    picks=(Pick(paper_id(number), 1.0, "a test"),),
                )
                assert await tx.editions.add(made, parts(made))

    async def deliver(self, mode, through=None, passes=8):
        """Passes with time between them, as a worker makes them that runs for an hour."""
        messenger = PlatformMessenger(through or self.url, self.clock, mode=mode)
        worker = Deliver(
            store=self.store, clock=self.clock, messengers={Platform.LOCAL: messenger}, owner="me", timing=TIMING
        )
        try:
            for _ in range(passes):
                await worker()
                self.clock.ahead += timedelta(seconds=35)
        finally:
            await messenger.close()

    async def states(self):
        async with self.store.read() as tx:
            return Counter(each.state for each in await tx.deliveries.latest(limit=50))

    def log(self):
        with urllib.request.urlopen(f"{self.url}/log?calls=1") as answer:  # noqa: S310 - loopback
            return json.load(answer)

    def tell(self, **fault):
        body = json.dumps(fault).encode()
        request = urllib.request.Request(f"{self.url}/control", body, {"Content-Type": "application/json"})  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310 - loopback

    def standing(self):
        return Counter(each["key"] for each in self.log()["standing"])


@asynccontextmanager
async def newsstand(tmp_path, mode):
    with chat_platform("--mode", mode) as url:
        store = await open_store(f"sqlite:///{tmp_path / 'store.db'}")
        stand = Newsstand(store, url)
        await stand.fill()
        yield stand
        await store.close()


async def judge(stand, mode):
    """Everything stands once; what nobody can find out about is on record as missed, and nothing else is."""
    states, standing = await stand.states(), stand.standing()
    assert set(standing.values()) <= {1}
    if mode == "neither":
        assert states[DeliveryState.SENT] + states[DeliveryState.MISSED] == FOUR
        assert len(standing) >= states[DeliveryState.SENT]
    else:
        assert states == {DeliveryState.SENT: FOUR}
        assert len(standing) == FOUR
    return states


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind} {fault.share:.0%}")
async def test_a_connection_that_breaks_costs_no_message_and_doubles_none(tmp_path, mode, fault):
    async with newsstand(tmp_path, mode) as stand, fault_proxy(stand.url, fault, fault) as proxy:
        await stand.deliver(mode, proxy.url)
        assert proxy.hit == 2
        states = await judge(stand, mode)
        if mode == "neither" and (fault.kind, fault.share) != ("cut reply", 1.0):
            assert states[DeliveryState.MISSED] == 2


@pytest.mark.parametrize("mode", MODES)
async def test_a_platform_that_refuses_connections_gets_everything_when_it_is_back(tmp_path, mode):
    async with newsstand(tmp_path, mode) as stand:
        await stand.deliver(mode, "http://127.0.0.1:9", passes=2)
        assert (await stand.states()) == {DeliveryState.READY: FOUR}
        await stand.deliver(mode)
        assert await judge(stand, mode) == {DeliveryState.SENT: FOUR}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("lands", [True, False], ids=["landed", "not landed"])
async def test_a_burst_of_server_errors_costs_no_message_and_doubles_none(tmp_path, mode, status, lands):
    async with newsstand(tmp_path, mode) as stand:
        stand.tell(status=status, lands=lands, times=3)
        await stand.deliver(mode)
        await judge(stand, mode)


@pytest.mark.parametrize("mode", MODES)
async def test_a_post_that_lands_while_its_answer_is_cut_stands_once(tmp_path, mode):
    async with newsstand(tmp_path, mode) as stand:
        stand.tell(status=200, lands=True, cut=True, times=3)
        await stand.deliver(mode)
        await judge(stand, mode)


@pytest.mark.parametrize("scope", ["message", "channel", "platform"])
@pytest.mark.parametrize("wait", ["1", "30", "0.25", "a date", "garbage"])
async def test_nobody_is_called_before_the_time_a_platform_named(tmp_path, scope, wait):
    async with newsstand(tmp_path, "readback") as stand:
        until = stand.clock.now() + timedelta(seconds=45)
        header = (
            format_datetime(until.replace(microsecond=0).astimezone(UTC), usegmt=True) if wait == "a date" else wait
        )
        stand.tell(status=429, retry_after=header, scope=scope, times=1)
        calls = Calls(stand)
        await calls.deliver()
        refused = next(answered for _, answered, status in calls.seen if status == 429)
        named = {"a date": 44.0, "garbage": 2.5}.get(wait) or float(wait)
        assert [status for *_, status in calls.seen].count(200) == FOUR
        # What went out before the answer came is nobody's fault; a wait for one message holds up that message alone.
        later = [at for at, _, status in calls.seen if status == 200 and at >= refused]
        waited = max(later) if scope == "message" else min(later)
        assert waited >= refused + timedelta(seconds=named - 0.01)
        assert await stand.states() == {DeliveryState.SENT: FOUR}


async def test_a_storm_of_refusals_is_waited_out_and_loses_nothing(tmp_path):
    async with newsstand(tmp_path, "readback") as stand:
        stand.tell(status=429, retry_after="30", scope="platform", times=20)
        await stand.deliver("readback", passes=40)
        assert await stand.states() == {DeliveryState.SENT: FOUR}
        assert len(stand.log()["calls"]) == 20 + FOUR


class Calls:
    """The platform's answers, by the moved clock."""

    def __init__(self, stand):
        self.stand = stand
        self.seen: list[tuple[datetime, datetime, int]] = []

    async def deliver(self):
        messenger = PlatformMessenger(self.stand.url, self.stand.clock, mode="readback")
        inner = messenger.post

        async def post(delivery, document, *, reply_to):
            at = self.stand.clock.now()
            outcome = await inner(delivery, document, reply_to=reply_to)
            self.seen.append((at, self.stand.clock.now(), 200 if hasattr(outcome, "ref") else 429))
            return outcome

        messenger.post = post
        worker = Deliver(
            store=self.stand.store,
            clock=self.stand.clock,
            messengers={Platform.LOCAL: messenger},
            owner="me",
            timing=TIMING,
        )
        for _ in range(400):
            await worker()
            self.stand.clock.ahead += timedelta(seconds=0.2)
            if len(self.seen) > FOUR:
                break
        await messenger.close()
