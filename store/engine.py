"""One engine factory for both databases: their settings, and what their failures mean to an operator."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.errors import StoreUnavailable
from store.statements import WRITES

SQLITE_DRIVER = "sqlite+aiosqlite"
POSTGRES_DRIVER = "postgresql+psycopg"

_BUSY_TIMEOUT_MS = 10_000
_POSTGRES_OPTIONS = "-c timezone=UTC -c statement_timeout=60000"


def parse_url(url: str) -> URL:
    """The database's URL with the driver that is used for it; raises StoreUnavailable where there is none."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreUnavailable(
            "The database URL cannot be read; it should look like sqlite:////path/to/broadsheet.db "
            "or postgresql://user:password@host/database."
        ) from error
    match parsed.drivername.partition("+")[0]:
        case "sqlite":
            # Each connection would have a memory of its own.
            if parsed.database in {None, "", ":memory:"} or parsed.query.get("mode") == "memory":
                raise StoreUnavailable(
                    "The database URL names no file; it should look like sqlite:////path/to/file.db."
                )
            return parsed.set(drivername=SQLITE_DRIVER)
        case "postgresql" | "postgres":
            return parsed.set(drivername=POSTGRES_DRIVER)
        case other:
            raise StoreUnavailable(f"There is no driver for a database of kind “{other}”; use sqlite or postgresql.")


def create_engine(url: str) -> AsyncEngine:
    """An engine that has not connected yet."""
    parsed = parse_url(url)
    encode = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if parsed.drivername == SQLITE_DRIVER:
        engine = create_async_engine(parsed, json_serializer=encode)
        configure_sqlite(engine.sync_engine)
        return engine
    try:
        return create_async_engine(
            parsed, json_serializer=encode, pool_pre_ping=True, connect_args=postgres_arguments(parsed)
        )
    except ImportError as error:
        raise StoreUnavailable(
            "PostgreSQL's driver is not installed; install Broadsheet with its extra “postgres”."
        ) from error


def postgres_arguments(url: URL) -> dict[str, Any]:
    """Instants come back in UTC, and a lost statement does not hold its locks for ever; the URL's own options win."""
    given = url.query.get("options", "")
    return {"options": f"{_POSTGRES_OPTIONS} {given if isinstance(given, str) else ' '.join(given)}".strip()}


def configure_sqlite(engine: Engine) -> None:
    """Let SQLAlchemy begin transactions, so that those which write take SQLite's one write lock at once.

    A transaction that reads first and then writes fails with “database is locked” where another one wrote meanwhile,
    whatever the timeout; BEGIN IMMEDIATE waits in line instead.
    """
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a driver's
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA synchronous=FULL")  # the ledger must survive a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
    except BaseException:
        # The pool forgets a connection that fails here, and aiosqlite's thread would outlive the event loop.
        connection.close()
        raise


def turn_wal_on(engine: Engine) -> None:
    """Let readers and a writer work at once; the file remembers it. Blocks, so not for the event loop.

    SQLite does not wait for a lock here, whatever the timeout, where two processes open a new file at once.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1_000
    with closing(engine.raw_connection()) as connection:
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_parent(url: URL) -> None:
    """Create the folder of an SQLite file."""
    if url.drivername != SQLITE_DRIVER or not url.database:
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {folder} for the database cannot be made ({error.strerror}); "
            "set BROADSHEET_DATA_DIR to a folder that this user may write to."
        ) from error


@contextmanager
def translated_faults(url: URL) -> Iterator[None]:
    """Turn what the world does to a database into StoreUnavailable; programming errors pass."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, sqlite3.DatabaseError) as error:
        # sqlite3's own come from opening a file; a statement's are wrapped by SQLAlchemy.
        raise StoreUnavailable(_sentence(url, error)) from error
    except DatabaseError as error:
        # sqlite3 says “file is not a database” and “disk image is malformed” with the bare class.
        if type(error.orig) is not sqlite3.DatabaseError:
            raise
        raise StoreUnavailable(_sentence(url, error)) from error


def _sentence(url: URL, error: Exception) -> str:
    place = url.database if url.drivername == SQLITE_DRIVER else url.render_as_string(hide_password=True)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "unable to open" in reason or "readonly" in reason:
        return f"The database {place} cannot be used ({reason}); check that the path exists and may be written to."
    if "not a database" in reason or "malformed" in reason:
        return f"The file {place} is not a sound SQLite database ({reason}); restore it, or name another file."
    if "locked" in reason:
        return f"The database {place} is locked by another program ({reason}); close that program, or try again."
    return f"The database {place} cannot be used: {reason}."
