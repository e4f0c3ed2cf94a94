"""`python -m bot` and `broadsheet`: the one reader of the environment; it hands what it read to the command line."""

from __future__ import annotations

import os
from pathlib import Path


def main() -> None:
    """Run the command line on this process's environment and folder."""
    from bot.cli import app
    from bot.cli.invocation import Invocation

    app(obj=Invocation(environ=dict(os.environ), folder=Path.cwd()))


if __name__ == "__main__":
    main()
