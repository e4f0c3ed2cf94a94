"""Hugging Face's daily list, read without a network."""

from __future__ import annotations

import json
import pathlib
from datetime import date

import pytest

from adapters.sources.fields import BIGGEST_COUNT, Unreadable, count_of, day_of, url_of
from adapters.sources.huggingface import next_page
from adapters.sources.huggingface_day import Day, parse_day, parse_leading
from bot.model import Facts

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "sources"
BODY = (GOLDEN / "hf_day.json").read_bytes()


def parse(body: bytes) -> Day:
    day = parse_day(body)
    assert isinstance(day, Day)
    return day


def test_every_field_that_a_card_can_use_is_read():
    listing = parse(BODY).listings[0]
    assert listing.id == "arxiv:2605.00011"
    assert listing.title == "Small Models, Long Memory"
    assert listing.abstract == "We keep what matters. The rest is forgotten."
    assert listing.authors == ("Ada Example", "Ben Muster"), "hidden authors are left out"
    assert listing.published_on == date(2026, 5, 10)
    assert listing.facts == Facts(
        upvotes=41,
        comments=3,
        stars=7,
        thumbnail_url="https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2605.00011.png",
        submitter="Carol Sample",
        organization="Example Lab",
        ai_summary="A memory for small models.",
        ai_keywords=("memory", "small models"),
        code_url="https://github.com/example/long-memory",
        project_url="https://example.org/memory",
        media_urls=("https://cdn.example.org/a.mp4",),
    )


def test_what_an_older_shape_does_not_say_is_none():
    facts = parse(BODY).listings[1].facts
    assert facts == Facts(upvotes=2, comments=0, media_urls=("https://cdn.example.org/old.mp4",))


def test_a_withdrawn_paper_is_marked_and_private_links_are_dropped():
    facts = parse(BODY).listings[2].facts
    assert facts == Facts(upvotes=1, withdrawn=True)


@pytest.mark.parametrize("body", [b"[]", b'{"status": "no_data", "date": "2025-01-11"}', b"\xef\xbb\xbf[]"])
def test_an_empty_list_is_a_quiet_day(body):
    assert parse(body) == Day((), ())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{}",
        b"1",
        b"null",
        b'"x"',
        b"[" * 200_000,
        b"[] x",
        b"<html>",
        b"\xff\xfe",
        b"[" + b"9" * 5000 + b"]",
    ],
)
def test_everything_else_is_an_outage(body):
    unreadable = parse_day(body)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.reason


def test_a_bad_item_costs_no_neighbour_and_tells_its_place():
    items = ["{'paper': 1}", *json.loads(BODY)]
    day = parse(json.dumps(items).encode())
    assert len(day.listings) == 3
    assert [(each.place, each.reason) for each in day.refused] == [("entry 1", "an object was due, str came")]


@pytest.mark.parametrize(
    ("cut", "kept"), [(len(BODY) - 3, 3), (len(BODY) - 10, 2), (BODY.index(b"Old Shape"), 1), (9, 0)]
)
def test_items_before_a_break_are_kept(cut, kept):
    day = parse_leading(BODY[:cut])
    assert len(day.listings) == kept
    assert day.refused == ()


def test_nothing_is_kept_of_what_is_no_list():
    assert parse_leading(b'{"paper": 1') == Day((), ())


@pytest.mark.parametrize(
    ("raw", "count"),
    [(None, 0), ([1], 0), ("12", 12), ("x", 0), (-3, 0), (True, 0), (1e308, BIGGEST_COUNT), (10**30, BIGGEST_COUNT),
     (float("nan"), 0), (float("inf"), BIGGEST_COUNT), (3.9, 3), ("9" * 5000, BIGGEST_COUNT)],
)  # fmt: skip
def test_counts_are_tamed(raw, count):
    assert count_of(raw) == count


@pytest.mark.parametrize(
    ("raw", "day"),
    [("2026-01-05T18:00:00.000Z", date(2026, 1, 5)), ("2026-01-05T23:30:00-05:00", date(2026, 1, 6)),
     ("2026-01-05", date(2026, 1, 5)), ("2026-01-05T24:00:00Z", date(2026, 1, 5)),
     ("2026-01-05T18:00:00+99:99", date(2026, 1, 5)), ("2026-13-45", None), ("0000-00-00", None), ("05/01/2026", None),
     ("0001-01-01T00:00:00+14:00", None), ("9999-12-31T23:59:59-14:00", date(9999, 12, 31)), (None, None), (5, None)],
)  # fmt: skip
def test_days_are_read_or_left_out(raw, day):
    assert day_of(raw) == day


@pytest.mark.parametrize(
    "raw",
    ["javascript:alert(1)", "ftp://a.org/", "//a.org/x", "http://", "http://localhost/", "http://10.0.0.1/", "http://[::1]/",
     "http://user@a.org/", "http://a.org:99999/", "http://a b.org/", "http://a.org/\n", "x" * 3000, 5, None, "http://[a",
     "https://a.org/\u202ex", "http://2130706433/", "http://0x7f.1/"],
)  # fmt: skip
def test_only_plain_public_links_are_kept(raw):
    assert url_of(raw) is None or url_of(raw) == "http://a.org/"


def test_the_next_page_is_found_in_the_link_header():
    header = '<https://h.co/api/daily_papers?p=0>; rel="prev", <https://h.co/api/daily_papers?p=2>; rel="next"'
    assert next_page(header, "https://h.co/api/daily_papers") == "https://h.co/api/daily_papers?p=2"
    assert next_page('</api?p=1>; rel="next"', "https://h.co/x") == "https://h.co/api?p=1"
    assert next_page("", "https://h.co/") is None
    assert next_page('<x>; rel="last"', "https://h.co/") is None
