"""One `chat.postMessage` a delivery, through every answer that Slack may give, or not give."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.faults import FAULTS, fault_of, to_outcome
from adapters.slack.installations import Workspaces
from adapters.slack.messenger import SlackMessenger
from adapters.vault import FernetVault, new_key
from bot.document import Document, Note
from bot.faults import Kind
from bot.ledger import Delivery
from bot.outcome import Absent, CannotTell, RefusedForGood, RefusedForNow, Sent, Unknown
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryStore
from tests.standins.slack_process import TEAM, channel_ref, installed, slack_stand_in

pytestmark = pytest.mark.integration
NOW = datetime(2026, 5, 28, 12, tzinfo=UTC)
SAID = Document((Note("Good morning"),))
POST = "chat.postMessage"


@pytest.fixture
async def desk():
    """The stand-in and a messenger that is in the channel."""
    with slack_stand_in() as server:
        server.team()
        store, clock = MemoryStore(), FrozenClock(NOW)
        workspaces = await installed(server, store, clock)
        messenger = SlackMessenger(workspaces, clock)
        assert not await messenger.prepare(channel_ref())
        yield server, messenger
        await workspaces.close()


def delivery(part=0, *, edition=1):
    return Delivery(key=f"{part:025d}", edition_id=edition, part=part, channel=channel_ref())


async def fault(server, **what):
    await asyncio.to_thread(server.tell, "fault", **{"method": POST, **what})


async def posts(server):
    calls = (await asyncio.to_thread(server.state, calls=True))["calls"]
    return [each for each in calls if each["method"] == POST]


async def stored(server):
    return await asyncio.to_thread(server.messages)


async def test_a_rate_limit_is_the_ledgers_to_wait_for_and_is_called_once(desk):
    server, messenger = desk
    await fault(server, status=429, headers={"Retry-After": "7"})
    outcome = await messenger.post(delivery(), SAID, reply_to=None)
    assert isinstance(outcome, RefusedForNow)
    assert outcome.retry_at == NOW + timedelta(seconds=7)
    assert len(await posts(server)) == 1


async def test_a_line_that_is_no_delivery_waits_out_a_short_rate_limit(desk):
    server, messenger = desk
    await fault(server, status=429, headers={"Retry-After": "1"})
    began = time.monotonic()
    assert isinstance(await messenger.post(delivery(edition=0), SAID, reply_to=None), Sent)
    assert 1 <= time.monotonic() - began < 3
    assert len(await stored(server)) == 1


async def test_a_long_rate_limit_is_not_waited_for(desk):
    server, messenger = desk
    await fault(server, status=429, headers={"Retry-After": "600"})
    assert isinstance(await messenger.post(delivery(edition=0), SAID, reply_to=None), RefusedForNow)


@pytest.mark.parametrize(
    "what",
    [
        {"lands": True, "cut": True},
        {"cut": True},
        {"status": 500, "error": "internal_error", "lands": True},
        {"error": "internal_error", "lands": True},
        {"error": "fatal_error"},
        {"status": 503, "error": "service_unavailable"},
    ],
    ids=json.dumps,
)
async def test_what_may_have_landed_is_a_doubt_and_is_called_once(desk, what):
    server, messenger = desk
    await fault(server, **what)
    assert isinstance(await messenger.post(delivery(), SAID, reply_to=None), Unknown)
    assert len(await stored(server)) == int(bool(what.get("lands")))
    found = await messenger.find_posted(delivery().key, NOW - timedelta(days=400), channel_ref(), reply_to=None)
    assert isinstance(found, Sent if what.get("lands") else Absent)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_blocks_that_are_refused_go_out_as_plain_text_and_are_counted(desk, code):
    server, messenger = desk
    await fault(server, error=code)
    assert isinstance(await messenger.post(delivery(), SAID, reply_to=None), Sent)
    [message] = await stored(server)
    assert "blocks" not in message
    assert message["metadata"]["event_payload"]["delivery_key"] == delivery().key
    assert messenger.sent_plain == 1


async def test_plain_text_that_may_have_landed_is_a_doubt_as_well(desk):
    server, messenger = desk
    await fault(server, error="invalid_blocks")
    await fault(server, lands=True, cut=True)
    assert isinstance(await messenger.post(delivery(), SAID, reply_to=None), Unknown)
    assert len(await stored(server)) == 1


async def test_after_an_uninstall_in_the_middle_of_a_digest_nothing_is_called(desk):
    server, messenger = desk
    for part in range(3):
        assert isinstance(await messenger.post(delivery(part), SAID, reply_to=None), Sent)
    await asyncio.to_thread(server.tell, "change", team=TEAM, installed=False)
    before = len((await asyncio.to_thread(server.state, calls=True))["calls"])
    for part in range(3, 13):
        assert isinstance(await messenger.post(delivery(part), SAID, reply_to=None), RefusedForGood)
    assert isinstance(await messenger.find_posted("x", NOW, channel_ref(), reply_to=None), CannotTell)
    assert len((await asyncio.to_thread(server.state, calls=True))["calls"]) - before <= 3


async def test_reading_back_goes_on_where_a_rate_limit_stopped_it(desk):
    """Some apps may read one page a minute; in a busy channel the first page never has it."""
    server, messenger = desk
    for part in range(40):
        await messenger.post(delivery(part), SAID, reply_to=None)
    limited = {"method": "conversations.history", "status": 429, "headers": {"Retry-After": "60"}, "skip": 1}
    since = NOW - timedelta(days=400)
    tries = 0
    while True:
        tries += 1
        await asyncio.to_thread(server.tell, "fault", **limited)
        found = await messenger.find_posted(delivery(0).key, since, channel_ref(), reply_to=None)
        if not isinstance(found, RefusedForNow):
            break
        assert found.retry_at == NOW + timedelta(seconds=60)
        assert tries < 5
    assert isinstance(found, Sent)
    assert tries == 3


@pytest.mark.parametrize(("code", "found"), [("thread_not_found", CannotTell), ("invalid_cursor", RefusedForNow)])
async def test_a_look_that_can_never_succeed_is_not_tried_for_ever(desk, code, found):
    server, messenger = desk
    parent = await messenger.post(delivery(), SAID, reply_to=None)
    await fault(server, method="conversations.replies", error=code)
    told = await messenger.find_posted("k", NOW, channel_ref(), reply_to=parent.ref)
    assert isinstance(told, found)


async def test_a_key_that_is_missing_holds_deliveries_up_and_refuses_none():
    with slack_stand_in() as server:
        server.team()
        store, clock = MemoryStore(), FrozenClock(NOW)
        await (await installed(server, store, clock)).close()
        workspaces = Workspaces(store, FernetVault([new_key()]), clock, api_url=server.api_url)
        messenger = SlackMessenger(workspaces, clock)
        assert isinstance(await messenger.post(delivery(), SAID, reply_to=None), RefusedForNow)
        assert isinstance(await messenger.find_posted("k", NOW, channel_ref(), reply_to=None), RefusedForNow)
        assert await messenger.prepare(channel_ref())
        await workspaces.close()


async def test_a_private_channel_wants_an_invitation_and_a_direct_message_none(desk):
    _, messenger = desk
    assert "/invite" in await messenger.prepare(channel_ref("G0001"))
    told = await messenger._workspaces.call(f"slack:{TEAM}", "conversations.open", users="U0MEMBER")
    assert not await messenger.prepare(channel_ref(told.data["channel"]["id"]))


async def test_without_the_right_to_join_a_member_is_told_what_to_do():
    with slack_stand_in() as server:
        server.team()
        await asyncio.to_thread(server.tell, "fault", method="conversations.join", error="missing_scope")
        workspaces = await installed(server, MemoryStore(), FrozenClock(NOW), history=False)
        messenger = SlackMessenger(workspaces, FrozenClock(NOW))
        assert "/invite @Broadsheet" in await messenger.prepare(channel_ref())
        assert await messenger.find_posted("k", NOW, channel_ref(), reply_to=None) == CannotTell(
            "missing_scope", "the workspace did not grant channels:history"
        )
        await workspaces.close()


@pytest.mark.parametrize("code", FAULTS)
def test_every_error_code_has_its_outcome(code):
    kinds = {
        Kind.PERMANENT: RefusedForGood,
        Kind.PAYLOAD: RefusedForGood,
        Kind.REVOKED: RefusedForGood,
        Kind.TEMPORARY: RefusedForNow,
        Kind.UNKNOWN: Unknown,
    }
    assert isinstance(to_outcome(200, code, NOW), kinds[fault_of(code).kind])


def test_a_code_that_nobody_heard_of_says_that_nothing_was_posted():
    assert isinstance(to_outcome(200, "a_code_of_next_year", NOW), RefusedForGood)
    assert isinstance(to_outcome(502, "", NOW), Unknown)
    assert isinstance(to_outcome(200, "", NOW), Unknown)
