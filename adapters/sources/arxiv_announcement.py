"""A body of `rss.arxiv.org` → the papers of one announcement day. Pure.

The calendar is a hint, the feed is the truth: an empty channel of today is a quiet day (weekend, holiday), an old one
is stale, and everything that is no channel at all is an outage.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from adapters.sources.arxiv_entries import merge_twins, read_entry
from adapters.sources.feed_xml import NotAFeed, RawEntry, RawFeed, read_feed
from adapters.sources.fields import Unreadable
from bot.model import AnnounceType, Listing, Refusal
from bot.refresh import NEW_YORK

MOST_RESULTS = 2_000
"""A feed holds no more (https://info.arxiv.org/help/rss.html)."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What one body holds."""

    listings: tuple[Listing, ...] = ()
    refused: tuple[Refusal, ...] = ()
    announced_on: date | None = None
    """The day that the feed itself is of; None where it does not say."""
    skip_days: tuple[str, ...] = ()
    entries: int = 0
    """Entries that could be read, with those that name a paper twice."""
    is_cut_off: bool = False
    is_repaired: bool = False

    @property
    def is_full(self) -> bool:
        """True where the feed holds as many results as it may: what did not fit is missing without a word."""
        return self.entries + len(self.refused) == MOST_RESULTS

    @property
    def note(self) -> str:
        """What an operator should know of it, besides its state."""
        notes = []
        if self.is_cut_off:
            notes.append(f"cut off after entry {self.entries + len(self.refused)}")
        elif self.is_repaired:
            notes.append("repaired: it was not well-formed")
        if self.refused:
            notes.append(f"{len(self.refused)} entries refused")
        if self.is_full:
            notes.append(f"{MOST_RESULTS} results: the feed's limit, there may be more")
        return "; ".join(notes)


def parse_feed(body: bytes, content_type: str = "") -> Feed | Unreadable:
    """Read an RSS or Atom body; what cannot be a feed, or announces results and holds none, is Unreadable."""
    try:
        raw = read_feed(body, content_type)
    except NotAFeed as error:
        return Unreadable(str(error))
    listings, refused = [], list(raw.refused)
    for entry in raw.entries:
        try:
            listings.append(read_entry(entry))
        except ValueError as error:
            refused.append(Refusal(f"entry {entry.number}", str(error)))
    announced_on = _day(raw)
    if not listings and (problem := _emptiness(raw, announced_on)):
        return Unreadable(problem)
    return Feed(
        listings=merge_twins(_dated(each, announced_on, raw) for each in listings),
        refused=tuple(refused),
        announced_on=announced_on,
        skip_days=tuple(raw.skip_days),
        entries=len(listings),
        is_cut_off=raw.is_cut_off,
        is_repaired=raw.is_repaired,
    )


def _emptiness(raw: RawFeed, announced_on: date | None) -> str:
    """Why a feed without papers is not a quiet day; empty when it is one."""
    total = raw.header.get("totalResults", "")
    if raw.is_cut_off:
        return "cut off before the first entry was complete"
    if raw.entries or raw.refused:
        return f"none of {max(len(raw.entries), len(raw.refused))} entries can be read"
    if total.isascii() and total.isdigit() and int(total[:9]) > 0:
        return f"{total} results are announced, none came"
    if announced_on is None:
        return "no entries and no date"
    return ""


def _day(raw: RawFeed) -> date | None:
    """The announcement day: the channel's own, else most of the entries', else when the feed was built."""
    if day := _day_of(raw.header.get("pubDate", "")):
        return day
    # In the Atom form the feed's own date is when it was built, which a stale feed renews.
    days = Counter(day for each in raw.entries if _is_announced(each) and (day := _day_of(_dates(each))))
    if days:
        return max(days, key=lambda day: (days[day], day))
    return _day_of(raw.header.get("lastBuildDate", "") or raw.header.get("updated", ""))


def _is_announced(entry: RawEntry) -> bool:
    """Feeds name entries `oai:arXiv.org:…`; in the query API's form `published` is the first version's date."""
    return entry.first("guid", "id").strip().lower().startswith("oai:")


def _dates(entry: RawEntry) -> str:
    return entry.first("pubDate", "published")


def _day_of(text: str) -> date | None:
    """The New York day of an RFC 5322 or ISO 8601 instant; None for what is neither."""
    written = text.strip()[:60]
    try:
        instant = datetime.fromisoformat(written) if re.match(r"\d{4}-", written) else parsedate_to_datetime(written)
        instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant
        return instant.astimezone(NEW_YORK).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _dated(listing: Listing, announced_on: date | None, raw: RawFeed) -> Listing:
    """A feed tells when a work was first made public only of what is new; a day to come is no such day."""
    if any(_is_announced(each) for each in raw.entries[:1]):
        is_first = listing.announce_type is AnnounceType.NEW
        return replace(listing, published_on=announced_on if is_first else None)
    is_to_come = announced_on is not None and listing.published_on is not None and listing.published_on > announced_on
    return replace(listing, published_on=None) if is_to_come else listing
