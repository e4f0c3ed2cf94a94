"""`broadsheet digest`: what a subscription to a topic would have got on a day, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.invocation import invocation, print_json, with_app
from bot.cli.options import Day, Json


def digest(
    context: typer.Context,
    topic: Annotated[str, typer.Option("--topic", help="arXiv categories and words; * is everything.")] = "*",
    on: Day = None,
    top: Annotated[int, typer.Option("--top", min=1, max=50, help="How many papers at the most.")] = 10,
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Show what a digest on a topic would hold, with the reason for every candidate. Posts nothing."""
    from bot.cli.records import document_text, paper_record, plain
    from bot.compose.cards import card
    from bot.document import Block, Document, Heading, Note, Tone

    found = with_app(invocation(context).settings(), lambda app: app.reading.digest(topic, on=on, size=top))
    if as_json:
        picks = [
            {**paper_record(found.papers[pick.paper_id]), "score": pick.score, "why": pick.why} for pick in found.picks
        ]
        print_json(
            plain(
                {
                    "topic": found.topic,
                    "plain": found.plain,
                    "date": found.on,
                    "picks": picks,
                    "left_out": found.left_out,
                }
            )
        )
        return
    counts = ", ".join(f"{len(ids):,} {stage.value}" for stage, ids in found.left_out.items()) or "none"
    cards = [card(found.papers[pick.paper_id], announced_on=found.on, why=pick.why) for pick in found.picks]
    blocks: tuple[Block, ...] = (
        Heading(f"{found.plain}, {found.on or 'no day yet'}"),
        *cards,
        Note(f"Left out: {counts}", Tone.QUIET),
    )
    typer.echo(document_text(Document(blocks)))
