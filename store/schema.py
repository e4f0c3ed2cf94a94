"""Brings a database to this release's schema: quick where it is there already, safe where two processes do it at once.

Migrations run on a plain engine in a thread, because Alembic keeps its context in module globals and blocks; the
event loop stays free, and one lock a process keeps two of them apart.
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine as create_plain_engine
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from bot.errors import StoreUnavailable
from store.engine import SQLITE_DRIVER, configure_sqlite, translated_faults, turn_wal_on
from store.statements import SQLITE, WRITES

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

_ADVISORY_LOCK = 0x42524F4144  # “BROAD”: one number for all who migrate a PostgreSQL database
_one_at_a_time = threading.Lock()


def revisions() -> list[str]:
    """The revisions that this release knows, oldest first; files are named `0001_what_it_does.py`."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade to head; raises StoreUnavailable where the schema is from a newer release or cannot be reached."""
    with translated_faults(engine.url):
        await asyncio.to_thread(_bring_to_head, engine.url)


def current_revision(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration, in code: nothing to keep at the top level and no second place for the URL."""
    from alembic.config import Config  # noqa: PLC0415 - a database at head starts without it

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_newer(current: str | None) -> None:
    if current is not None and current not in revisions():
        raise StoreUnavailable(
            f"The database has the schema of a newer release (revision {current}, this release knows up to "
            f"{revisions()[-1]}); run that release, or restore a backup from before the upgrade."
        )


def _bring_to_head(url: URL) -> None:
    # aiosqlite leaves a thread behind where a file cannot be opened: the plain driver is the one to find that out.
    if url.drivername == SQLITE_DRIVER:
        engine = create_plain_engine(url.set(drivername="sqlite"), poolclass=NullPool)
        configure_sqlite(engine)
        turn_wal_on(engine)
    else:
        engine = create_plain_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        current = current_revision(connection)
    _refuse_newer(current)
    if current != revisions()[-1]:
        with _one_at_a_time, engine.connect() as connection:
            _upgrade(connection.execution_options(**{WRITES: True}))


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a database at head starts without it

    with connection.begin():
        if connection.dialect.name != SQLITE:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        # Asked again under the lock: another process may have been first, even one of a newer release.
        _refuse_newer(current_revision(connection))
        command.upgrade(alembic_config(connection), "head")
