"""Statements that both databases know, under different imports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

SQLITE = "sqlite"

CHUNK = 500
"""How many parameters an IN list gets at most: older SQLite libraries take 999 a statement."""

Each = TypeVar("Each")

WRITES = "broadsheet_writes"
"""Execution option of a connection whose transaction will write."""

Insert = sqlite.Insert | postgresql.Insert


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An INSERT that can say ON CONFLICT."""
    if connection.dialect.name == SQLITE:
        return sqlite.insert(table)
    return postgresql.insert(table)


def is_writing(connection: AsyncConnection) -> bool:
    """True in a transaction that was begun to write: only there rows may be locked."""
    plain = connection.sync_connection
    return plain is not None and bool(plain.get_execution_options().get(WRITES, False))


def upsert(connection: AsyncConnection, table: Table, *, keep: Collection[str] = ()) -> Insert:
    """An INSERT that replaces the other columns of a row whose primary key is there, but for those in `keep`."""
    statement = insert(connection, table)
    keys = [column.name for column in table.primary_key]
    replaced = (column.name for column in table.columns if not column.primary_key and column.name not in keep)
    others = {name: statement.excluded[name] for name in replaced}
    return statement.on_conflict_do_update(index_elements=keys, set_=others)


def chunks(items: Collection[Each]) -> Iterator[Sequence[Each]]:
    """The items in runs that fit an IN list."""
    listed = list(items)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
