"""One entry of arXiv's feeds or of its query API → a Listing. Pure.

https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from adapters.sources.feed_xml import RawEntry
from adapters.sources.fields import BadEntry, arxiv_title, day_of, text_or_none, unique
from bot.identity import arxiv_paper_id, canonical_arxiv_id
from bot.model import AnnounceType, Facts, Listing, PaperId
from bot.text.display import display_text

_MOST_AUTHORS = 10_000
_MOST_CATEGORIES = 30
_LONGEST_ID = 200
_ID = re.compile(r"\s*(?:oai:arXiv\.org:|https?://(?:export\.|www\.)?arxiv\.org/abs/)?(\S+)\s*", re.IGNORECASE)
_PREAMBLE = re.compile(r"\s*arXiv:\S{1,40}\s+Announce\s+Type:\s*(\S{1,20})\s+Abstract:\s*", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z][a-z-]{1,11}(?:\.[A-Za-z][A-Za-z-]{1,19})?")
"""`cs.LG`, `hep-th`, `cond-mat.dis-nn`; the query API mixes MSC and ACM classes in."""
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S{1,300})", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|Ph\.?\s?D\.?|M\.?D\.?", re.IGNORECASE)
_WITHDRAWN = re.compile(
    r"(?:(?:this|the)\s+)?(?:paper|article|submission|manuscript|work|preprint|arxiv\s+admin\s+note:\s*this\s+\w+)"
    r"\s+(?:has\s+been|is|was)\s+withdrawn",
    re.IGNORECASE,
)
_BY_WEIGHT = (AnnounceType.NEW, AnnounceType.CROSS, AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)


def read_entry(entry: RawEntry) -> Listing:
    """A listing of what the entry says. Raises BadEntry when it names no paper.

    `published_on` is the entry's own `published` day: in feeds that is the announcement's.
    """
    bare, version = _identify(entry)
    raw_abstract = entry.first("description", "summary", "abstract")
    preamble = _PREAMBLE.match(raw_abstract)
    abstract = display_text(raw_abstract[preamble.end() :] if preamble else raw_abstract)
    comment = text_or_none(entry.first("comment"))
    named = entry.first("announce_type") or (preamble[1] if preamble else "")
    return Listing(
        id=arxiv_paper_id(bare),
        title=arxiv_title(entry.first("title"), bare),
        abstract=abstract,
        authors=_authors(entry),
        categories=_categories(entry),
        published_on=day_of(entry.first("published")),
        version=version,
        doi=_doi(entry.first("DOI", "doi")),
        announce_type=_announce_type(named, version),
        facts=Facts(
            comment=comment,
            journal_ref=text_or_none(entry.first("journal_reference", "journal_ref")),
            withdrawn=any(_WITHDRAWN.match(text) for text in (abstract, comment or "")),
        ),
    )


def merge_twins(listings: Iterable[Listing]) -> tuple[Listing, ...]:
    """One listing a paper, where it stood first: the newest version, all its categories, its least replacing type.

    Feeds of several categories list a paper once for each; a paper may be new in one and a cross-list in the other.
    """
    merged: dict[PaperId, Listing] = {}
    for each in listings:
        known = merged.get(each.id)
        merged[each.id] = each if known is None else _merge(known, each)
    return tuple(merged.values())


def _merge(one: Listing, other: Listing) -> Listing:
    newer, older = (other, one) if (other.version or 0) > (one.version or 0) else (one, other)
    return replace(
        newer,
        categories=unique((*newer.categories, *older.categories)),
        announce_type=min(one.announce_type, other.announce_type, key=_BY_WEIGHT.index),
        published_on=newer.published_on or older.published_on,
        doi=newer.doi or older.doi,
    )


def _identify(entry: RawEntry) -> tuple[str, int | None]:
    reason = "it has no id"
    for raw in (entry.first("guid"), entry.first("id"), entry.first("link"), *entry.links):
        match = _ID.fullmatch(raw[:_LONGEST_ID])
        if match is None:
            continue
        try:
            return canonical_arxiv_id(match[1])
        except ValueError as error:
            reason = str(error)
    raise BadEntry(reason)


def _authors(entry: RawEntry) -> tuple[str, ...]:
    """Feeds put all names into one `dc:creator`, comma between; the query API has an element for each."""
    names: list[str] = [*entry.authors]
    for creators in entry.texts.get("creator", ()):
        for part in re.split(r",\s+", creators.strip()):
            if names and _SUFFIX.fullmatch(part.strip()):
                names[-1] = f"{names[-1]}, {part.strip()}"
            else:
                names.append(part)
    shown = (display_text(name) for name in names[:_MOST_AUTHORS])
    return tuple(name for name in shown if name)


def _categories(entry: RawEntry) -> tuple[str, ...]:
    named = (each.strip() for each in (entry.primary, *entry.categories))
    return unique((each for each in named if _CATEGORY.fullmatch(each)), most=_MOST_CATEGORIES)


def _doi(raw: str) -> str | None:
    words = raw.split()
    match = _DOI.fullmatch(words[0]) if words else None
    return match[1] if match else None


def _announce_type(named: str, version: int | None) -> AnnounceType:
    """A feed that does not say: a later version is a replacement, so that it is not posted again as new."""
    try:
        return AnnounceType(named.strip().lower())
    except ValueError:
        return AnnounceType.REPLACE if (version or 1) > 1 else AnnounceType.NEW
