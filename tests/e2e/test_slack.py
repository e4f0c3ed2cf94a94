"""A team's life with Broadsheet in Slack, over sockets: two processes that know each other by the wire alone."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.e2e.slack_house import slack_house
from tests.standins.slack_process import TEAM

pytestmark = pytest.mark.e2e


def buttons(message):
    rows = [block for block in message["blocks"] if block["type"] == "actions"]
    return [each for block in rows for each in block["elements"]]


def keyed(house, state):
    return [each for each in house.in_channel(state) if "metadata" in each]


async def test_a_teams_life_from_installing_to_uninstalling(tmp_path):  # noqa: PLR0915 - a life has many days
    async with slack_house(tmp_path, socket_mode=False, team={"installed": False}) as (house, _):
        # Installing: the link works once, and in the browser that began.
        status, page, back, cookie = await house.install()
        assert status == 200
        assert "/papers form" in page
        async with house.session.get(back, cookies=cookie) as again:
            assert again.status == 400
            assert "used before" in await again.text()

        # Subscribing with the form: opened at once, an error at its field, a preview, then done.
        await house.say("form")
        [view] = await house.until(lambda state: list(state["teams"][TEAM]["views"].values()))
        refused = await house.submit(view, {"topic": "cat:cs.NOPE"})
        assert refused["response_action"] == "errors"
        assert "field:topic" in refused["errors"]
        await house.click(
            "",
            action={"action_id": "typed", "value": "cs.CL"},
            view={**view, "state": {"values": {"field:topic": {"typed": {"value": "cs.CL"}}}}},
        )
        await house.until(lambda state: "cs.CL" in json.dumps(state["teams"][TEAM]["views"][view["id"]]["blocks"]))
        assert await house.submit(view, {"topic": "*", "name": "papers", "top": "3", "layout": "thread"}) is None

        # The public line, and the sample in a thread, once.
        posted = await house.until(lambda state: (found := keyed(house, state)) and len(found) >= 5 and found)
        line = next(each for each in house.in_channel(await house.state()) if "Ada subscribed" in each["text"])
        assert "thread_ts" not in line
        [parent] = [each for each in posted if "a sample of" in each["text"]]
        cards = [each for each in posted if "thread_ts" in each]
        assert len(cards) == 3
        assert {each["thread_ts"] for each in cards} == {parent["ts"]}

        # A vote is counted on the card, in place, and its metadata stays.
        card = cards[0]
        vote = next(each for each in buttons(card) if each.get("value", "").startswith("vote"))
        await house.click(vote["value"], "U0MEMBER", message=card)
        after = await house.until(
            lambda state: next(
                (each for each in keyed(house, state) if each["ts"] == card["ts"] and each.get("edited")), None
            )
        )
        assert "▲ 1" in [each["text"]["text"] for each in buttons(after) if "text" in each]
        assert after["metadata"] == card["metadata"]

        # Saving, and the list.
        saved = await house.click(vote["value"].replace("vote", "save"), "U0MEMBER", message=card)
        assert "Saved" in (await house.replies(saved))[0]["text"]

        # Search with paging: the next page takes the place of the first.
        for _ in range(60):  # the index follows the papers within seconds
            [page_one] = await house.replies(await house.say("search model OR learning OR video"))
            if older := [each["value"] for each in buttons(page_one) if " page 2" in str(each.get("value"))]:
                break
            await asyncio.sleep(0.5)
        assert page_one["response_type"] == "ephemeral"
        turned = await house.click(older[0], container={"type": "message", "is_ephemeral": True})
        [page_two] = await house.replies(turned)
        assert page_two["replace_original"]
        assert page_two["text"] != page_one["text"]

        # The shortcut on a message of a colleague.
        trigger = await house.tell("trigger", team=TEAM)
        reference = vote["value"].split()[1]
        await house.send(
            "interactive",
            {
                "type": "message_action",
                "callback_id": "save_paper",
                "team": {"id": TEAM},
                "user": {"id": "U0ADMIN", "team_id": TEAM},
                "channel": {"id": "C0001", "name": "papers"},
                "message": {"ts": "1.1", "text": f"look: <https://arxiv.org/abs/{reference}|this>"},
                "trigger_id": trigger["trigger_id"],
                "response_url": trigger["response_url"],
            },
        )
        assert "Saved" in (await house.replies(trigger["response"]))[0]["text"]

        # App Home shows the channel, its subscription and what was saved.
        await house.event(type="app_home_opened", user="U0ADMIN", tab="home")
        home = await house.until(lambda state: state["teams"][TEAM]["homes"].get("U0ADMIN"))
        text = json.dumps(home, ensure_ascii=False)
        assert "#papers" in text
        assert "@C0001 form papers" in text
        assert "Saved papers" in text

        # Who changed what.
        log = (await house.replies(await house.say("log")))[0]["text"]
        assert "Ada subscribed this channel" in log

        # Uninstalling: nothing is called any more.
        await house.event(type="app_uninstalled")
        await house.tell("change", team=TEAM, installed=False)
        before = len((await house.state(calls=True))["calls"])
        await house.say("list")
        state = await house.state(calls=True)
        assert [each["method"] for each in state["calls"][before:]] == []
        assert not state["problems"]
    assert b"xoxb-canary" not in (tmp_path / "data" / "broadsheet.sqlite3").read_bytes()
    assert b"xoxb-canary" not in (tmp_path / "log").read_bytes()


async def test_over_a_socket_every_envelope_is_answered_once_through_cuts_and_refreshes(tmp_path):
    async with slack_house(tmp_path, socket_mode=True) as (house, _):
        await house.until(lambda state: state["sockets"])
        assert "papers" in (await house.replies(await house.say("help")))[0]["text"].casefold()

        # Help is read, with its form behind a button.
        [how] = await house.replies(await house.say("help subscribe"))
        assert "Open the form" in json.dumps(how["blocks"])
        assert not (await house.state())["teams"][TEAM]["views"]

        # Slack asks for another connection; nothing is lost meanwhile.
        await house.tell("sockets", disconnect="warning")
        assert (await house.replies(await house.say("status")))[0]["text"]

        # The connection breaks, and the next two attempts are refused.
        await house.tell("sockets", cut=True, refuse=2)
        await house.until(lambda state: state["sockets"])
        assert (await house.replies(await house.say("list")))[0]["text"]

        # The same envelope twice is answered once.
        trigger = await house.tell("trigger", team=TEAM)
        payload = {
            "command": "/papers",
            "text": "help",
            "team_id": TEAM,
            "user_id": "U0ADMIN",
            "channel_id": "C0001",
            "channel_name": "papers",
            "trigger_id": trigger["trigger_id"],
            "response_url": trigger["response_url"],
        }
        for _ in range(2):
            answer = await house.tell("envelope", id="E-again", type="slash_commands", payload=payload)
            assert answer["acknowledged"]
        await house.replies(trigger["response"])
        await house.replies(await house.say("status"))
        bodies = (await house.state())["responses"][trigger["response"]]["bodies"]
        assert len(bodies) <= 2
        assert len({json.dumps(each) for each in bodies}) == len(bodies)
        assert not (await house.state())["problems"]


async def test_roles_direct_messages_and_the_buttons_of_app_home(tmp_path):
    async with slack_house(tmp_path, socket_mode=False, team={"installed": False}) as (house, _):
        await house.install()

        async def said(text, user="U0MEMBER", channel="C0001"):
            return (await house.replies(await house.say(text, user, channel)))[0]["text"]

        # Anyone may, then admins only, then a member who was made an editor.
        assert "Subscribed" in await said("subscribe cs.CL as mine")
        assert "only admins" in await said("settings allow admins", "U0ADMIN")
        assert "Only admins change subscriptions here" in await said("unsubscribe mine")
        assert "Only an admin" in await said("settings allow anyone")
        await said("settings allow editors", "U0ADMIN")
        assert "Only editors" in await said("pause mine")
        assert "Ben is now an editor" in await said("settings editor <@U0MEMBER|ben>", "U0ADMIN")
        assert "paused" in await said("pause mine")
        log = await said("log")
        for line in ("Ben subscribed this channel", "Ada let only admins", "Ben is now an editor", "Ben paused"):
            assert line in log

        # A subscription in a direct message is the member's own.
        assert "Subscribed" in await said("subscribe * as personal top 2", channel="D0SOMEONE")
        await house.until(lambda state: [each for each in house.in_channel(state, "D0MEMBER") if "metadata" in each])

        # App Home: Edit opens the form of that channel's subscription, and saving it changes that channel's.
        await house.event(type="app_home_opened", user="U0MEMBER", tab="home")
        home = await house.until(lambda state: state["teams"][TEAM]["homes"].get("U0MEMBER"))
        edit = next(each["value"] for each in buttons(home) if each["value"] == "@C0001 form mine")
        await house.click(edit, "U0MEMBER", view={**home, "id": "VHOME"}, channel="", container={"type": "view"})
        [view] = await house.until(lambda state: list(state["teams"][TEAM]["views"].values()))
        assert "mine" in json.dumps(view["blocks"])
        values = {"topic": "cs.RO", "name": "mine", "top": "4", "at": "10:00 Europe/Berlin", "on": "weekdays"}
        assert await house.submit(view, values, "U0MEMBER") is None
        await house.until(lambda state: "Ben changed" in json.dumps(house.in_channel(state)))
        assert "papers in cs.RO" in await said("list")
        resume = "@C0001 resume mine"
        await house.click(resume, "U0MEMBER", view={**home, "id": "VHOME"}, channel="", container={"type": "view"})
        await house.until(lambda state: "pause mine" in json.dumps(state["teams"][TEAM]["homes"]["U0MEMBER"]))

        # A shortcut on a message that names several papers asks which, and on one that names none says so.
        for text, answer in (("2601.00001 and 2601.00002", "Which of these"), ("nothing here", "find no paper")):
            trigger = await house.tell("trigger", team=TEAM)
            shortcut = {"type": "message_action", "callback_id": "save_paper", "message": {"ts": "1.1", "text": text}}
            who = {"team": {"id": TEAM}, "user": {"id": "U0MEMBER"}, "channel": {"id": "C0001", "name": "papers"}}
            await house.send("interactive", {**shortcut, **who, "response_url": trigger["response_url"]})
            assert answer in (await house.replies(trigger["response"]))[0]["text"]
        assert not (await house.state())["problems"]
