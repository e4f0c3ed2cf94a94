"""arXiv's feed, query API and gate over a stand-in; time is made, not waited for."""

from __future__ import annotations

import asyncio
import json
import pathlib
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from adapters.http import HttpClient, HttpLimits
from adapters.sources.arxiv_api import ArxivApi, parse_lookup
from adapters.sources.arxiv_feed import CATEGORIES_A_REQUEST, ArxivFeed
from adapters.sources.arxiv_gate import ArxivGate
from bot.model import AnnouncementState, Origin, Validators
from bot.ports import FetchRequest, Found, LookupFailed
from tests.fakes.clock import FrozenClock
from tests.standins.sources import Reply, stand_in

NOW = datetime(2026, 5, 12, 14, 0, tzinfo=UTC)
TODAY = date(2026, 5, 12)
GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "sources"
RECORDED = pathlib.Path(__file__).parents[2].parent / "shared" / "data" / "arxiv_native"
RSS, API = (GOLDEN / "arxiv.rss").read_bytes(), (GOLDEN / "arxiv_api.atom").read_bytes()
LIMITS = HttpLimits(total=timedelta(seconds=2))


class MadeTime:
    """A monotonic clock that sleeping moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def gate(http: HttpClient, clock: FrozenClock, made: MadeTime | None = None) -> ArxivGate:
    made = made or MadeTime()
    return ArxivGate(http, clock, monotonic=made.monotonic, sleep=made.sleep)


def asks(*categories: str, on: date = TODAY, validators: Validators | None = None) -> FetchRequest:
    return FetchRequest(on=on, origin=Origin.LIVE, categories=categories, validators=validators)


async def fetch(*replies: Reply, request: FetchRequest | None = None, now: datetime = NOW):
    clock = FrozenClock(now)
    async with HttpClient(clock, limits=LIMITS) as http, stand_in(*replies) as server:
        announcement = await ArxivFeed(gate(http, clock), clock, server.url).fetch(request or asks("cs.LG", "math.OC"))
    return announcement, server


async def test_all_categories_are_one_request_and_one_announcement():
    announcement, server = await fetch(Reply(RSS, headers={"ETag": '"a"'}))
    assert [each.target for each in server.asked] == ["/rss/cs.LG+math.OC"]
    assert announcement.state is AnnouncementState.ANNOUNCED
    assert (announcement.announced_on, announcement.resource) == (TODAY, "cs.LG+math.OC")
    assert len(announcement.listings) == 3
    assert announcement.validators == Validators('"a"', None)
    assert announcement.detail == ""


async def test_a_long_list_is_split_and_merged():
    many = tuple(f"cs.X{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(CATEGORIES_A_REQUEST + 1))
    announcement, server = await fetch(Reply(RSS, headers={"ETag": '"a"'}), request=asks(*many))
    assert len(server.asked) == 2
    assert len(announcement.listings) == 3
    assert announcement.validators is None


async def test_one_list_of_two_that_fails_makes_it_partial():
    many = ("cs.LG",) * (CATEGORIES_A_REQUEST * 2 + 1)
    announcement, server = await fetch(Reply(RSS), Reply(status=500), Reply(RSS), request=asks(*many))
    assert len(server.asked) == 3
    assert announcement.state is AnnouncementState.PARTIAL
    announcement, server = await fetch(Reply(RSS), Reply(status=503), request=asks(*many))
    assert len(server.asked) == 2, "after a 503 the third list is not asked for"
    assert announcement.state is AnnouncementState.PARTIAL
    assert announcement.retry_at == NOW + timedelta(minutes=10)
    assert "1 more lists were not asked for" in announcement.detail


async def test_a_weekend_is_none_today():
    saturday = date(2026, 5, 16)
    body = (GOLDEN / "arxiv_empty.rss").read_bytes()
    announcement, _ = await fetch(Reply(body), request=asks("cs.LG", on=saturday), now=NOW + timedelta(days=4))
    assert (announcement.state, announcement.announced_on) == (AnnouncementState.NONE_TODAY, saturday)


async def test_an_old_feed_keeps_its_own_day():
    tomorrow = TODAY + timedelta(days=1)
    reply = Reply(RSS, headers={"ETag": '"a"'})
    announcement, _ = await fetch(reply, request=asks("cs.LG", on=tomorrow), now=NOW + timedelta(days=1))
    assert announcement.announced_on == TODAY
    assert announcement.detail == "stale: the feed is of 2026-05-12, asked for 2026-05-13"
    assert announcement.validators is None


async def test_a_feed_from_the_future_is_of_today():
    yesterday = TODAY - timedelta(days=1)
    announcement, _ = await fetch(Reply(RSS), request=asks("cs.LG", on=yesterday), now=NOW - timedelta(days=1))
    assert announcement.announced_on == yesterday


@pytest.mark.parametrize("reply", [Reply(RSS[:-200]), Reply(RSS[:-200], declared_length=len(RSS))])
async def test_a_feed_cut_off_is_partial(reply):
    announcement, _ = await fetch(reply)
    assert announcement.state is AnnouncementState.PARTIAL
    assert len(announcement.listings) == 3
    assert announcement.validators is None


async def test_nothing_new_is_unchanged():
    kept = Validators('"a"', None)
    announcement, _ = await fetch(Reply(status=304), request=asks("cs.LG", validators=kept))
    assert announcement.unchanged
    assert announcement.validators == kept


async def test_a_category_that_is_none_never_reaches_the_url():
    announcement, server = await fetch(Reply(RSS), request=asks("../x", "cs.LG?y=1", ""))
    assert server.asked == []
    assert announcement.state is AnnouncementState.SOURCE_DOWN


async def test_requests_keep_three_seconds_between_them_and_one_connection():
    made, clock = MadeTime(), FrozenClock(NOW)
    async with HttpClient(clock, limits=LIMITS) as http, stand_in(Reply(API)) as server:
        one = gate(http, clock, made)
        api = ArxivApi(one, server.url)
        started = []
        original = http.get

        async def get(*arguments, **named):
            started.append(made.at)
            return await original(*arguments, **named)

        http.get = get
        await asyncio.gather(*(api.lookup(["2605.00021"]) for _ in range(4)))
    assert [later - earlier for earlier, later in pairwise(started)] == [3.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("reply", "silence"),
    [
        (Reply(status=429), timedelta(minutes=10)),
        (Reply(status=503, headers={"Retry-After": "3"}), timedelta(minutes=10)),
        (Reply(status=429, headers={"Retry-After": "3600"}), timedelta(hours=1)),
    ],
)
async def test_a_tired_arxiv_is_left_in_peace_by_feed_and_api_alike(reply, silence):
    clock = FrozenClock(NOW)
    async with HttpClient(clock, limits=LIMITS) as http, stand_in(reply, Reply(RSS)) as server:
        one = gate(http, clock)
        feed, api = ArxivFeed(one, clock, server.url), ArxivApi(one, server.url)
        first = await feed.fetch(asks("cs.LG"))
        during = await feed.fetch(asks("cs.LG"))
        looked_up = await api.lookup(["2605.00021"])
        assert len(server.asked) == 1
        clock.move(silence)
        after = await feed.fetch(asks("cs.LG"))
    assert first.state is during.state is AnnouncementState.SOURCE_DOWN
    assert first.retry_at == during.retry_at == NOW + silence
    assert looked_up == LookupFailed("arXiv asked for silence", NOW + silence)
    assert after.state is AnnouncementState.ANNOUNCED


async def test_a_silence_survives_a_restart():
    clock = FrozenClock(NOW)
    async with HttpClient(clock) as http, stand_in() as server:
        one = gate(http, clock)
        one.hush(NOW + timedelta(minutes=4))
        one.hush(NOW + timedelta(minutes=1))
        announcement = await ArxivFeed(one, clock, server.url).fetch(asks("cs.LG"))
    assert announcement.retry_at == NOW + timedelta(minutes=4)
    assert server.asked == []


async def look_up(*replies: Reply, ids=("2605.00021v1", "hep-th/9901001", "nonsense", "2605.00021")):
    clock = FrozenClock(NOW)
    async with HttpClient(clock, limits=LIMITS) as http, stand_in(*replies) as server:
        return await ArxivApi(gate(http, clock), server.url).lookup(ids), server


async def test_a_lookup_asks_for_bare_ids_in_one_batch():
    found, server = await look_up(Reply(API))
    assert server.asked[0].target == "/api/query?id_list=2605.00021,hep-th/9901001&max_results=100"
    assert isinstance(found, Found)
    assert [each.id for each in found.listings] == ["arxiv:2605.00021", "arxiv:hep-th/9901001"]


async def test_a_paper_that_was_not_asked_for_is_not_found():
    found, _ = await look_up(Reply(API), ids=["hep-th/9901001"])
    assert isinstance(found, Found)
    assert [each.id for each in found.listings] == ["arxiv:hep-th/9901001"]


async def test_an_id_that_arxiv_cannot_parse_is_not_found_and_spoils_no_batch():
    error = Reply((GOLDEN / "arxiv_api_error.atom").read_bytes(), status=400)
    found, _ = await look_up(error, ids=["2605.00022"])
    assert found == Found(())
    found, server = await look_up(error, Reply(API), ids=["2605.00021", "2605.00022"])
    assert isinstance(found, Found)
    assert len(found.listings) == 1
    assert len(server.asked) == 2


async def test_no_id_is_no_request():
    found, server = await look_up(ids=["nonsense"])
    assert (found, server.asked) == (Found(()), [])


@pytest.mark.parametrize(
    "reply", [Reply(status=500), Reply(b""), Reply(b"<html/>"), Reply(API[:-50]), Reply(API, declared_length=9_999)]
)
async def test_a_lookup_that_fails_says_so(reply):
    failed, _ = await look_up(reply)
    assert isinstance(failed, LookupFailed)
    assert failed.detail
    assert failed.retry_at is None


@pytest.mark.skipif(not RECORDED.exists(), reason="../shared/data is absent: no recorded answers")
def test_every_recorded_answer_is_read():
    bodies = [each.read_bytes() for each in sorted(RECORDED.glob("api_atom/*/*.xml"))]
    bodies += [json.loads(each.read_bytes())["body"].encode() for each in sorted(RECORDED.glob("api_atom/*/*.json"))]
    for body in bodies:
        listings = parse_lookup(body)
        assert isinstance(listings, tuple)
        assert len(listings) == body.count(b"<entry>") - body.count(b"<id>https://arxiv.org/api/errors")
        assert all(each.title and each.authors and each.categories and each.published_on for each in listings)
