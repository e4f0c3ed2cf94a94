"""Papers by number in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.model import AnnounceType, PaperId
from bot.ports import Change
from tests.fakes.tables import Tables


class MemoryCatalogue:
    """`bot.ports.Catalogue` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def last(self) -> int:
        return max((changed for _, changed in self._tables.numbers.values()), default=0)

    async def since(self, after: int, *, limit: int) -> Sequence[Change]:
        found = [self._change(paper_id) for paper_id in self._tables.numbers]
        return sorted((each for each in found if each.changed > after), key=lambda each: each.changed)[:limit]

    async def numbered(self, numbers: Collection[int]) -> Mapping[int, Change]:
        found = [self._change(paper_id) for paper_id in self._tables.numbers]
        return {each.number: each for each in found if each.number in numbers}

    async def texts(self, numbers: Collection[int]) -> Mapping[int, tuple[str, str]]:
        found = await self.numbered(numbers)
        return {number: (each.paper.title, each.paper.abstract) for number, each in found.items()}

    async def numbers(self, keys: Collection[PaperId]) -> Mapping[PaperId, int]:
        known = self._tables.keys
        return {key: self._tables.numbers[known[key]][0] for key in keys if key in known}

    def _change(self, paper_id: PaperId) -> Change:
        lines = [(on, line) for (_, on, each), line in self._tables.lines.items() if each == paper_id]
        lines.sort(key=lambda each: (not each[1].announce_type.is_replacement, each[0], each[1].first_seen_at))
        kind = lines[-1][1].announce_type if lines else AnnounceType.NEW
        return Change(*self._tables.numbers[paper_id], self._tables.papers[paper_id], kind)
