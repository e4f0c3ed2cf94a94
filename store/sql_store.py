"""SqlStore: units of work over one engine, on SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store.engine import create_engine, make_parent, translated_faults
from store.schema import migrate
from store.statements import SQLITE, WRITES
from store.unit_of_work import SqlTransaction


class SqlStore:
    """`bot.ports.Store`. Opened by `open_store`; whoever opens it closes it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == SQLITE
        # In one process writers wait here in a fair line; SQLite's own waiting, which polls, is for other processes.
        self._one_writer: AbstractAsyncContextManager[None] = asyncio.Lock() if self._is_sqlite else nullcontext()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """A consistent view from its first query on; always rolled back."""
        with translated_faults(self._engine.url):
            async with self._engine.connect() as connection:
                if not self._is_sqlite:
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                yield SqlTransaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqlTransaction]:
        """A transaction. Not to be nested: on SQLite the inner one would wait for the outer."""
        async with self._one_writer:
            with translated_faults(self._engine.url):
                async with self._engine.connect() as connection, _begun(connection):
                    yield SqlTransaction(connection)

    async def close(self) -> None:
        """Release all connections."""
        await self._engine.dispose()


@asynccontextmanager
async def _begun(connection: AsyncConnection) -> AsyncIterator[None]:
    await connection.execution_options(**{WRITES: True})
    async with connection.begin():
        yield


async def open_store(url: str) -> SqlStore:
    """Make the folder where there is none, connect, and bring the schema to this release.

    Raises StoreUnavailable with a sentence that says what to do.
    """
    engine = create_engine(url)
    make_parent(engine.url)
    try:
        await migrate(engine)
    except BaseException:
        await engine.dispose()
        raise
    return SqlStore(engine)
