"""The docs are tested: what is made from the code is up to date, and what they name exists."""

import re
from pathlib import Path

import pytest
import typer

from bot.cli import app
from bot.command_table import COMMANDS, VERBS
from bot.reference import cli_page, commands_page, errors_page, settings_page
from bot.settings import Settings, env_name

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RESERVED = {"BROADSHEET_CONFIG", "BROADSHEET_SLACK_", "BROADSHEET_DISCORD_"}


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("commands", commands_page()),
        ("settings", settings_page()),
        ("errors", errors_page()),
        ("cli", cli_page(typer.main.get_command(app))),
    ],
)
def test_reference_pages_are_what_the_code_says(name, made):
    written = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert written == made, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_a_page_names_exists(page):
    known = {env_name(field) for field in Settings.model_fields}
    named = set(re.findall(r"BROADSHEET_[A-Z_]+", page.read_text(encoding="utf-8"))) - RESERVED
    assert {name.removesuffix("_FILE") for name in named if name not in known} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page):
    text = page.read_text(encoding="utf-8")
    typed = set(re.findall(r"/papers ([a-z]+)", text))
    assert typed <= set(VERBS)
    entry = {each.name for each in (*app.registered_commands, *app.registered_groups)}
    assert set(re.findall(r"`broadsheet ([a-z]+(?:-[a-z]+)*)", text)) <= entry


def test_every_command_has_a_summary_and_every_option_a_help():
    for spec in COMMANDS:
        assert spec.summary
        assert all(parameter.help for parameter in spec.parameters)
    for command in (
        each
        for group in (app, *(nested.typer_instance for nested in app.registered_groups))
        for each in group.registered_commands
    ):
        assert command.callback.__doc__
