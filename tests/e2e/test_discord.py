"""A server's life with Broadsheet in Discord, over sockets: two processes that know each other by the wire alone."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.e2e.slack_house import PATIENCE, bot, free_port
from tests.standins.discord_process import (
    ADMIN,
    GUILD,
    MEMBER,
    PAPERS,
    READERS,
    TAG_CS,
    TAGGED,
    TOKEN,
    DiscordStandIn,
    discord_stand_in,
)

pytestmark = pytest.mark.e2e

QUICK = 3.0  # seconds in which Discord wants an answer


class House:
    """A server with its people; every call runs beside the loop."""

    def __init__(self, server: DiscordStandIn) -> None:
        self.server = server

    async def tell(self, path: str, **body: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.server.tell, path, **body)

    async def state(self, *, calls: bool = False) -> dict[str, Any]:
        return await asyncio.to_thread(self.server.state, calls=calls)

    async def counts(self) -> dict[str, Any]:
        return await asyncio.to_thread(self.server.ask, "counts")

    async def does(self, kind: str = "command", **asked: Any) -> dict[str, Any]:
        """Act as a person; the answer within Discord's three seconds."""
        answer = await asyncio.to_thread(lambda: self.server.interact(kind, **asked))
        assert answer["response"] is not None, "nobody answered"
        assert answer["seconds"] < QUICK
        return answer

    async def says(self, path: str, *, user: str = ADMIN, channel: str = PAPERS, **options: str) -> dict[str, Any]:
        """`/papers path`; what the person sees in the end."""
        answer = await self.does(path=f"papers {path}", user=user, channel=channel, options=options)
        return await self.seen(answer["id"])

    async def clicks(self, message: str, custom_id: str, *, user: str = MEMBER, **more: Any) -> dict[str, Any]:
        return await self.does("component", message=message, custom_id=custom_id, user=user, **more)

    async def seen(self, id_: str) -> dict[str, Any]:
        """An answer when it is there, not only put off."""

        def look() -> dict[str, Any] | None:
            found = self.server.interaction(id_)
            original = found["original"]
            return found if original and (original["content"] or original["embeds"]) else None

        return await self.until(look)

    async def until(self, look: Any) -> Any:
        """The first thing that `look` finds."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := await asyncio.to_thread(look):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError("it did not happen in time")

    async def connected(self, shards: int = 1) -> None:
        """Until every shard listens and the commands are known."""

        def look() -> bool:
            state = self.server.state()
            return bool(state["commands"]) and sum(each["open"] for each in state["gateway"]["sessions"]) == shards

        await self.until(look)


def said(answer: dict[str, Any]) -> str:
    """All that an answer shows."""
    return shown(answer["original"])


def shown(value: Any) -> str:
    """JSON as one reads it."""
    return json.dumps(value, ensure_ascii=False)


def tried(house: House, what: str) -> int:
    """How often a shard has identified, or resumed."""
    return house.server.state()["gateway"]["counts"].get(what, 0)


def ids(value: Any) -> list[str]:
    """The `custom_id`s of all buttons, in order."""
    if isinstance(value, dict):
        own = [value["custom_id"]] if value.get("type") == 2 and "custom_id" in value else []
        return own + ids(list(value.values()))
    return [found for each in value for found in ids(each)] if isinstance(value, list) else []


def whys(house: House, thread: dict[str, Any]) -> list[tuple[str, str]]:
    """The messages of a thread with the buttons that ask why a paper is there."""
    kept = house.server.messages(thread["id"])
    return [(each["id"], name) for each in kept for name in ids(each["components"]) if name.startswith("why ")]


@asynccontextmanager
async def discord_house(tmp_path, *options: str, **settings: str):
    """Both processes."""
    with discord_stand_in(*options) as server:
        server.guild()
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url, **settings}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.connected()
            yield house


async def test_a_servers_life_from_the_invitation_to_the_removal(tmp_path):  # noqa: PLR0915 - a life has many days
    async with discord_house(tmp_path) as house:
        # Commands are answered at once, to the caller alone.
        answer = await house.does(path="papers help", user=MEMBER, options={})
        assert answer["response"]["type"] == 5
        assert (await house.seen(answer["id"]))["original"]["flags"] & 64

        # The form: opened at once, what is wrong is said, and the button opens it again as it was.
        opened = await house.does(path="papers form", user=ADMIN, options={})
        assert opened["response"]["type"] == 9
        wrong = await house.does("modal", modal=opened["id"], user=ADMIN, fields={"topic": "cat:cs.NOPE"})
        told = await house.seen(wrong["id"])
        assert "cs.NOPE" in said(told)
        [button] = ids(told["original"])
        again = await house.clicks(told["original"]["id"], button, user=ADMIN)
        assert "cat:cs.NOPE" in json.dumps(again["response"])
        done = await house.does("modal", modal=again["id"], user=ADMIN, fields={"topic": "*", "top": "3"})
        assert "Subscribed #papers" in said(await house.seen(done["id"]))

        # The public line, and the sample with its cards in a thread, each once, under its nonce.
        threads = await house.until(house.server.threads)
        cards = await house.until(lambda: len(found := house.server.messages(threads[0]["id"])) == 3 and found)
        line, parent = house.server.messages()
        assert "ada subscribed this channel" in json.dumps(line)
        assert "a sample of" in parent["content"]
        assert all(len(each["nonce"]) == 25 for each in (line, parent, *cards))
        assert len({each["nonce"] for each in (parent, *cards)}) == 4

        # A vote counts on the card; saving is one's own.
        [vote] = [each for each in ids(cards[0]["components"]) if each.startswith("vote ")]
        voted = await house.clicks(cards[0]["id"], vote)
        assert voted["response"]["type"] == 6
        after = await house.until(
            lambda: "▲ 1" in shown(found := house.server.messages(threads[0]["id"])[0]["components"]) and found
        )
        assert ids(after) == ids(cards[0]["components"])
        saved = await house.clicks(cards[0]["id"], vote.replace("vote", "save"))
        assert "Saved" in said(await house.seen(saved["id"]))

        # Search, completions, and the command in a message's menu.
        assert said(await house.says("search", text="attention", user=MEMBER))
        typed = await house.does("autocomplete", path="papers unsubscribe", options={"name": "eve"}, focused="name")
        assert [each["value"] for each in typed["response"]["data"]["choices"]] == ["everything"]
        await house.tell("say", channel=PAPERS, user=ADMIN, content=f"look: arxiv.org/abs/{vote.split()[1]}")
        message = house.server.messages()[-1]["id"]
        kept = await house.does("message command", path="Save paper", target=message, user=ADMIN, channel=PAPERS)
        assert "Saved" in said(await house.seen(kept["id"]))
        assert "ada subscribed" in said(await house.says("log"))

        # A forum that demands a tag gets one, and a role is told of the digest.
        await house.tell("say", channel=PAPERS, user=ADMIN, content="and now the forum")
        asked = {"topic": "*", "top": "2", "name": "Computer science", "notify": f"<@&{READERS}>"}
        assert "mentioning a role" in said(await house.says("subscribe", channel=TAGGED, **asked))
        post, *_ = await house.until(lambda: [each for each in house.server.threads(TAGGED) if each["applied_tags"]])
        assert post["applied_tags"] == [TAG_CS]

        # In its thread and in its post a digest's buttons speak of the channel above, where the subscription stands.
        posted = await house.until(
            lambda: [each for post in house.server.threads(TAGGED) for each in whys(house, post)]
        )
        for message, why in (*whys(house, threads[0]), *posted):
            told = await house.clicks(message, why)
            assert "has no subscription" not in said(await house.seen(told["id"]))
        assert "Computer science" in said(await house.says("list", channel=post["id"]))

        # On one's own: no server, but the same answers, and the subscription comes as a direct message.
        alone = await house.does(path="papers subscribe", user=MEMBER, options={"topic": "*"}, direct=True)
        assert "Subscribed this conversation to" in said(await house.seen(alone["id"]))

        # Removed: nothing of the server is left, and nothing is called any more.
        await house.tell("change", guild=GUILD, removed=True)
        data = tmp_path / "data" / "broadsheet.sqlite3"
        await house.until(lambda: GUILD not in dump(data))
        state = await house.state()
        assert not state["problems"]
        assert not state["pings"]
    assert TOKEN.encode() not in (tmp_path / "log").read_bytes()
    assert TOKEN.encode() not in data.read_bytes()


def dump(data) -> str:
    """Everything in the database, read beside the running bot."""
    import sqlite3

    with sqlite3.connect(f"file:{data}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = [row for table in tables for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
    connection.close()
    return repr(found)


async def test_the_connection_breaks_in_every_way_and_every_command_is_answered_once(tmp_path):
    async with discord_house(tmp_path) as house:
        for way in ({"reconnect": True}, {"close": 4000}, {"cut": True}):
            before = tried(house, "resume")
            await house.tell("gateway", **way)
            await house.until(lambda before=before: tried(house, "resume") > before)
            await house.connected()
            assert said(await house.says("status"))
        assert tried(house, "identify") == 1
        # Refused at the door: discord.py begins a new session then.
        await house.tell("gateway", cut=True, refuse=2)
        await house.until(lambda: tried(house, "identify") == 2)
        await house.connected()
        assert said(await house.says("status"))
        # An outage is no removal.
        await house.says("subscribe", topic="*", layout="list")
        await house.tell("change", guild=GUILD, outage=True)
        await house.tell("change", guild=GUILD, outage=False)
        assert "everything" in said(await house.says("list"))


async def test_the_commands_are_told_once_and_again_only_when_they_change(tmp_path):
    with discord_stand_in() as server:
        server.guild()
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        for _ in range(2):
            async with bot(tmp_path / "data", free_port(), more):
                await House(server).connected()
        assert server.ask("counts")["syncs"] == 1


async def test_the_last_identifies_of_a_day_are_not_spent(tmp_path):
    with discord_stand_in() as server:
        server.guild()
        server.tell("gateway", remaining=50)
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.until(lambda: b"hardly any identifies are left" in (tmp_path / "log").read_bytes())
            assert tried(house, "identify") == 0


async def test_a_token_that_discord_refuses_stops_the_start_and_is_named(tmp_path):
    with discord_stand_in() as server:
        more = {"BROADSHEET_DISCORD_TOKEN": "wrong-token-0123", "BROADSHEET_DISCORD_API_URL": server.api_url}
        with pytest.raises(AssertionError, match="BROADSHEET_DISCORD_TOKEN"):
            async with bot(tmp_path / "data", free_port(), more):
                pass


async def test_several_shards_share_the_servers(tmp_path):
    with discord_stand_in() as server:
        server.guild(1)
        server.guild(2)
        server.tell("gateway", shards=2, pace=0)
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.connected(shards=2)
            assert said(await house.says("help"))
