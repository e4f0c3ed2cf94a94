"""`broadsheet search`: what `/papers search` finds, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Json
from bot.index_query import SortBy

if TYPE_CHECKING:
    from bot.findings import SearchPage
    from bot.wiring import App

_MOST = 200


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words, a question, or conditions as in topics.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="How many papers at the most.")] = 10,
    sort: Annotated[SortBy, typer.Option("--sort", help="In which order.")] = SortBy.RELEVANCE,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Search the papers that are known. The index is brought up to date first, where nobody else keeps it."""
    from bot.commands import Search

    command = Search(query, sort)

    async def use(app: App) -> SearchPage:
        await app.indexing.follow()
        return await app.searching.search(None, command, size=limit)

    found = with_app(invocation(context).settings(), use)
    if as_json:
        print_json(_record(found))
    else:
        from bot.cli.lines import echo
        from bot.cli.records import document_text
        from bot.compose.searching import search_blocks
        from bot.document import Actions, Document

        blocks = tuple(each for each in search_blocks(found, command) if not isinstance(each, Actions))
        echo(document_text(Document(blocks)))


def _record(found: SearchPage) -> dict[str, Any]:
    """`found` is how many there are, at most 200; `instead_of` is the query where `query` is its nearest spelling."""
    from bot.cli.records import paper_record

    return {
        "query": found.text,
        "instead_of": found.instead_of or None,
        "did_you_mean": found.instead or None,
        "notes": list(found.notes),
        "by_meaning": found.by_meaning,
        "found": found.found,
        "papers": [{**paper_record(each.paper), "relevance": each.relevance} for each in found.hits],
    }
