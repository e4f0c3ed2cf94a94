"""arXiv's feeds and query API, read without a network."""

from __future__ import annotations

import pathlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.arxiv_announcement import Feed, parse_feed
from adapters.sources.arxiv_api import parse_lookup
from adapters.sources.feed_repair import mend
from adapters.sources.fields import Unreadable
from bot.model import AnnounceType, Facts

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "sources"
RSS = (GOLDEN / "arxiv.rss").read_bytes()
ATOM = (GOLDEN / "arxiv.atom").read_bytes()
API = (GOLDEN / "arxiv_api.atom").read_bytes()


def parse(body: bytes, content_type: str = "") -> Feed:
    feed = parse_feed(body, content_type)
    assert isinstance(feed, Feed), feed
    return feed


def test_an_rss_item_is_read_in_full():
    feed = parse(RSS)
    listing = feed.listings[0]
    assert feed.announced_on == date(2026, 5, 12)
    assert feed.skip_days == ("saturday", "sunday")
    assert feed.note == ""
    assert (listing.id, listing.version, listing.title) == ("arxiv:2605.00021", 1, "A New Paper")
    assert listing.abstract == "We say something new."
    assert listing.authors == ("Ada Example", "Ben Muster, Jr.", "Zoë Test")
    assert listing.categories == ("cs.LG", "math.OC")
    assert listing.announce_type is AnnounceType.NEW
    assert listing.published_on == date(2026, 5, 12)


def test_a_replacement_keeps_its_type_version_doi_and_journal():
    listing = parse(RSS).listings[2]
    assert (listing.announce_type, listing.version) == (AnnounceType.REPLACE_CROSS, 3)
    assert listing.doi == "10.1000/example.257"
    assert listing.facts == Facts(journal_ref="Journal of Examples 11 (2024), 431-472")
    assert listing.published_on is None, "the feed does not tell when the first version came"


def test_a_paper_of_two_categories_is_one_listing_and_new_where_it_is_new():
    feed = parse(RSS)
    assert feed.entries == 4
    assert [each.id for each in feed.listings] == ["arxiv:2605.00021", "arxiv:2605.00022", "arxiv:2203.00023"]
    assert feed.listings[1].announce_type is AnnounceType.NEW
    assert feed.listings[1].categories == ("math.OC", "cs.LG", "stat.ML")


def test_the_atom_form_is_dated_by_its_entries_not_by_when_it_was_built():
    feed = parse(ATOM)
    assert feed.announced_on == date(2026, 5, 12)
    assert feed.listings[0].abstract == "We say something new."
    assert feed.listings[0].authors == ("Ada Example", "Ben Muster")
    assert feed.listings[1].facts.withdrawn


def test_an_empty_channel_with_a_date_is_a_quiet_day():
    feed = parse((GOLDEN / "arxiv_empty.rss").read_bytes())
    assert (feed.listings, feed.announced_on) == ((), date(2026, 5, 16))


@pytest.mark.parametrize(
    "body",
    [b"", b"\n", b"{}", b"<html><body>tired</body></html>", b"<rss><channel></channel></rss>", b"<feed", b"\x00" * 50,
     b"<!DOCTYPE x><feed/>", b"plain words", RSS[:300], b"<feed>" + b"<entry>" * 100_000],
)  # fmt: skip
def test_what_is_no_feed_is_an_outage(body):
    assert isinstance(parse_feed(body), Unreadable)


@pytest.mark.parametrize(("end", "kept"), [(-3, 3), (-20, 3), (RSS.index(b"Improved"), 2), (RSS.index(b"Crossed"), 1)])
def test_entries_before_a_cut_are_kept(end, kept):
    feed = parse(RSS[:end])
    assert feed.is_cut_off
    assert len(feed.listings) == kept
    assert "cut off after entry" in feed.note


@pytest.mark.parametrize(
    ("found", "put", "title"),
    [(b"A New Paper", b"A & B < C", "A & B < C"), (b"A New Paper", b"a\x00b\x01", "ab"),
     (b"A New Paper", b"x &#55296; y &#x110000;", "x y"), (b"A New Paper", b"caf&eacute; &nope;", "café &nope;"),
     (b"A New Paper", b"caf\xe9", "café"), (b"xmlns:dc=", b"xmlns:other=", "A New Paper"),
     (b"<?xml", b"\n\n <?xml", "A New Paper"), (b"</rss>", b"</rss>\n<!-- x --><p>", "A New Paper"),
     (b"UTF-8", b"no-such-code", "A New Paper"),
     (b"A New Paper", b"<![CDATA[A <b>new</b> & paper]]>&nbsp;", "A new & paper")],
)  # fmt: skip
def test_a_damaged_feed_is_repaired(found, put, title):
    feed = parse(RSS.replace(found, put, 1))
    assert len(feed.listings) == 3
    assert feed.listings[0].title == title
    assert feed.note.startswith("repaired")
    assert feed.announced_on == date(2026, 5, 12)


def test_an_entry_beyond_repair_costs_no_neighbour():
    feed = parse(RSS.replace(b"<title>Improved</title>", b"<title>Improved", 1))
    assert [each.id for each in feed.listings] == ["arxiv:2605.00021", "arxiv:2605.00022"]
    assert [each.place for each in feed.refused] == ["entry 3"]


def test_an_entity_is_never_expanded_even_behind_damage():
    bomb = b'\n<!DOCTYPE r [<!ENTITY a "x">]>' + RSS.replace(b"A New Paper", b"&a;")
    assert isinstance(parse_feed(bomb), Unreadable)


def test_utf_16_is_read_whatever_it_calls_itself():
    text = RSS.decode().replace("A New Paper", "深層学習")
    assert parse(text.encode("utf-16")).listings[0].title == "深層学習"


def test_a_lookup_brings_primary_category_first_and_the_first_day():
    first, second = parse_lookup(API)
    assert (first.id, first.version, first.title) == ("arxiv:2605.00021", 2, "A New Paper")
    assert first.categories == ("cs.LG", "math.OC"), "MSC classes are none"
    assert first.published_on == date(2026, 5, 8)
    assert first.doi == "10.1000/example.1"
    assert first.authors == ("Ada Example", "Ben Muster")
    assert first.facts == Facts(comment="12 pages, 3 figures", journal_ref="Examples 1 (2026)")
    assert (second.id, second.version) == ("arxiv:hep-th/9901001", 3)


def test_an_error_entry_is_no_paper():
    assert parse_lookup((GOLDEN / "arxiv_api_error.atom").read_bytes()) == ()


def test_announced_results_that_do_not_come_are_an_outage():
    body = b"<feed xmlns:o='o'><o:totalResults>5</o:totalResults></feed>"
    assert isinstance(parse_lookup(body), Unreadable)
    assert isinstance(parse_lookup(API[:900]), Unreadable)


@given(st.binary(max_size=300), st.integers(0, len(RSS)))
def test_no_bytes_crash_the_parser(noise, position):
    parse_feed(RSS[:position] + noise + RSS[position:])


@given(st.text(max_size=200))
def test_mending_twice_changes_nothing(text):
    assert mend(mend(text)) == mend(text)
