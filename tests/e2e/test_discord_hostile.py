"""The hostile commands as options of `/papers`, over the wire: each is answered to its caller alone."""

from __future__ import annotations

import pathlib
import runpy

import pytest

from bot.command_table import VERBS
from tests.e2e.test_discord import discord_house, said
from tests.standins.discord_process import ADMIN, NotPossible

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(HOSTILE / "load.py")) if (HOSTILE / "commands.jsonl").exists() else None
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be tried"),
]
LONGEST_OPTION = 6_000
EPHEMERAL = 1 << 6


def options_of(text: str) -> tuple[str, dict[str, str]] | None:
    """The verb, and all that follows as its first option; None for what Discord itself would not let anybody send."""
    words = text.split(maxsplit=1)
    spec = VERBS.get(words[0].casefold()) if words else None
    first = next(iter(spec.parameters), None) if spec else None
    if spec is None or first is None or len(words) == 1 or first.choices:
        return None
    return spec.verb, {first.name: words[1][:LONGEST_OPTION]}


async def test_every_hostile_command_is_answered_to_the_caller_alone(tmp_path):
    asked = 0
    async with discord_house(tmp_path) as house:
        for row in LOADED["rows"]("commands.jsonl"):
            if row["group"] not in {"parse", "size", "search", "regex"}:
                continue
            text = LOADED["text"](row)
            found = options_of(text if row["group"] != "regex" else f"search /{text}/")
            if found is None:
                continue
            try:
                answer = await house.says(found[0], user=ADMIN, **found[1])
            except NotPossible:
                continue
            asked += 1
            assert answer["original"]["flags"] & EPHEMERAL, row["id"]
            assert "Traceback" not in said(answer), row["id"]
            assert "internal" not in said(answer), row["id"]
        state = await house.state()
        assert not state["problems"]
        assert not state["pings"]
    assert asked > 30
    assert b"Traceback" not in (tmp_path / "log").read_bytes()
