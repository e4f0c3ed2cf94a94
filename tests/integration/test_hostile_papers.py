"""Every row of the hostile papers, served from loopback through the real client and Hugging Face source."""

from __future__ import annotations

import json
import pathlib
import runpy
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import pytest

from adapters.http import HttpClient
from adapters.sources.fields import BIGGEST_COUNT
from adapters.sources.huggingface import HuggingFaceDaily
from bot.model import Announcement, AnnouncementState, Origin
from bot.ports import FetchRequest
from tests.fakes.clock import FrozenClock
from tests.standins import sources as standins

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
CLOCK = FrozenClock(datetime(2026, 1, 6, 12, 0, tzinfo=UTC))
REQUEST = FetchRequest(on=date(2026, 1, 6), origin=Origin.LIVE)


def _load():
    if not (HOSTILE / "papers.jsonl").exists():
        return None
    return runpy.run_path(str(HOSTILE / "load.py"))


LOADED = _load()
ROWS = list(LOADED["rows"]("papers.jsonl")) if LOADED else []
pytestmark = pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be served")


def body_of(row) -> bytes:
    if "payload" in row:
        return json.dumps(row["payload"]).encode()
    return LOADED["text"](row).encode("utf-8", "surrogatepass")


async def fetch(body: bytes) -> Announcement:
    reply = standins.Reply(body, headers={"Content-Type": "application/json; charset=utf-8"})
    async with HttpClient(CLOCK) as http, standins.stand_in(reply) as server:
        return await HuggingFaceDaily(http, CLOCK, server.url).fetch(REQUEST)


def check_listings(announcement: Announcement) -> None:
    """What must hold of every paper that is taken, whatever it came from."""
    for each in announcement.listings:
        assert each.title
        assert each.title not in {"None", "False", "null"}
        assert isinstance(each.facts.upvotes, int | None)
        assert 0 <= (each.facts.upvotes or 0) <= BIGGEST_COUNT
        assert all(each.authors)
        assert each.published_on is None or each.published_on.year >= 1900
        json.dumps(asdict(each), default=str, ensure_ascii=False).encode("utf-8")  # no lone surrogates


@pytest.mark.parametrize("row", [pytest.param(each, id=each["id"]) for each in ROWS])
async def test_a_hostile_list_ends_as_its_row_says(row):
    expected = row["expect"]
    announcement = await fetch(body_of(row))
    match expected["outcome"]:
        case "ok":
            assert announcement.state is AnnouncementState.ANNOUNCED
            assert announcement.refused == ()
        case "degraded":  # some were refused: the list is announced, and tells which and why
            assert announcement.state is AnnouncementState.ANNOUNCED
            assert announcement.detail
            assert all(each.place and each.reason for each in announcement.refused)
        case "source_error":
            assert announcement.state is AnnouncementState.SOURCE_DOWN
            assert announcement.detail
        case "any_but_crash":
            assert announcement.state in AnnouncementState
        case other:
            pytest.fail(f"unknown outcome {other}")
    taken = [each.id.removeprefix("arxiv:") for each in announcement.listings]
    assert taken == expected.get("delivered", taken)
    assert len(announcement.refused) == expected.get("skipped", len(announcement.refused))
    check_listings(announcement)


@pytest.mark.parametrize("row", [pytest.param(each, id=each["id"]) for each in ROWS if "partial day" in each["why"]])
async def test_a_day_that_grows_brings_all_its_papers(row):
    item = row["payload"][0]
    grown = [item | {"paper": item["paper"] | {"id": f"2601.{number:05d}"}} for number in range(1, 41)]
    first, second = await fetch(body_of(row)), await fetch(json.dumps(grown).encode())
    assert len(first.listings) == 1
    assert len({each.id for each in (*first.listings, *second.listings)}) == 40
    assert replace(first.listings[0], facts=second.listings[0].facts) == second.listings[0]
