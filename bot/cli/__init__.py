"""The command line: one file a command. Heavy imports stand inside the commands, so that `--help` is quick."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli import (
    backfill,
    channel,
    check,
    command,
    deliveries,
    digest,
    discord,
    docs,
    evaluate,
    index,
    ingest,
    keys,
    match,
    member,
    render,
    run,
    schedule,
    search,
    settings,
    show,
    slack,
    today,
    topics,
)

app = typer.Typer(
    name="broadsheet",
    help="Posts the day's research papers into a team's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer hands the flag over
    if wanted:
        from bot.wiring import release

        typer.echo(f"broadsheet {release()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[  # noqa: FBT002 - Typer's way of flags
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Posts the day's research papers into a team's chat."""
    del version


app.command("run")(run.run)
app.command("ingest")(ingest.ingest)
app.command("backfill")(backfill.backfill)
app.command("today")(today.today)
app.command("digest")(digest.digest)
app.command("show")(show.show)
app.command("deliveries")(deliveries.deliveries)
app.command("replay-day")(deliveries.replay_day)
app.command("schedule")(schedule.schedule)
app.command("match")(match.match)
app.add_typer(topics.app, name="topics")
app.command("search")(search.search)
app.add_typer(index.app, name="index")
app.command("eval")(evaluate.evaluate)
app.command("command")(command.command)
app.add_typer(channel.app, name="channel")
app.add_typer(member.app, name="member")
app.command("render")(render.render)
app.add_typer(slack.app, name="slack")
app.add_typer(discord.app, name="discord")
app.add_typer(keys.app, name="keys")
app.command("check")(check.check)
app.command("settings")(settings.settings)
app.command("docs", hidden=True)(docs.docs)
