"""`broadsheet schedule`: when a schedule is due, in instants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import fail, invocation, print_json
from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.model import Schedule

_SPAN = timedelta(days=14)
_LONGEST = timedelta(days=3_700)
_CODES = {"MO": "mon", "TU": "tue", "WE": "wed", "TH": "thu", "FR": "fri", "SA": "sat", "SU": "sun"}


def _instant(text: str) -> datetime:
    """A date, which begins at midnight UTC, or an instant with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        msg = f"“{text}” is neither a date like 2026-03-01 nor an instant like 2026-03-01T08:00:00Z."
        raise typer.BadParameter(msg) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def schedule(  # noqa: PLR0913, PLR0917 - one a thing that can be said
    context: typer.Context,
    when: Annotated[
        str | None,
        typer.Argument(metavar="WHEN", help="“weekdays 09:00 Europe/London”, “monthly on the 1st 9am”."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", metavar="DATE", parser=_instant, help="From when on; otherwise now.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", metavar="DATE", parser=_instant, help="Until when; otherwise two weeks.")
    ] = None,
    batch: Annotated[
        typer.FileBinaryRead | None,
        typer.Option("--batch", metavar="FILE", help="JSON lines: id, kind, tz, time, days or dom, from_utc, to_utc."),
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Print the instants at which a schedule is due, through every change of the clocks. Posts nothing."""
    from bot.cli.lines import read_lines, write_line
    from bot.errors import BadArgument
    from bot.schedule import firings
    from bot.spoken_times import parse_schedule
    from bot.wiring import clock_and_zones

    clock, zone_data = clock_and_zones()
    if batch is not None:
        for value in read_lines(batch):
            write_line(_answered(value))
        return
    if when is None:
        fail(BadArgument("when", "Say when: broadsheet schedule “weekdays 09:00 Europe/London”."))
    try:
        found = parse_schedule(when, zone=invocation(context).settings().zone)
        start = since or clock.now()
        end = until or start + _SPAN
        _check(start, end)
    except BadArgument as error:
        fail(error)
    _print(found, list(firings(found, start, end)), zone_data, as_json=as_json)


def _print(found: Schedule, instants: Sequence[datetime], zone_data: str, *, as_json: bool) -> None:
    from bot.schedule import say_schedule

    if as_json:
        said = [_said(each) for each in instants]
        print_json({"schedule": say_schedule(found), "zone": found.zone, "zone_data": zone_data, "instants": said})
        return
    typer.echo(f"{say_schedule(found)} (time zone data {zone_data})")
    for each in instants:
        typer.echo(f"{_said(each)}  {_local(each, found)}")


def _check(start: datetime, end: datetime) -> None:
    from bot.errors import BadArgument

    if not start <= end <= start + _LONGEST:
        raise BadArgument("to", "--to must not be before --from, nor more than ten years after it.")


def _answered(row: object) -> Mapping[str, Any]:
    """The answer to one row: its instants, or why there are none."""
    from bot.errors import BadArgument
    from bot.schedule import firings

    if isinstance(row, BadArgument):
        return {"id": None, "error": row.user_message}
    if not isinstance(row, dict):
        return {"id": None, "error": "The row is no JSON object."}
    try:
        start, end = _row_instant(row, "from_utc"), _row_instant(row, "to_utc")
        _check(start, end)
        found = _row_schedule(row)
        return {"id": row.get("id"), "instants": [_said(each) for each in firings(found, start, end)]}
    except BadArgument as error:
        return {"id": row.get("id"), "error": error.user_message}


def _row_schedule(row: Mapping[str, Any]) -> Schedule:
    from bot.errors import BadArgument
    from bot.model import WEEKDAYS, Schedule
    from bot.spoken_times import parse_days, parse_rule, parse_time
    from bot.zones import parse_zone

    if row.get("kind") not in {"daily", "monthly"}:
        raise BadArgument("kind", f"A row of kind “{row.get('kind')}” is not read: daily and monthly are.")
    at, zone = parse_time(_text(row, "time")), parse_zone(_text(row, "tz"))
    match row["kind"]:
        case "daily":
            codes = str(row.get("days") or "*")
            if codes == "*":
                return Schedule(at, zone, WEEKDAYS)
            return Schedule(at, zone, parse_days([_CODES.get(each, each) for each in codes.split(",")]))
        case _:
            rule = parse_rule(["monthly", str(row.get("dom"))])
            return Schedule(at, zone, rule.days, rule.month_day, rule.roundup)


def _row_instant(row: Mapping[str, Any], name: str) -> datetime:
    from bot.errors import BadArgument

    try:
        return _instant(_text(row, name))
    except typer.BadParameter as error:
        raise BadArgument(name, f"{name}: {error.message}") from None


def _text(row: Mapping[str, Any], name: str) -> str:
    from bot.errors import BadArgument

    value = row.get(name)
    if not isinstance(value, str):
        raise BadArgument(name, f"The row has no text “{name}”.")
    return value


def _said(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _local(instant: datetime, found: Schedule) -> str:
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(found.zone)):%a %Y-%m-%d %H:%M %Z}"
