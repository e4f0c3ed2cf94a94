"""The Discord stand-in, driven by the real discord.py over sockets: what every other Discord test leans on."""

from __future__ import annotations

import aiohttp
import discord
import pytest

from tests.standins.discord_listener import Bot, connected, hurried, told
from tests.standins.discord_process import (
    GUILD,
    MEMBER,
    NEWS,
    PAPERS,
    READERS,
    TAG_CS,
    TAGGED,
    TOKEN,
    channel_id,
    discord_stand_in,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def server(monkeypatch):
    hurried(monkeypatch)
    with discord_stand_in() as made:
        made.guild()
        yield made


async def test_one_nonce_makes_one_message_and_is_not_in_the_history(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        channel = bot.get_channel(int(PAPERS))
        first = await channel.send("Today", nonce="day-1")
        again = await channel.send("Today", nonce="day-1")
        other = await channel.send("Today", nonce="day-2")
        assert first.id == again.id != other.id
        assert [each.id async for each in channel.history(after=discord.Object(first.id), limit=5)] == [other.id]
        assert [each.nonce async for each in channel.history()] == [None, None]
        await told(server, "clock", ahead=600)
        assert (await channel.send("Today", nonce="day-1")).id != first.id
    state = server.state()
    assert [each["nonce"] for each in state["messages"][PAPERS]] == ["day-1", "day-2", "day-1"]
    assert not state["problems"]
    assert state["gateway"]["counts"]["identify"] == 1
    assert state["gateway"]["log"][0]["compress"] in {"zlib-stream", "zstd-stream"}


async def test_a_429_is_told_by_headers_and_waited_for(server, monkeypatch):
    server.tell("limits", bucket=2, seconds=0.4)
    async with connected(server, monkeypatch) as bot:
        channel = bot.get_channel(int(PAPERS))
        for number in range(3):
            await channel.send(f"{number}")
        assert "429" not in server.ask("counts"), "discord.py reads the headers and waits before it asks"
        headers = {"Authorization": f"Bot {TOKEN}"}
        body = {"content": "x", "allowed_mentions": {"parse": []}}
        async with aiohttp.ClientSession(headers=headers) as session:
            url = f"{server.api_url}/channels/{PAPERS}/messages"
            answers = [await session.post(url, json=body) for _ in range(3)]
            refused = answers[-1]
            assert refused.status == 429
            assert 0 < (await refused.json())["retry_after"] <= 0.4
            assert refused.headers["X-RateLimit-Scope"] == "user"
            assert refused.headers["X-RateLimit-Remaining"] == "0"
        await channel.send("after a 429 of its own")
    assert server.messages()[-1]["content"] == "after a 429 of its own"
    assert server.ask("counts")["invalid"] >= 1


async def test_a_session_survives_every_kind_of_disconnect(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        for times, way in enumerate(({"reconnect": True}, {"close": 4000}, {"cut": True}, {"invalidate": True}), 1):
            await told(server, "gateway", **way)
            await bot.hears("resumed", times)
        server.tell("gateway", cut=True)
        server.tell("change", guild=GUILD, channel=channel_id(9), name="missed")
        await bot.hears("resumed", 5)
        assert bot.get_channel(int(channel_id(9))).name == "missed", "what was missed is told again"
        counts = server.state()["gateway"]["counts"]
        assert (counts["identify"], counts["resume"]) == (1, 5)


@pytest.mark.parametrize("way", [{"invalidate": False}, {"forget": True, "close": 4000}, {"refuse": 2, "cut": True}])
async def test_a_lost_session_begins_anew(server, monkeypatch, way):
    async with connected(server, monkeypatch) as bot:
        await told(server, "gateway", **way)
        await bot.hears("shard_ready", 2)
        counts = server.state()["gateway"]["counts"]
        assert (counts["identify"], counts.get("refused", 0)) == (2, way.get("refuse", 0))


async def test_guilds_go_dark_come_back_and_leave(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        for change, event in (
            ({"outage": True}, "guild_unavailable"),
            ({"outage": False}, "guild_available"),
            ({"role": READERS, "deleted": True}, "guild_role_delete"),
            ({"channel": NEWS, "name": "yesterday"}, "guild_channel_update"),
            ({"channel": NEWS, "deleted": True}, "guild_channel_delete"),
            ({"removed": True}, "guild_remove"),
        ):
            before = bot.heard.count(event)
            await told(server, "change", guild=GUILD, **change)
            await bot.hears(event, before + 1)
        with pytest.raises(discord.Forbidden) as refused:
            await bot.get_partial_messageable(int(PAPERS)).send("x")
        assert refused.value.code == 50001


async def test_forums_threads_and_announcements(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        forum = bot.get_channel(int(TAGGED))
        with pytest.raises(discord.HTTPException) as refused:
            await forum.create_thread(name="No tag", content="x")
        assert refused.value.code == 40067
        post = await forum.create_thread(name="A paper", content="x", applied_tags=[forum.get_tag(int(TAG_CS))])
        assert post.thread.id == post.message.id
        await post.thread.edit(archived=True)
        assert [each.id async for each in forum.archived_threads()] == [post.thread.id]
        await post.thread.send("more")
        assert [each.id for each in await bot.get_guild(int(GUILD)).active_threads()] == [post.thread.id]

        parent = await bot.get_channel(int(PAPERS)).send("Today")
        thread = await parent.create_thread(name="Today")
        await thread.send("a card", suppress_embeds=True)
        with pytest.raises(discord.HTTPException) as refused:
            await parent.create_thread(name="Today")
        assert (thread.id, refused.value.code) == (parent.id, 160004)

        news = await bot.get_channel(int(NEWS)).send("Today")
        await news.publish()
        with pytest.raises(discord.HTTPException) as refused:
            await news.publish()
        assert refused.value.code == 40033
    assert [each["name"] for each in server.threads(TAGGED)] == ["A paper"]
    assert server.state()["problems"] == []


async def test_bad_bodies_are_refused_and_kept_as_evidence(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        channel = bot.get_channel(int(PAPERS))
        long = [discord.Embed(description="x" * 3001), discord.Embed(description="y" * 3001)]
        twins = discord.ui.View()
        for label in "ab":
            twins.add_item(discord.ui.Button(label=label, custom_id="same"))
        for more in ({"embeds": long}, {"view": twins}, {"content": "x" * 2001}):
            with pytest.raises(discord.HTTPException) as refused:
                await channel.send(**more)
            assert refused.value.code == 50035
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send("")
        assert refused.value.code == 50006
        same = [discord.Embed(title=each, url="https://a.example/1") for each in "ab"]
        await channel.send(embeds=same)
        everyone = discord.AllowedMentions(everyone=True, roles=[discord.Object(int(READERS))])
        await channel.send(f"@everyone <@&{READERS}>", allowed_mentions=everyone)
        server.tell("change", guild=GUILD, channel=PAPERS, deny=["SEND_MESSAGES"])
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("x")
        assert refused.value.code == 50013
    state = server.state()
    assert len(state["messages"][PAPERS]) == 2
    kept = " ".join(state["problems"])
    for each in ("6002 characters", "'same' twice", "share the url", "live mention: everyone everyone"):
        assert each in kept
    assert "live mention: roles" not in kept, "this role was chosen"
    assert [each["kind"] for each in state["pings"]] == ["everyone", "roles"]


async def test_faults_land_or_do_not(server, monkeypatch):
    async with connected(server, monkeypatch) as bot:
        channel = bot.get_channel(int(PAPERS))
        route = "POST /channels/{channel_id}/messages"
        for fault, error in (
            ({"status": 503}, discord.DiscordServerError),
            ({"cut": True, "lands": True}, aiohttp.ServerDisconnectedError),
            ({"cut": "reset"}, (aiohttp.ClientOSError, ConnectionResetError)),
            ({"no_via": True}, discord.HTTPException),
        ):
            await told(server, "fault", route=route, **fault)
            with pytest.raises(error):
                await channel.send("x", nonce="1")
        await channel.send("x", nonce="1")
    assert len(server.messages()) == 1


async def test_words_of_others_need_an_intent(server, monkeypatch):
    words = []

    class Curious(Bot):
        async def on_message(self, message):
            words.append(message.content)

    server.tell("say", user=MEMBER, channel=PAPERS, content="before")
    async with connected(server, monkeypatch, Bot()) as bot:
        await told(server, "say", user=MEMBER, channel=PAPERS, content="unheard")
        assert "message" not in bot.heard
    async with connected(server, monkeypatch, Curious(discord.Intents(guilds=True, messages=True))) as bot:
        await told(server, "say", user=MEMBER, channel=PAPERS, content="hidden")
        await told(server, "say", user=MEMBER, channel=PAPERS, content=f"<@{bot.user.id}> seen")
        await told(server, "say", user=MEMBER, content="direct")
        await bot.hears("message", 3)
    assert words == ["", f"<@{bot.user.id}> seen", "direct"]


async def test_shards_wrong_tokens_and_privileged_intents(server, monkeypatch):
    server.guild(2)
    server.tell("gateway", shards=2)
    async with connected(server, monkeypatch) as bot:
        assert (len(bot.guilds), bot.shard_count) == (2, 2)
        assert {each.shard_id for each in bot.guilds} == {0, 1}
        await told(server, "gateway", shard=1, reconnect=True)
        await bot.hears("resumed")
        assert bot.heard.count("shard_disconnect") == 1
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    greedy = Bot(discord.Intents(guilds=True, members=True))
    async with greedy:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await greedy.start(TOKEN)
    async with Bot() as stranger:
        with pytest.raises(discord.LoginFailure):
            await stranger.login("another")
    assert server.ask("counts")["401"] == 1
