"""`broadsheet match`: many topics against the papers that were taken in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from bot.cli.invocation import invocation, with_app
from bot.cli.options import Json, parse_day

if TYPE_CHECKING:
    from bot.errors import BadArgument
    from bot.services.matching import Answer
    from bot.wiring import App

_LONGEST_RANGE = timedelta(days=1_500)
_BEST = 5


def match(
    context: typer.Context,
    topics: Annotated[
        typer.FileBinaryRead,
        typer.Option("--topics", metavar="FILE", help='JSON lines like {"topic": "cs.CL"}; - is standard input.'),
    ],
    since: Annotated[
        date | None,
        typer.Option("--from", metavar="YYYY-MM-DD", parser=parse_day, help="First day; otherwise a week in all."),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option("--to", metavar="YYYY-MM-DD", parser=parse_day, help="Last day; otherwise the newest."),
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Match topics with the papers of some days, a line for each topic. Posts nothing."""
    if since and until and not timedelta(0) <= until - since <= _LONGEST_RANGE:
        raise typer.BadParameter(
            "the range goes from an earlier to a later day, 1,500 days at the most.", param_hint="--from"
        )

    async def use(app: App) -> None:
        from bot.cli.lines import echo, write_line

        async for answer in app.matching.match(_asked(topics), since=since, until=until):
            if as_json:
                write_line(_record(answer))
            else:
                echo(_text(answer))

    with_app(invocation(context).settings(), use)


def _asked(file: BinaryIO) -> Iterator[str | BadArgument]:
    from bot.cli.lines import read_lines
    from bot.errors import BadArgument

    for value in read_lines(file):
        topic = value.get("topic") if isinstance(value, dict) else None
        if isinstance(value, BadArgument):
            yield value
        elif isinstance(topic, str):
            yield topic
        else:
            yield BadArgument("topic", 'A line is an object with the text of a topic, like {"topic": "cs.CL"}.')


def _record(answer: Answer) -> dict[str, Any]:
    """`papers` are ids, best first; `position` is the 0-based offset into the topic, None where it has no place."""
    from bot.errors import BadTopic
    from bot.services.matching import Matched
    from bot.topics.saying import say_topic

    if isinstance(answer, Matched):
        return {
            "topic": answer.text,
            "canonical": answer.topic.canonical_text,
            "plain": say_topic(answer.topic),
            "papers": [each.id for each in answer.papers],
            "error": None,
        }
    error = answer.error
    position = error.position if isinstance(error, BadTopic) else None
    told = {"code": error.code, "message": error.user_message, "position": position}
    return {"topic": answer.text, "canonical": None, "plain": None, "papers": [], "error": told}


def _text(answer: Answer) -> str:
    from bot.identity import bare_arxiv_id
    from bot.services.matching import Matched
    from bot.topics.saying import say_topic

    if not isinstance(answer, Matched):
        return f"{answer.text if answer.text is not None else '?'}\n  {answer.error.code}: {answer.error.user_message}"
    count = len(answer.papers)
    lines = [answer.text, f"  {say_topic(answer.topic)}: {count:,} {'paper' if count == 1 else 'papers'}"]
    lines += [f"  - {each.title} ({bare_arxiv_id(each.id) or each.id})" for each in answer.papers[:_BEST]]
    return "\n".join(lines)
