"""SqlNotebook: what the installation remembers of itself."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.statements import upsert
from store.tables import notebook


class SqlNotebook:
    """`bot.ports.Notebook` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, name: str) -> str | None:
        """What was noted."""
        query = select(notebook.c.value).where(notebook.c.name == name)
        found: str | None = (await self._connection.execute(query)).scalar()
        return found

    async def put(self, name: str, value: str) -> None:
        """Note it."""
        await self._connection.execute(upsert(self._connection, notebook), {"name": name, "value": value})
