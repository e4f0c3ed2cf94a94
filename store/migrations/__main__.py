"""Drafts the next migration from `store.tables`: `python -m store.migrations "what it does"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from store.schema import alembic_config, revisions


def draft(message: str) -> None:
    """Upgrade an empty database and write down how it differs from the tables; read the draft before it is used."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'empty.db'}", poolclass=NullPool)
        with engine.begin() as connection:
            config = alembic_config(connection)
            command.upgrade(config, "head")
            number = int(revisions()[-1]) + 1
            command.revision(config, message=message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or sys.exit("say what the migration does"))
