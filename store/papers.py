"""SqlPapers: works by key, title and day, and the candidates for digests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import AnnounceType, Candidate, Origin, Paper, PaperId, SourceName, VoteCount
from store.counters import PAPERS, take_numbers
from store.rows import from_paper, to_paper
from store.statements import chunks, upsert
from store.tables import announced_papers, paper_keys, vote_counts
from store.tables import papers as works

REPLACEMENTS = tuple(each.value for each in AnnounceType if each.is_replacement)

_lines = announced_papers.c
_is_replacement = _lines.announce_type.in_(REPLACEMENTS)


class SqlPapers:
    """`bot.ports.Papers` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, key: PaperId) -> Paper | None:
        """The paper of this id or alias."""
        return (await self.by_keys([key])).get(key)

    async def by_keys(self, keys: Collection[PaperId]) -> Mapping[PaperId, Paper]:
        """Papers by any of their keys; unknown keys are absent."""
        found: dict[PaperId, Paper] = {}
        query = select(paper_keys.c.key, works).join(works, works.c.id == paper_keys.c.paper_id)
        for chunk in chunks(set(keys)):
            rows = await self._connection.execute(query.where(paper_keys.c.key.in_(chunk)))
            found.update((PaperId(row["key"]), to_paper(row)) for row in rows.mappings())
        return found

    async def by_title_keys(self, title_keys: Collection[str]) -> Mapping[str, Sequence[Paper]]:
        """Papers by folded title."""
        found: dict[str, list[Paper]] = {}
        query = select(works).order_by(works.c.id)
        for chunk in chunks(set(title_keys)):
            rows = await self._connection.execute(query.where(works.c.title_key.in_(chunk)))
            for row in rows.mappings():
                found.setdefault(row["title_key"], []).append(to_paper(row))
        return found

    async def save(self, papers: Collection[Paper], aliases: Mapping[PaperId, PaperId]) -> None:
        """Insert or replace the papers; every paper's own id is a key of it, and `aliases` are more of them."""
        if papers:
            numbers = await take_numbers(self._connection, PAPERS, len(papers))
            rows = [
                {**from_paper(paper), "number": number, "changed": number}
                for paper, number in zip(papers, numbers, strict=True)
            ]
            await self._connection.execute(upsert(self._connection, works, keep=("number",)), rows)
        own = {paper.id: paper.id for paper in papers}
        keys = [{"key": key, "paper_id": paper_id} for key, paper_id in {**own, **aliases}.items()]
        if keys:
            await self._connection.execute(upsert(self._connection, paper_keys), keys)

    async def rekey(self, old: PaperId, new: PaperId) -> None:
        """Move a work to its better id; everything that refers to it follows by ON UPDATE CASCADE.

        Where `old` is no paper's id there is nothing to move: a work may change its id within one announcement,
        before it was ever stored.
        """
        [changed] = await take_numbers(self._connection, PAPERS, 1)
        moved = await self._connection.execute(update(works).where(works.c.id == old).values(id=new, changed=changed))
        if moved.rowcount:
            keys = [{"key": key, "paper_id": new} for key in (old, new)]
            await self._connection.execute(upsert(self._connection, paper_keys), keys)

    async def announced(
        self, *, since: date, until: date, source: SourceName | None = None
    ) -> Sequence[tuple[Paper, date]]:
        """Papers with the newest day in [since, until] on which a source announced them, newest day first."""
        newest = (
            select(_lines.paper_id, func.max(_lines.announced_on).label("day"))
            .where(_lines.announced_on.between(since, until), ~_is_replacement)
            .group_by(_lines.paper_id)
        )
        if source is not None:
            newest = newest.where(_lines.source == source.value)
        lines = newest.subquery()
        query = (
            select(works, lines.c.day)
            .join(lines, lines.c.paper_id == works.c.id)
            .order_by(lines.c.day.desc(), works.c.id)
        )
        rows = await self._connection.execute(query)
        return [(to_paper(row), row["day"]) for row in rows.mappings()]

    async def newest_day(self, source: SourceName | None = None, *, until: date | None = None) -> date | None:
        """The newest day (at most `until`) with at least one announced paper; a new version alone announces none."""
        # ORDER BY … LIMIT 1 walks the index from its end; max() with a second condition would read all of it.
        query = select(_lines.announced_on).where(~_is_replacement).order_by(_lines.announced_on.desc()).limit(1)
        if source is not None:
            query = query.where(_lines.source == source.value)
        if until is not None:
            query = query.where(_lines.announced_on <= until)
        return (await self._connection.execute(query)).scalar()

    async def candidates(self, *, seen_after: datetime, seen_until: datetime) -> Sequence[Candidate]:
        """Papers whose live announcement was first seen in (seen_after, seen_until], oldest first.

        One a paper: the newest announcement, but a replacement only where nothing else is in the window. A weekly
        digest would otherwise lose a paper because its authors mended a typo two days later.
        """
        within = (
            _lines.origin == Origin.LIVE.value,
            _lines.first_seen_at > seen_after,
            _lines.first_seen_at <= seen_until,
        )
        newest = (_lines.first_seen_at.desc(), _lines.announced_on.desc())
        return sorted(await self._one_a_paper(within, newest), key=lambda each: (each.seen_at, each.paper.id))

    async def listed(self, *, since: date, until: date) -> Sequence[Candidate]:
        """Papers that a source announced on a day in [since, until], by id; one a paper, whatever brought it."""
        newest = (_lines.announced_on.desc(), _lines.first_seen_at.desc())
        return await self._one_a_paper((_lines.announced_on.between(since, until),), newest)

    async def _one_a_paper(
        self, within: Sequence[ColumnElement[bool]], newest: Sequence[ColumnElement[Any]]
    ) -> list[Candidate]:
        """Each paper with the first of its lines, those that are no replacement before those that are, by id."""
        rank = func.row_number().over(
            partition_by=_lines.paper_id, order_by=(case((_is_replacement, 1), else_=0), *newest, _lines.source)
        )
        lines = (
            select(_lines.paper_id, _lines.first_seen_at.label("seen_at"), _lines.announced_on, _lines.announce_type)
            .add_columns(rank.label("rank"))
            .where(*within)
            .subquery()
        )
        query = (
            select(works, lines.c.seen_at, lines.c.announced_on.label("line_on"), lines.c.announce_type)
            .join(lines, lines.c.paper_id == works.c.id)
            .where(lines.c.rank == 1)
            .order_by(works.c.id)
        )
        return [
            Candidate(
                paper=to_paper(row),
                seen_at=row["seen_at"],
                announced_on=row["line_on"],
                announce_type=AnnounceType(row["announce_type"]),
            )
            for row in (await self._connection.execute(query)).mappings()
        ]

    async def uncategorised(self, *, limit: int, announced_since: date) -> Sequence[PaperId]:
        """Papers of arXiv whose categories are not known yet, newest announcements first."""
        query = (
            select(works.c.id)
            .join(announced_papers, _lines.paper_id == works.c.id)
            .where(works.c.categorised_at.is_(None), works.c.id.like("arxiv:%"))
            .where(_lines.announced_on >= announced_since)
            .group_by(works.c.id)
            .order_by(func.max(_lines.announced_on).desc(), works.c.id)
            .limit(limit)
        )
        return [PaperId(each) for each in (await self._connection.execute(query)).scalars()]

    async def votes(self, *, since: datetime, until: datetime) -> Sequence[VoteCount]:
        """Counts seen in [since, until], each paper's preceded by its last one before `since`."""
        counts = vote_counts.c
        within = select(counts.paper_id, counts.seen_at, counts.upvotes).where(counts.seen_at.between(since, until))
        seen = within.subquery()
        last = (
            select(counts.paper_id, func.max(counts.seen_at))
            .where(counts.seen_at < since, counts.paper_id.in_(select(seen.c.paper_id)))
            .group_by(counts.paper_id)
        )
        before = select(counts.paper_id, counts.seen_at, counts.upvotes).where(
            tuple_(counts.paper_id, counts.seen_at).in_(last)
        )
        rows = await self._connection.execute(before.union_all(within))
        found = [VoteCount(PaperId(row.paper_id), row.seen_at, row.upvotes) for row in rows]
        return sorted(found, key=lambda count: (count.paper_id, count.seen_at))

    async def count(self) -> int:
        """How many works are known."""
        return (await self._connection.execute(select(func.count()).select_from(works))).scalar_one()
