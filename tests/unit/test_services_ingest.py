"""Taking announcements in: twice adds nothing, and a failed refresh takes nothing away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import AnnouncementState, Facts, Origin, PaperId, SourceName, Validators
from bot.ports import FetchRequest
from bot.services.ingest import fetch_and_take, take
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

HF = SourceName.HUGGING_FACE
LATER = MONDAY + timedelta(hours=1)
ETAG = Validators('"monday"')


class Repeating:
    """A source that always gives one answer, and remembers what it was asked."""

    def __init__(self, answer):
        self.name = answer.source
        self.answer = answer
        self.asked = []

    async def fetch(self, request):
        self.asked.append(request)
        return self.answer


@pytest.fixture
def store():
    return MemoryStore()


async def record_of(store, source=HF, on=DAY):
    async with store.read() as tx:
        [record] = await tx.announcements.of_day(source, on)
    return record


async def test_new_papers_are_counted_and_kept(store):
    taken = await take(store, announcement(listing(1), listing(2)))

    assert (taken.new, taken.merged, taken.lines) == (2, 0, 2)
    assert taken.papers == ("arxiv:2605.00001", "arxiv:2605.00002")
    async with store.read() as tx:
        assert await tx.papers.count() == 2


async def test_taking_the_same_announcement_twice_adds_nothing(store):
    await take(store, announcement(listing(1), listing(2)))
    before = store.tables

    taken = await take(store, announcement(listing(1), listing(2)))

    assert (taken.new, taken.merged, taken.lines) == (0, 2, 0)
    assert store.tables == before


async def test_a_list_that_has_grown_brings_only_what_it_gained(store):
    await take(store, announcement(listing(1)))

    taken = await take(store, announcement(listing(1), listing(2), fetched_at=LATER))

    assert (taken.new, taken.merged, taken.lines) == (1, 1, 1)
    assert (await record_of(store)).papers == 2


async def test_a_paper_keeps_the_hour_at_which_it_was_first_seen(store):
    await take(store, announcement(listing(1)))
    await take(store, announcement(listing(1), fetched_at=LATER))

    async with store.read() as tx:
        [candidate] = await tx.papers.candidates(seen_after=MONDAY - timedelta(days=1), seen_until=LATER)
    assert candidate.seen_at == MONDAY


async def test_a_growing_count_of_votes_is_followed(store):
    await take(store, announcement(listing(1, facts=Facts(upvotes=3))))
    await take(store, announcement(listing(1, facts=Facts(upvotes=8)), fetched_at=LATER))

    async with store.read() as tx:
        counts = await tx.papers.votes(since=MONDAY, until=LATER)
        paper = await tx.papers.get(PaperId("arxiv:2605.00001"))
    assert [each.upvotes for each in counts] == [3, 8]
    assert paper.facts.upvotes == 8


async def test_a_refresh_that_failed_keeps_the_state_and_the_validators_of_the_day(store):
    await take(store, announcement(listing(1), validators=ETAG))

    await take(store, announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 503", fetched_at=LATER))

    record = await record_of(store)
    assert record.state == AnnouncementState.ANNOUNCED
    assert record.validators == ETAG
    assert record.papers == 1
    assert record.detail == "the last refresh failed: HTTP 503"
    assert record.fetched_at == MONDAY  # only an answer settles a day


async def test_a_day_whose_only_fetch_failed_is_down(store):
    await take(store, announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 503"))

    record = await record_of(store)
    assert (record.state, record.detail, record.papers) == (AnnouncementState.SOURCE_DOWN, "HTTP 503", 0)


async def test_an_answer_that_nothing_changed_keeps_the_day_as_it_was(store):
    await take(store, announcement(listing(1), state=AnnouncementState.PARTIAL, detail="cut off", validators=ETAG))

    await take(store, announcement(state=AnnouncementState.NONE_TODAY, unchanged=True, fetched_at=LATER))

    record = await record_of(store)
    assert (record.state, record.detail, record.validators) == (AnnouncementState.PARTIAL, "cut off", ETAG)
    assert (record.papers, record.fetched_at) == (1, LATER)


async def test_a_source_that_asks_for_a_pause_is_left_in_silence(store):
    until = MONDAY + timedelta(minutes=10)

    await take(store, announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 429", retry_at=until))

    async with store.read() as tx:
        assert await tx.announcements.silent_until(HF) == until
        assert await tx.announcements.silent_until(SourceName.ARXIV) is None


async def test_the_next_fetch_of_a_day_is_conditional(store):
    source = Repeating(announcement(listing(1), validators=ETAG))
    request = FetchRequest(on=DAY, origin=Origin.LIVE)

    await fetch_and_take(store, source, request, FrozenClock())
    await fetch_and_take(store, source, request, FrozenClock())

    assert [each.validators for each in source.asked] == [None, ETAG]


async def test_the_validators_of_one_list_of_categories_do_not_speak_for_another(store):
    answer = announcement(listing(1), source=SourceName.ARXIV, resource="cs.CL", validators=ETAG)
    source = Repeating(answer)

    await fetch_and_take(store, source, FetchRequest(on=DAY, origin=Origin.LIVE, categories=("cs.CL",)), FrozenClock())
    await fetch_and_take(
        store, source, FetchRequest(on=DAY, origin=Origin.LIVE, categories=("cs.CL", "cs.RO")), FrozenClock()
    )

    assert [each.validators for each in source.asked] == [None, None]


async def test_what_a_paper_costs_its_neighbour_is_nothing(store):
    odd = listing("title:aaaaaaaaaaaaaaaaaaaaaaaaaa", "?", abstract="", authors=())

    taken = await take(store, announcement(listing(1), odd, listing(2)))

    assert taken.new == 3


async def test_a_paper_arrives_when_it_is_stored_and_not_when_its_answer_came(store):
    """Else a digest planned in between would cut past it, and nobody would ever get it."""
    source = Repeating(announcement(listing(1, categories=("cs.CL",)), fetched_at=MONDAY))

    await fetch_and_take(store, source, FetchRequest(on=DAY, origin=Origin.LIVE), FrozenClock(LATER))

    async with store.read() as tx:
        [candidate] = await tx.papers.candidates(seen_after=MONDAY, seen_until=LATER)
    assert candidate.seen_at == candidate.paper.categorised_at == LATER
