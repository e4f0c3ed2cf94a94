"""Values for the store's tests; every argument has a default that does not matter to the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from bot.model import (
    Alert,
    Announcement,
    AnnouncementState,
    AnnounceType,
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Facts,
    Layout,
    Listing,
    MemberId,
    Origin,
    Paper,
    PaperId,
    Pick,
    Platform,
    Schedule,
    SourceName,
    Subscription,
    WorkspaceId,
)
from bot.ports import Said, Store, Transaction

NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)
TODAY = date(2026, 5, 28)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOME = ChannelRef(Platform.LOCAL, WorkspaceId("local:home"), "general")
AWAY = ChannelRef(Platform.LOCAL, WorkspaceId("local:away"), "general")


def paper_id(number: int) -> PaperId:
    return PaperId(f"arxiv:2605.{number:05d}")


def paper(number: int, **changes: object) -> Paper:
    plain = Paper(id=paper_id(number), title=f"Paper {number}", title_key=f"paper {number}")
    return replace(plain, **changes)


def listing(number: int, **changes: object) -> Listing:
    return replace(Listing(id=paper_id(number), title=f"Paper {number}"), **changes)


def voted(number: int, upvotes: int | None) -> Listing:
    return listing(number, facts=Facts(upvotes=upvotes))


def announcement(**changes: object) -> Announcement:
    plain = Announcement(
        source=SourceName.HUGGING_FACE,
        announced_on=TODAY,
        state=AnnouncementState.ANNOUNCED,
        fetched_at=NOON,
        origin=Origin.LIVE,
    )
    return replace(plain, **changes)


async def announce(tx: Transaction, *listings: Listing, seen_at: datetime = NOON, **changes: object) -> int:
    """Save the papers that are new and record one announcement of them all."""
    known = await tx.papers.by_keys([each.id for each in listings])
    new = [Paper(id=each.id, title=each.title, title_key=each.title) for each in listings if each.id not in known]
    await tx.papers.save(new, {})
    said = [Said(paper_id=each.id, listing=each, first_seen_at=seen_at) for each in listings]
    return await tx.announcements.record(announcement(**{"fetched_at": seen_at, **changes}), said)


REPLACED = {"announce_type": AnnounceType.REPLACE}


def channel(ref: ChannelRef = HOME, name: str = "General") -> Channel:
    return Channel(ref=ref, name=name, created_at=NOON)


def subscription(name: str = "Robots", **changes: object) -> Subscription:
    plain = Subscription(
        id=0,
        channel=HOME,
        name=name,
        topic="cs.RO",
        schedule=Schedule(at=time(8, 30), zone="Europe/Berlin"),
        size=7,
        layout=Layout.CARDS,
        settle=timedelta(hours=6),
        created_at=NOON,
        created_by=MemberId("ada"),
        cut_until_at=NOON - DAY,
        next_due_at=NOON,
        alert=Alert(role="4242", is_silent=True),
    )
    return replace(plain, **changes)


def edition(*picked: int, **changes: object) -> Edition:
    plain = Edition(
        channel=HOME,
        kind=EditionKind.DIGEST,
        local_on=TODAY,
        due_at=NOON,
        cut_until_at=NOON - HOUR,
        subscription_id=None,
        layout=Layout.CARDS,
        alert=Alert(role="4242", is_silent=True),
        picks=tuple(Pick(paper_id(number), 1 / (rank + 1), f"rank {rank}") for rank, number in enumerate(picked)),
    )
    return replace(plain, **changes)


def parts(edition_name: str, count: int) -> Sequence[tuple[int, str]]:
    return [(part, f"{edition_name}-{part}") for part in range(count)]


async def save_papers(store: Store, *numbers: int) -> None:
    async with store.write() as tx:
        await tx.papers.save([paper(number) for number in numbers], {})


async def add_edition(store: Store, name: str, count: int, **changes: object) -> int:
    """An edition with `count` deliveries, keyed `name-0`, `name-1` …"""
    async with store.write() as tx:
        edition_id = await tx.editions.add(edition(**changes), parts(name, count))
    assert edition_id is not None
    return edition_id
