"""arXiv's query API for single papers: categories, DOI, versions, by batches of ids.

https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from http import HTTPStatus

from adapters.http import Answer, Body, Broken, NotModified, Refused
from adapters.sources.arxiv_entries import merge_twins, read_entry
from adapters.sources.arxiv_gate import ArxivGate, Silent
from adapters.sources.feed_xml import NotAFeed, read_feed
from adapters.sources.fields import Unreadable
from bot.identity import canonical_arxiv_id
from bot.model import Listing
from bot.ports import Found, LookupFailed

BATCH = 100
_MOST_BAD_IDS = 3
_BAD_ID = re.compile(rb"incorrect[_ ]id[_ ]format[_ ]for[_ ]([A-Za-z0-9./_-]{1,60})")


class ArxivApi:
    """`bot.ports.PaperLookup` over `GET {base}/api/query?id_list=…`."""

    def __init__(self, gate: ArxivGate, base_url: str = "https://export.arxiv.org") -> None:
        self._gate = gate
        self._url = f"{base_url.rstrip('/')}/api/query"

    async def lookup(self, arxiv_ids: Sequence[str]) -> Found | LookupFailed:
        """At most `BATCH` ids; what cannot be an id is not asked for, and so not found."""
        wanted = _wanted(arxiv_ids)
        for _ in range(_MOST_BAD_IDS):
            if not wanted:
                return Found(())
            answer = await self._gate.get(self._url, params={"id_list": ",".join(wanted), "max_results": str(BATCH)})
            if isinstance(answer, Silent):
                return LookupFailed("arXiv asked for silence", answer.until)
            if not (isinstance(answer, Refused) and answer.status == HTTPStatus.BAD_REQUEST):
                return await self._read(answer, wanted)
            # One id that arXiv will not parse fails the whole batch: leave it out and ask for the others.
            named = {match[1].decode("ascii") for match in _BAD_ID.finditer(answer.content)}
            if len(wanted) == 1:
                return Found(())
            if not named & set(wanted):
                break
            wanted = [each for each in wanted if each not in named]
        return LookupFailed("HTTP 400 for a batch of ids")

    async def _read(self, answer: Answer, wanted: Sequence[str]) -> Found | LookupFailed:
        match answer:
            case Body():
                found = await asyncio.to_thread(parse_lookup, answer.content, answer.headers.get("content-type", ""))
                if isinstance(found, Unreadable):
                    return LookupFailed(found.reason)
                ids = {f"arxiv:{each}" for each in wanted}
                return Found(tuple(each for each in found if each.id in ids))
            case Refused():
                return LookupFailed(answer.detail, self._gate.silent_until)
            case Broken():
                return LookupFailed(answer.detail)
            case NotModified():
                return LookupFailed("HTTP 304 to an unconditional request")


def parse_lookup(body: bytes, content_type: str = "") -> tuple[Listing, ...] | Unreadable:
    """The papers of one answer. Entries under `/api/errors` and entries without an arXiv id are simply not there."""
    try:
        feed = read_feed(body, content_type)
    except NotAFeed as error:
        return Unreadable(str(error))
    if feed.is_cut_off:
        return Unreadable("the answer is cut off")
    listings = []
    for entry in feed.entries:
        if "/api/errors" in entry.first("id"):
            continue
        try:
            listings.append(read_entry(entry))
        except ValueError:
            continue
    total = feed.header.get("totalResults", "0")
    if not feed.entries and total.isascii() and total.isdigit() and int(total[:9]) > 0:
        return Unreadable(f"{total} results are announced, none came")
    return merge_twins(listings)


def _wanted(arxiv_ids: Sequence[str]) -> list[str]:
    bare: dict[str, None] = {}
    for each in arxiv_ids[:BATCH]:
        try:
            bare[canonical_arxiv_id(each)[0]] = None
        except ValueError:
            continue
    return list(bare)
