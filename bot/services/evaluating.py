"""Evaluating: judged documents are indexed aside, and judged queries are sent through the search as they are typed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.command_parser import parse_command
from bot.commands import Search
from bot.model import Facts, Paper, PaperId, SourceName
from bot.ports import Store
from bot.services.indexing import Indexing
from bot.services.searching import Searching
from bot.text.display import display_text
from bot.text.keys import title_key

DEPTH = 100
_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A document of a test collection."""

    id: str
    title: str
    text: str
    authors: tuple[str, ...] = ()
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Evaluating:
    """Runs over a store and an index that hold nothing else."""

    store: Store
    indexing: Indexing
    searching: Searching

    async def take(self, documents: Iterable[Judged]) -> int:
        """Store and index the documents; how many."""
        waiting, done = iter(documents), 0
        while batch := list(islice(waiting, _BATCH)):
            async with self.store.write() as tx:
                await tx.papers.save([_paper(each) for each in batch], {})
            done += len(batch)
        await self.indexing.follow()
        return done

    async def run(self, queries: Mapping[str, str]) -> AsyncIterator[tuple[str, Sequence[str]]]:
        """For each query its id and the ids of the best documents, best first."""
        for query_id, text in queries.items():
            command = parse_command(f"search {text}")
            if not isinstance(command, Search) or not command.text:
                yield query_id, ()
                continue
            found = await self.searching.search(None, command, size=DEPTH)
            yield query_id, [each.paper.id.removeprefix(_PREFIX) for each in found.hits]


_PREFIX = "title:"


def _paper(document: Judged) -> Paper:
    title = display_text(document.title)
    keywords = display_text(document.keywords)
    return Paper(
        id=PaperId(f"{_PREFIX}{document.id}"),
        title=title,
        title_key=title_key(title),
        abstract=display_text(document.text),
        authors=tuple(filter(None, map(display_text, document.authors))),
        facts=Facts(ai_keywords=(keywords,) if keywords else ()),
        sources=(SourceName.FILE,),
    )
