"""SqlPaces: when each scope's next call is due, shared by all workers and kept over restarts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.statements import chunks, is_writing, upsert
from store.tables import paces


class SqlPaces:
    """`bot.ports.Paces` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, keys: Collection[str]) -> Mapping[str, datetime]:
        """What is kept for these scope keys; in a writing transaction locked until its end.

        A platform's key sorts before those of its workspaces, so its row is where workers wait for each other.
        """
        found: dict[str, datetime] = {}
        for chunk in chunks(sorted(keys)):
            query = select(paces.c.key, paces.c.next_call_at).where(paces.c.key.in_(chunk)).order_by(paces.c.key)
            if is_writing(self._connection):
                query = query.with_for_update()
            found.update((row.key, row.next_call_at) for row in await self._connection.execute(query))
        return found

    async def put(self, next_calls_at: Mapping[str, datetime]) -> None:
        """Keep these instants."""
        rows = [{"key": key, "next_call_at": at} for key, at in sorted(next_calls_at.items())]
        if rows:
            await self._connection.execute(upsert(self._connection, paces), rows)

    async def forget(self, *, before: datetime) -> None:
        """Drop what no longer holds anybody up."""
        await self._connection.execute(delete(paces).where(paces.c.next_call_at < before))
