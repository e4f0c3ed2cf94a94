"""Reading: the papers of a day, what trends, one paper, and what a digest would hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands import Show, Today, Trending, Window
from bot.errors import BadReference, BadTopic, PaperNotFound
from bot.model import AnnouncementState, Facts, Origin, SourceName, Stage
from bot.ports import Found, LookupFailed
from bot.services.ingest import take
from bot.services.pools import Pools
from bot.services.reading import Reading
from bot.services.topic_entry import TopicEntry
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

ONE_DAY = timedelta(days=1)


class Library:
    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def lookup(self, arxiv_ids):
        self.asked.append(list(arxiv_ids))
        return self.answer


def reading_of(store, clock, lookup):
    entry = TopicEntry(store, has_meaning=False)
    return Reading(store=store, clock=clock, lookup=lookup, entry=entry, pools=Pools(store=store))


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def reading(store, clock):
    return reading_of(store, clock, None)


def voted(number, upvotes, **changes):
    return listing(number, facts=Facts(upvotes=upvotes), **changes)


def ids(day):
    return [paper.id for paper, _ in day.papers]


async def test_today_is_the_newest_day_that_was_announced_best_first(store, reading):
    await take(store, announcement(voted(1, 90), announced_on=DAY - ONE_DAY))
    await take(store, announcement(voted(2, 3), voted(3, 30)))

    day = await reading.today(Today())

    assert (day.on, day.newest_on) == (DAY, DAY)
    assert ids(day) == ["arxiv:2605.00003", "arxiv:2605.00002"]


async def test_another_day_can_be_asked_for(store, reading):
    await take(store, announcement(voted(1, 90), announced_on=DAY - ONE_DAY))
    await take(store, announcement(voted(2, 3)))

    day = await reading.today(Today(on=DAY - ONE_DAY))

    assert ids(day) == ["arxiv:2605.00001"]
    assert [(record.source, record.announced_on) for record in day.records] == [
        (SourceName.HUGGING_FACE, DAY - ONE_DAY)
    ]


async def test_a_day_without_papers_is_empty_and_names_the_newest(store, reading):
    await take(store, announcement(listing(1)))

    day = await reading.today(Today(on=DAY - 30 * ONE_DAY))

    assert (ids(day), day.newest_on) == ([], DAY)


async def test_an_empty_store_has_no_day_but_tells_how_the_sources_are(store, reading):
    await take(store, announcement(state=AnnouncementState.SOURCE_DOWN, detail="HTTP 503"))

    day = await reading.today(Today())

    assert day.on is None
    assert [record.detail for record in day.records] == ["HTTP 503"]


@pytest.mark.parametrize(("origin", "is_sample"), [(Origin.SAMPLE, True), (Origin.LIVE, False)])
async def test_the_sample_edition_is_known_for_what_it_is(store, reading, origin, is_sample):
    await take(store, announcement(listing(1), origin=origin))

    assert (await reading.today(Today())).is_sample is is_sample


async def test_what_gathers_votes_faster_ranks_before_what_has_more(store, reading, clock):
    await take(store, announcement(voted(1, 500), voted(2, 1), fetched_at=MONDAY))
    later = clock.move(ONE_DAY)
    await take(store, announcement(voted(1, 505), voted(2, 60), fetched_at=later))

    found = await reading.trending(Trending(Window.DAY))

    fastest, trend = found.ranked[0]
    assert (fastest.id, trend.total) == ("arxiv:2605.00002", 60)


async def test_trending_in_a_replay_ends_with_the_newest_count(store, reading, clock):
    await take(store, announcement(voted(1, 7), fetched_at=MONDAY, origin=Origin.REPLAY))
    clock.move(200 * ONE_DAY)

    found = await reading.trending(Trending(Window.WEEK))

    assert found.until == MONDAY
    assert [paper.id for paper, _ in found.ranked] == ["arxiv:2605.00001"]


async def test_without_a_count_nothing_trends(store, reading):
    assert (await reading.trending(Trending())).ranked == ()
    await take(store, announcement(listing(1)))

    assert list((await reading.trending(Trending())).ranked) == []


@pytest.mark.parametrize("window", list(Window))
async def test_every_window_can_be_asked_for(store, reading, window):
    await take(store, announcement(voted(1, 7)))

    assert (await reading.trending(Trending(window))).window is window


@pytest.mark.parametrize(
    "reference",
    ["2605.00001", "arXiv:2605.00001v3", "https://huggingface.co/papers/2605.00001", "10.1000/One", "doi:10.1000/ONE"],
)
async def test_a_paper_is_found_by_any_of_its_names(store, reading, reference):
    await take(store, announcement(listing(1, doi="10.1000/one")))

    assert (await reading.show(Show(reference))).id == "arxiv:2605.00001"


async def test_a_paper_that_is_known_is_not_looked_up(store, clock):
    library = Library(Found(()))
    await take(store, announcement(listing(1)))

    await reading_of(store, clock, library).show(Show("2605.00001"))

    assert library.asked == []


async def test_a_paper_that_is_unknown_is_looked_up_on_arxiv(store, clock):
    library = Library(Found((listing(9, "Looked up"),)))

    paper = await reading_of(store, clock, library).show(Show("2605.00009"))

    assert (paper.title, paper.sources) == ("Looked up", (SourceName.ARXIV,))
    assert library.asked == [["2605.00009"]]


@pytest.mark.parametrize("answer", [Found(()), LookupFailed("HTTP 500")], ids=["unknown", "failed"])
async def test_a_paper_that_arxiv_does_not_tell_is_not_found(store, clock, answer):
    with pytest.raises(PaperNotFound, match=r"2605\.00009"):
        await reading_of(store, clock, Library(answer)).show(Show("2605.00009"))


async def test_without_a_network_an_unknown_paper_is_not_found(reading):
    with pytest.raises(PaperNotFound):
        await reading.show(Show("2605.00009"))


async def test_a_doi_that_is_unknown_is_not_looked_up_on_arxiv(store, clock):
    library = Library(Found(()))

    with pytest.raises(PaperNotFound):
        await reading_of(store, clock, library).show(Show("10.1000/nobody"))
    assert library.asked == []


async def test_what_names_no_paper_is_refused(reading):
    with pytest.raises(BadReference):
        await reading.show(Show("https://example.org/2605.00001"))


async def test_a_preview_says_of_every_paper_why_it_is_in_or_out(store, reading):
    await take(store, announcement(voted(1, 5, title="Robots"), voted(2, 9, title="Robots again"), listing(3, "Other")))

    found = await reading.digest("robots", on=None, size=1)

    assert (found.on, found.plain) == (DAY, "papers that mention robots")
    assert [pick.paper_id for pick in found.picks] == ["arxiv:2605.00002"]
    assert found.left_out == {Stage.BELOW_CUT: ("arxiv:2605.00001",), Stage.TOPIC: ("arxiv:2605.00003",)}
    assert set(found.papers) == {"arxiv:2605.00001", "arxiv:2605.00002", "arxiv:2605.00003"}


async def test_a_preview_of_an_empty_store_is_empty(reading):
    found = await reading.digest("*", on=None, size=5)

    assert (found.on, list(found.picks)) == (None, [])


async def test_a_preview_of_a_topic_that_cannot_be_read_is_refused(reading):
    with pytest.raises(BadTopic):
        await reading.digest("cs.XX", on=None, size=5)
