"""Papers and announcements in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.model import Announcement, Candidate, Edition, Origin, Paper, PaperId, SourceName, VoteCount
from bot.ports import AnnouncementRecord, Said
from tests.fakes.tables import Line, Tables


class MemoryPapers:
    """`bot.ports.Papers` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, key: PaperId) -> Paper | None:
        return (await self.by_keys([key])).get(key)

    async def by_keys(self, keys: Collection[PaperId]) -> Mapping[PaperId, Paper]:
        known = self._tables.keys
        return {key: self._tables.papers[known[key]] for key in keys if key in known}

    async def by_title_keys(self, title_keys: Collection[str]) -> Mapping[str, Sequence[Paper]]:
        found: dict[str, list[Paper]] = {}
        for _, paper in sorted(self._tables.papers.items()):
            if paper.title_key in title_keys:
                found.setdefault(paper.title_key, []).append(paper)
        return found

    async def save(self, papers: Collection[Paper], aliases: Mapping[PaperId, PaperId]) -> None:
        self._tables.papers.update({paper.id: paper for paper in papers})
        for paper in papers:
            self._changed(paper.id)
        own = {paper.id: paper.id for paper in papers}
        for key, paper_id in {**own, **aliases}.items():
            self._tables.need_paper(paper_id)
            self._tables.keys[key] = paper_id

    async def rekey(self, old: PaperId, new: PaperId) -> None:
        tables = self._tables
        if old not in tables.papers:
            return
        if new in tables.papers:
            raise LookupError(f"{new} is a paper's id already")

        def moved(paper_id: PaperId) -> PaperId:
            return new if paper_id == old else paper_id

        tables.papers = {moved(key): replace(paper, id=moved(key)) for key, paper in tables.papers.items()}
        tables.numbers = {moved(key): pair for key, pair in tables.numbers.items()}
        self._changed(new)
        tables.keys = {key: moved(paper_id) for key, paper_id in tables.keys.items()} | {old: new, new: new}
        tables.lines = {(source, on, moved(each)): line for (source, on, each), line in tables.lines.items()}
        tables.votes = {(moved(each), at): count for (each, at), count in tables.votes.items()}
        tables.had = {(channel, moved(each), kind): id_ for (channel, each, kind), id_ in tables.had.items()}

        tables.ballots = {(space, who, moved(each)): at for (space, who, each), at in tables.ballots.items()}
        tables.saves = {(space, who, moved(each)): at for (space, who, each), at in tables.saves.items()}

        def with_moved_picks(edition: Edition) -> Edition:
            return replace(edition, picks=tuple(replace(pick, paper_id=moved(pick.paper_id)) for pick in edition.picks))

        tables.editions = {id_: with_moved_picks(edition) for id_, edition in tables.editions.items()}

    def _changed(self, paper_id: PaperId) -> None:
        changed = self._tables.next_id("changes")
        own, _ = self._tables.numbers.get(paper_id, (changed, 0))
        self._tables.numbers[paper_id] = (own, changed)

    def _announced(self, source: SourceName | None) -> list[tuple[date, PaperId]]:
        return [
            (on, paper_id)
            for (name, on, paper_id), line in self._tables.lines.items()
            if source in {None, name} and not line.announce_type.is_replacement
        ]

    async def announced(
        self, *, since: date, until: date, source: SourceName | None = None
    ) -> Sequence[tuple[Paper, date]]:
        newest: dict[PaperId, date] = {}
        for on, paper_id in self._announced(source):
            if since <= on <= until:
                newest[paper_id] = max(on, newest.get(paper_id, on))
        order = sorted(newest, key=lambda each: (-newest[each].toordinal(), each))
        return [(self._tables.papers[each], newest[each]) for each in order]

    async def newest_day(self, source: SourceName | None = None, *, until: date | None = None) -> date | None:
        days = (on for on, _ in self._announced(source) if until is None or on <= until)
        return max(days, default=None)

    async def candidates(self, *, seen_after: datetime, seen_until: datetime) -> Sequence[Candidate]:
        lines = self._tables.lines.items()
        live = [(key, line) for key, line in lines if line.origin is Origin.LIVE]
        within = [self._candidate(key, line) for key, line in live if seen_after < line.first_seen_at <= seen_until]
        found = _one_a_paper(within, lambda each: (each.seen_at, each.announced_on))
        return sorted(found, key=lambda each: (each.seen_at, each.paper.id))

    async def listed(self, *, since: date, until: date) -> Sequence[Candidate]:
        within = [self._candidate(key, line) for key, line in self._tables.lines.items() if since <= key[1] <= until]
        found = _one_a_paper(within, lambda each: (each.announced_on, each.seen_at))
        return sorted(found, key=lambda each: each.paper.id)

    def _candidate(self, key: tuple[SourceName, date, PaperId], line: Line) -> Candidate:
        return Candidate(
            paper=self._tables.papers[key[2]],
            seen_at=line.first_seen_at,
            announced_on=key[1],
            announce_type=line.announce_type,
        )

    async def uncategorised(self, *, limit: int, announced_since: date) -> Sequence[PaperId]:
        newest: dict[PaperId, date] = {}
        for _, on, paper_id in self._tables.lines:
            unknown = self._tables.papers[paper_id].categorised_at is None and paper_id.startswith("arxiv:")
            if unknown and on >= announced_since:
                newest[paper_id] = max(on, newest.get(paper_id, on))
        return sorted(newest, key=lambda each: (-newest[each].toordinal(), each))[:limit]

    async def votes(self, *, since: datetime, until: datetime) -> Sequence[VoteCount]:
        counts = [VoteCount(paper_id, at, count) for (paper_id, at), count in sorted(self._tables.votes.items())]
        within = [count for count in counts if since <= count.seen_at <= until]
        asked = {count.paper_id for count in within}
        before = {count.paper_id: count for count in counts if count.seen_at < since and count.paper_id in asked}
        return sorted([*before.values(), *within], key=lambda count: (count.paper_id, count.seen_at))

    async def count(self) -> int:
        return len(self._tables.papers)


def _one_a_paper(candidates: list[Candidate], newest: Callable[[Candidate], tuple[date, date]]) -> list[Candidate]:
    best: dict[PaperId, Candidate] = {}
    for each in candidates:
        known = best.get(each.paper.id)
        if known is None or _precedence(each, newest) > _precedence(known, newest):
            best[each.paper.id] = each
    return list(best.values())


def _precedence(
    candidate: Candidate, newest: Callable[[Candidate], tuple[date, date]]
) -> tuple[bool, tuple[date, date]]:
    return (not candidate.announce_type.is_replacement, newest(candidate))


class MemoryAnnouncements:
    """`bot.ports.Announcements` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def record(self, announcement: Announcement, said: Sequence[Said]) -> int:
        key = (announcement.source, announcement.announced_on, announcement.resource)
        before = self._tables.records.get(key)
        fetched = {Origin.LIVE, Origin.BACKFILL}
        overrules = before is None or announcement.origin in fetched or before.origin not in fetched
        record = AnnouncementRecord(
            source=announcement.source,
            announced_on=announcement.announced_on,
            resource=announcement.resource,
            state=announcement.state.value,
            origin=announcement.origin,
            first_fetched_at=before.first_fetched_at if before else announcement.fetched_at,
            fetched_at=announcement.fetched_at,
            papers=0,
            detail=announcement.detail,
            validators=announcement.validators or (before.validators if before else None),
        )
        if overrules:
            self._tables.records[key] = record
        new = 0
        for each in said:
            self._tables.need_paper(each.paper_id)
            new += self._add_line(announcement, each)
            self._count_votes(each, announcement.fetched_at)
        return new

    def _add_line(self, announcement: Announcement, said: Said) -> bool:
        key = (announcement.source, announcement.announced_on, said.paper_id)
        known = self._tables.lines.get(key)
        if known is not None:
            if announcement.origin is Origin.LIVE and known.origin in {Origin.REPLAY, Origin.SAMPLE}:
                self._tables.lines[key] = replace(known, origin=Origin.LIVE, first_seen_at=announcement.fetched_at)
            return False
        line = Line(said.first_seen_at, announcement.origin, said.listing.announce_type)
        self._tables.lines[key] = line
        return True

    def _count_votes(self, said: Said, at: datetime) -> None:
        upvotes = said.listing.facts.upvotes
        votes = self._tables.votes
        earlier = [seen_at for paper_id, seen_at in votes if paper_id == said.paper_id and seen_at <= at]
        last = votes[said.paper_id, max(earlier)] if earlier else None
        if upvotes is not None and upvotes != last:
            votes[said.paper_id, at] = upvotes

    def _records(self) -> list[AnnouncementRecord]:
        days = [(source, on) for source, on, _ in self._tables.lines]
        return [
            replace(record, papers=days.count((record.source, record.announced_on)))
            for record in self._tables.records.values()
        ]

    async def of_day(self, source: SourceName, on: date) -> Sequence[AnnouncementRecord]:
        found = [each for each in self._records() if (each.source, each.announced_on) == (source, on)]
        return sorted(found, key=lambda each: each.resource)

    async def latest(self, *, limit: int = 50) -> Sequence[AnnouncementRecord]:
        by_name = sorted(self._records(), key=lambda each: (each.source, each.resource))
        return sorted(by_name, key=lambda each: (each.fetched_at, each.announced_on), reverse=True)[:limit]

    async def known_papers(self, source: SourceName, on: date) -> Collection[PaperId]:
        return {paper_id for name, day, paper_id in self._tables.lines if (name, day) == (source, on)}

    async def silent_until(self, source: SourceName) -> datetime | None:
        return self._tables.silences.get(source)

    async def keep_silent(self, source: SourceName, until: datetime) -> None:
        self._tables.silences[source] = max(until, self._tables.silences.get(source, until))
