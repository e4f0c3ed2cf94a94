"""`broadsheet settings`: every setting, its value and where it came from."""

from __future__ import annotations

import dataclasses

import typer

from bot.cli.invocation import fail, invocation, print_json
from bot.cli.options import Json
from bot.errors import BroadsheetError


def settings(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """List every setting with its value, where it came from and what it is for. Secrets stay hidden."""
    from bot.settings import list_settings

    call = invocation(context)
    try:
        lines = list_settings(call.environ, folder=call.folder)
    except BroadsheetError as error:
        fail(error)
    if as_json:
        print_json([dataclasses.asdict(line) for line in lines])
        return
    for line in lines:
        typer.echo(f"{line.name} = {line.value or '(not set)'}  [{line.origin}]\n    {line.description}")
