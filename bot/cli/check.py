"""`broadsheet check`: configuration, store, sources and platforms: what works, what does not, and what to do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import typer

from bot.cli.invocation import FAILED, invocation, print_json, with_app
from bot.cli.options import Json
from bot.errors import BroadsheetError

if TYPE_CHECKING:
    from bot.health import Finding
    from bot.wiring import App


async def _checked(app: App) -> list[Finding]:
    platforms = [each for side in app.sides.values() for each in await side.check()]
    return [*await app.checking(), *platforms]


def check(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """Try the configuration, the store, the sources and the platforms, and say what works."""
    from bot.health import Finding
    from bot.settings import load_settings

    call = invocation(context)
    findings: list[Finding]
    try:
        settings = load_settings(call.environ, folder=call.folder)
    except BroadsheetError as error:
        findings = [
            Finding("configuration", ok=False, said=error.user_message, remedy="Mend the settings named above.")
        ]
    else:
        findings = [Finding("configuration", ok=True, said="all settings can be read")]
        findings += with_app(settings, _checked)
    if as_json:
        print_json([dataclasses.asdict(each) for each in findings])
    else:
        for each in findings:
            typer.echo(f"{'ok  ' if each.ok else 'FAIL'} {each.part}: {each.said}")
            if each.remedy and not each.ok:
                typer.echo(f"     {each.remedy}")
    if not all(each.ok for each in findings):
        raise typer.Exit(FAILED)
