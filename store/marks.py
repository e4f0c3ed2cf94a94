"""SqlMarks: votes and saved papers of a workspace's members."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Mark, Member, PaperId, WorkspaceId
from store.statements import chunks, insert
from store.tables import saves, votes

_UPVOTE = 1


class SqlMarks:
    """`bot.ports.Marks` on one connection. The primary keys hold that a member has one vote and one entry a paper."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def vote(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        """Give the member's vote; False, and nothing changes, when it was given already."""
        return await self._add(votes, {**_row(member, paper_id), "value": _UPVOTE, "voted_at": at})

    async def unvote(self, member: Member, paper_id: PaperId) -> bool:
        """Take the member's vote back; False when there was none."""
        return await self._remove(votes, member, paper_id)

    async def save(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        """Put the paper on the member's list; False when it was there."""
        return await self._add(saves, {**_row(member, paper_id), "saved_at": at})

    async def unsave(self, member: Member, paper_id: PaperId) -> bool:
        """Take the paper off the member's list; False when it was not there."""
        return await self._remove(saves, member, paper_id)

    async def of(self, member: Member, papers: Collection[PaperId]) -> Mapping[PaperId, Mark]:
        """How these papers stand; those without any mark are absent."""
        counts = await self.votes(member.workspace, papers)
        voted: set[PaperId] = set()
        saved: set[PaperId] = set()
        for chunk in chunks(papers):
            voted |= await self._theirs(votes, member, chunk)
            saved |= await self._theirs(saves, member, chunk)
        return {each: Mark(each, counts.get(each, 0), each in voted, each in saved) for each in counts.keys() | saved}

    async def votes(self, workspace: WorkspaceId, papers: Collection[PaperId]) -> Mapping[PaperId, int]:
        """How many of the workspace's members voted for each of these papers; those without a vote are absent."""
        counts: dict[PaperId, int] = {}
        for chunk in chunks(papers):
            counted = (
                select(votes.c.paper_id, func.count())
                .where(votes.c.workspace == workspace, votes.c.paper_id.in_(chunk))
                .group_by(votes.c.paper_id)
            )
            counts |= {PaperId(each): number for each, number in await self._connection.execute(counted)}
        return counts

    async def voted(self, workspace: WorkspaceId, *, limit: int) -> Mapping[PaperId, int]:
        """The papers that the workspace's members voted for, with how many did: the `limit` with the most."""
        number = func.count().label("number")
        query = (
            select(votes.c.paper_id, number)
            .where(votes.c.workspace == workspace)
            .group_by(votes.c.paper_id)
            .order_by(number.desc(), votes.c.paper_id)
            .limit(limit)
        )
        return {PaperId(each): count for each, count in await self._connection.execute(query)}

    async def saved(self, member: Member, *, limit: int, offset: int = 0) -> Sequence[PaperId]:
        """The member's list, the newest first."""
        newest = (saves.c.saved_at.desc(), saves.c.paper_id)
        query = select(saves.c.paper_id).where(*_of(saves, member)).order_by(*newest).limit(limit).offset(offset)
        return [PaperId(each) for each in (await self._connection.execute(query)).scalars()]

    async def count_saved(self, member: Member) -> int:
        """How long the member's list is."""
        query = select(func.count()).select_from(saves).where(*_of(saves, member))
        return (await self._connection.execute(query)).scalar_one()

    async def _add(self, table: Table, row: Mapping[str, object]) -> bool:
        statement = insert(self._connection, table).on_conflict_do_nothing().returning(table.c.paper_id)
        return (await self._connection.execute(statement, row)).scalar() is not None

    async def _remove(self, table: Table, member: Member, paper_id: PaperId) -> bool:
        statement = delete(table).where(*_of(table, member), table.c.paper_id == paper_id)
        return (await self._connection.execute(statement)).rowcount > 0

    async def _theirs(self, table: Table, member: Member, papers: Sequence[PaperId]) -> set[PaperId]:
        query = select(table.c.paper_id).where(*_of(table, member), table.c.paper_id.in_(papers))
        return {PaperId(each) for each in (await self._connection.execute(query)).scalars()}


def _of(table: Table, member: Member) -> tuple[ColumnElement[bool], ...]:
    return (table.c.workspace == member.workspace, table.c.member_id == member.id)


def _row(member: Member, paper_id: PaperId) -> dict[str, object]:
    return {"workspace": member.workspace, "member_id": member.id, "paper_id": paper_id}
