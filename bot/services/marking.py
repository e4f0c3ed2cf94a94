"""Marking: a member votes for a paper or saves it; both can be taken back, and asking twice changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.commands import Caller, ListSaved, MarkCommand, Save, Show, Unsave, Unvote, Vote
from bot.findings import SavedPage
from bot.model import Mark, Member, Paper, PaperId
from bot.ports import Clock, Store, Transaction
from bot.services.reading import Reading

SAVED_PAGE = 10


@dataclass(frozen=True, slots=True)
class Marked:
    """A paper and how it stands now; `changed` is False when it stood so before."""

    paper: Paper
    mark: Mark
    changed: bool


@dataclass(frozen=True, slots=True)
class Marking:
    """The use cases about votes and saved papers."""

    store: Store
    clock: Clock
    reading: Reading

    async def mark(self, caller: Caller, command: MarkCommand) -> Marked:
        """Carry out one change. Raises BadReference or PaperNotFound."""
        paper = await self.reading.show(Show(command.reference))
        member = caller.member
        async with self.store.write() as tx:
            await _make_known(tx, member, paper)
            changed = await self._change(tx, member, paper.id, command)
            marks = await tx.marks.of(member, [paper.id])
        return Marked(paper, marks.get(paper.id, Mark(paper.id)), changed)

    async def of(self, member: Member, papers: Collection[PaperId]) -> Mapping[PaperId, Mark]:
        """How these papers stand with the member's workspace and the member."""
        if not papers:
            return {}
        async with self.store.read() as tx:
            return await tx.marks.of(member, papers)

    async def saved(self, caller: Caller, command: ListSaved) -> SavedPage:
        """A page of the caller's list, the newest first."""
        offset = (command.page - 1) * SAVED_PAGE
        async with self.store.read() as tx:
            total = await tx.marks.count_saved(caller.member)
            ids = await tx.marks.saved(caller.member, limit=SAVED_PAGE, offset=offset)
            papers = await tx.papers.by_keys(set(ids))
        return SavedPage([papers[each] for each in ids if each in papers], total, command.page, SAVED_PAGE)

    async def _change(self, tx: Transaction, member: Member, paper_id: PaperId, command: MarkCommand) -> bool:
        now = self.clock.now()
        match command:
            case Vote():
                return await tx.marks.vote(member, paper_id, now)
            case Unvote():
                return await tx.marks.unvote(member, paper_id)
            case Save():
                return await tx.marks.save(member, paper_id, now)
            case Unsave():
                return await tx.marks.unsave(member, paper_id)


async def _make_known(tx: Transaction, member: Member, paper: Paper) -> None:
    """A paper that was only looked up, or a member who was never heard of, must stand in the store to be marked."""
    if await tx.papers.get(paper.id) is None:
        await tx.papers.save([paper], {paper.id: paper.id})
    if await tx.channels.member(member.workspace, member.id) is None:
        await tx.channels.put_member(member)
