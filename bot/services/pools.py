"""Pools of candidates: ranked and indexed off the event loop, with what `like:` and `about:` need at hand."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.model import Candidate, Paper, PaperId, WorkspaceId
from bot.ports import Meaning, Store
from bot.ranking import DEFAULT_WEIGHTS, Weights
from bot.selection import Pool
from bot.topics.expression import About, Like
from bot.topics.language import Topic
from bot.topics.match import counts_votes

_MOST_ATOMS = 20_000
"""Atoms that a standing pool keeps: some 80 MB where it has 30,000 papers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pools:
    """Builds pools. Nothing here changes anything."""

    store: Store
    weights: Weights = DEFAULT_WEIGHTS
    meaning: Meaning | None = None
    """None where the `semantic` extra is not in use."""

    async def build(self, candidates: Sequence[Candidate], *, on: date, topics: Collection[Topic] = ()) -> Pool:
        """Rank and index the candidates as seen on day `on`, ready for these topics."""
        known = await self._named(topics)

        def made() -> Pool:
            pool = Pool(candidates, on=on, weights=self.weights, known=known, meaning=self.meaning)
            pool.matcher.look_up(topics)
            return pool

        # Thousands of papers take longer to rank and index than the event loop may stand still.
        return await asyncio.to_thread(made)

    async def prepare(self, pool: Pool, topics: Collection[Topic]) -> None:
        """Make a pool that stands ready for these topics too, and work out their terms."""
        pool.index.learn(await self._named(topics))

        def matched() -> None:
            if pool.index.size > _MOST_ATOMS:
                pool.matcher.forget()
            pool.matcher.look_up(topics)
            for topic in topics:
                pool.matcher.match(topic)

        await asyncio.to_thread(matched)

    def can_answer(self, topic: Topic) -> bool:
        """False where the topic asks for meaning and there is no model: it was made when there was one."""
        return self.meaning is not None or not any(isinstance(each, About) for each in topic.atoms)

    async def votes(self, workspace: WorkspaceId, pool: Pool, topics: Iterable[Topic]) -> Mapping[PaperId, int]:
        """The workspace's own votes for the pool's papers, where one of the topics counts them."""
        if not any(counts_votes(each) for each in topics):
            return {}
        async with self.store.read() as tx:
            return await tx.marks.votes(workspace, [each.paper.id for each in pool.candidates])

    async def _named(self, topics: Iterable[Topic]) -> Mapping[PaperId, Paper]:
        """The papers that the topics name with `like:`, as far as they are known."""
        named = {each.paper_id for topic in topics for each in topic.atoms if isinstance(each, Like)}
        if not named:
            return {}
        async with self.store.read() as tx:
            return await tx.papers.by_keys(named)
