"""Posting to Discord through everything that can go wrong, with the real discord.py against a server of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.discord.parse import workspace_of
from adapters.discord.pieces import Style
from adapters.system import SystemClock
from bot.document import Audience, Document, Heading, Note, PaperCard
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, PaperId, Platform
from bot.outcome import Absent, CannotTell, RefusedForGood, RefusedForNow, Scope, Sent, Unknown
from tests.standins.discord_client import calling
from tests.standins.discord_process import (
    FORUM,
    GUILD,
    MEMBER,
    NEWS,
    PAPERS,
    READERS,
    TAG_BIO,
    TAGGED,
    discord_stand_in,
)

pytestmark = pytest.mark.integration

POSTS = "POST /channels/{id}/messages"
OPENS = "POST /channels/{id}/threads"
CARD = PaperCard(paper_id=PaperId("arxiv:2605.00001"), title="A study", url="https://arxiv.org/abs/2605.00001")
LIST = Document((Heading("vision · Friday"), Note("3 picked")), Audience.EVERYONE, label="vision")
ONE = Document((CARD,), Audience.EVERYONE, label="vision")


@pytest.fixture
def server():
    with discord_stand_in() as made:
        made.guild()
        yield made


@pytest.fixture
async def ours(server):
    made = calling(server.api_url, SystemClock())
    yield made
    await made.close()


def delivery(key="a" * 25, address=PAPERS, part=0, attempt=1) -> Delivery:
    ref = ChannelRef(Platform.DISCORD, workspace_of(GUILD), address)
    return Delivery(key=key, edition_id=1, part=part, channel=ref, attempt=attempt, tried_at=SystemClock().now())


async def post(ours, document=LIST, *, reply_to=None, **about):
    return await ours.messenger.post(delivery(**about), document, reply_to=reply_to)


async def told(server, path, **body):
    await asyncio.to_thread(server.tell, path, **body)


def posted(server, route=POSTS):
    """How often a route was asked."""
    return len([each for each in server.state(calls=True)["calls"] if each["route"] == route])


async def test_a_lost_answer_is_unknown_and_the_nonce_brings_the_same_message(server, ours):
    await told(server, "fault", route=POSTS, lands=True, cut=True)
    assert isinstance(await post(ours), Unknown)
    again = await post(ours, attempt=2)
    [message] = server.messages()
    assert isinstance(again, Sent)
    assert again.ref.id == message["id"]


async def test_after_the_window_the_message_is_found_by_the_key_in_it(server, ours):
    await told(server, "fault", route=POSTS, lands=True, cut=True)
    since = SystemClock().now() - timedelta(minutes=1)
    assert isinstance(await post(ours), Unknown)
    await told(server, "clock", ahead=600)
    found = await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None)
    assert found == Sent(MessageRef(delivery().channel, server.messages()[0]["id"]))
    assert server.messages()[0]["content"].startswith("## vision")


async def test_a_key_that_a_member_copied_is_not_the_message(server, ours):
    await told(server, "fault", route=POSTS, cut=True)
    assert isinstance(await post(ours), Unknown)
    await told(server, "say", channel=PAPERS, user=MEMBER, content=f"look: https://arxiv.org/abs/2605.00001#{'a' * 25}")
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None) == Absent()


async def test_what_never_landed_is_absent(server, ours):
    await told(server, "fault", route=POSTS, cut=True)
    assert isinstance(await post(ours), Unknown)
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None) == Absent()


async def test_an_empty_history_is_not_believed_where_it_may_not_be_read(server, ours):
    await post(ours)
    await told(server, "change", guild=GUILD, channel=PAPERS, deny=["READ_MESSAGE_HISTORY"])
    since = SystemClock().now() - timedelta(minutes=1)
    found = await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None)
    assert isinstance(found, CannotTell)


async def test_a_server_error_under_a_nonce_is_tried_again_by_discord_py_and_stands_once(server, ours):
    await told(server, "fault", route=POSTS, status=502, lands=True)
    assert isinstance(await post(ours), Sent)
    assert len(server.messages()) == 1


@pytest.mark.parametrize("status", [500, 502, 504, 524])
async def test_a_server_error_to_a_forums_post_is_unknown_and_not_repeated(server, ours, status):
    await told(server, "fault", route=OPENS, status=status, lands=True)
    assert isinstance(await post(ours, address=FORUM), Unknown)
    assert posted(server, OPENS) == 1
    # The second attempt looks first.
    again = await post(ours, address=FORUM, attempt=2)
    [thread] = server.threads(FORUM)
    assert isinstance(again, Sent)
    assert again.ref.id == thread["id"]


async def test_a_broken_connection_to_a_forums_post_is_not_repeated_either(server, ours):
    await told(server, "fault", route=OPENS, cut="reset", lands=True)
    assert isinstance(await post(ours, address=FORUM), Unknown)
    assert len(server.threads(FORUM)) == 1


async def test_cards_of_a_thread_stand_in_it_and_are_found_there(server, ours):
    parent = (await post(ours)).ref
    reply = (await post(ours, ONE, key="b" * 25, part=1, reply_to=parent)).ref
    [thread] = server.threads()
    assert thread["id"] == parent.id
    assert reply.id == f"{thread['id']}/{server.messages(thread['id'])[0]['id']}"
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("b" * 25, since, parent.channel, reply_to=parent) == Sent(reply)
    assert await ours.messenger.edit(reply, ONE) == Sent(reply)


async def test_where_no_thread_may_be_opened_the_cards_are_replies(server, ours):
    await told(server, "change", guild=GUILD, channel=PAPERS, deny=["CREATE_PUBLIC_THREADS"])
    parent = (await post(ours)).ref
    reply = (await post(ours, ONE, key="b" * 25, part=1, reply_to=parent)).ref
    assert server.messages()[1]["message_reference"]["message_id"] == parent.id
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("b" * 25, since, parent.channel, reply_to=parent) == Sent(reply)


async def test_two_workers_open_one_thread(server, ours):
    parent = (await post(ours)).ref
    await asyncio.gather(*(post(ours, ONE, key=key * 25, part=1, reply_to=parent) for key in "bcd"))
    [thread] = server.threads()
    assert len(server.messages(thread["id"])) == 3


async def test_an_announcement_is_published_once_and_what_cannot_be_is_posted_all_the_same(server, ours):
    await told(server, "limits", crossposts=1)
    assert isinstance(await post(ours, address=NEWS), Sent)
    assert isinstance(await post(ours, address=NEWS, key="b" * 25), Sent)
    flags = [each["flags"] & 1 << 1 or each["flags"] & 1 for each in server.messages(NEWS)]
    assert len(flags) == 2
    assert flags[0]
    assert not flags[1]


async def test_a_forum_that_demands_a_tag_gets_one(server, ours):
    assert isinstance(await post(ours, replace(ONE, label="biology"), address=TAGGED), Sent)
    assert server.threads(TAGGED)[0]["applied_tags"] == [TAG_BIO]


async def test_a_line_on_a_change_is_no_post_of_a_forum(server, ours):
    line = replace(delivery(address=FORUM), edition_id=0)
    assert isinstance(await ours.messenger.post(line, LIST, reply_to=None), RefusedForGood)
    assert not server.threads(FORUM)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"deny": ["SEND_MESSAGES"]}, "50013"), ({"deny": ["VIEW_CHANNEL"]}, "10003"), ({"deleted": True}, "10003")],
)
async def test_a_channel_that_is_closed_refuses_for_good(server, ours, change, code):
    await told(server, "change", guild=GUILD, channel=PAPERS, **change)
    outcome = await post(ours)
    assert isinstance(outcome, RefusedForGood)
    assert outcome.code in {code, "50001"}


async def test_what_discord_refuses_to_draw_goes_out_as_plain_text_and_is_still_found(server, ours):
    refused = {"message": "Invalid Form Body", "code": 50035, "errors": {}}
    await told(server, "fault", route=POSTS, status=400, body=refused)
    sent = await post(ours, ONE)
    [message] = server.messages()
    assert "A study" in message["content"]
    assert not message["embeds"]
    assert ours.messenger.sent_plain == 1
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None) == sent


async def test_a_layout_that_discord_refuses_is_drawn_as_embeds(server):
    ours = calling(server.api_url, SystemClock(), style=Style.COMPONENTS)
    await told(server, "fault", route=POSTS, status=400, body={"message": "Invalid Form Body", "code": 50035})
    assert isinstance(await post(ours, ONE), Sent)
    assert server.messages()[0]["embeds"][0]["title"] == "A study"
    await ours.close()


async def test_a_layout_is_found_by_its_key_too(server):
    ours = calling(server.api_url, SystemClock(), style=Style.COMPONENTS)
    sent = await post(ours, ONE)
    assert server.messages()[0]["flags"] & 1 << 15
    since = SystemClock().now() - timedelta(minutes=1)
    assert await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None) == sent
    await ours.close()


async def test_a_long_429_is_the_ledgers_to_wait_for(server, ours):
    await post(ours, key="b" * 25)
    limited = {"message": "You are being rate limited.", "retry_after": 40.0, "global": False}
    headers = {"Retry-After": "40", "X-RateLimit-Scope": "user"}
    await told(server, "fault", route=POSTS, status=429, body=limited, headers=headers)
    outcome = await post(ours)
    assert isinstance(outcome, RefusedForNow)
    assert outcome.scope is Scope.CHANNEL
    assert outcome.retry_at > SystemClock().now() + timedelta(seconds=30)


async def test_a_429_of_the_proxy_silences_the_whole_platform(server, ours):
    await post(ours, key="b" * 25)
    await told(server, "fault", route=POSTS, status=429, no_via=True)
    outcome = await post(ours)
    assert isinstance(outcome, RefusedForNow)
    assert outcome.scope is Scope.PLATFORM


async def test_nobody_at_home_is_no_doubt():
    ours = calling("http://127.0.0.1:9/api/v10", SystemClock())
    assert isinstance(await post(ours), RefusedForNow)


async def test_a_role_is_mentioned_and_nobody_else(server, ours):
    loud = replace(LIST, blocks=(Heading("@everyone <@&1> look"), *LIST.blocks), mention=READERS)
    assert isinstance(await post(ours, loud), Sent)
    state = server.state()
    assert [(each["kind"], each["who"]) for each in state["pings"]] == [("roles", READERS)]
    assert not state["problems"]


async def test_what_a_member_must_grant_is_said_from_what_the_interaction_told(ours):
    ours.places.note(PAPERS, 1 << 10)
    said = await ours.messenger.prepare(delivery().channel)
    assert "Send Messages" in said
    assert "Embed Links" in said


async def test_a_refused_token_is_shown_once_and_no_doubt_comes_of_it(server, monkeypatch):
    monkeypatch.setattr("tests.standins.discord_client.TOKEN", "another.token.0002")
    ours = calling(server.api_url, SystemClock())
    for attempt in (1, 2, 3):
        assert isinstance(await post(ours, attempt=attempt), RefusedForNow)
    assert posted(server, "GET /users/@me") == 1
    await ours.close()


LIMITED = {"message": "You are being rate limited.", "retry_after": 40.0, "global": False}
ASKS = "GET /channels/{id}"
THREADS = "POST /channels/{id}/messages/{id}/threads"


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 403}, {"status": 401}, {"status": 429, "body": LIMITED}, {"cut": True, "times": 2}],
)
async def test_a_channel_that_discord_cannot_tell_of_now_is_neither_gone_nor_in_doubt(server, ours, fault):
    await ours.rest.open()
    await told(server, "fault", route=ASKS, **fault)
    assert isinstance(await post(ours), RefusedForNow)
    assert isinstance(await post(ours), Sent)


async def test_a_doubt_is_not_given_up_because_discord_is_down_for_a_moment(server, ours):
    await ours.rest.open()
    await told(server, "fault", route=ASKS, status=503)
    since = SystemClock().now() - timedelta(minutes=1)
    found = await ours.messenger.find_posted("a" * 25, since, delivery().channel, reply_to=None)
    assert isinstance(found, RefusedForNow)


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "body": LIMITED}, {"cut": True}])
async def test_a_card_waits_for_its_thread_where_it_could_not_be_opened_now(server, ours, fault):
    parent = (await post(ours)).ref
    await told(server, "fault", route=THREADS, **fault)
    assert isinstance(await post(ours, ONE, key="b" * 25, part=1, reply_to=parent), RefusedForNow)
    assert isinstance(await post(ours, ONE, key="b" * 25, part=1, reply_to=parent, attempt=2), Sent)
    [thread] = server.threads()
    assert len(server.messages(thread["id"])) == 1


@pytest.mark.parametrize("code", [160006, 200001])
async def test_where_a_thread_is_refused_for_what_it_is_the_cards_are_replies(server, ours, code):
    parent = (await post(ours)).ref
    await told(server, "fault", route=THREADS, status=400, body={"message": "no", "code": code})
    assert isinstance(await post(ours, ONE, key="b" * 25, part=1, reply_to=parent), Sent)
    assert server.messages()[1]["message_reference"]["message_id"] == parent.id


async def test_a_forum_that_cannot_be_read_gets_what_was_refused_before_but_nothing_twice(server, ours):
    await told(server, "change", guild=GUILD, channel=FORUM, deny=["READ_MESSAGE_HISTORY"])
    old = replace(delivery(address=FORUM, attempt=2), tried_at=SystemClock().now() - timedelta(minutes=1))
    assert isinstance(await ours.messenger.post(old, ONE, reply_to=None), Unknown)
    assert isinstance(await post(ours, address=FORUM, attempt=2), Sent)
