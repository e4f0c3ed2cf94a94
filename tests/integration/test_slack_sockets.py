"""The socket through refreshes, cuts and refusals, against the stand-in: nothing lost, nothing taken twice."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.guard import RequestGuard
from adapters.slack.sockets import Sockets, back_off
from adapters.system import SystemClock
from tests.standins.slack_process import slack_stand_in

pytestmark = pytest.mark.integration
CLOCK = SystemClock()


class Taken:
    """What came down the socket; `statuses` are what the next ones are answered with."""

    def __init__(self):
        self.payloads = []
        self.statuses = []

    async def __call__(self, _kind, payload):
        self.payloads.append(payload["n"])
        status = self.statuses.pop(0) if self.statuses else 200
        if status is None:
            raise ValueError("it broke")
        return status, None


@pytest.fixture
async def joined():
    """The stand-in, what is taken, and the sockets between them, connected."""
    with slack_stand_in() as server:
        guard, taken = RequestGuard("x"), Taken()
        web = AsyncWebClient(base_url=server.api_url)
        made = Sockets(
            web,
            "xapp-canary",
            taken,
            CLOCK,
            is_new_event=lambda payload: guard.is_new_event(payload, CLOCK.now()),
            forget_event=guard.forget_event,
            ping_seconds=0.5,
        )
        await made.start()
        try:
            await until(lambda: opened(server, 1))
            yield server, taken, made
        finally:
            await made.stop()


async def tell(server, path, **body):
    return await asyncio.to_thread(server.tell, path, **body)


async def opened(server, count):
    return (await tell(server, "sockets"))["open"] == count


async def until(look, seconds=15):
    async with asyncio.timeout(seconds):
        while not await look():  # noqa: ASYNC110 - what is looked at is another process
            await asyncio.sleep(0.05)


async def envelope(server, number, **more):
    return await tell(server, "envelope", type="events_api", payload={"n": number, **more.pop("payload", {})}, **more)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_a_refresh_has_the_next_connection_before_it_closes_the_old_one(joined, reason):
    server, taken, made = joined
    before = made._client
    await tell(server, "sockets", disconnect=reason)
    for number in range(20):
        assert (await envelope(server, number))["acknowledged"]
    await until(lambda: opened(server, 1))
    assert made._client is not before
    assert before.closed
    assert taken.payloads == list(range(20))
    assert (await tell(server, "sockets"))["fewest"] == 1


async def test_many_refreshes_at_once_leave_one_connection(joined):
    server, taken, _ = joined
    for _ in range(5):
        await tell(server, "sockets", disconnect="warning")
    await asyncio.sleep(1)
    await until(lambda: opened(server, 1))
    assert (await envelope(server, 1))["acknowledged"]
    assert taken.payloads == [1]


async def test_a_connection_that_is_cut_and_refused_comes_back_with_another_address(joined):
    server, taken, _ = joined
    await tell(server, "sockets", cut=True, refuse=2)
    answer = await envelope(server, 1, wait=20)
    assert answer["acknowledged"]
    assert taken.payloads == [1]
    calls = (await asyncio.to_thread(server.state, calls=True))["calls"]
    assert [each["method"] for each in calls].count("apps.connections.open") >= 4


async def test_an_envelope_that_comes_twice_is_taken_once_and_acknowledged_twice(joined):
    server, taken, _ = joined
    assert (await envelope(server, 1, id="E-1", times=2))["acknowledged"]
    assert (await envelope(server, 1, id="E-1"))["acknowledged"]
    assert taken.payloads == [1]


async def test_an_event_that_comes_in_two_envelopes_is_taken_once(joined):
    server, taken, _ = joined
    for id_ in ("E-1", "E-2"):
        assert (await envelope(server, 1, id=id_, payload={"event_id": "Ev1", "team_id": "T1"}))["acknowledged"]
    assert taken.payloads == [1]


@pytest.mark.parametrize("failure", [500, None])
async def test_what_could_not_be_taken_is_not_acknowledged_and_is_new_when_it_comes_again(joined, failure):
    server, taken, _ = joined
    taken.statuses = [failure]
    event = {"event_id": "Ev1", "team_id": "T1"}
    assert not (await envelope(server, 1, id="E-1", wait=0.5, payload=event))["acknowledged"]
    assert (await envelope(server, 1, id="E-1", payload=event))["acknowledged"]
    assert taken.payloads == [1, 1]


def test_pauses_grow_to_half_a_minute_and_are_drawn_from_the_whole_span():
    assert [back_off(failures, 1.0) for failures in (0, 1, 3, 20)] == [0.5, 1.0, 4.0, 30.0]
    assert back_off(20, 0.0) == 0.0
