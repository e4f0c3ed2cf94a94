"""`broadsheet discord`: setting Discord up."""

from __future__ import annotations

import typer

from bot.cli.invocation import invocation, print_json, with_app

app = typer.Typer(help="Setting Discord up (docs/discord.md).", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Setting Discord up (docs/discord.md)."""


@app.command("commands")
def commands() -> None:
    """Print the commands as Discord is told of them."""
    from bot.wiring.discord import told_commands

    print_json(told_commands())


@app.command("invite")
def invite(context: typer.Context) -> None:
    """Print the links that add the bot to a server, and to a member's own account. Asks Discord who the bot is."""
    from bot.wiring.discord import invitations

    settings = invocation(context).settings()
    for whom, url in with_app(settings, lambda app: invitations(settings, app.store)).items():
        typer.echo(f"{whom:9} {url}")


@app.command("sync")
def sync(context: typer.Context) -> None:
    """Tell Discord of the commands now; `broadsheet run` does it by itself when they have changed."""
    from bot.wiring.discord import synced

    settings = invocation(context).settings()
    with_app(settings, lambda app: synced(settings, app.store))
    typer.echo("Discord was told of the commands; members see them within a minute.")
