"""Merging: the same work from Hugging Face, arXiv, a file or a member is one row; a re-upload is no new work.

Pure: one announcement and what the store knows of its keys in, the rows to save out. See docs/adr/0002.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from rapidfuzz import fuzz

from bot.identity import bare_arxiv_id, doi_paper_id, is_doi
from bot.model import Announcement, Facts, Listing, Paper, PaperId, SourceName
from bot.ports import Said
from bot.text.keys import person_key, title_key, tokens

_AUTHORITY = {
    SourceName.ARXIV: 3,
    SourceName.HUGGING_FACE: 2,
    SourceName.TEAM: 1,
    SourceName.FILE: 0,
}
_WORDS_OF_A_TITLE = 3  # “Introduction” or “Quantum walks” by one author may well be two works
_ABSTRACTS_ALIKE = 60.0  # token-set ratio: re-uploads keep nearly all of their words, other works of a series do not
_ABSTRACT_PREFIX = 1_500


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has for the keys of an announcement."""

    by_key: Mapping[PaperId, Paper]
    by_title: Mapping[str, Sequence[Paper]]
    listed: Collection[PaperId] = ()
    """The papers that an earlier fetch of this same list brought: a source never lists one work twice under two ids."""


@dataclass(slots=True)
class Merge:
    """What to store for one announcement."""

    papers: dict[PaperId, Paper] = field(default_factory=dict)
    aliases: dict[PaperId, PaperId] = field(default_factory=dict)
    rekeyed: dict[PaperId, PaperId] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    new: int = 0
    merged: int = 0
    """Listings that joined a work known under another id, or from another source or day."""


def keys_of(listings: Iterable[Listing]) -> tuple[set[PaperId], set[str]]:
    """The keys and folded titles that `Known` must have been asked for."""
    keys: set[PaperId] = set()
    titles: set[str] = set()
    for listing in listings:
        keys.update(_keys(listing))
        titles.add(title_key(listing.title))
    return keys, titles


def merge(announcement: Announcement, known: Known) -> Merge:
    """Join every listing with the work that it is, or make it a new one."""
    result = Merge()
    by_key = dict(known.by_key)
    by_title: dict[str, list[Paper]] = {key: list(papers) for key, papers in known.by_title.items()}
    listed: set[PaperId] = set(known.listed)
    for listing in announcement.listings:
        folded = title_key(listing.title)
        found = next((by_key[key] for key in _keys(listing) if key in by_key), None)
        if found is not None and _are_two_preprints(found, listing, by_key):
            found = None  # a DOI copied onto another preprint does not make them one work
        if found is None:
            found = next((each for each in by_title.get(folded, ()) if _same_work(listing, each, listed)), None)
        if found is None:
            paper = _new_paper(listing, announcement)
            result.new += 1
        else:
            paper = _joined(found, listing, announcement)
            result.merged += 1
            if paper.id != found.id:
                result.rekeyed[found.id] = paper.id
                _forget(found, result, by_title)
        listed.add(paper.id)
        _remember(paper, listing, result, by_key, by_title)
        result.said.append(Said(paper_id=paper.id, listing=listing, first_seen_at=announcement.fetched_at))
    _follow_rekeyed(result)
    return result


def _follow_rekeyed(result: Merge) -> None:
    """A work that moved to a better id in the middle of a list takes its earlier mentions along."""
    if not result.rekeyed:
        return
    final = {old: _last(old, result.rekeyed) for old in result.rekeyed}
    result.said = [replace(each, paper_id=final.get(each.paper_id, each.paper_id)) for each in result.said]
    result.aliases = {key: final.get(target, target) for key, target in result.aliases.items()} | final
    result.rekeyed = final


def _last(key: PaperId, rekeyed: Mapping[PaperId, PaperId]) -> PaperId:
    """Where a chain of better ids ends: `title:…` → `doi:…` → `arxiv:…`."""
    while key in rekeyed:
        key = rekeyed[key]
    return key


def _keys(listing: Listing) -> list[PaperId]:
    return [listing.id, *([doi_paper_id(listing.doi)] if listing.doi and is_doi(listing.doi) else [])]


def _are_two_preprints(found: Paper, listing: Listing, by_key: Mapping[PaperId, Paper]) -> bool:
    """True where a DOI alone would join two arXiv papers that are not known as one."""
    both = bare_arxiv_id(found.id) and bare_arxiv_id(listing.id)
    return bool(both) and found.id != listing.id and by_key.get(listing.id) is not found


def _forget(paper: Paper, result: Merge, by_title: dict[str, list[Paper]]) -> None:
    result.papers.pop(paper.id, None)
    by_title[paper.title_key] = [each for each in by_title.get(paper.title_key, ()) if each.id != paper.id]


def _remember(
    paper: Paper,
    listing: Listing,
    result: Merge,
    by_key: dict[PaperId, Paper],
    by_title: dict[str, list[Paper]],
) -> None:
    result.papers[paper.id] = paper
    for key in {paper.id, *_keys(listing)}:
        owner = by_key.get(key)
        if owner is not None and owner.id != paper.id and owner.id not in result.rekeyed:
            continue  # it stands for another work, and stays with it
        by_key[key] = paper
        result.aliases[key] = paper.id
    same_title = [each for each in by_title.get(paper.title_key, ()) if each.id != paper.id]
    by_title[paper.title_key] = [*same_title, paper]


def _same_work(listing: Listing, paper: Paper, listed: Collection[PaperId]) -> bool:
    """A re-upload: title alike and an author in common, from another list; two works with one title are two."""
    if paper.id in listed or len(title_key(listing.title).split()) < _WORDS_OF_A_TITLE:
        return False
    if listing.authors and paper.authors:
        ours, theirs = ({person_key(name) for name in names} for names in (listing.authors, paper.authors))
        if not ours & theirs:
            return False
    elif not (_is_nameless(listing.id) or _is_nameless(paper.id)):
        return False
    return _abstracts_agree(listing.abstract, paper.abstract)


def _is_nameless(key: PaperId) -> bool:
    return key.startswith("title:")


def _abstracts_agree(one: str, other: str) -> bool:
    if not one or not other:
        return True
    ours, theirs = (" ".join(tokens(text[:_ABSTRACT_PREFIX])) for text in (one, other))
    return fuzz.token_set_ratio(ours, theirs) >= _ABSTRACTS_ALIKE


def _new_paper(listing: Listing, announcement: Announcement) -> Paper:
    paper = paper_of(listing, announcement.source, announcement.fetched_at)
    return replace(paper, announced_on=announcement.announced_on)


def paper_of(listing: Listing, source: SourceName, at: datetime) -> Paper:
    """A listing as a work of its own, announced on no day."""
    return Paper(
        id=listing.id,
        title=listing.title,
        title_key=title_key(listing.title),
        abstract=listing.abstract,
        authors=listing.authors,
        categories=listing.categories,
        published_on=listing.published_on,
        version=listing.version,
        doi=listing.doi,
        facts=listing.facts,
        sources=(source,),
        first_seen_at=at,
        last_seen_at=at,
        categorised_at=at if listing.categories else None,
    )


def _joined(paper: Paper, listing: Listing, announcement: Announcement) -> Paper:
    """The paper with what this listing adds. The higher authority words it; a newer sighting updates the facts."""
    at = announcement.fetched_at
    is_newer = paper.last_seen_at is None or at >= paper.last_seen_at
    ours = max((_AUTHORITY[source] for source in paper.sources), default=-1)
    leads = _AUTHORITY[announcement.source] >= ours and is_newer
    first, second = (listing, paper) if leads else (paper, listing)
    categories = listing.categories if listing.categories and (leads or not paper.categories) else paper.categories
    days = [day for day in (paper.announced_on, announcement.announced_on) if day is not None]
    title = first.title or second.title
    return replace(
        paper,
        id=_better_id(paper.id, listing.id),
        title=title,
        title_key=title_key(title),
        abstract=first.abstract or second.abstract,
        authors=first.authors or second.authors,
        categories=categories,
        published_on=min((day for day in (paper.published_on, listing.published_on) if day), default=None),
        version=max((number for number in (paper.version, listing.version) if number), default=None),
        doi=first.doi or second.doi,
        facts=_over(listing.facts, paper.facts) if is_newer else _over(paper.facts, listing.facts),
        sources=paper.sources if announcement.source in paper.sources else (*paper.sources, announcement.source),
        announced_on=min(days, default=None),
        first_seen_at=min((each for each in (paper.first_seen_at, at) if each), default=at),
        last_seen_at=at if is_newer else paper.last_seen_at,
        categorised_at=paper.categorised_at or (at if categories else None),
    )


def _better_id(known: PaperId, seen: PaperId) -> PaperId:
    """ArXiv's id over a DOI over a title: a work moves up once a better id is known, and never sideways."""
    order = {"arxiv": 0, "doi": 1, "title": 2}
    return seen if order[seen.partition(":")[0]] < order[known.partition(":")[0]] else known


def _over(newer: Facts, older: Facts) -> Facts:
    """Facts field by field: what the newer sighting says, else what the older one said."""
    values = {}
    for each in fields(Facts):
        value = getattr(newer, each.name)
        silent = value is None or value is False or value == ()
        values[each.name] = getattr(older, each.name) if silent else value
    return Facts(**values)


def enriched(paper: Paper, listing: Listing, at: datetime) -> Paper:
    """The paper with the bibliography that arXiv's query API knows of it: categories, DOI, version, journal."""
    facts = replace(
        paper.facts,
        comment=listing.facts.comment or paper.facts.comment,
        journal_ref=listing.facts.journal_ref or paper.facts.journal_ref,
        withdrawn=listing.facts.withdrawn or paper.facts.withdrawn,
    )
    return replace(
        paper,
        abstract=paper.abstract or listing.abstract,
        authors=paper.authors or listing.authors,
        categories=listing.categories or paper.categories,
        published_on=paper.published_on or listing.published_on,
        version=listing.version or paper.version,
        doi=listing.doi or paper.doi,
        facts=facts,
        categorised_at=paper.categorised_at or (at if listing.categories else None),
    )
