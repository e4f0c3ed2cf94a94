"""`broadsheet show`: one paper."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Json


def show(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="ID", help="An arXiv id, a DOI, or a link to a paper.")],
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Show one paper, by its arXiv id, DOI or link."""
    from bot.cli.records import document_text, paper_record
    from bot.commands import Show
    from bot.compose.reading import paper_document
    from bot.document import Document

    paper = with_app(invocation(context).settings(), lambda app: app.reading.show(Show(reference)))
    if as_json:
        print_json(paper_record(paper))
    else:
        typer.echo(document_text(Document(paper_document(paper))))
