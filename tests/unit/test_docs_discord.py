"""docs/discord.md says what the code asks for and does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.discord.permissions import REASONS
from bot.settings import Settings, env_name

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "discord.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("right", "reason"), REASONS.items())
def test_each_right_stands_there_with_its_reason(right, reason):
    assert f"| {right} | {reason} |" in PAGE


@pytest.mark.parametrize("field", [each for each in Settings.model_fields if each.startswith("discord_")])
def test_each_setting_stands_there(field):
    assert f"`{env_name(field)}`" in PAGE


def test_each_picture_is_there():
    named = re.findall(r"images/(discord-[a-z-]+\.png)", PAGE)
    assert len(named) >= 10
    assert all((ROOT / "docs" / "images" / name).is_file() for name in named)
