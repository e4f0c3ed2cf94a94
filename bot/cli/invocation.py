"""What every command needs: the settings, an open application, and one way to end."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from bot.errors import BroadsheetError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import App

_T = TypeVar("_T")
FAILED = 1


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the process was called; made by `bot.__main__`, the one reader of the environment."""

    environ: Mapping[str, str]
    folder: Path

    def settings(self, **overrides: object) -> Settings:
        """The settings, or an end with every mistake listed."""
        from bot.settings import load_settings

        try:
            return load_settings(self.environ, folder=self.folder, overrides=overrides)
        except BroadsheetError as error:
            fail(error)


def invocation(context: typer.Context) -> Invocation:
    """The call's Invocation."""
    found = context.find_object(Invocation)
    if found is None:  # only when somebody runs the Typer app without bot.__main__
        msg = "start broadsheet through bot.__main__"
        raise RuntimeError(msg)
    return found


def with_app(settings: Settings, use: Callable[[App], Awaitable[_T]], **options: Any) -> _T:  # noqa: ANN401 - open_app's own
    """Open the application, use it, close it; expected failures end the process with their sentence."""
    from bot.wiring import open_app

    async def main() -> _T:
        async with open_app(settings, **options) as app:
            return await use(app)

    try:
        return asyncio.run(main())
    except BroadsheetError as error:
        fail(error)


def fail(error: BroadsheetError) -> NoReturn:
    """End with exit code 1 and the error's sentence."""
    typer.echo(f"{error.code}: {error.user_message}", err=True)
    raise typer.Exit(FAILED)


def print_json(value: object) -> None:
    """One JSON value to standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
