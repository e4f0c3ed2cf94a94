"""`broadsheet run`: the main job: keep up with the sources, plan, deliver, and serve the page."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import invocation, with_app
from bot.cli.options import Replay

if TYPE_CHECKING:
    from bot.wiring import App


def run(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on; beyond loopback a token is asked for.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help="Port to listen on; 0 takes a free one.")
    ] = None,
    replay: Replay = None,
) -> None:
    """Serve the page, fetch what the sources announce, and post digests when they are due. Ends on Ctrl-C."""

    async def use(app: App) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopped.set)
        await app.local.open_channel()  # before anybody can ask for the page
        async with app.serving() as url:
            typer.echo(f"Broadsheet is at {url}  (Ctrl-C ends it)")
            await app.running(stopped)
        typer.echo("Broadsheet has stopped.")

    with_app(invocation(context).settings(host=host, port=port), use, replay=replay, quiet=False)
