"""Papers as plain JSON lines → Announcements, a batch at a time. Pure but for the stream it reads.

A row is an item of Hugging Face's daily list (it has `paper`; recorders may add `listedOn`, the list's date, and
`paper.categories`, which the list itself never names), or a paper with `title` and whatever else is known:
`id`, `abstract`, `authors`, `categories`, `published`, `doi`, `comment`, `journal_ref`, `upvotes`. ArXiv's own snapshot
of its metadata is of that form, with `authors_parsed`, `versions` and `journal-ref`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO, Protocol

from adapters.sources.fields import BadEntry, arxiv_title, count_of, day_of, text_or_none, texts_of, unique
from adapters.sources.huggingface_day import read_item
from bot.identity import arxiv_paper_id, canonical_arxiv_id, doi_paper_id, is_doi, title_paper_id
from bot.model import Announcement, AnnouncementState, Facts, Listing, Origin, PaperId, Refusal, SourceName
from bot.ports import BulkRow
from bot.refresh import closed_at
from bot.text.display import display_text

LARGEST_BATCH = 2_000
"""Listings of one Announcement."""
_HELD = 10_000
"""Listings kept in memory over all days: rows need not come in the order of their days."""
_FOREIGN_ID = re.compile(r"\s*(?!arxiv:)[A-Za-z][A-Za-z0-9_-]*:", re.IGNORECASE)
_LONGEST_LINE = 10_000_000
_MOST_REFUSALS = 1_000
_MOST_AUTHORS = 10_000
_PARTS = 3
_BETWEEN_NAMES = re.compile(r", (?:and )?| and ")


class Lines(Protocol):
    """What is read line by line: a file, or a gzip stream."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line, or as much of it as `size`; empty at the end."""
        ...


@dataclass(slots=True)
class _Held:
    """Listings that wait for their announcement, by source and day."""

    default_day: date
    now: datetime
    origin: Origin
    days: dict[tuple[SourceName, date], dict[PaperId, Listing]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    size: int = 0

    def add(self, source: SourceName, on: date, listing: Listing) -> Iterator[Announcement]:
        day = self.days.setdefault((source, on), {})
        self.size += listing.id not in day
        day.setdefault(listing.id, listing)
        if len(day) >= LARGEST_BATCH:
            yield self._announce(source, on)
        elif self.size >= _HELD:
            yield from self.flush()

    def refuse(self, refusal: Refusal) -> None:
        if len(self.refused) < _MOST_REFUSALS:
            self.refused.append(refusal)

    def flush(self) -> Iterator[Announcement]:
        for source, on in sorted(self.days, key=lambda key: key[1]):
            yield self._announce(source, on)
        if self.refused:
            yield self._announce(SourceName.FILE, self.default_day)

    def _announce(self, source: SourceName, on: date) -> Announcement:
        listings = tuple(self.days.pop((source, on), {}).values())
        refused, self.refused = tuple(self.refused), []
        self.size -= len(listings)
        return Announcement(
            source=source,
            announced_on=on,
            state=AnnouncementState.ANNOUNCED if listings else AnnouncementState.SOURCE_DOWN,
            fetched_at=min(self.now, closed_at(on)),  # a recording of an old day overrules nothing newer
            origin=self.origin,
            listings=listings,
            refused=refused,
            detail=f"{len(refused)} lines refused" if refused else "",
        )


def read_lines(lines: BinaryIO | Lines, *, default_day: date, now: datetime, origin: Origin) -> Iterator[Announcement]:
    """The announcements of all lines; a line that cannot be taken is refused with its number and costs no other."""
    held = _Held(default_day, now, origin)
    for row in read_papers(lines, skip=0, default_day=default_day):
        if row.refused is not None:
            held.refuse(row.refused)
        elif row.listing is not None:
            yield from held.add(row.source, row.on, row.listing)
    yield from held.flush()


def read_row(line: bytes, default_day: date) -> tuple[SourceName, date, Listing]:
    """One line. Raises ValueError with the reason (not JSON, no title, no id that could be one)."""
    row = json.loads(line.decode("utf-8-sig"))
    if not isinstance(row, dict):
        raise BadEntry(f"an object was due, {type(row).__name__} came")
    own_day = day_of(row.get("announced_on")) or day_of(row.get("listedOn")) or day_of(row.get("date"))
    paper = row.get("paper")
    if isinstance(paper, dict):
        # The UTC day of `submittedOnDailyAt` is the list's date on every item of 499 recorded days; the outer
        # `publishedAt` is not: it lags up to a week behind.
        daily_on = own_day or day_of(paper.get("submittedOnDailyAt")) or default_day
        return (
            SourceName.HUGGING_FACE,
            daily_on,
            replace(read_item(row), categories=_categories(paper.get("categories"))),
        )
    listing = _read_plain(row)
    return SourceName.FILE, own_day or listing.published_on or default_day, listing


def _read_plain(row: dict[str, object]) -> Listing:
    paper_id, version, title = _identify(row)
    return Listing(
        id=paper_id,
        title=title,
        abstract=display_text(row.get("abstract") or row.get("summary")),
        authors=_parsed_authors(row.get("authors_parsed")) or _authors(row.get("authors")),
        categories=_categories(row.get("categories")),
        published_on=day_of(row.get("published")) or _first_version(row.get("versions")),
        version=version,
        doi=doi if (doi := text_or_none(row.get("doi"))) and is_doi(doi) else None,
        facts=Facts(
            upvotes=count_of(row["upvotes"]) if "upvotes" in row else None,
            comment=text_or_none(row.get("comment")),
            journal_ref=text_or_none(row.get("journal_ref") or row.get("journal-ref")),
        ),
    )


def _identify(row: dict[str, object]) -> tuple[PaperId, int | None, str]:
    """Its arXiv id, else its DOI, else its title.

    Another catalogue's id (`acl:P19-1001`) says nothing here; a broken arXiv id refuses the row: it may be another
    paper's.
    """
    title = display_text(row.get("title"))
    raw_id, doi = row.get("id"), row.get("doi")
    if isinstance(raw_id, str) and raw_id.strip() and not _FOREIGN_ID.match(raw_id):
        bare, version = canonical_arxiv_id(raw_id)
        return arxiv_paper_id(bare), version, arxiv_title(title, bare)
    if raw_id is not None and not isinstance(raw_id, str):
        raise BadEntry(f"its id is no text but {type(raw_id).__name__}")
    if not title:
        raise BadEntry("it has neither id nor title")
    if isinstance(doi, str) and is_doi(doi):
        return doi_paper_id(doi), None, title
    return title_paper_id(title), None, title


def _authors(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = _BETWEEN_NAMES.split(raw)
    if not isinstance(raw, list):
        return ()
    names = (each.get("name") if isinstance(each, dict) else each for each in raw[:_MOST_AUTHORS])
    return tuple(name for each in names if (name := display_text(each)))


def _parsed_authors(raw: object) -> tuple[str, ...]:
    """`[["Dao", "Tri", ""], …]` as arXiv's snapshot has it: family name, given names, suffix, affiliations."""
    if not isinstance(raw, list):
        return ()
    names = (
        " ".join(part for part in (each[1], each[0], each[2]) if part)
        for each in raw[:_MOST_AUTHORS]
        if isinstance(each, list) and len(each) >= _PARTS and all(isinstance(part, str) for part in each)
    )
    return tuple(name for each in names if (name := display_text(each)))


def _first_version(raw: object) -> date | None:
    """The day of `[{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}, …]`."""
    first = raw[0] if isinstance(raw, list) and raw else None
    created = first.get("created") if isinstance(first, dict) else None
    try:
        return parsedate_to_datetime(created).date() if isinstance(created, str) else None
    except ValueError:
        return None


def _categories(raw: object) -> tuple[str, ...]:
    named = raw.split() if isinstance(raw, str) else raw
    return unique(texts_of(named, most=30))


def read_papers(lines: BinaryIO | Lines, *, skip: int, default_day: date) -> Iterator[BulkRow]:
    """The papers of a bulk file by the number of their line, from the one after `skip` on, whatever their day."""
    number = 0
    while line := lines.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = lines.readline(_LONGEST_LINE)
            yield BulkRow(number, refused=Refusal(f"line {number}", f"longer than {_LONGEST_LINE} bytes"))
        elif number > skip and line.strip(b"\xef\xbb\xbf \t\r\n"):
            try:
                source, on, listing = read_row(line, default_day)
            except RecursionError:
                yield BulkRow(number, refused=Refusal(f"line {number}", "JSON nested too deeply"))
            except ValueError as error:
                yield BulkRow(number, refused=Refusal(f"line {number}", str(error)[:200]))
            else:
                yield BulkRow(number, source, on, listing)
