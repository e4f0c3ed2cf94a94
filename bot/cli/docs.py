"""`broadsheet docs`: the reference pages that are made from the code (`make docs` writes them)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Page(StrEnum):
    """The pages that are generated."""

    COMMANDS = "commands"
    SETTINGS = "settings"
    ERRORS = "errors"
    CLI = "cli"


def docs(page: Annotated[Page, typer.Argument(help="Which page.")]) -> None:
    """Print a reference page as Markdown."""
    typer.echo(_text(page), nl=False)


def _text(page: Page) -> str:
    from bot.cli import app
    from bot.reference import cli_page, commands_page, errors_page, settings_page

    match page:
        case Page.COMMANDS:
            return commands_page()
        case Page.SETTINGS:
            return settings_page()
        case Page.ERRORS:
            return errors_page()
        case Page.CLI:
            return cli_page(typer.main.get_command(app))
