"""`broadsheet ingest`: take papers in, from the sources or from recorded days."""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import FAILED, invocation, print_json, with_app
from bot.cli.options import Day, Json, Replay, parse_day
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.model import PaperId, Refusal
    from bot.services.ingest import Taken
    from bot.wiring import App

_LONGEST_RANGE = timedelta(days=1_500)
_REFUSALS_SHOWN = 20


@dataclass(slots=True)
class Tally:
    """What an ingest brought, added up."""

    days: set[tuple[str, date]] = field(default_factory=set)
    papers: set[PaperId] = field(default_factory=set)
    new: int = 0
    merged: int = 0
    lines: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def add(self, taken: Taken) -> None:
        """Count one announcement."""
        found = taken.announcement
        where = f"{found.source.value} {found.announced_on}"
        self.days.add((found.source.value, found.announced_on))
        self.papers.update(taken.papers)
        self.new += taken.new
        self.merged += taken.merged
        self.lines += taken.lines
        self.refused += [(where, refusal) for refusal in found.refused]
        self.states[found.state.value] = self.states.get(found.state.value, 0) + 1
        if found.state.value == "source down":
            self.failures.append(f"{where}: {found.detail}")

    def record(self, seconds: float) -> dict[str, Any]:
        """The JSON form. `papers` counts each work once however many days list it; `peak_mb` is this process's."""
        return {
            "days": len(self.days),
            "papers": len(self.papers),
            "new": self.new,
            "merged": self.merged,
            "lines": self.lines,
            "refused": len(self.refused),
            "refusals": [{"day": day, "place": each.place, "reason": each.reason} for day, each in self.refused],
            "states": self.states,
            "failures": self.failures,
            "seconds": round(seconds, 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _RSS_PER_MB, 1),
        }


_RSS_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024  # getrusage(2): kilobytes, but bytes on macOS


def ingest(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    on: Day = None,
    since: Annotated[
        date | None,
        typer.Option(
            "--from",
            metavar="YYYY-MM-DD",
            parser=parse_day,
            help="First day of Hugging Face's lists to fetch; up to today unless --to is given.",
        ),
    ] = None,
    until: Annotated[
        date | None, typer.Option("--to", metavar="YYYY-MM-DD", parser=parse_day, help="Last day.")
    ] = None,
    replay: Replay = None,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Take papers in: what is due now, the days of a range, or what --replay holds. Doing it twice adds nothing."""
    if on is not None and (since or until):
        raise typer.BadParameter("--date stands alone: give either one day or a range.", param_hint="--date")
    first, last = on or since or until, on or until or (None if since else since)
    if first and last and not timedelta(0) <= last - first <= _LONGEST_RANGE:
        raise typer.BadParameter(
            "the range goes from an earlier to a later day, 1,500 days at the most.", param_hint="--from"
        )
    started = time.perf_counter()
    tally = Tally()

    async def use(app: App) -> None:
        with progress(quiet=as_json) as bar:
            task = bar.add_task("days", total=(last - first).days + 1 if first and last else None)
            async for taken in app.intake(first, last, replay):
                tally.add(taken)
                bar.advance(task)

    with_app(invocation(context).settings(), use)
    record = tally.record(time.perf_counter() - started)
    if as_json:
        print_json(record)
    else:
        _say(tally, record)
    if tally.failures and len(tally.failures) == sum(tally.states.values()):
        raise typer.Exit(FAILED)


def _say(tally: Tally, record: dict[str, Any]) -> None:
    typer.echo(
        f"{record['days']} days, {record['papers']:,} papers ({record['new']:,} new), "
        f"{record['refused']} entries refused, in {record['seconds']} s"
    )
    for day, refusal in tally.refused[:_REFUSALS_SHOWN]:
        typer.echo(f"  refused: {day}, {refusal.place}: {refusal.reason}", err=True)
    if len(tally.refused) > _REFUSALS_SHOWN:
        typer.echo(f"  … and {len(tally.refused) - _REFUSALS_SHOWN} more; --json lists them all", err=True)
    for failure in tally.failures:
        typer.echo(f"  source down: {failure}", err=True)
