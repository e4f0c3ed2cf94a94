"""`broadsheet check` and `broadsheet discord` against a Discord of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.standins.discord_process import APP, TOKEN, discord_stand_in

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def server():
    with discord_stand_in() as made:
        made.guild()
        yield made


def broadsheet(folder, *words, api=NOWHERE, token=TOKEN):
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "BROADSHEET_DATA_DIR": str(folder / "data"),
        "BROADSHEET_HF_URL": NOWHERE,
        "BROADSHEET_ARXIV_API_URL": NOWHERE,
        "BROADSHEET_ARXIV_FEED_URL": NOWHERE,
        "BROADSHEET_DISCORD_TOKEN": token,
        "BROADSHEET_DISCORD_API_URL": api,
    }
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


def finding(folder, **asked):
    found = json.loads(broadsheet(folder, "check", "--json", **asked).stdout)
    return next(each for each in found if each["part"] == "Discord")


def test_check_says_whose_token_it_is_and_how_often_it_may_connect(server, tmp_path):
    found = finding(tmp_path, api=server.api_url)
    assert found["ok"]
    assert "connections left today" in found["said"]


def test_check_names_a_token_that_discord_refuses(server, tmp_path):
    found = finding(tmp_path, api=server.api_url, token="wrong-token-0123")
    assert not found["ok"]
    assert "BROADSHEET_DISCORD_TOKEN" in found["remedy"]


def test_check_says_that_discord_cannot_be_reached(tmp_path):
    assert finding(tmp_path)["said"] == "Discord cannot be reached"


def test_check_warns_when_hardly_any_connections_are_left(server, tmp_path):
    server.tell("gateway", remaining=12)
    assert not finding(tmp_path, api=server.api_url)["ok"]


def test_the_commands_are_told_when_one_asks_for_it(server, tmp_path):
    for times in (1, 2):
        ended = broadsheet(tmp_path, "discord", "sync", api=server.api_url)
        assert ended.returncode == 0, ended.stderr
        assert server.ask("counts")["syncs"] == times


def test_the_links_are_for_this_bot(server, tmp_path):
    ended = broadsheet(tmp_path, "discord", "invite", api=server.api_url)
    assert ended.stdout.count(f"client_id={APP}") == 2


def test_without_a_token_one_is_asked_for(tmp_path):
    ended = broadsheet(tmp_path, "discord", "sync", token="")
    assert ended.returncode == 1
    assert "BROADSHEET_DISCORD_TOKEN" in ended.stderr


def test_what_discord_is_told_can_be_looked_at(tmp_path):
    told = json.loads(broadsheet(tmp_path, "discord", "commands").stdout)
    assert [each["name"] for each in told] == ["papers", "Save paper"]
