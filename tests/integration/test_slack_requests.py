"""Requests to Slack's address, through web server, guard and the real Bolt: forged, replayed, malformed, good."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import pathlib
import runpy
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.slack.guard import RequestGuard
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryStore
from tests.integration.slack_desk import COMMAND, NOW, WHEN, command, event, serving
from tests.standins.slack_process import TEAM, installed, signed, slack_stand_in

pytestmark = pytest.mark.integration
HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
ROWS = list(runpy.run_path(str(HOSTILE / "load.py"))["rows"]("signatures.jsonl")) if HOSTILE.exists() else []
SLACK = [pytest.param(row, id=row["id"]) for row in ROWS if row["platform"] == "slack"]
ABSENT = [pytest.param(None, marks=pytest.mark.skip(reason=f"{HOSTILE} is not there"))]
UNSPEAKABLE = {"S023": [400], "S042": [400]}
"""Headers that no HTTP server takes: ours answers 400 before anybody looks at them."""


@pytest.fixture(scope="module")
def server():
    with slack_stand_in() as made:
        made.team()
        made.team(team="T0002", token="xoxb-canary-0002")
        yield made


async def send(session, url, row, method="POST"):
    body = base64.b64decode(row["body_b64"]) if "body_b64" in row else row["body"].encode()
    headers = [
        (name, each)
        for name, value in row["headers"].items()
        for each in ([value] if isinstance(value, str) else value)
    ]
    try:
        async with session.request(method, f"{url}slack/events", data=body, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers
    except (ValueError, aiohttp.ClientError):
        # Such a header cannot be sent by this client, nor by any that keeps to HTTP: sent raw.
        return await send_raw(url, headers, body), "", {}


async def send_raw(url, headers, body):
    host, port = url.split("//")[1].strip("/").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"{name}: {value}" for name, value in [*headers, ("Host", host), ("Content-Length", str(len(body)))]]
    writer.write(
        ("POST /slack/events HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogatepass") + body
    )
    status = int((await reader.readline()).split()[1])
    writer.close()
    return status


@pytest.mark.parametrize("row", SLACK or ABSENT)
async def test_every_hostile_signature_is_judged_as_expected(row, server, caplog):
    caplog.set_level(logging.INFO)
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        expect = row["expect"]
        if "sequence" in row:
            if row.get("parallel"):
                await asyncio.gather(*(send(session, url, each) for each in row["sequence"]))
            else:
                for each in row["sequence"]:
                    await send(session, url, each)
            await side.stop()
            assert len(core.asked) == expect["effects_total"]
            return
        status, text, headers = await send(session, url, row, row.get("method", "POST"))
        assert status in row.get("accept_status", [expect["status"], *UNSPEAKABLE.get(row["id"], [])])
        await side.stop()
        assert len(core.asked) <= row.get("effects_max", expect["effects"])
        if expect["effects"]:
            assert len(core.asked) == expect["effects"]
        if "challenge" in row.get("body", "") and status == 200:
            assert text == json.loads(row["body"])["challenge"]
            assert headers["Content-Type"].startswith("text/plain")
            assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in caplog.text
    assert row.get("body", "no body")[:200] not in caplog.text


async def test_a_command_is_acknowledged_empty_and_answered_to_its_caller_alone(server):
    async with serving(server) as (url, core, side, _store), aiohttp.ClientSession() as session:
        status, text, response = await command(session, url, server)
        await side.stop()
        assert (status, text) == (200, "")
        [(caller, asked)] = core.asked
        assert asked == "help"
        assert (caller.member.name, caller.member.zone, caller.channel_name) == ("Ben", "Europe/Berlin", "papers")
        [body] = (await asyncio.to_thread(server.state))["responses"][response]["bodies"]
        assert body["response_type"] == "ephemeral"
        assert "Here it is." in body["text"]


async def test_an_admin_of_the_workspace_is_one_here(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        await command(session, url, server, user_id="U0ADMIN")
        await side.stop()
        assert core.asked[0][0].member.role == "admin"


async def test_in_direct_messages_everything_concerns_the_members_own_conversation_with_the_bot(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        await command(session, url, server, channel_id="D0OTHERS", channel_name="directmessage")
        await side.stop()
        assert core.asked[0][0].channel.address == "D0MEMBER"


async def test_a_replayed_command_is_carried_out_once(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        body = urlencode(COMMAND).encode()
        for _ in range(3):
            async with session.post(f"{url}slack/events", data=body, headers=signed(body, NOW)) as answer:
                assert answer.status == 200
        await side.stop()
        assert len(core.asked) == 1


async def test_a_body_over_a_megabyte_is_refused_unread(server):
    async with serving(server) as (url, core, _, _), aiohttp.ClientSession() as session:
        body = b"x" * 1_000_001
        async with session.post(f"{url}slack/events", data=body, headers=signed(body, NOW)) as answer:
            assert answer.status == 413
        assert not core.asked


async def test_a_large_body_of_a_form_is_taken(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        status, _, _ = await command(session, url, server, text="x" * 200_000)
        await side.stop()
        assert status == 200
        assert len(core.asked) == 1


async def test_the_page_of_the_same_server_still_asks_for_its_token(server):
    async with serving(server) as (url, *_), aiohttp.ClientSession() as session:
        async with session.get(f"{url}slack/install") as answer:
            assert answer.status == 200
            assert "Add to Slack" in await answer.text()
        async with session.get(url) as answer:
            assert answer.status in {401, 200}
            assert "token" in (await answer.text()).casefold()


async def test_uninstalling_forgets_the_workspace_and_calls_nothing_any_more(server):
    async with serving(server) as (url, core, side, store), aiohttp.ClientSession() as session:
        await command(session, url, server)
        assert await event(session, url, type="app_uninstalled") == 200
        await side.stop()
        before = len((await asyncio.to_thread(server.state, calls=True))["calls"])
        await command(session, url, server, text="again")
        await side.stop()
        assert len(core.asked) == 1
        assert len((await asyncio.to_thread(server.state, calls=True))["calls"]) == before
        async with store.read() as tx:
            assert await tx.installations.get(f"slack:{TEAM}") is None
            assert not await tx.channels.all(f"slack:{TEAM}")
            assert not await tx.channels.members(f"slack:{TEAM}")
            assert await tx.installations.get("slack:T0002") is not None


async def test_revoked_tokens_are_used_no_more_but_subscriptions_stay(server):
    async with serving(server) as (url, _, side, store), aiohttp.ClientSession() as session:
        await command(session, url, server)
        await side.stop()
        await event(session, url, type="tokens_revoked", tokens={"bot": ["U0BOT"]})
        await side.stop()
        async with store.read() as tx:
            assert await tx.installations.get(f"slack:{TEAM}") is None
            assert await tx.channels.all(f"slack:{TEAM}")


async def test_a_token_that_slack_no_longer_knows_is_dropped_at_the_first_refusal(server):
    store, clock = MemoryStore(), FrozenClock(WHEN)
    workspaces = await installed(server, store, clock, token="xoxb-unknown")
    answer = await workspaces.call(f"slack:{TEAM}", "auth.test")
    assert answer.code == "invalid_auth"
    async with store.read() as tx:
        assert await tx.installations.get(f"slack:{TEAM}") is None
    await workspaces.close()


@pytest.mark.parametrize("row", [each for each in SLACK if each.values[0]["id"] in UNSPEAKABLE] or ABSENT)
def test_headers_that_http_refuses_are_refused_by_the_guard_as_well(row):
    case = row
    headers = {name.lower(): [value] for name, value in case["headers"].items()}
    assert RequestGuard(case["secret"]).judge(headers, case["body"].encode(), WHEN).status == 401
