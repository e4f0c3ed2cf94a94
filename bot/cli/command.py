"""`broadsheet command`: any `/papers` text through the very services a chat uses, on the local platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.invocation import FAILED, invocation, print_json, with_app
from bot.cli.options import Json

if TYPE_CHECKING:
    from bot.document import Reply
    from bot.wiring import App


def command(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help='What you would type after /papers, for instance "subscribe cs.CL".')],
    channel: Annotated[str, typer.Option("--channel", help="The local channel.")] = "papers",
    who: Annotated[str, typer.Option("--as", metavar="MEMBER", help="Who asks; `member list` names them.")] = "admin",
    as_json: Json = False,  # noqa: FBT002 - Typer's way of flags
) -> None:
    """Run any text that a channel takes after /papers, on the local platform, and deliver what it brings."""
    from bot.cli.records import document_record, document_text
    from bot.document import Note, Tone

    async def use(app: App) -> tuple[Reply, int]:
        await app.indexing.follow()
        reply = await app.answering(await app.local.caller(channel, who), text)
        return reply, await app.deliver()

    reply, delivered = with_app(invocation(context).settings(), use)
    failed = any(isinstance(block, Note) and block.tone is Tone.ERROR for block in reply.document.blocks)
    if as_json:
        public = document_record(reply.public) if reply.public else None
        print_json(
            {"ok": not failed, "reply": document_record(reply.document), "public": public, "delivered": delivered}
        )
    else:
        typer.echo(document_text(reply.document), err=failed)
        if delivered:
            typer.echo(f"({delivered} messages posted to #{channel})")
    if failed:
        raise typer.Exit(FAILED)
