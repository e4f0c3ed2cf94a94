"""`broadsheet topics`: topics made of what people have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.invocation import invocation
from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.topics.importing import Imported

app = typer.Typer(help="Topics made of the filters of other tools.", no_args_is_help=True)

_INDENT = " " * 6


@app.callback()
def topics() -> None:
    """Topics made of the filters of other tools."""


@app.command("import")
def import_topics(
    context: typer.Context,
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(metavar="FILE", help="JSON lines, one filter each; - is standard input.")
    ],
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Make topics of filters: keyword lists, arXiv queries, patterns, categories, prose. Saves nothing."""
    from bot.cli.lines import echo, read_lines, write_line
    from bot.errors import BadArgument
    from bot.topics.importing import Became, Refused, imported

    semantic = bool(invocation(context).settings().semantic_model)
    made = refused = proposed = 0
    for value in read_lines(file):
        if isinstance(value, BadArgument):
            found: Imported = Refused(None, value.user_message)
        else:
            found = imported(value, semantic=semantic)
        made += isinstance(found, Became)
        refused += isinstance(found, Refused)
        proposed += isinstance(found, Refused) and found.proposed is not None
        if as_json:
            write_line(_record(found))
        else:
            echo(_text(found))
    if not as_json:
        instead = f"; a topic is proposed instead of {proposed} more" if proposed else ""
        echo(f"{made} of {made + refused} became topics{instead}")


def _record(found: Imported) -> dict[str, Any]:
    from bot.topics.importing import Became

    return {
        "fid": found.fid,
        "topic": found.topic if isinstance(found, Became) else None,
        "plain": found.plain if isinstance(found, Became) else None,
        "error": None if isinstance(found, Became) else found.error,
        "proposed": None if isinstance(found, Became) else found.proposed,
        "notes": list(found.notes),
    }


def _text(found: Imported) -> str:
    from bot.topics.importing import Became

    head = f"{found.fid or '':<5} "
    if isinstance(found, Became):
        lines = [head + found.topic, _INDENT + found.plain]
    else:
        lines = [f"{head}no topic: {found.error}"]
        lines += [f"{_INDENT}proposed: {found.proposed}"] if found.proposed else []
    return "\n".join([*lines, *(f"{_INDENT}note: {note}" for note in found.notes)])
