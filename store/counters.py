"""Numbers that only ever grow, given out inside the transaction that uses them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from store.statements import insert
from store.tables import counters

PAPERS = "papers"


async def take_numbers(connection: AsyncConnection, name: str, count: int) -> range:
    """The next `count` numbers; until the commit nobody else gets any."""
    statement = insert(connection, counters).values(name=name, value=count)
    statement = statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": counters.c.value + statement.excluded.value}
    )
    last = (await connection.execute(statement.returning(counters.c.value))).scalar_one()
    return range(last - count + 1, last + 1)
