"""MemoryMarks: votes and saved papers over dicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.model import Mark, Member, PaperId, WorkspaceId
from tests.fakes.tables import Key, Tables


class MemoryMarks:
    """`bot.ports.Marks` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def vote(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        return self._add(self._tables.ballots, member, paper_id, at)

    async def unvote(self, member: Member, paper_id: PaperId) -> bool:
        return self._tables.ballots.pop(_key(member, paper_id), None) is not None

    async def save(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        return self._add(self._tables.saves, member, paper_id, at)

    async def unsave(self, member: Member, paper_id: PaperId) -> bool:
        return self._tables.saves.pop(_key(member, paper_id), None) is not None

    async def of(self, member: Member, papers: Collection[PaperId]) -> Mapping[PaperId, Mark]:
        found = {}
        for paper_id in papers:
            votes = sum(key[0] == member.workspace and key[2] == paper_id for key in self._tables.ballots)
            voted, saved = (_key(member, paper_id) in each for each in (self._tables.ballots, self._tables.saves))
            if votes or saved:
                found[paper_id] = Mark(paper_id, votes, voted, saved)
        return found

    async def votes(self, workspace: WorkspaceId, papers: Collection[PaperId]) -> Mapping[PaperId, int]:
        given = [key[2] for key in self._tables.ballots if key[0] == workspace]
        return {each: given.count(each) for each in papers if each in given}

    async def voted(self, workspace: WorkspaceId, *, limit: int) -> Mapping[PaperId, int]:
        given = [key[2] for key in self._tables.ballots if key[0] == workspace]
        counts = sorted(((given.count(each), each) for each in set(given)), key=lambda pair: (-pair[0], pair[1]))
        return {each: count for count, each in counts[:limit]}

    async def saved(self, member: Member, *, limit: int, offset: int = 0) -> Sequence[PaperId]:
        theirs = [(at, key[2]) for key, at in self._tables.saves.items() if key[:2] == (member.workspace, member.id)]
        listed = [paper_id for _, paper_id in sorted(theirs, key=lambda each: (-each[0].timestamp(), each[1]))]
        return listed[offset : offset + limit]

    async def count_saved(self, member: Member) -> int:
        return sum(key[:2] == (member.workspace, member.id) for key in self._tables.saves)

    def _add(self, table: dict[Key, datetime], member: Member, paper_id: PaperId, at: datetime) -> bool:
        self._tables.need_paper(paper_id)
        self._tables.need_member(member)
        is_new = _key(member, paper_id) not in table
        table.setdefault(_key(member, paper_id), at)
        return is_new


def _key(member: Member, paper_id: PaperId) -> Key:
    return (member.workspace, member.id, paper_id)
