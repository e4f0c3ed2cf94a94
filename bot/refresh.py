"""Which days to fetch now: a day is asked for again until it has settled, because its list grows all day.

Pure. Hugging Face's day ends at 21:30 in New York (`minutes >= 1290` in its own hub client); arXiv's feed is rebuilt at
midnight there and holds one day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import AnnouncementState, Origin, SourceName
from bot.ports import AnnouncementRecord, FetchRequest

NEW_YORK = ZoneInfo("America/New_York")
_HF_CLOSES = time(21, 30)
_SETTLES_AFTER = timedelta(hours=12)
CATCH_UP_DAYS = 7
BACKFILL_DAYS = 30
_OPEN_DAY_EVERY = timedelta(minutes=15)
_CLOSED_DAY_EVERY = timedelta(hours=2)
_DOWN_EVERY = timedelta(minutes=10)
_FEED_UNTIL_ANNOUNCED = timedelta(minutes=30)
_FEED_ANNOUNCED = timedelta(hours=6)


def hugging_face_day(now: datetime) -> date:
    """The day that Hugging Face's list is being filled for."""
    local = now.astimezone(NEW_YORK)
    return local.date() + timedelta(days=1) if local.time() >= _HF_CLOSES else local.date()


def arxiv_day(now: datetime) -> date:
    """ArXiv's own day: the date in New York."""
    return now.astimezone(NEW_YORK).date()


def closed_at(on: date) -> datetime:
    """When Hugging Face's list of this day was closed, in UTC; a recording that tells no time of its own is of then."""
    return datetime.combine(on, _HF_CLOSES, tzinfo=NEW_YORK).astimezone(UTC)


def hugging_face_requests(
    now: datetime, records: Sequence[AnnouncementRecord], *, force: bool = False
) -> list[FetchRequest]:
    """The Hugging Face days that are due for a fetch, today first (`force`: today even when it was just fetched).

    On the first start only today's list is live: older days are history and must not flood a channel. After a downtime
    the days that were missed are live: they make one merged catch-up.
    """
    today = hugging_face_day(now)
    mine = {each.announced_on: each for each in records if each.source is SourceName.HUGGING_FACE and _fetched(each)}
    days = [today - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1)]
    return [
        FetchRequest(on=day, origin=origin_of(day, now, records))
        for day in days
        if (force and day == today) or _is_due(day, today, mine.get(day), now)
    ]


def origin_of(day: date, now: datetime, records: Sequence[AnnouncementRecord]) -> Origin:
    """Whether a Hugging Face day is live: today's, and those of the last week that were missed in a downtime."""
    today = hugging_face_day(now)
    reached = [
        each.announced_on
        for each in records
        if each.source is SourceName.HUGGING_FACE and _fetched(each) and each.state != AnnouncementState.SOURCE_DOWN
    ]
    if day == today:
        return Origin.LIVE
    missed = today - timedelta(days=CATCH_UP_DAYS) <= day < today and bool(reached) and day >= min(reached)
    return Origin.LIVE if missed else Origin.BACKFILL


def backfill_requests(now: datetime, records: Sequence[AnnouncementRecord]) -> list[FetchRequest]:
    """The days of the last month that were never fetched, newest first."""
    today = hugging_face_day(now)
    mine = [each for each in records if each.source is SourceName.HUGGING_FACE and _fetched(each)]
    known = {each.announced_on for each in mine if each.state != AnnouncementState.SOURCE_DOWN}
    days = [today - timedelta(days=back) for back in range(CATCH_UP_DAYS + 1, BACKFILL_DAYS + 1)]
    return [FetchRequest(on=day, origin=Origin.BACKFILL) for day in days if day not in known]


def _fetched(record: AnnouncementRecord) -> bool:
    return record.origin in {Origin.LIVE, Origin.BACKFILL}


def _is_due(day: date, today: date, record: AnnouncementRecord | None, now: datetime) -> bool:
    if record is None:
        return True
    waited = now - record.fetched_at
    if record.state == AnnouncementState.SOURCE_DOWN:
        return waited >= _DOWN_EVERY
    if day >= today:
        return waited >= _OPEN_DAY_EVERY
    settled = record.fetched_at >= closed_at(day) + _SETTLES_AFTER
    return not settled and waited >= _CLOSED_DAY_EVERY


def arxiv_request(
    now: datetime, records: Sequence[AnnouncementRecord], categories: tuple[str, ...], *, force: bool = False
) -> FetchRequest | None:
    """The arXiv feed, when it is due: often until today's list is out, seldom after that."""
    today = arxiv_day(now)
    resource = "+".join(categories)
    mine = [
        each for each in records if each.source is SourceName.ARXIV and each.resource == resource and _fetched(each)
    ]
    request = FetchRequest(on=today, origin=Origin.LIVE, categories=categories)
    if not mine or force:
        return request
    last = max(mine, key=lambda each: each.fetched_at)
    is_out = last.announced_on >= today and last.state == AnnouncementState.ANNOUNCED
    if last.state == AnnouncementState.SOURCE_DOWN:
        pause = _DOWN_EVERY
    else:
        pause = _FEED_ANNOUNCED if is_out else _FEED_UNTIL_ANNOUNCED
    return request if now - last.fetched_at >= pause else None
