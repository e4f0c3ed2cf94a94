"""Searching: what a member types becomes a page of papers, with when each was posted here. Reads only."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.commands import Caller, Search, Show, Similar
from bot.errors import SearchExpired
from bot.findings import SearchHit, SearchPage
from bot.index_query import IndexField, SortBy
from bot.model import Paper, PaperId
from bot.ports import Clock, PaperIndex, Store
from bot.search.blending import Ranked
from bot.search.compiling import Asker
from bot.search.fields import indexed
from bot.search.reading import SearchText, read_search
from bot.search.spelling import corrected
from bot.services.reading import Reading
from bot.services.retrieval import DEPTH, MEANING, Ask, Retrieval, Retrieved
from bot.topics.expression import About, Count, In, Place, Quantity, TypeGroup, atoms

PAGE_SIZE = 10
_MARKED = 1_000
"""So many of a member's saved papers, a channel's posted ones and a workspace's voted ones are looked at."""
_KEPT = 500
_LOOKED_AT = 20

_HANDLE = re.compile(r"~[0-9a-f]{12}")
_LONGEST_IN_BUTTON = 60  # the verb, an order, a page and a number come to 40 more

_K = TypeVar("_K")
_V = TypeVar("_V")
_Key = tuple[str, SortBy, int, object, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """`/papers search` and `/papers similar`, and the same on the command line."""

    store: Store
    clock: Clock
    index: PaperIndex
    retrieval: Retrieval
    reading: Reading
    _kept: OrderedDict[_Key, Retrieved] = field(default_factory=OrderedDict)
    """What was found, so that further pages go on where the first one ended."""
    _named: OrderedDict[str, str] = field(default_factory=OrderedDict)

    async def search(self, caller: Caller | None, command: Search, *, size: int = PAGE_SIZE) -> SearchPage:
        """A page of what the text finds. Without a caller there is no here, and nothing saved."""
        asked = await self._readable(read_search(self._spelled_out(command.text)))
        # How far the index has come: what was found up to there can be kept, what comes later is another search.
        upto = command.upto if command.upto is not None else self.index.position
        found = await self._found(caller, asked, command.sort, upto, goes_on=command.page > 1)
        page = await self._page(caller, asked, found, command, upto, size)
        if page.hits or command.page > 1:
            return await self._with_spelling(asked, page)
        return await self._instead(caller, asked, command, page, size)

    async def similar(self, caller: Caller | None, command: Similar, *, size: int = PAGE_SIZE) -> SearchPage:
        """The papers most like one. Raises BadReference or PaperNotFound."""
        paper = await self.reading.show(Show(command.reference))
        async with self.store.read() as tx:
            number = (await tx.catalogue.numbers([paper.id])).get(paper.id, 0)
        probe = indexed(paper, number=number, kind=TypeGroup.NEW)
        hits = await asyncio.to_thread(self.index.resembling, probe, limit=DEPTH)
        best = max((each.score for each in hits), default=0.0) or 1.0
        ranked = [Ranked(each.number, each.score / best, 0.0, 0.0) for each in hits]
        vectors = self.retrieval.vectors
        if vectors is not None and ranked:
            near = await asyncio.to_thread(vectors.nearness_to, number, [each.number for each in ranked])
            joined = zip(ranked, near, strict=True)
            ranked = [replace(each, relevance=MEANING * each.relevance + cosine) for each, cosine in joined]
            ranked.sort(key=lambda each: (-each.total, each.number))
        found = Retrieved(tuple(ranked), is_cut=False, by_meaning=vectors is not None)
        return await self._page(caller, SearchText(text=""), found, command, 0, size, like=paper)

    async def _readable(self, asked: SearchText) -> SearchText:
        """Without what this installation cannot answer, which a note says."""
        if self.retrieval.meaning is not None or asked.required is None:
            return asked
        if not any(isinstance(each, About) for each in atoms(asked.required)):
            return asked
        plain = read_search(asked.text.replace("about:", " "))
        note = "about: needs a model of meaning, which this installation does not have; its words were searched."
        return replace(plain, notes=(*plain.notes, note))

    def _spelled_out(self, text: str) -> str:
        """The text that a button's short name stands for. Raises SearchExpired."""
        if not _HANDLE.fullmatch(text):
            return text
        if text not in self._named:
            raise SearchExpired("That search is too long ago; type it again.")
        return self._named[text]

    def _handle(self, text: str) -> str:
        """What a button can hold of the text: itself, or a short name where it is long."""
        if len(text) <= _LONGEST_IN_BUTTON:
            return text
        name = f"~{hashlib.blake2s(text.encode(), digest_size=6).hexdigest()}"
        _keep(self._named, name, text)
        return name

    async def _found(
        self, caller: Caller | None, asked: SearchText, sort: SortBy, upto: int, *, goes_on: bool
    ) -> Retrieved:
        """A first page looks anew; a further one `goes_on` with what the first one found."""
        who = (caller.channel, caller.member.id) if caller else (None, None)
        key: _Key = (asked.text, sort, upto, *who)
        known = self._kept.get(key)
        if known is not None and goes_on:
            self._kept.move_to_end(key)
            return known
        found = await self.retrieval.find(await self._ask(caller, asked, sort, upto))
        found = await self._named_first(asked, found)
        _keep(self._kept, key, found)
        return found

    async def _ask(self, caller: Caller | None, asked: SearchText, sort: SortBy, upto: int) -> Ask:
        """What the conditions mean to the caller."""
        on = self.clock.now().date()
        conditions = atoms(asked.required) if asked.required is not None else []
        named = [each.place for each in conditions if isinstance(each, In)]
        counts = any(isinstance(each, Count) and each.quantity is Quantity.VOTES for each in conditions)
        places: dict[Place, Sequence[PaperId]] = {}
        votes: Mapping[PaperId, int] = {}
        numbers: Mapping[PaperId, int] = {}
        if caller is not None and (named or counts):
            async with self.store.read() as tx:
                if Place.SAVED in named:
                    places[Place.SAVED] = await tx.marks.saved(caller.member, limit=_MARKED)
                if Place.HERE in named:
                    places[Place.HERE] = list(await tx.editions.posted(caller.channel, limit=_MARKED))
                if counts:
                    votes = await tx.marks.voted(caller.channel.workspace, limit=_MARKED)
                numbers = await tx.catalogue.numbers({*votes, *(each for ids in places.values() for each in ids)})
        asker = Asker(
            on,
            {place: [numbers[each] for each in ids if each in numbers] for place, ids in places.items()},
            {numbers[each]: count for each, count in votes.items() if each in numbers},
        )
        return Ask(asked=asked, asker=asker, sort=sort, upto=upto, places=places, votes=votes)

    async def _named_first(self, asked: SearchText, found: Retrieved) -> Retrieved:
        """The paper whose id, DOI or link was typed stands before all others."""
        if asked.reference is None:
            return found
        async with self.store.read() as tx:
            number = (await tx.catalogue.numbers([asked.reference])).get(asked.reference)
        if number is None:
            return found
        others = tuple(each for each in found.ranked if each.number != number)
        return replace(found, ranked=(Ranked(number, 0.0, 0.0, 0.0), *others))

    async def _page(  # noqa: PLR0913, PLR0917 - a page is what all of these come to
        self,
        caller: Caller | None,
        asked: SearchText,
        found: Retrieved,
        command: Search | Similar,
        upto: int,
        size: int,
        like: Paper | None = None,
    ) -> SearchPage:
        part = found.ranked[(command.page - 1) * size : command.page * size]
        async with self.store.read() as tx:
            papers = await tx.catalogue.numbered([each.number for each in part])
            ids = [each.paper.id for each in papers.values()]
            posted = await tx.editions.posted(caller.channel, papers=ids, limit=len(ids)) if caller and ids else {}
        hits = [
            SearchHit(
                paper=papers[each.number].paper,
                relevance=each.relevance or None,
                posted_on=posted.get(papers[each.number].paper.id),
            )
            for each in part
            if each.number in papers
        ]
        return SearchPage(
            text=asked.text,
            handle=self._handle(asked.text),
            hits=hits,
            found=len(found.ranked),
            page=command.page,
            size=size,
            is_cut=found.is_cut,
            upto=upto,
            tokens=asked.marked,
            notes=(*asked.notes, *self._notes(found)),
            by_meaning=found.by_meaning,
            like=like,
        )

    def _notes(self, found: Retrieved) -> list[str]:
        notes = []
        if found.looked_through and found.is_cut:
            notes.append(
                f"One of the conditions cannot be looked up; the {found.looked_through:,} most relevant papers "
                "were read for it, and no more."
            )
        if found.recent_days:
            days = found.recent_days
            notes.append(f"These words stand next to each other nearly everywhere: the last {days:,} days are shown.")
        if not self.index.is_whole:
            notes.append(f"The search index is still being built: {self.index.size:,} papers are in it so far.")
        return notes

    async def _with_spelling(self, asked: SearchText, page: SearchPage) -> SearchPage:
        """With a suggestion where a word stands nowhere at all."""
        if page.page > 1 or not await asyncio.to_thread(self._unknown, asked):
            return page
        return replace(page, instead=await self._spelled(asked))

    async def _instead(
        self, caller: Caller | None, asked: SearchText, command: Search, page: SearchPage, size: int
    ) -> SearchPage:
        """What the nearest spelling finds, where the text itself finds nothing."""
        near = await self._spelled(asked)
        if not near:
            return page
        other = read_search(near)
        found = await self._found(caller, other, command.sort, page.upto, goes_on=False)
        if not found.ranked:
            return page
        shown = await self._page(caller, other, found, command, page.upto, size)
        return replace(shown, instead_of=asked.text)

    def _unknown(self, asked: SearchText) -> list[str]:
        """The words that no paper has, in any field that is searched."""
        fields = (IndexField.TEXT, IndexField.PEOPLE, IndexField.KEYWORDS)
        return [
            word for word, token in asked.spellings if not any(self.index.frequency(each, token) for each in fields)
        ]

    async def _spelled(self, asked: SearchText) -> str:
        """The text with its unknown words in the nearest spelling that some paper has; empty where there is none."""
        unknown = await asyncio.to_thread(self._unknown, asked)
        if not unknown:
            return ""
        near: dict[str, str] = {}
        for word in unknown:
            for distance in (1, 2):
                hits = await asyncio.to_thread(self.index.alike, word, distance=distance, limit=_LOOKED_AT)
                async with self.store.read() as tx:
                    papers = await tx.catalogue.numbered([each.number for each in hits])
                found = corrected(word, [each.paper for each in papers.values()], distance)
                if found:
                    near[word] = found
                    break
        text = asked.text
        for word, other in near.items():
            text = _replaced(text, word, other)
        return text if near and text != asked.text else ""


def _keep(kept: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    kept[key] = value
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def _replaced(text: str, word: str, other: str) -> str:
    at = text.casefold().find(word)
    return f"{text[:at]}{other}{text[at + len(word) :]}" if at >= 0 else text
