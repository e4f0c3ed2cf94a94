"""`broadsheet deliveries` and `broadsheet replay-day`: the ledger, for operators."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import fail, invocation, print_json, with_app
from bot.cli.options import Json, parse_day
from bot.ledger import DeliveryState

if TYPE_CHECKING:
    from bot.ledger import Account, Delivery
    from bot.model import ChannelRef
    from bot.services.replaying import Replayed
    from bot.wiring import App

_FEW, _MOST = 50, 10_000


def deliveries(
    context: typer.Context,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="NAME", help="Only this channel: its name or its address.")
    ] = None,
    state: Annotated[DeliveryState | None, typer.Option("--state", help="Only deliveries in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="How many at the most.")] = _FEW,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """List the messages of the ledger, newest first: what was sent, refused, is in doubt or waits."""
    from bot.errors import ChannelNotFound

    async def use(app: App) -> list[tuple[Delivery, str]]:
        async with app.store.read() as tx:
            named = await tx.channels.called(channel) if channel is not None else []
            if channel is not None and not named:
                raise ChannelNotFound(f"No channel is called “{channel}”.")
            refs: list[ChannelRef | None] = [each.ref for each in named] or [None]
            found = [each for ref in refs for each in await tx.deliveries.latest(channel=ref, state=state, limit=limit)]
            known = {each.channel: await tx.channels.get(each.channel) for each in found}
        return [(each, place.name if (place := known[each.channel]) else "") for each in found[:limit]]

    from bot.cli.records import plain

    found = with_app(invocation(context).settings(), use)
    if as_json:
        print_json(plain([_record(each, name) for each, name in found]))
        return
    for each, name in found:
        detail = f"  {each.detail}" if each.detail else ""
        typer.echo(f"{each.key}  {each.state.value:<8} #{name} · message {each.part + 1}{detail}")
    if not found:
        typer.echo("The ledger holds no such delivery.")


def replay_day(
    context: typer.Context,
    day: Annotated[
        date | None, typer.Option("--date", metavar="YYYY-MM-DD", parser=parse_day, help="The local date.")
    ] = None,
    dry_run: Annotated[  # noqa: FBT002 - Typer's way of flags
        bool, typer.Option("--dry-run", help="Only tell what would be sent again.")
    ] = False,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Send again what did not reach its channel on a local date. What was sent is never sent again."""
    from bot.cli.records import plain
    from bot.errors import BadArgument

    if day is None:
        fail(BadArgument("date", "Say which day: broadsheet replay-day --date 2026-05-12 --dry-run"))
    found = with_app(invocation(context).settings(), lambda app: app.replaying(day, dry_run=dry_run))
    if as_json:
        print_json(plain(_day_record(found)))
        return
    for account in found.accounts:
        typer.echo(f"{account.edition.name:<30} {account.outcome.value:<10} {_counts(account)}")
    what = "would be sent again" if dry_run else "are ready to be sent again, by a running broadsheet"
    typer.echo(f"{len(found.accounts)} editions of {day}; {len(found.again)} messages {what}")


def _counts(account: Account) -> str:
    states = [each.state.value for each in account.deliveries]
    return account.edition.skipped or ", ".join(f"{states.count(each)} {each}" for each in dict.fromkeys(states))


def _record(delivery: Delivery, name: str) -> dict[str, Any]:
    return {
        "key": delivery.key,
        "channel": name,
        "workspace": delivery.channel.workspace,
        "address": delivery.channel.address,
        "part": delivery.part,
        "state": delivery.state,
        "attempt": delivery.attempt,
        "retry_at": delivery.retry_at,
        "tried_at": delivery.tried_at,
        "message_id": delivery.message_id,
        "detail": delivery.detail,
    }


def _day_record(found: Replayed) -> dict[str, Any]:
    editions = [
        {
            "subscription": each.edition.name,
            "channel": each.edition.channel.address,
            "workspace": each.edition.channel.workspace,
            "outcome": each.outcome,
            "skipped": each.edition.skipped or None,
            "papers": [pick.paper_id for pick in each.edition.picks],
            "again": [delivery.key for delivery in each.deliveries if delivery.key in found.again],
        }
        for each in found.accounts
    ]
    return {"date": found.on, "dry_run": found.dry_run, "again": len(found.again), "editions": editions}
