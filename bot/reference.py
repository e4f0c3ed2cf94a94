"""The reference pages under `docs/` as Markdown, made from the tables in the code; a test holds them equal."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from bot import errors
from bot.command_table import COMMANDS
from bot.errors import BroadsheetError
from bot.settings import Settings, env_name

_MADE = "<!-- Made by `make docs` from {where}: edit that instead. -->\n"


def commands_page() -> str:
    """`docs/commands.md`."""
    lines = ["# Commands", "", _MADE.format(where="bot/command_table.py")]
    lines.append('Typed after `/papers` in a channel; `broadsheet command "…"` takes the same text.\n')
    for spec in COMMANDS:
        lines += [f"## {spec.verb}", "", f"{spec.summary}.", "", f"    /papers {spec.usage}", ""]
        if spec.aliases:
            lines += [f"Also: {', '.join(f'`{alias}`' for alias in spec.aliases)}.", ""]
        if spec.parameters:
            lines += ["| option | meaning | otherwise |", "| --- | --- | --- |"]
            lines += [f"| `{each.usage}` | {each.help} | {each.default or '–'} |" for each in spec.parameters]
            lines.append("")
        if spec.examples:
            lines += ["For instance:", "", *(f"    /papers {example}" for example in spec.examples), ""]
    return "\n".join(lines).rstrip() + "\n"


def settings_page() -> str:
    """`docs/settings.md`."""
    lines = ["# Settings", "", _MADE.format(where="bot/settings.py")]
    lines.append(
        "From the environment, a file `.env` in the working folder, or one TOML file (`broadsheet.toml` in the\n"
        "working folder, or the path in `BROADSHEET_CONFIG`), in this order of precedence. In the TOML file the names\n"
        "stand without the prefix, in lower case: `port = 8080`. A secret may also be given as `NAME_FILE`, the path\n"
        "of a file that holds it. `broadsheet settings` shows each value and where it came from.\n"
    )
    lines += ["| setting | otherwise | what it is for |", "| --- | --- | --- |"]
    for field, info in Settings.model_fields.items():
        default = "the platform's folder for user data" if field == "data_dir" else info.default
        shown = " ".join(default) if isinstance(default, tuple) else default
        shown = {True: "on", False: "off"}[shown] if isinstance(shown, bool) else shown
        lines.append(f"| `{env_name(field)}` | {'–' if shown in (None, '') else shown} | {info.description} |")
    lines += [
        "",
        "Names that begin with `BROADSHEET_SLACK_` or `BROADSHEET_DISCORD_` are reserved for those platforms.",
        "",
    ]
    return "\n".join(lines)


def errors_page() -> str:
    """`docs/errors.md`."""
    lines = ["# Errors", "", _MADE.format(where="bot/errors.py")]
    lines.append("Every refusal has a stable code beside its sentence.\n")
    lines += ["| code | meaning |", "| --- | --- |"]
    for kind in sorted(_kinds(BroadsheetError), key=lambda each: each.code):
        lines.append(f"| `{kind.code}` | {(inspect.getdoc(kind) or '').splitlines()[0]} |")
    lines += [
        "| `internal` | Something went wrong on our side; the sentence carries the number under which it is logged. |",
        "",
    ]
    return "\n".join(lines)


def _kinds(kind: type[BroadsheetError]) -> set[type[BroadsheetError]]:
    return {
        each for sub in kind.__subclasses__() for each in ({sub} | _kinds(sub)) if each.__module__ == errors.__name__
    }


def cli_page(app: Any) -> str:  # noqa: ANN401 - Typer brings its own copy of Click, whose types it does not export
    """`docs/cli.md`, from Typer's root command."""
    lines = ["# Command line", "", _MADE.format(where="bot/cli/")]
    lines.append("Exit codes: 0 done, 1 failed, 2 wrong usage. Every reading command takes `--json`.\n")
    for name, command in _commands(app):
        lines += [f"## broadsheet {name}", "", inspect.cleandoc(command.help or ""), ""]
        if command.params:
            lines += ["| option | meaning |", "| --- | --- |", *map(_option_line, command.params)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - see cli_page
    """Every command that is shown, those of groups under both names."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield prefix + name, command


def _option_line(parameter: Any) -> str:  # noqa: ANN401 - see cli_page
    names = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.metavar or parameter.name
    value = "" if getattr(parameter, "is_flag", False) or parameter.param_type_name == "argument" else " VALUE"
    return f"| `{names}{value}` | {parameter.help or ''} |"
