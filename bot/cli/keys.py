"""`broadsheet keys`: the keys that seal the tokens of installations."""

from __future__ import annotations

import typer

from bot.cli.invocation import fail, invocation, with_app
from bot.errors import BroadsheetError

app = typer.Typer(help="The keys that seal tokens at rest.", no_args_is_help=True)


@app.command("new")
def new() -> None:
    """Print a fresh key, to stand first in BROADSHEET_SECRET_KEYS."""
    from bot.wiring.sealing import fresh_key

    typer.echo(fresh_key())


@app.command("list")
def list_keys(context: typer.Context) -> None:
    """Print the ids of the keys at hand, the one that seals first."""
    from bot.wiring.sides import open_vault

    try:
        for place, each in enumerate(open_vault(invocation(context).settings()).key_ids):
            typer.echo(f"{each}  {'opens' if place else 'seals and opens'}")
    except BroadsheetError as error:
        fail(error)


@app.command("rotate")
def rotate(context: typer.Context) -> None:
    """Seal every token anew: with a new key of the data folder, or with the first of BROADSHEET_SECRET_KEYS."""
    from bot.wiring.sealing import rotated

    settings = invocation(context).settings()
    count = with_app(settings, lambda app: rotated(settings, app.store))
    typer.echo(f"{count} token{'' if count == 1 else 's'} sealed with the newest key; the older keys may go.")
