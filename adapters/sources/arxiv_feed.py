"""arXiv's announcements: the feeds of `rss.arxiv.org`, one announcement a day for all categories asked for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Literal

from adapters.http import Body, Broken, NotModified, Refused
from adapters.sources.arxiv_announcement import Feed, parse_feed
from adapters.sources.arxiv_entries import merge_twins
from adapters.sources.arxiv_gate import ArxivGate, Silent
from adapters.sources.fields import Unreadable
from bot.model import Announcement, AnnouncementState, PaperId, SourceName, Validators
from bot.ports import Clock, FetchRequest
from bot.refresh import arxiv_day

CATEGORIES_A_REQUEST = 25
"""A feed holds at most 2,000 results: enough for the busiest 25 categories, with cross-lists and replacements."""
_CATEGORY = re.compile(r"[A-Za-z][A-Za-z.-]{1,31}")


@dataclass(frozen=True, slots=True)
class _Part:
    """What one request brought."""

    state: AnnouncementState
    detail: str
    feed: Feed = field(default_factory=Feed)
    validators: Validators | None = None
    retry_at: datetime | None = None
    gone: bool = False
    unchanged: bool = False


class ArxivFeed:
    """`bot.ports.Source` over `GET {base}/rss/{category+category…}` (or `/atom/`)."""

    name = SourceName.ARXIV

    def __init__(
        self,
        gate: ArxivGate,
        clock: Clock,
        base_url: str = "https://rss.arxiv.org",
        *,
        form: Literal["rss", "atom"] = "rss",
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._url = f"{base_url.rstrip('/')}/{form}"
        self._last: dict[str, tuple[date, frozenset[tuple[PaperId, int | None]]]] = {}

    async def fetch(self, request: FetchRequest) -> Announcement:
        """All categories of the request, in as few requests as the feed's limit allows."""
        named = [each for each in request.categories if _CATEGORY.fullmatch(each)]
        size = CATEGORIES_A_REQUEST
        lists = [named[start : start + size] for start in range(0, len(named), size)]
        validators = request.validators if len(lists) == 1 else None
        parts = []
        for each in lists:
            parts.append(await self._ask(each, request.on, validators))
            if parts[-1].retry_at or parts[-1].gone:
                break  # the other lists would only be told the same
        missing = len(lists) - len(parts)
        announcement = merge_parts(parts, request, self._clock.now(), missing=missing)
        return self._unless_repeated("+".join(request.categories), announcement)

    async def _ask(self, categories: Sequence[str], on: date, validators: Validators | None) -> _Part:
        answer = await self._gate.get(f"{self._url}/{'+'.join(categories)}", validators=validators)
        down = AnnouncementState.SOURCE_DOWN
        match answer:
            case Silent():
                return _Part(down, "arXiv asked for silence", retry_at=answer.until)
            case Refused():
                gone = answer.status == HTTPStatus.GONE
                return _Part(down, answer.detail, retry_at=self._gate.silent_until, gone=gone)
            case NotModified() if validators is not None:
                return _Part(AnnouncementState.ANNOUNCED, "HTTP 304", validators=validators, unchanged=True)
            case NotModified():
                return _Part(down, "HTTP 304 to an unconditional request")
            case Broken():
                return await self._read(answer.partial, "", on, broken=answer.detail)
            case Body():
                part = await self._read(answer.content, answer.headers.get("content-type", ""), on)
                is_whole = part.state in {AnnouncementState.ANNOUNCED, AnnouncementState.NONE_TODAY}
                is_fresh = part.feed.announced_on is None or part.feed.announced_on >= on
                return replace(part, validators=answer.validators) if is_whole and is_fresh else part

    async def _read(self, content: bytes, content_type: str, on: date, *, broken: str = "") -> _Part:
        parsed = await asyncio.to_thread(parse_feed, content, content_type)
        if isinstance(parsed, Unreadable):
            return _Part(AnnouncementState.SOURCE_DOWN, broken or parsed.reason)
        today = max(on, arxiv_day(self._clock.now()))
        if parsed.announced_on is not None and parsed.announced_on > today:
            # A clock that runs ahead must not take papers out of today's window.
            parsed = replace(parsed, announced_on=today)
        note = "; ".join(each for each in (broken, parsed.note) if each)
        if broken or parsed.is_cut_off or parsed.is_full:
            state = AnnouncementState.PARTIAL if parsed.listings else AnnouncementState.SOURCE_DOWN
            return _Part(state, note, parsed)
        if not parsed.listings:
            return _Part(AnnouncementState.NONE_TODAY, note or "the feed is empty", parsed)
        return _Part(AnnouncementState.ANNOUNCED, note, parsed)

    def _unless_repeated(self, resource: str, announcement: Announcement) -> Announcement:
        """A new date over yesterday's papers, in yesterday's versions, is a stale feed: it keeps yesterday's day."""
        if announcement.state is not AnnouncementState.ANNOUNCED or announcement.unchanged:
            return announcement
        papers = frozenset((each.id, each.version) for each in announcement.listings)
        day, known = self._last.get(resource, (announcement.announced_on, frozenset()))
        if announcement.announced_on > day and papers <= known:
            detail = f"stale: all {len(papers)} papers were announced on {day}"
            return replace(announcement, announced_on=day, detail=detail, validators=None)
        self._last[resource] = (announcement.announced_on, papers)
        return announcement


def merge_parts(parts: Sequence[_Part], request: FetchRequest, now: datetime, *, missing: int = 0) -> Announcement:
    """One announcement of all parts: of the newest day among them, partial where one is missing."""
    useful = [each for each in parts if each.state is not AnnouncementState.SOURCE_DOWN]
    days = [each.feed.announced_on or request.on for each in useful if not each.unchanged]
    day = max(days, default=request.on)
    current = [each for each in useful if each.unchanged or (each.feed.announced_on or request.on) == day]
    listings = merge_twins(listing for each in current for listing in each.feed.listings)
    notes = [each.detail for each in parts if each.detail]
    if not parts:
        notes.append("no category was asked for")
    if day < request.on and current:
        notes.insert(0, f"stale: the feed is of {day}, asked for {request.on}")
    if missing:
        notes.append(f"{missing} more lists were not asked for")
    state = _state(parts, current, missing)
    return Announcement(
        source=SourceName.ARXIV,
        announced_on=day,
        state=state,
        fetched_at=now,
        origin=request.origin,
        listings=listings,
        refused=tuple(refusal for each in parts for refusal in each.feed.refused),
        detail="; ".join(dict.fromkeys(notes)),
        retry_at=max((each.retry_at for each in parts if each.retry_at), default=None),
        gone=any(each.gone for each in parts),
        unchanged=bool(parts) and all(each.unchanged for each in parts),
        resource="+".join(request.categories),
        validators=parts[0].validators if len(parts) == 1 and not missing else None,
    )


def _state(parts: Sequence[_Part], current: Sequence[_Part], missing: int) -> AnnouncementState:
    if not current:
        return AnnouncementState.SOURCE_DOWN
    whole = {AnnouncementState.ANNOUNCED, AnnouncementState.NONE_TODAY}
    if missing or len(current) < len(parts) or any(each.state not in whole for each in current):
        has_papers = any(each.feed.listings for each in current)
        return AnnouncementState.PARTIAL if has_papers else AnnouncementState.SOURCE_DOWN
    is_announced = any(each.state is AnnouncementState.ANNOUNCED for each in current)
    return AnnouncementState.ANNOUNCED if is_announced else AnnouncementState.NONE_TODAY
