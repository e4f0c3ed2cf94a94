"""`broadsheet render`: papers in, the requests that would be sent out; nothing is stored and nothing is sent."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.invocation import fail
from bot.errors import BadReplay, BroadsheetError
from bot.model import Layout, Platform


def _layout(text: str) -> Layout:
    """`card` as well as the `cards` of subscriptions."""
    try:
        return Layout.CARDS if text.casefold() == "card" else Layout(text.casefold())
    except ValueError:
        msg = f"“{text}” is no layout: choose thread, card or list."
        raise typer.BadParameter(msg) from None


def render(
    papers: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="Papers as Hugging Face lists them, one a line; - reads stdin.")
    ],
    platform: Annotated[Platform, typer.Option("--platform", help="Whose messages to make.")] = Platform.LOCAL,
    layout: Annotated[
        Layout,
        typer.Option(
            "--layout",
            help="How a digest of the paper is laid out: thread, card or list.",
            parser=_layout,
            metavar="LAYOUT",
        ),
    ] = Layout.CARDS,
) -> None:
    """Print one line of JSON for each paper: its id and the bodies of the requests that would be sent."""
    from bot.wiring.rendering import rendered

    try:
        text = sys.stdin.buffer.read() if str(papers) == "-" else papers.read_bytes()
    except OSError as error:
        fail(BadReplay(f"{papers} cannot be read: {error.strerror}."))
    try:
        for line in text.splitlines():
            if line.strip():
                sys.stdout.write(json.dumps(rendered(line, platform, layout), ensure_ascii=False) + "\n")
    except BroadsheetError as error:
        fail(error)
