"""SqlCatalogue: papers by the store's own numbers, and in the order in which they changed.

Every save takes its numbers from one counter whose row stays locked until the commit. So changes become visible in
the order of their numbers, on PostgreSQL too: whoever follows them by the highest number that it saw misses none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import AnnounceType, PaperId
from bot.ports import Change
from store.papers import REPLACEMENTS
from store.rows import to_paper
from store.statements import chunks
from store.tables import announced_papers, paper_keys
from store.tables import papers as works

_lines = announced_papers.c
_WORKS = select(works)
_TEXTS = select(works.c.number, works.c.title, works.c.abstract)


class SqlCatalogue:
    """`bot.ports.Catalogue` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last(self) -> int:
        """The number of the newest change; 0 where there is none."""
        return (await self._connection.execute(select(func.max(works.c.changed)))).scalar() or 0

    async def since(self, after: int, *, limit: int) -> Sequence[Change]:
        """The papers whose last change has a number above `after`, by that number."""
        query = _WORKS.where(works.c.changed > after).order_by(works.c.changed).limit(limit)
        rows = (await self._connection.execute(query)).mappings().all()
        last = rows[-1]["changed"] if rows else after
        return await self._changes(rows, (works.c.changed > after, works.c.changed <= last))

    async def numbered(self, numbers: Collection[int]) -> Mapping[int, Change]:
        """The papers of these numbers; unknown ones are absent."""
        found: dict[int, Change] = {}
        for chunk in chunks(numbers):
            within = (works.c.number.in_(chunk),)
            rows = (await self._connection.execute(_WORKS.where(*within))).mappings().all()
            found.update((each.number, each) for each in await self._changes(rows, within))
        return found

    async def texts(self, numbers: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Title and abstract of the papers of these numbers; unknown ones are absent."""
        found: dict[int, tuple[str, str]] = {}
        for chunk in chunks(numbers):
            rows = await self._connection.execute(_TEXTS.where(works.c.number.in_(chunk)))
            found.update((row.number, (row.title, row.abstract)) for row in rows)
        return found

    async def numbers(self, keys: Collection[PaperId]) -> Mapping[PaperId, int]:
        """The numbers of the papers of these ids or aliases; unknown ones are absent."""
        found: dict[PaperId, int] = {}
        query = select(paper_keys.c.key, works.c.number).join(works, works.c.id == paper_keys.c.paper_id)
        for chunk in chunks(keys):
            rows = await self._connection.execute(query.where(paper_keys.c.key.in_(chunk)))
            found.update((PaperId(row.key), row.number) for row in rows)
        return found

    async def _changes(self, rows: Sequence[RowMapping], within: Sequence[ColumnElement[bool]]) -> list[Change]:
        """The papers of these rows, each with the announce type of its newest line that is no replacement."""
        if not rows:
            return []
        types = await self._types(within)
        return [
            Change(row["number"], row["changed"], to_paper(row), types.get(row["id"], AnnounceType.NEW)) for row in rows
        ]

    async def _types(self, within: Sequence[ColumnElement[bool]]) -> dict[str, AnnounceType]:
        is_replacement = case((_lines.announce_type.in_(REPLACEMENTS), 1), else_=0)
        query = (
            select(_lines.paper_id, _lines.announce_type)
            .join(works, works.c.id == _lines.paper_id)
            .where(*within)
            .order_by(is_replacement.desc(), _lines.announced_on, _lines.first_seen_at)
        )
        # The last line of a paper wins: the newest of those that are no replacements.
        return {row.paper_id: AnnounceType(row.announce_type) for row in await self._connection.execute(query)}
