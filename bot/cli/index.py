"""`broadsheet index`: the search index of this data folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import typer

from bot.cli.invocation import fail, invocation, print_json, with_app
from bot.cli.options import Json
from bot.cli.progress import progress

if TYPE_CHECKING:
    from bot.wiring import App

app = typer.Typer(help="The search index: derived from the database, and free to be lost.", no_args_is_help=True)


@app.command("rebuild")
def rebuild(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """Build the index anew, aside, and put it in the place of the old one; searching goes on meanwhile."""
    started = time.perf_counter()

    async def use(app: App) -> int:
        from bot.errors import IndexBusy

        done = 0
        try:
            with progress(quiet=as_json) as bar:
                task = bar.add_task("papers", total=None)
                async for each in app.indexing.rebuild():
                    done = each.done
                    bar.update(task, completed=each.done, total=each.total)
        except BlockingIOError:
            fail(IndexBusy("Another process is building this index; wait for it, or stop it."))
        return done

    done = with_app(invocation(context).settings(), use)
    seconds = time.perf_counter() - started
    record = {"papers": done, "seconds": round(seconds, 1), "papers_a_second": round(done / max(seconds, 0.001))}
    if as_json:
        print_json(record)
    else:
        typer.echo(f"{done:,} papers indexed in {seconds:.1f} s, {record['papers_a_second']:,} a second.")


@app.command("status")
def status(context: typer.Context, as_json: Json = False) -> None:  # noqa: FBT002 - as above
    """How many papers can be searched, and how far the index is behind the database."""

    async def use(app: App) -> dict[str, Any]:
        app.searching.index.open()
        async with app.store.read() as tx:
            known, last = await tx.papers.count(), await tx.catalogue.last()
        index = app.searching.index
        return {
            "searchable": index.size,
            "known": known,
            "changes_behind": last - index.position,
            "whole": index.is_whole,
            "trouble": index.trouble or None,
            "folder": str(app.settings.index_dir),
        }

    record = with_app(invocation(context).settings(), use)
    if as_json:
        print_json(record)
        return
    typer.echo(f"{record['searchable']:,} of {record['known']:,} papers can be searched ({record['folder']}).")
    if record["trouble"]:
        typer.echo(f"The index cannot be used: {record['trouble']}. `broadsheet index rebuild` makes a new one.")
    elif record["changes_behind"]:
        typer.echo("`broadsheet run` or the next search brings it up to date.")
