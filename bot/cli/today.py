"""`broadsheet today`: the papers of a day, best first."""

from __future__ import annotations

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Day, Json


def today(context: typer.Context, on: Day = None, as_json: Json = False) -> None:  # noqa: FBT002 - Typer's way of flags
    """Show the papers of a day, best first."""
    from bot.cli.records import document_text, paper_record, plain
    from bot.commands import Today
    from bot.compose.reading import day_document
    from bot.document import Document

    command = Today(on=on)
    day = with_app(invocation(context).settings(), lambda app: app.reading.today(command))
    if not as_json:
        typer.echo(document_text(Document(day_document(day, command))))
        return
    sources = [
        {"source": each.source, "state": each.state, "papers": each.papers, "detail": each.detail}
        for each in day.records
    ]
    papers = [paper_record(paper, score) for paper, score in day.papers]
    print_json(plain({"date": day.on, "sample": day.is_sample, "sources": sources, "papers": papers}))
