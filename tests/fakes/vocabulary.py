"""The vocabulary of tests about papers: a listing, a paper, an announcement, each with sensible defaults."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.merging import paper_of
from bot.model import (
    Announcement,
    AnnouncementState,
    Candidate,
    Facts,
    Listing,
    Origin,
    Paper,
    PaperId,
    SourceName,
)
from tests.fakes.clock import MONDAY

DAY = date(2026, 5, 11)


def listing(number: int | str = 1, title: str = "", **changes: Any) -> Listing:
    key = f"arxiv:2605.{number:05d}" if isinstance(number, int) else number
    fields = {
        "abstract": f"This is the abstract of {key}. It has a second sentence.",
        "authors": ("Ada Lovelace", "Alan Turing"),
    }
    return Listing(id=PaperId(key), title=title or f"A study of subject {number}", **{**fields, **changes})


def paper(number: int | str = 1, title: str = "", *, announced_on: date = DAY, **changes: Any) -> Paper:
    made = paper_of(listing(number, title, **changes), SourceName.HUGGING_FACE, MONDAY)
    return replace(made, announced_on=announced_on)


def candidate(
    number: int = 1, title: str = "", *, seen_at: datetime = MONDAY, upvotes: int = 0, **changes: Any
) -> Candidate:
    announced_on = changes.pop("announced_on", DAY)
    announce_type = {"announce_type": changes.pop("announce_type")} if "announce_type" in changes else {}
    categorised_at = changes.pop("categorised_at", None)
    made = paper(number, title, announced_on=announced_on, facts=Facts(upvotes=upvotes), **changes)
    if categorised_at is not None:
        made = replace(made, categorised_at=categorised_at)
    elif made.categorised_at is not None:
        made = replace(made, categorised_at=seen_at)
    return Candidate(paper=made, seen_at=seen_at, announced_on=announced_on, **announce_type)


def announcement(*listings: Listing, **changes: Any) -> Announcement:
    fields = {
        "source": SourceName.HUGGING_FACE,
        "announced_on": DAY,
        "state": AnnouncementState.ANNOUNCED,
        "fetched_at": MONDAY,
        "origin": Origin.LIVE,
    }
    return Announcement(listings=listings, **{**fields, **changes})
