"""What goes wrong around a request: a store that hangs or breaks, a workspace that is gone, rights that are missing."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from adapters.slack.app import open_slack
from adapters.slack.installations import Workspaces
from adapters.slack.manifest import scopes
from adapters.slack.oauth import OAuth
from adapters.slack.parse import read_member
from adapters.vault import FernetVault, new_key
from bot.command_table import VERBS
from bot.compose.forms import form
from bot.compose.replies import reply
from bot.document import FormPreview, Note
from bot.errors import BadSettings
from bot.model import Role
from bot.settings import Settings
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryStore
from tests.integration.slack_desk import WHEN, Listening, command, event, interact, serving
from tests.standins.slack_process import SECRET, TEAM, slack_stand_in

pytestmark = pytest.mark.integration
EVERYTHING = scopes(history=True)


@pytest.fixture
def server():
    with slack_stand_in() as made:
        made.team()
        made.team(team="T0002", token="xoxb-canary-0002")
        yield made


async def state(server, **more):
    return await asyncio.to_thread(server.state, **more)


async def bodies(server, response):
    return (await state(server))["responses"].get(response, {}).get("bodies", [])


async def hang():
    await asyncio.sleep(30)


async def fall():
    raise OSError("the disk is full")


def form_payload(url="", **values):
    fields = {f"field:{name}": {"typed": {"value": value}} for name, value in values.items()}
    blocks = [
        {"type": "input", "block_id": "field:topic"},
        {"type": "context", "block_id": "preview", "elements": []},
    ]
    noted = json.dumps({"channel": "C0001", "name": "papers", "url": url, "verb": "subscribe"})
    view = {"id": "V1", "type": "modal", "callback_id": "form", "private_metadata": noted, "blocks": blocks}
    return {**view, "state": {"values": fields}}


async def test_what_the_store_takes_its_time_for_is_acknowledged_in_time(server):
    async with serving(server) as (url, _, side, store), aiohttp.ClientSession() as session:
        store.trouble = hang
        began = time.monotonic()
        answers = await asyncio.gather(
            command(session, url, server),
            interact(session, url, type="block_actions", actions=[{"action_id": "run:0", "value": "list"}]),
            interact(session, url, type="view_submission", view=form_payload(topic="cs.CL")),
            event(session, url, type="app_home_opened", tab="home", user="U0MEMBER"),
        )
        assert time.monotonic() - began < 2.7
        assert [each if isinstance(each, int) else each[0] for each in answers] == [200] * 4
        store.trouble = None
        for work in side._works:  # nobody waits for half a minute
            work.cancel()


async def test_in_a_rush_everybody_gets_a_turn(server, monkeypatch):
    monkeypatch.setattr("adapters.slack.app._AT_ONCE", 3)
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        working, most = [], []

        async def busy():
            working.append(1)
            most.append(len(working))
            await asyncio.sleep(0.05)
            working.pop()

        core.busy = busy
        await asyncio.gather(*(command(session, url, server, text=f"help {number}") for number in range(12)))
        await side.stop()
        assert len(core.asked) == 12
        assert max(most) == 3


async def test_a_member_is_told_when_the_store_breaks(server):
    async with serving(server) as (url, core, side, store), aiohttp.ClientSession() as session:
        store.trouble = fall
        status, text, response = await command(session, url, server)
        await side.stop()
        assert (status, text, core.asked) == (200, "", [])
        [body] = await bodies(server, response)
        assert "Something went wrong on my side" in body["text"]
        assert body["response_type"] == "ephemeral"


async def test_a_member_of_a_workspace_that_is_not_installed_is_told_where_to_install_it(server):
    async with serving(server) as (url, core, side, store), aiohttp.ClientSession() as session:
        async with store.write() as tx:
            await tx.installations.remove(f"slack:{TEAM}")
        _, _, response = await command(session, url, server)
        await side.stop()
        [body] = await bodies(server, response)
        assert "not installed" in body["text"]
        assert "http://127.0.0.1/slack/install" in json.dumps(body["blocks"])
        assert (core.asked, (await state(server, calls=True))["calls"]) == ([], [])


async def test_a_token_that_was_revoked_is_told_of_at_the_first_command(server):
    async with serving(server) as (url, _, side, _store), aiohttp.ClientSession() as session:
        await asyncio.to_thread(server.tell, "change", team=TEAM, installed=False)
        for _ in range(3):
            _, _, response = await command(session, url, server)
            await side.stop()
        assert "not installed" in (await bodies(server, response))[0]["text"]
        assert len((await state(server, calls=True))["calls"]) <= 3


async def test_a_form_shows_its_errors_at_its_fields_and_is_then_carried_out(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        core.previews = [FormPreview((), {"topic": "cs.NOPE is no category."}), FormPreview()]
        _, text = await interact(session, url, type="view_submission", view=form_payload(topic="cat:cs.NOPE"))
        assert json.loads(text) == {"response_action": "errors", "errors": {"field:topic": "cs.NOPE is no category."}}
        status, text = await interact(session, url, type="view_submission", view=form_payload(topic="cs.CL"))
        await side.stop()
        assert (status, text, len(core.asked)) == (200, "", 1)


async def test_a_response_url_that_is_used_up_leaves_other_ways_to_answer(server):
    """An ephemeral message in the channel; where the bot is not in it, a direct message."""
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        trigger = await asyncio.to_thread(server.tell, "trigger", team=TEAM)
        for _ in range(5):
            async with session.post(trigger["response_url"], json={"text": "used"}) as answer:
                assert answer.status == 200
        await command(session, url, server, response_url=trigger["response_url"])
        await side.stop()
        team = (await state(server))["teams"][TEAM]
        assert not team["ephemeral"]
        assert "Here it is." in json.dumps(team["messages"]["D0MEMBER"])
        await side._workspaces.call(f"slack:{TEAM}", "conversations.join", channel="C0001")
        await command(session, url, server, response_url=trigger["response_url"], text="again")
        await side.stop()
        [said] = (await state(server))["teams"][TEAM]["ephemeral"]
        assert (said["channel"], said["user"]) == ("C0001", "U0MEMBER")
        assert len(core.asked) == 2


async def test_a_form_that_can_no_longer_be_opened_is_offered_as_a_button(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        core.answer = reply(form(VERBS["subscribe"]))
        _, _, response = await command(session, url, server, trigger_id="long-gone", text="form")
        await side.stop()
        [body] = await bodies(server, response)
        assert "Open the form" in json.dumps(body["blocks"])
        _, _, response = await command(session, url, server, text="form ")
        await side.stop()
        assert await bodies(server, response) == []
        assert len((await state(server))["teams"][TEAM]["views"]) == 1


async def test_what_was_typed_last_is_what_the_form_says(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        trigger = await asyncio.to_thread(server.tell, "trigger", team=TEAM)
        await side._workspaces.call(
            f"slack:{TEAM}",
            "views.open",
            trigger_id=trigger["trigger_id"],
            view=opened(),
        )
        [view] = (await state(server))["teams"][TEAM]["views"].values()
        gate = asyncio.Event()

        async def preview(_caller, _verb, values):
            if values["topic"] == "k":
                await gate.wait()
            return FormPreview((Note(f"it means {values['topic']}"),))

        core.preview = preview
        for topic in ("k", "kv", "kv cache"):
            typed = {"field:topic": {"typed": {"value": topic}}}
            action = {"action_id": "typed", "value": topic}
            await interact(
                session, url, type="block_actions", actions=[action], view={**view, "state": {"values": typed}}
            )
        gate.set()
        await side.stop()
        found = json.dumps((await state(server))["teams"][TEAM]["views"][view["id"]])
        assert "it means kv cache" in found
        assert 'it means k"' not in found


def opened():
    title = {"type": "plain_text", "text": "Subscribe"}
    element = {"type": "plain_text_input", "action_id": "typed"}
    label = {"type": "plain_text", "text": "Topic"}
    said = {"type": "context", "block_id": "preview", "elements": [label]}
    blocks = [{"type": "input", "block_id": "field:topic", "label": label, "element": element}, said]
    return {"type": "modal", "callback_id": "form", "title": title, "submit": title, "blocks": blocks}


async def test_a_mention_in_a_thread_is_answered_there_to_its_author_alone(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        await side._workspaces.call(f"slack:{TEAM}", "conversations.join", channel="C0001")
        await event(
            session, url, type="app_mention", user="U0MEMBER", text="<@U0BOT> today", channel="C0001", thread_ts="5.1"
        )
        await side.stop()
        assert [text for _, text in core.asked] == ["today"]
        [said] = (await state(server))["teams"][TEAM]["ephemeral"]
        assert (said["user"], said["thread_ts"], said["channel"]) == ("U0MEMBER", "5.1", "C0001")


async def test_bots_that_mention_the_bot_are_not_answered(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        for told in ({"bot_id": "B2", "user": "U2"}, {"bot_id": "B2"}, {}):
            await event(session, url, type="app_mention", text="<@U0BOT> help", channel="C0001", **told)
        await side.stop()
        assert core.asked == []


@pytest.mark.parametrize("number", ["1", "3", "nonsense"])
async def test_an_event_counts_once_whatever_the_header_of_a_retry_says(server, number):
    retry = {"X-Slack-Retry-Num": number, "X-Slack-Retry-Reason": "http_timeout"}
    told = {"type": "app_mention", "user": "U0MEMBER", "text": "<@U0BOT> help", "channel": "C0001", "ts": "1.1"}
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        for headers in (retry, None, retry):  # the first try was lost before it came to us
            assert await event(session, url, headers=headers, **told) == 200
        await side.stop()
        assert len(core.asked) == 1


async def test_an_event_that_could_not_be_dealt_with_is_taken_when_it_comes_again(server, monkeypatch):
    told = {"type": "app_mention", "user": "U0MEMBER", "text": "<@U0BOT> help", "channel": "C0001", "ts": "1.1"}
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        dispatch = side._dispatch
        monkeypatch.setattr(side, "_dispatch", broken)
        assert await event(session, url, **told) == 503
        monkeypatch.setattr(side, "_dispatch", dispatch)
        assert await event(session, url, **told) == 200
        await side.stop()
        assert len(core.asked) == 1


async def broken(request):
    from slack_bolt.response import BoltResponse

    del request
    return BoltResponse(status=503)


async def test_app_home_asks_to_install_again_where_a_right_is_missing(server):
    for granted, asks in ((EVERYTHING, False), (scopes(history=False), True), (EVERYTHING[2:], True)):
        async with serving(server, granted=granted) as (url, _, side, _store), aiohttp.ClientSession() as session:
            await event(session, url, type="app_home_opened", tab="home", user="U0MEMBER", n=len(granted))
            await side.stop()
            home = json.dumps((await state(server))["teams"][TEAM]["homes"]["U0MEMBER"])
            assert ("/slack/install" in home) is asks
            assert (EVERYTHING[0] in home) is (granted == EVERYTHING[2:])
    assert not (await state(server))["problems"]


async def test_a_menu_of_app_home_acts_in_the_channel_that_it_names(server):
    async with serving(server) as (url, core, side, _), aiohttp.ClientSession() as session:
        option = {"value": "@C0002 show 2402.18789"}
        action = {"action_id": "choice:0", "type": "static_select", "selected_option": option}
        view = {"id": "VHOME", "type": "home", "blocks": []}
        await interact(session, url, type="block_actions", view=view, actions=[action])
        await side.stop()
        [(caller, text)] = core.asked
        assert (caller.channel.address, text) == ("C0002", "show 2402.18789")


@pytest.mark.parametrize(
    ("team", "grid", "role"),
    [(TEAM, [], Role.ADMIN), ("", [], Role.ADMIN), ("T0009", [], Role.MEMBER), ("T0009", [TEAM], Role.ADMIN)],
)
def test_an_admin_of_another_companys_workspace_is_none_here(team, grid, role):
    user = {"id": "U1", "team_id": team, "is_admin": True, "enterprise_user": {"teams": grid}}
    assert read_member(f"slack:{TEAM}", user, None).role is role


async def test_who_is_an_admin_is_asked_again_soon_where_slack_did_not_tell(server):
    clock = FrozenClock(WHEN)
    async with serving(server, clock) as (url, core, side, _), aiohttp.ClientSession() as session:
        await asyncio.to_thread(server.tell, "fault", method="users.info", error="internal_error")
        await command(session, url, server, user_id="U0ADMIN")
        await side.stop()
        clock.set(WHEN.replace(minute=(WHEN.minute + 1) % 60))
        await command(session, url, server, user_id="U0ADMIN")
        await side.stop()
        assert [caller.member.role for caller, _ in core.asked] == [Role.MEMBER, Role.ADMIN]


def settings_for(server, **more):
    return Settings(slack_api_url=server.api_url, **more)


async def test_the_bot_starts_while_slack_is_out_of_order_and_knows_its_workspace_afterwards(server):
    settings = settings_for(server, slack_bot_token="xoxb-canary-0001", slack_app_token="xapp-canary")
    store = MemoryStore()
    await asyncio.to_thread(server.tell, "fault", method="auth.test", status=503, error="service_unavailable", times=2)
    side = await open_slack(settings, FrozenClock(WHEN), store, FernetVault([new_key()]))
    try:
        await side.start(Listening())
        async with asyncio.timeout(20):
            while True:
                async with store.read() as tx:
                    if await tx.installations.get(f"slack:{TEAM}"):
                        break
                await asyncio.sleep(0.05)
    finally:
        await side.stop()
        await side.close()


async def test_a_token_that_slack_refuses_stops_the_start_with_its_name(server):
    settings = settings_for(server, slack_bot_token="xoxb-wrong", slack_app_token="xapp-canary")
    side = await open_slack(settings, FrozenClock(WHEN), MemoryStore(), FernetVault([new_key()]))
    with pytest.raises(BadSettings, match="BROADSHEET_SLACK_BOT_TOKEN"):
        await side.start(Listening())
    await side.close()


@pytest.mark.parametrize(
    ("token", "granted", "says"),
    [
        ("xoxb-canary-0001", True, "ok T0001, as the bot"),
        ("xoxb-canary-0001", False, "FAIL was not granted channels:history, groups:history, im:history"),
        ("xoxb-wrong", True, "FAIL invalid_auth"),
    ],
)
async def test_a_check_says_whose_token_it_is_and_what_it_lacks(server, token, granted, says):
    await asyncio.to_thread(server.team, history=granted)
    settings = settings_for(server, slack_bot_token=token, slack_app_token="xapp-canary")
    side = await open_slack(settings, FrozenClock(WHEN), MemoryStore(), FernetVault([new_key()]))
    bot, app = await side.check()
    assert f"{'ok' if bot.ok else 'FAIL'} {bot.said}".startswith(says)
    assert bot.ok or bot.remedy
    assert app.ok
    await side.close()


async def test_a_check_counts_the_workspaces_and_says_when_slack_cannot_be_reached(server):
    async with serving(server) as (_, _, side, _store):
        [found] = await side.check()
        assert found.said == "installed in 2 workspaces; http://127.0.0.1/slack/install adds one"
    settings = Settings(
        slack_api_url="http://127.0.0.1:9/api/", slack_bot_token="xoxb-canary-0001", slack_app_token="xapp-canary"
    )
    side = await open_slack(settings, FrozenClock(WHEN), MemoryStore(), FernetVault([new_key()]))
    assert [(each.ok, each.said) for each in await side.check()] == [(False, "Slack cannot be reached")] * 2
    await side.close()


async def test_a_link_to_install_is_refused_in_another_browser_and_never_breaks(server):
    async with serving(server) as (url, *_), aiohttp.ClientSession() as session:
        for cookie in (b"", b"slack_state=another", b"slack_state=\xff\xfe", b'slack_state="\\377"'):
            headers = {"Cookie": cookie.decode("latin-1")} if cookie else {}
            for state_ in ("1790000000.x.0", "%FF", "a.b.c", ""):
                async with session.get(f"{url}slack/oauth_redirect?code=1&state={state_}", headers=headers) as answer:
                    assert answer.status == 400


async def test_a_token_that_slack_does_not_know_is_not_installed(server):
    settings = settings_for(
        server,
        slack_client_id="1.2",
        slack_client_secret="client-secret",
        slack_signing_secret=SECRET,
        public_url="http://127.0.0.1",
    )
    store, clock = MemoryStore(), FrozenClock(WHEN)
    workspaces = Workspaces(store, FernetVault([new_key()]), clock, api_url=server.api_url)
    page = await OAuth(settings, workspaces, clock)._installed({"access_token": "xoxb-unknown", "team": {"id": TEAM}})
    assert page.status == 502
    async with store.read() as tx:
        assert not await tx.installations.all()
    await workspaces.close()
