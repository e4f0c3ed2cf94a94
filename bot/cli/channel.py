"""`broadsheet channel`: the channels of the local platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.model import Channel
    from bot.wiring import App

app = typer.Typer(help="The channels of the local platform.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The channel's name: letters, digits, - and _.")]


@app.command("add")
def add(context: typer.Context, name: Name, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """Make a channel; one that is there already stays as it is."""
    made = with_app(invocation(context).settings(), lambda app: app.local.open_channel(name))
    if as_json:
        print_json(_record(made))
    else:
        typer.echo(f'#{made.name} is there. `broadsheet command "subscribe" --channel {made.name}` fills it.')


@app.command("list")
def list_channels(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """List the channels with the names of their subscriptions."""

    async def use(app: App) -> list[tuple[Channel, list[str]]]:
        await app.local.open_channel()
        async with app.store.read() as tx:
            return [
                (channel, [each.name for each in await tx.subscriptions.of(channel.ref)])
                for channel in await app.local.channels()
            ]

    found = with_app(invocation(context).settings(), use)
    if as_json:
        print_json([{**_record(channel), "subscriptions": names} for channel, names in found])
        return
    for channel, names in found:
        typer.echo(f"#{channel.name}  {', '.join(names) or '(no subscription)'}")


@app.command("remove")
def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Remove a channel with its subscriptions and everything that was posted there. It cannot be undone."""
    if not yes:
        typer.confirm(f"Remove #{name} with its subscriptions and messages?", abort=True)
    gone = with_app(invocation(context).settings(), lambda app: app.local.remove_channel(name))
    typer.echo(f"#{gone.name} is removed.")


def _record(channel: Channel) -> dict[str, object]:
    return {"name": channel.name, "created_at": channel.created_at.isoformat()}
