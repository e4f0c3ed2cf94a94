"""When Discord is in trouble, or in trouble with us: the bot starts all the same, comes back, and wastes nothing."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.slack_house import bot, free_port
from tests.e2e.test_discord import House, discord_house, said, tried
from tests.standins.discord_process import TOKEN, discord_stand_in

pytestmark = pytest.mark.e2e


async def test_a_connection_that_discord_closed_for_good_is_made_anew_once(tmp_path):
    async with discord_house(tmp_path) as house:
        await house.tell("gateway", close=4013)
        await house.until(lambda: tried(house, "identify") == 2)
        await asyncio.sleep(3)
        assert tried(house, "identify") == 2
        await house.connected()
        assert said(await house.says("status"))


async def test_an_acknowledgement_that_arrived_though_discord_said_502_is_followed_by_the_answer(tmp_path):
    async with discord_house(tmp_path) as house:
        await house.tell("fault", route="POST /interactions/{id}/{token}/callback", status=502, lands=True)
        assert "/papers" in said(await house.says("help"))


async def test_the_number_of_shards_is_asked_again_when_discord_wants_more(tmp_path):
    async with discord_house(tmp_path) as house:
        await house.tell("gateway", shards=2, close=4011)
        await house.connected(shards=2)
        assert said(await house.says("help"))


@pytest.mark.parametrize(
    "fault",
    [
        {"route": "GET /gateway/bot", "status": 503},
        {"route": "GET /oauth2/applications/@me", "status": 503},
        {"route": "PUT /applications/{id}/commands", "cut": True, "times": 2},
    ],
    ids=["gateway", "application", "commands"],
)
async def test_discord_breaks_while_the_bot_starts_and_is_told_of_the_commands_when_it_is_back(tmp_path, fault):
    with discord_stand_in() as server:
        server.guild()
        server.tell("fault", **fault)
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.connected()
            assert said(await house.says("help"))
