"""Categories that come after the paper: in batches, politely, and no card waits for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import PaperId, SourceName
from bot.ports import Found, LookupFailed
from bot.services.enrichment import Enrichment
from bot.services.ingest import take
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import announcement, listing

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)


class Library:
    """arXiv's query API: it knows `listings`, or fails with `failure`."""

    def __init__(self, *listings):
        self.listings = listings
        self.failure = None
        self.asked = []

    async def lookup(self, arxiv_ids):
        self.asked.append(list(arxiv_ids))
        return self.failure or Found(self.listings)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def store():
    return MemoryStore()


async def paper_of(store, key):
    async with store.read() as tx:
        return await tx.papers.get(PaperId(key))


async def test_categories_doi_and_version_arrive(store, clock):
    await take(store, announcement(listing(1)))
    clock.move(HOUR)
    known = listing(1, categories=("cs.CL", "cs.LG"), doi="10.1000/One", version=2)

    assert await Enrichment(store=store, clock=clock, lookup=Library(known))() == 1

    paper = await paper_of(store, "arxiv:2605.00001")
    assert (paper.categories, paper.doi, paper.version) == (("cs.CL", "cs.LG"), "10.1000/One", 2)
    assert paper.categorised_at == MONDAY + HOUR
    assert await paper_of(store, "doi:10.1000/one") == paper


async def test_only_papers_without_categories_are_asked_for(store, clock):
    library = Library()
    await take(store, announcement(listing(1), listing(2, categories=("cs.CL",)), listing("doi:10.1000/two")))

    await Enrichment(store=store, clock=clock, lookup=library)()

    assert library.asked == [["2605.00001"]]


async def test_with_nothing_to_ask_nobody_is_asked(store, clock):
    library = Library()

    assert await Enrichment(store=store, clock=clock, lookup=library)() == 0
    assert library.asked == []


async def test_a_batch_holds_at_most_a_hundred_ids(store, clock):
    library = Library()
    await take(store, announcement(*(listing(number) for number in range(1, 131))))
    enrichment = Enrichment(store=store, clock=clock, lookup=library)

    await enrichment()
    await enrichment()

    assert [len(batch) for batch in library.asked] == [100, 30]
    assert not set(library.asked[0]) & set(library.asked[1])


async def test_ids_that_arxiv_does_not_know_are_not_asked_for_again_within_six_hours(store, clock):
    library = Library()
    await take(store, announcement(listing(1)))
    enrichment = Enrichment(store=store, clock=clock, lookup=library)

    await enrichment()
    clock.move(5 * HOUR)
    await enrichment()
    assert len(library.asked) == 1

    clock.move(HOUR)
    await enrichment()
    assert len(library.asked) == 2


async def test_after_a_failure_the_same_ids_are_asked_for_in_the_next_pass(store, clock):
    library = Library(listing(1, categories=("cs.CL",)))
    library.failure = LookupFailed("HTTP 500")
    await take(store, announcement(listing(1)))
    enrichment = Enrichment(store=store, clock=clock, lookup=library)
    assert await enrichment() == 0

    library.failure = None

    assert await enrichment() == 1
    assert library.asked == [["2605.00001"], ["2605.00001"]]


async def test_arxivs_silence_is_kept_and_obeyed(store, clock):
    library = Library(listing(1, categories=("cs.CL",)))
    library.failure = LookupFailed("HTTP 429", MONDAY + timedelta(minutes=10))
    await take(store, announcement(listing(1)))
    enrichment = Enrichment(store=store, clock=clock, lookup=library)
    await enrichment()
    library.failure = None

    async with store.read() as tx:
        assert await tx.announcements.silent_until(SourceName.ARXIV) == MONDAY + timedelta(minutes=10)
    assert await enrichment() == 0
    assert len(library.asked) == 1

    clock.move(timedelta(minutes=10))
    assert await enrichment() == 1


async def test_what_a_source_said_is_not_overwritten(store, clock):
    await take(store, announcement(listing(1, "What Hugging Face calls it", abstract="Its words.")))
    known = listing(1, "What arXiv calls it", abstract="Other words.", categories=("cs.CL",))

    await Enrichment(store=store, clock=clock, lookup=Library(known))()

    paper = await paper_of(store, "arxiv:2605.00001")
    assert (paper.title, paper.abstract) == ("What Hugging Face calls it", "Its words.")
