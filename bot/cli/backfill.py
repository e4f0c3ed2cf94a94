"""`broadsheet backfill`: history older than this installation."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import FAILED, invocation, print_json, with_app
from bot.cli.options import Json, parse_day
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.services.backfilling import Tally
    from bot.wiring import App

_LONGEST_RANGE = timedelta(days=4_000)
_REFUSALS_SHOWN = 20


def parse_month_or_day(text: str) -> date:
    """`2024-05` is the first of that month."""
    return parse_day(f"{text}-01" if len(text) == len("2024-05") else text)


def backfill(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Bulk metadata as JSON lines, perhaps .gz: arXiv's snapshot."),
    ] = None,
    since: Annotated[
        date | None,
        typer.Option("--from", metavar="YYYY-MM[-DD]", parser=parse_month_or_day, help="First day of lists to fetch."),
    ] = None,
    until: Annotated[
        date | None, typer.Option("--to", metavar="YYYY-MM-DD", parser=parse_day, help="Last day; otherwise yesterday.")
    ] = None,
    again: Annotated[  # noqa: FBT002 - Typer's way of flags
        bool, typer.Option("--again", help="Read files from their beginning, even where they were read before.")
    ] = False,
    as_json: Json = False,  # noqa: FBT002 - as above
) -> None:
    """Take in months of Hugging Face's lists, or bulk files, for searching. Broken off, it goes on where it was."""
    if bool(files) == bool(since):
        raise typer.BadParameter("Give either files, or --from (and --to) for Hugging Face's lists.")
    started = time.perf_counter()

    async def use(app: App) -> Tally:
        from bot.services.backfilling import Tally

        whole = Tally()
        with progress(quiet=as_json) as bar:
            if since is not None:
                last = until or app.checking.clock.now().date() - timedelta(days=1)
                if not timedelta(0) <= last - since <= _LONGEST_RANGE:
                    raise typer.BadParameter("the range goes from an earlier to a later day.", param_hint="--from")
                task = bar.add_task("days", total=(last - since).days + 1)
                async for tally in app.backfilling.days(since, last):
                    whole = tally
                    bar.update(task, advance=1, description=tally.place)
            for path in files or ():
                task = bar.add_task(path.name, total=None)
                tally = Tally()
                async for tally in app.backfilling.file(path, again=again):
                    bar.update(task, completed=tally.skipped + tally.papers)
                _add(whole, tally)
        return whole

    tally = with_app(invocation(context).settings(), use)
    _report(_record(tally, time.perf_counter() - started), tally, as_json=as_json)
    if tally.failed and not tally.papers:
        raise typer.Exit(FAILED)


def _add(whole: Tally, part: Tally) -> None:
    whole.papers += part.papers
    whole.new += part.new
    whole.skipped += part.skipped
    whole.refused += part.refused


def _record(tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "papers": tally.papers,
        "new": tally.new,
        "skipped": tally.skipped,
        "refused": [{"place": each.place, "reason": each.reason} for each in tally.refused],
        "failed": tally.failed,
        "seconds": round(seconds, 1),
        "papers_a_second": round(tally.papers / max(seconds, 0.001)),
    }


def _report(record: dict[str, Any], tally: Tally, *, as_json: bool) -> None:
    if as_json:
        print_json(record)
        return
    speed = f"{record['seconds']} s, {record['papers_a_second']:,} a second"
    typer.echo(
        f"{tally.papers:,} papers ({tally.new:,} new) in {speed}; {tally.skipped:,} taken earlier, "
        f"{len(tally.refused):,} refused."
    )
    for each in tally.refused[:_REFUSALS_SHOWN]:
        typer.echo(f"  refused: {each.place}: {each.reason}", err=True)
    if len(tally.refused) > _REFUSALS_SHOWN:
        typer.echo(f"  … and {len(tally.refused) - _REFUSALS_SHOWN} more; --json lists them all", err=True)
    for failure in tally.failed:
        typer.echo(f"  could not be read: {failure}", err=True)
