"""Matching many topics with the same papers, each in its place."""

from datetime import timedelta

import pytest

from bot.errors import BadArgument, BadTopic
from bot.model import AnnounceType, Facts, SourceName
from bot.services import matching
from bot.services.ingest import take
from bot.services.matching import Matched, Matching, NotMatched
from bot.services.pools import Pools
from bot.services.topic_entry import TopicEntry
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit


@pytest.fixture
async def store():
    store = MemoryStore()
    old = announcement(listing(9, "Agents of last week"), announced_on=DAY - timedelta(days=7))
    new = announcement(
        listing(1, "Agents that sleep"),
        listing(2, "Agents that vote", facts=Facts(upvotes=40)),
        listing(3, "A fusion"),
    )
    for each in (old, new):
        await take(store, each)
    return store


@pytest.fixture
def match(store):
    service = Matching(pools=Pools(store=store), entry=TopicEntry(store, has_meaning=False))

    async def run(*asked, **days):
        return [each async for each in service.match(asked, **days)]

    return run


def ids(answer):
    assert isinstance(answer, Matched)
    return [each.id.removeprefix("arxiv:2605.") for each in answer.papers]


async def test_a_topic_gets_the_papers_of_the_newest_week_best_first(match):
    agents, nothing = await match("agents", "diffusion")
    assert ids(agents) == ["00002", "00001"]
    assert ids(nothing) == []


async def test_days_are_counted_inclusively(match):
    week_ago = DAY - timedelta(days=7)
    assert [ids(each) for each in await match("agents", since=week_ago)] == [["00002", "00001", "00009"]]
    assert [ids(each) for each in await match("agents", until=week_ago)] == [["00009"]]
    assert [ids(each) for each in await match("agents", since=week_ago, until=week_ago)] == [["00009"]]


async def test_what_is_no_topic_is_answered_in_its_place(match):
    bad = BadArgument("topic", "No topic.")
    first, second, third, fourth = await match(bad, "(", "fusion", 'about:"small GPUs"')
    assert first == NotMatched(None, bad)
    assert isinstance(second, NotMatched)
    assert isinstance(second.error, BadTopic)
    assert ids(third) == ["00003"]
    assert "semantic" in fourth.error.user_message


async def test_an_empty_store_matches_nothing():
    store = MemoryStore()
    service = Matching(pools=Pools(store=store), entry=TopicEntry(store, has_meaning=False))
    assert [ids(each) async for each in service.match(["*"])] == [[]]


async def test_more_topics_than_one_batch_are_answered_in_order_over_a_renewed_pool(match, monkeypatch):
    monkeypatch.setattr(matching, "_BATCH", 2)
    monkeypatch.setattr(matching, "_RENEWED_AFTER", 2)
    asked = ["fusion", "agents", "sleep", "vote", "fusion", "*", "nothing"]
    answers = await match(*asked)
    assert [each.text for each in answers] == asked
    assert [len(each.papers) for each in answers] == [1, 2, 1, 1, 1, 3, 0]


async def test_asked_topics_are_taken_as_they_are_answered(store):
    taken = []

    def asked():
        for number in range(10_000):
            taken.append(number)
            yield f"w{number % 7}"

    service = Matching(pools=Pools(store=store), entry=TopicEntry(store, has_meaning=False))
    async for _ in service.match(asked()):
        break
    assert len(taken) <= 1_000


async def test_replacements_are_for_topics_that_ask_for_them(store):
    on = DAY + timedelta(days=1)
    revised = listing(4, "Agents again", announce_type=AnnounceType.REPLACE)
    await take(store, announcement(revised, announced_on=on, source=SourceName.ARXIV))
    service = Matching(pools=Pools(store=store), entry=TopicEntry(store, has_meaning=False))
    plain, asking = [each async for each in service.match(["agents", "agents type:replace"], since=on, until=on)]
    assert (ids(plain), ids(asking)) == ([], ["00004"])
