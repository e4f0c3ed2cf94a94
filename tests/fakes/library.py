"""A library: a store of papers in memory, the index that follows it, and the search over both."""

from __future__ import annotations

from bot.ports import Clock, Store
from bot.ranking import SearchWeights
from bot.services.indexing import Indexing
from bot.services.reading import Reading
from bot.services.retrieval import Retrieval
from bot.services.searching import Searching
from tests.fakes.index import MemoryIndex


def search_over(store: Store, clock: Clock, reading: Reading) -> tuple[Searching, Indexing]:
    """The search over a store, and what keeps its index up."""
    index = MemoryIndex()
    retrieval = Retrieval(store=store, index=index, weights=SearchWeights())
    searching = Searching(store=store, clock=clock, index=index, retrieval=retrieval, reading=reading)
    return searching, Indexing(store, index)
