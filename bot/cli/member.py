"""`broadsheet member`: the people as whom the local page can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Json
from bot.model import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model import Member
    from bot.wiring import App

app = typer.Typer(help="The members of the local platform.", no_args_is_help=True)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the member is called.")],
    role: Annotated[Role, typer.Option("--role", help="What the member may do.")] = Role.MEMBER,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Make a member, or change the role of the one of that name."""
    made = with_app(invocation(context).settings(), lambda app: app.local.add_member(name, role))
    if as_json:
        print_json(_record(made))
    else:
        typer.echo(
            f'{made.name} is there as {made.role.value}: choose them on the page, or `command "…" --as {made.id}`.'
        )


@app.command("list")
def list_members(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """List the members with their ids and roles."""

    async def use(app: App) -> Sequence[Member]:
        await app.local.open_channel()
        return await app.local.members()

    found = with_app(invocation(context).settings(), use)
    if as_json:
        print_json([_record(each) for each in found])
        return
    for each in found:
        typer.echo(f"{each.id}  {each.name}, {each.role.value}")


def _record(member: Member) -> dict[str, object]:
    return {"id": member.id, "name": member.name, "role": member.role.value, "zone": member.zone}
