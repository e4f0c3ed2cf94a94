"""Hugging Face Daily Papers: one list a day, in pages, growing while its day is open."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin

from adapters.http import Answer, Body, Broken, HttpClient, NotModified, Refused, is_same_origin
from adapters.sources.fields import Unreadable
from adapters.sources.huggingface_day import Day, parse_day, parse_leading
from bot.model import Announcement, AnnouncementState, Listing, Origin, Refusal, SourceName, Validators
from bot.ports import Clock, FetchRequest

PAGE_SIZE = 100
"""The most that the API gives at once."""
MOST_PAGES = 10
_RATE_WINDOW = timedelta(minutes=5)
"""Hugging Face counts requests over five minutes (hub-docs, rate-limits)."""
_NEXT = re.compile(r'<([^<>]{1,2000})>\s*;[^<>]{0,200}?\brel="?next\b')


@dataclass(slots=True)
class _Harvest:
    """What the pages brought so far."""

    listings: dict[str, Listing] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    validators: Validators | None = None
    pages: int = 0
    trouble: Answer | None = None
    detail: str = ""

    def add(self, day: Day) -> None:
        """Take a page in; its places are counted on from the pages before."""
        page = f"page {self.pages + 1}, " if self.pages else ""
        for listing in day.listings:
            self.listings.setdefault(listing.id, listing)
        self.refused += (replace(each, place=f"{page}{each.place}") for each in day.refused)
        self.pages += 1


class HuggingFaceDaily:
    """`bot.ports.Source` over `GET {base}/api/daily_papers`."""

    name = SourceName.HUGGING_FACE

    def __init__(self, http: HttpClient, clock: Clock, base_url: str = "https://huggingface.co") -> None:
        self._http = http
        self._clock = clock
        self._url = f"{base_url.rstrip('/')}/api/daily_papers"

    async def fetch(self, request: FetchRequest) -> Announcement:
        """The day's list with all its pages. A page that fails leaves what the pages before it brought."""
        harvest = _Harvest()
        url, params = self._url, {"date": request.on.isoformat(), "limit": str(PAGE_SIZE), "p": "0"}
        validators = request.validators
        while True:
            answer = await self._http.get(url, params=params, validators=validators)
            if isinstance(answer, NotModified) and validators is not None:
                return self._unchanged(request)
            onward = await self._take(answer, harvest)
            if onward is None:
                return self._announcement(request, harvest)
            url, params, validators = onward, {}, None

    async def _take(self, answer: Answer, harvest: _Harvest) -> str | None:
        """Add one answer to the harvest; the next page's URL, None at the end or at a break."""
        if not isinstance(answer, Body):
            harvest.trouble, harvest.detail = answer, _told(answer)
            if isinstance(answer, Broken) and answer.partial:
                harvest.add(await asyncio.to_thread(parse_leading, answer.partial))
            return None
        day = await asyncio.to_thread(parse_day, answer.content)
        if isinstance(day, Unreadable):
            harvest.trouble, harvest.detail = Broken(day.reason), day.reason
            return None
        harvest.add(day)
        onward = next_page(answer.headers.get("link", ""), self._url)
        harvest.validators = answer.validators if onward is None and harvest.pages == 1 else None
        if onward is None or not day.listings:
            return None
        if not is_same_origin(onward, self._url):
            harvest.trouble, harvest.detail = Broken("foreign"), "the next page is on another host: not followed"
            return None
        if harvest.pages >= MOST_PAGES:
            harvest.trouble, harvest.detail = Broken("long"), f"stopped after {MOST_PAGES} pages"
            return None
        return onward

    def _unchanged(self, request: FetchRequest) -> Announcement:
        blank = recorded_day(Day((), ()), request.on, fetched_at=self._clock.now(), origin=request.origin)
        return replace(
            blank,
            state=AnnouncementState.ANNOUNCED,
            detail="HTTP 304",
            unchanged=True,
            validators=request.validators,
        )

    def _announcement(self, request: FetchRequest, harvest: _Harvest) -> Announcement:
        now = self._clock.now()
        day = Day(tuple(harvest.listings.values()), tuple(harvest.refused))
        whole = recorded_day(day, request.on, fetched_at=now, origin=request.origin)
        if harvest.trouble is None:
            kept = harvest.validators if whole.state is not AnnouncementState.SOURCE_DOWN else None
            return replace(whole, validators=kept)
        detail = f"{harvest.detail} (page {harvest.pages + 1})" if harvest.pages else harvest.detail
        return replace(
            whole,
            state=AnnouncementState.PARTIAL if day.listings else AnnouncementState.SOURCE_DOWN,
            detail=detail,
            retry_at=_retry_at(harvest.trouble, now),
            gone=isinstance(harvest.trouble, Refused) and harvest.trouble.status == HTTPStatus.GONE,
        )


def recorded_day(day: Day, on: date, *, fetched_at: datetime, origin: Origin) -> Announcement:
    """The announcement that a complete list of this day makes."""
    state, detail = AnnouncementState.ANNOUNCED, ""
    if not day.listings and day.refused:
        state, detail = AnnouncementState.SOURCE_DOWN, f"none of {len(day.refused)} entries can be read"
    elif not day.listings:
        state, detail = AnnouncementState.NONE_TODAY, "the list is empty"
    elif day.refused:
        detail = f"{len(day.refused)} of {len(day.refused) + len(day.listings)} entries refused"
    return Announcement(
        source=SourceName.HUGGING_FACE,
        announced_on=on,
        state=state,
        fetched_at=fetched_at,
        origin=origin,
        listings=day.listings,
        refused=day.refused,
        detail=detail,
    )


def next_page(link_header: str, base: str) -> str | None:
    """The URL that a Link header (RFC 8288) names as `rel="next"`, made absolute; None where there is none."""
    found = _NEXT.search(link_header)
    return urljoin(base, found[1]) if found else None


def _told(answer: Answer) -> str:
    match answer:
        case Refused() | Broken():
            return answer.detail
        case NotModified():
            return "HTTP 304 to an unconditional request"
        case Body():
            return ""


def _retry_at(trouble: Answer, now: datetime) -> datetime | None:
    if not isinstance(trouble, Refused):
        return None
    if trouble.status == HTTPStatus.TOO_MANY_REQUESTS:
        return now + max(trouble.retry_after or _RATE_WINDOW, timedelta(seconds=3))
    return now + trouble.retry_after if trouble.retry_after else None
