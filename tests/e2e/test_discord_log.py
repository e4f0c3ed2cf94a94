"""What an operator reads in the log: that Discord is connected, that it broke, and that it is back; no traceback."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.e2e.slack_house import bot, free_port
from tests.e2e.test_discord import House
from tests.standins.discord_process import TOKEN, discord_stand_in

pytestmark = pytest.mark.e2e


async def test_the_log_says_when_discord_is_connected_and_when_it_is_again(tmp_path):
    log = tmp_path / "log"
    with discord_stand_in() as server:
        server.guild()
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.until(lambda: "event='connected to Discord' servers=1 shards=1" in log.read_text())
            await house.tell("gateway", cut=True)
            await house.until(lambda: "event='connected to Discord again' shard=0" in log.read_text())


async def test_a_discord_that_has_gone_is_a_line_an_attempt(tmp_path):
    log = tmp_path / "log"
    with ExitStack() as until_it_goes:
        server = until_it_goes.enter_context(discord_stand_in())
        server.guild()
        more = {"BROADSHEET_DISCORD_TOKEN": TOKEN, "BROADSHEET_DISCORD_API_URL": server.api_url}
        async with bot(tmp_path / "data", free_port(), more):
            house = House(server)
            await house.until(lambda: "connected to Discord" in log.read_text())
            until_it_goes.close()
            await house.until(lambda: "the connection to Discord broke; trying again" in log.read_text())
    assert "Traceback" not in log.read_text()
