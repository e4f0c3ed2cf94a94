"""Every hostile command as a signed slash command, to the bot's own process: answered in time, to its caller alone."""

from __future__ import annotations

import json
import pathlib
import runpy
import time

import pytest

from adapters.slack.guard import BODY_LIMIT
from tests.e2e.slack_house import slack_house
from tests.standins.slack_process import TEAM

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(HOSTILE / "load.py")) if (HOSTILE / "commands.jsonl").exists() else None
CHECKS = runpy.run_path(str(HOSTILE / "checks.py")) if LOADED else None
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be sent"),
]
ANSWERED = {"parse", "size", "search"}
"""Groups whose verbs there are; the others must be refused in a friendly way."""
SIGN = "⚠"


async def test_every_hostile_command_is_answered_in_time_and_to_its_caller_alone(tmp_path):
    rows = list(LOADED["rows"]("commands.jsonl"))
    asked = {}
    async with slack_house(tmp_path, socket_mode=False, team={"installed": False}) as (house, process):
        await house.install()
        for row in rows:
            began = time.monotonic()
            text = LOADED["text"](row).encode("utf-8", "replace").decode()
            if len(text) > BODY_LIMIT:
                continue  # test_slack_requests has what is refused unread
            response = await house.say(text, "U0ADMIN" if row["actor"] == "admin" else "U0MEMBER")
            assert time.monotonic() - began < row["expect"].get("ack_ms", 2500) / 1000
            asked[response] = row
        state = await house.until(lambda state: state if set(asked) <= set(state["responses"]) else None)
        assert process.returncode is None
    for response, row in asked.items():
        bodies = state["responses"][response]["bodies"]
        assert 1 <= len(bodies) <= 5, row["id"]
        for body in bodies:
            assert body["response_type"] == "ephemeral"
            assert not CHECKS["slack"](body), row["id"]
            assert "Traceback" not in json.dumps(body)
            assert "in my log as" not in body["text"], row["id"]
        outcome = row["expect"]["outcome"]
        if row["group"] in ANSWERED and outcome == "friendly_error":
            assert SIGN in json.dumps(bodies, ensure_ascii=False), row["id"]
    assert not state["problems"]
    lines = [each["text"] for found in state["teams"][TEAM]["messages"].values() for each in found]
    assert not [each for each in lines if "<!" in each or "<@" in each]
