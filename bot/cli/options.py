"""Options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer


def parse_day(text: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"“{text}” is no date. Write it like 2026-05-12."
        raise typer.BadParameter(msg) from None


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Day = Annotated[
    date | None, typer.Option("--date", metavar="YYYY-MM-DD", parser=parse_day, help="A day; otherwise the newest.")
]
Replay = Annotated[
    Path | None,
    typer.Option(
        "--replay",
        metavar="PATH",
        help="Recorded days (a folder or tar) or JSON lines of papers, instead of the network.",
    ),
]
