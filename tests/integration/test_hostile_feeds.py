"""Every row of the hostile feeds, served from loopback through the real client, gate and feed source."""

from __future__ import annotations

import json
import pathlib
import resource
import runpy
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from adapters.http import HttpClient, HttpLimits
from adapters.sources.arxiv_feed import ArxivFeed
from adapters.sources.arxiv_gate import ArxivGate
from bot.model import Announcement, AnnouncementState, Origin
from bot.ports import FetchRequest
from tests.fakes.clock import FrozenClock
from tests.standins import sources as standins

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
ON = date(2026, 1, 6)
GOOD = b"""<rss version="2.0"><channel><pubDate>Tue, 06 Jan 2026 00:00:00 -0500</pubDate><item><title>Good</title>
<guid>oai:arXiv.org:2601.00009v1</guid></item></channel></rss>"""

HELD_TO_BE_WRONG = {
    "F067": "its first entry is 2601.00000: arXiv numbers from 1, so 9,999 are taken and that one is refused by name",
}
"""Rows whose `entries` differ, with the reason; all else of them is checked."""


def _load():
    if not (HOSTILE / "feeds.jsonl").exists():
        return None
    return runpy.run_path(str(HOSTILE / "load.py"))


LOADED = _load()
ROWS = list(LOADED["rows"]("feeds.jsonl")) if LOADED else []
pytestmark = pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be served")


def where(wanted):
    """The rows whose `expect` is wanted, each under its own name."""
    return [pytest.param(each, id=each["id"]) for each in ROWS if wanted(each["expect"])]


def build(client: HttpClient, clock: FrozenClock, url: str) -> ArxivFeed:
    gate = ArxivGate(client, clock, pause=timedelta(0))
    return ArxivFeed(gate, clock, url)


def client(clock: FrozenClock) -> HttpClient:
    # Seconds become tenths: what is checked is that a limit holds, not how long it is.
    return HttpClient(clock, limits=HttpLimits(connect=timedelta(seconds=0.3), total=timedelta(seconds=2)))


def reply_of(row: Mapping[str, object], canary: int, own: int) -> standins.Reply:
    http = row["http"]
    body = LOADED["feed_body"](row)
    if "body" in row:
        body = standins.fill(row["body"], canary=canary, own=own, now=NOW).encode("utf-8", "surrogatepass")
    headers = json.loads(standins.fill(json.dumps(http.get("headers", {})), canary=canary, own=own, now=NOW))
    return standins.Reply(
        body=body,
        status=http["status"],
        headers={"Content-Type": http["content_type"], **headers},
        declared_length=http.get("declared_length"),
    )


async def fetch(row: Mapping[str, object]) -> tuple[Announcement, int]:
    """The announcement, and how often the canary was visited."""
    clock = FrozenClock(NOW)
    request = FetchRequest(on=ON, origin=Origin.LIVE, categories=("cs.LG",))
    kind = row.get("gen", {}).get("kind")
    async with client(clock) as http, standins.stand_in() as canary:
        if kind == "server_behaviour" and row["gen"]["name"] == "never_accept":
            async with standins.full_backlog() as url:
                return await build(http, clock, url).fetch(request), canary.connections
        behaviour = standins.BEHAVIOURS[row["gen"]["name"]] if kind == "server_behaviour" else None
        async with standins.stand_in(behaviour=behaviour) as server:
            if behaviour is None:
                server.replies = [reply_of(row, canary.port, server.port)]
            return await build(http, clock, server.url).fetch(request), canary.connections


def bare_ids(announcement: Announcement) -> list[str]:
    return [each.id.removeprefix("arxiv:") for each in announcement.listings]


def check_outcome(announcement: Announcement, expected: Mapping[str, object]) -> None:
    state = announcement.state
    match expected["outcome"]:
        case "ok":
            assert state is (AnnouncementState.ANNOUNCED if expected.get("entries") else AnnouncementState.NONE_TODAY)
        case "degraded":
            assert state in {AnnouncementState.ANNOUNCED, AnnouncementState.PARTIAL}
            assert announcement.detail, "what was amiss is told"
        case "source_error":
            kept = bool(announcement.listings)
            assert state is (AnnouncementState.PARTIAL if kept else AnnouncementState.SOURCE_DOWN)
            assert announcement.detail
            assert announcement.validators is None, "nothing is marked seen from a broken answer"
        case "any_but_crash":
            assert state in AnnouncementState
        case other:
            pytest.fail(f"unknown outcome {other}")


def check_entries(row_id: str, announcement: Announcement, expected: Mapping[str, object]) -> None:
    taken = bare_ids(announcement)
    assert len(set(taken)) == len(taken), "one listing a paper"
    if "entries" in expected and row_id not in HELD_TO_BE_WRONG:
        assert len(taken) == expected.get("unique_papers", expected["entries"])
    if row_id == "F067":
        assert (len(taken), len(announcement.refused)) == (9_999, 1)
    assert len(taken) >= expected.get("entries_min", 0)
    assert set(expected.get("ids_include", ())) <= set(taken)
    assert expected.get("ids", taken) == taken
    assert all(each.title for each in announcement.listings)
    if "title" in expected:
        assert announcement.listings[0].title == expected["title"]
    if "posts_default" in expected:
        assert sum(each.announce_type == "new" for each in announcement.listings) == expected["posts_default"]
        assert (
            sum(not each.announce_type.is_replacement for each in announcement.listings) == expected["posts_with_cross"]
        )
    if expected.get("posts") == 0:  # a new version of a known paper: the core posts no replacement
        assert all(each.announce_type.is_replacement for each in announcement.listings)


@pytest.mark.parametrize(
    "row", [each for each in ROWS if each["expect"]["outcome"] != "stale_suspected"], ids=lambda each: each["id"]
)
async def test_a_hostile_feed_ends_as_its_row_says(row):
    expected = row["expect"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    announcement, visits = await fetch(row)
    assert time.monotonic() - started <= expected["max_seconds"]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown <= expected["max_rss_growth_mb"]
    check_outcome(announcement, expected)
    check_entries(row["id"], announcement, expected)
    assert visits == expected.get("canary_hits", 0)
    assert announcement.gone is expected.get("disable", False)
    if "wait_min_s" in expected:
        assert announcement.retry_at is not None
        assert announcement.retry_at - NOW >= timedelta(seconds=expected["wait_min_s"])
    if expected.get("retry"):
        assert not announcement.gone


@pytest.mark.parametrize(
    "row", [each for each in ROWS if each["expect"].get("other_sources_unaffected")], ids=lambda each: each["id"]
)
async def test_a_broken_server_leaves_the_same_client_usable(row):
    clock = FrozenClock(NOW)
    request = FetchRequest(on=ON, origin=Origin.LIVE, categories=("cs.LG",))
    behaviour = standins.BEHAVIOURS.get(row["gen"]["name"], standins.closes_at_once)
    async with client(clock) as http, standins.stand_in(behaviour=behaviour) as bad:
        await build(http, clock, bad.url).fetch(request)
        async with standins.stand_in(standins.Reply(GOOD)) as good:
            announcement = await build(http, clock, good.url).fetch(request)
    assert announcement.state is AnnouncementState.ANNOUNCED


@pytest.mark.parametrize(
    "row", [each for each in ROWS if each["expect"]["outcome"] == "stale_suspected"], ids=lambda each: each["id"]
)
async def test_a_new_date_over_known_papers_is_told_to_be_stale(row):
    clock = FrozenClock(NOW - timedelta(days=1))
    yesterday = ON - timedelta(days=1)
    request = FetchRequest(on=yesterday, origin=Origin.LIVE, categories=("cs.LG",))
    async with client(clock) as http, standins.stand_in() as server:
        reply = reply_of(row, 1, server.port)
        server.replies = [replace(reply, body=reply.body.replace(b"Tue, 06 Jan", b"Mon, 05 Jan")), reply]
        feed = build(http, clock, server.url)
        first = await feed.fetch(request)
        clock.set(NOW)
        second = await feed.fetch(replace(request, on=ON))
    assert (first.announced_on, first.detail) == (yesterday, "")
    assert second.detail.startswith("stale")
    assert second.announced_on == yesterday, "no paper is announced a second time"
    assert second.validators is None
    assert len(second.listings) == row["expect"]["entries"]
