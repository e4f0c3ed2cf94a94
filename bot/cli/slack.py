"""`broadsheet slack`: setting Slack up."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.invocation import invocation, print_json

app = typer.Typer(help="Setting Slack up (docs/slack.md).", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Setting Slack up (docs/slack.md)."""


@app.command("manifest")
def manifest(
    context: typer.Context,
    socket: Annotated[  # noqa: FBT002 - Typer's way of flags
        bool, typer.Option("--socket", help="For Socket Mode, though a public address is set.")
    ] = False,
) -> None:
    """Print the app's manifest for “create an app from a manifest”, as the settings ask for it."""
    from bot.wiring.rendering import slack_manifest

    print_json(slack_manifest(invocation(context).settings(), socket_mode=socket))
