"""Reading: the papers of a day, what trends, one paper. No command here changes anything."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.commands import Show, Today, Trending
from bot.errors import PaperNotFound
from bot.findings import Day, DigestPreview, Trends
from bot.identity import bare_arxiv_id, parse_reference
from bot.merging import paper_of
from bot.model import Paper, PaperId, SourceName, Stage
from bot.ports import Clock, Found, LookupFailed, PaperLookup, Store
from bot.ranking import rank
from bot.refresh import closed_at
from bot.selection import Order, select
from bot.services.pools import Pools
from bot.services.topic_entry import TopicEntry
from bot.topics.saying import say_topic
from bot.trending import trends

_LOOKUP_SECONDS = 2.0
_RECORDS = 30


class Reading:
    """The read-only use cases."""

    def __init__(
        self, *, store: Store, clock: Clock, lookup: PaperLookup | None, entry: TopicEntry, pools: Pools
    ) -> None:
        self._store = store
        self._clock = clock
        self._lookup = lookup
        self._entry = entry
        self._pools = pools

    async def today(self, command: Today) -> Day:
        """The papers that the sources announced on a day; without one, on the newest day that has any."""
        async with self._store.read() as tx:
            newest = await tx.papers.newest_day()
            on = command.on or newest
            if on is None:
                return Day(None, (), await tx.announcements.latest(limit=_RECORDS), None)
            listed = await tx.papers.announced(since=on, until=on)
            records = [record for source in SourceName for record in await tx.announcements.of_day(source, on)]
        return Day(on, rank(listed, on=on, weights=self._pools.weights), records, newest)

    async def trending(self, command: Trending) -> Trends:
        """What gathers votes fastest. The window ends now, or at the newest count where that is older (a replay)."""
        now = self._clock.now()
        async with self._store.read() as tx:
            newest = await tx.papers.newest_day(SourceName.HUGGING_FACE)
            if newest is None:
                return Trends(command.window, None, ())
            until = min(now, datetime.combine(newest + timedelta(days=2), datetime.min.time(), tzinfo=now.tzinfo))
            counts = await tx.papers.votes(since=until - command.window.length, until=until)
            until = min(until, max((each.seen_at for each in counts), default=until))
            papers = await tx.papers.by_keys({each.paper_id for each in counts})
        # A list opens when the one before it closes.
        opened = {key: paper.announced_on - timedelta(days=1) for key, paper in papers.items() if paper.announced_on}
        listed_at = {key: closed_at(day) for key, day in opened.items()}
        found = trends(counts, since=until - command.window.length, until=until, listed_at=listed_at)
        return Trends(
            command.window, until, [(papers[each.paper_id], each) for each in found if each.paper_id in papers]
        )

    async def show(self, command: Show) -> Paper:
        """One paper, from the store or else from arXiv, time-boxed. Raises BadReference or PaperNotFound."""
        key = parse_reference(command.reference)
        async with self._store.read() as tx:
            known = await tx.papers.get(key)
        found = known or await self._look_up(key)
        if found is None:
            asked = ", and arXiv did not answer for it" if bare_arxiv_id(key) and self._lookup else ""
            raise PaperNotFound(f"{bare_arxiv_id(key) or key} is not among the papers I know{asked}.")
        return found

    async def digest(self, topic: str, *, on: date | None, size: int) -> DigestPreview:
        """What a digest on a topic would hold of one day's papers, and why the others are not in it.

        Raises BadTopic.
        """
        parsed = await self._entry.read(topic)
        async with self._store.read() as tx:
            on = on or await tx.papers.newest_day()
            listed = await tx.papers.listed(since=on, until=on) if on else ()
        now = self._clock.now()
        candidates = [replace(each, seen_at=now) for each in listed]
        before = now - timedelta(days=1)
        order = Order(topic=parsed, size=size, created_at=before, cut_until_at=before, settled_at=now, had=())
        day = on or now.date()
        pool = await self._pools.build(candidates, on=day, topics=[parsed])
        chosen = await asyncio.to_thread(select, pool, order)
        unmatched = tuple(pool.ids(chosen.unmatched))
        return DigestPreview(
            topic=parsed.text,
            plain=say_topic(parsed),
            on=on,
            picks=chosen.picks,
            left_out={**chosen.left_out, **({Stage.TOPIC: unmatched} if unmatched else {})},
            papers={each.paper.id: each.paper for each in listed},
        )

    async def _look_up(self, key: PaperId) -> Paper | None:
        bare = bare_arxiv_id(key)
        if bare is None or self._lookup is None:
            return None
        try:
            async with asyncio.timeout(_LOOKUP_SECONDS):
                answer = await self._lookup.lookup([bare])
        except TimeoutError:
            return None
        match answer:
            case Found(listings):
                return next((paper_of(each, SourceName.ARXIV, self._clock.now()) for each in listings), None)
            case LookupFailed():
                return None
