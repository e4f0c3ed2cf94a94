"""Hugging Face's source over a stand-in: pages, conditions, breaks."""

from __future__ import annotations

import json
import pathlib
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.http import HttpClient, HttpLimits
from adapters.sources.huggingface import MOST_PAGES, HuggingFaceDaily
from bot.model import AnnouncementState, Origin, Validators
from bot.ports import FetchRequest
from tests.fakes.clock import FrozenClock
from tests.standins.sources import Reply, stand_in

NOW = datetime(2026, 5, 12, 20, 0, tzinfo=UTC)
CLOCK = FrozenClock(NOW)
REQUEST = FetchRequest(on=date(2026, 5, 12), origin=Origin.LIVE)
BODY = (pathlib.Path(__file__).parents[1] / "golden" / "sources" / "hf_day.json").read_bytes()


def page(*numbers: int, link: str = "") -> Reply:
    items = [{"paper": {"id": f"2605.{number:05d}", "title": f"Paper {number}"}} for number in numbers]
    return Reply(json.dumps(items).encode(), headers={"Link": link} if link else {})


async def fetch(*replies: Reply, request: FetchRequest = REQUEST):
    async with HttpClient(CLOCK, limits=HttpLimits(total=timedelta(seconds=2))) as http, stand_in(*replies) as server:
        announcement = await HuggingFaceDaily(http, CLOCK, f"{server.url}/").fetch(request)
    return announcement, server


async def test_a_day_is_asked_for_and_announced():
    announcement, server = await fetch(Reply(BODY, headers={"ETag": '"a"'}))
    assert server.asked[0].target == "/api/daily_papers?date=2026-05-12&limit=100&p=0"
    assert announcement.state is AnnouncementState.ANNOUNCED
    assert len(announcement.listings) == 3
    assert (announcement.announced_on, announcement.fetched_at) == (REQUEST.on, NOW)
    assert announcement.validators == Validators('"a"', None)
    assert (announcement.detail, announcement.resource) == ("", "")


async def test_the_next_pages_are_followed_and_a_paper_on_two_pages_is_one():
    link = '</api/daily_papers?date=2026-05-12&limit=100&p=1>; rel="next"'
    announcement, server = await fetch(page(1, 2, link=link), page(2, 3))
    assert [each.id for each in announcement.listings] == ["arxiv:2605.00001", "arxiv:2605.00002", "arxiv:2605.00003"]
    assert server.asked[1].target.endswith("p=1")
    assert announcement.validators is None, "one page's validators do not speak for two"


async def test_a_failing_second_page_leaves_the_first():
    link = '</api/daily_papers?p=1>; rel="next"'
    announcement, _ = await fetch(page(1, link=link), Reply(status=500))
    assert announcement.state is AnnouncementState.PARTIAL
    assert len(announcement.listings) == 1
    assert announcement.detail == "HTTP 500 (page 2)"
    assert announcement.validators is None


async def test_a_next_page_on_another_host_is_not_followed():
    async with stand_in() as canary:
        link = f'<{canary.url}/api/daily_papers?p=1>; rel="next"'
        announcement, _ = await fetch(page(1, link=link))
    assert announcement.state is AnnouncementState.PARTIAL
    assert canary.connections == 0


async def test_endless_pages_end():
    link = '</api/daily_papers?p=1>; rel="next"'
    announcement, server = await fetch(page(1, link=link))
    assert announcement.state is AnnouncementState.PARTIAL
    assert len(server.asked) == MOST_PAGES


async def test_a_body_cut_off_keeps_its_first_items():
    announcement, _ = await fetch(Reply(BODY[:-10], declared_length=len(BODY)))
    assert announcement.state is AnnouncementState.PARTIAL
    assert len(announcement.listings) == 2


@pytest.mark.parametrize("body", [b"[]", b'{"status": "no_data"}'])
async def test_an_empty_list_is_none_today(body):
    announcement, _ = await fetch(Reply(body))
    assert announcement.state is AnnouncementState.NONE_TODAY


async def test_a_list_of_which_nothing_can_be_read_is_an_outage():
    announcement, _ = await fetch(Reply(b'[{"paper": {}}, 1]', headers={"ETag": '"a"'}))
    assert announcement.state is AnnouncementState.SOURCE_DOWN
    assert len(announcement.refused) == 2
    assert announcement.validators is None


async def test_nothing_new_is_unchanged():
    kept = Validators('"a"', None)
    request = FetchRequest(on=REQUEST.on, origin=Origin.LIVE, validators=kept)
    announcement, server = await fetch(Reply(status=304), request=request)
    assert server.asked[0].headers["if-none-match"] == '"a"'
    assert announcement.unchanged
    assert announcement.validators == kept
    assert announcement.listings == ()


async def test_nothing_new_against_nothing_known_is_an_outage():
    announcement, _ = await fetch(Reply(status=304))
    assert announcement.state is AnnouncementState.SOURCE_DOWN


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (Reply(status=429, headers={"Retry-After": "7"}), timedelta(seconds=7)),
        (Reply(status=429), timedelta(minutes=5)),
        (Reply(status=429, headers={"Retry-After": "0"}), timedelta(minutes=5)),
        (Reply(status=503, headers={"Retry-After": "60"}), timedelta(minutes=1)),
    ],
)
async def test_a_tired_server_is_not_asked_before_its_time(reply, wait):
    announcement, _ = await fetch(reply)
    assert announcement.state is AnnouncementState.SOURCE_DOWN
    assert announcement.retry_at == NOW + wait


async def test_a_server_that_is_gone_says_so():
    announcement, _ = await fetch(Reply(status=410))
    assert announcement.gone
