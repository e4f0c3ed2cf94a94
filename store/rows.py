"""Rows to values and back: pure, and the only place that knows both sides."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy.engine import RowMapping

from bot.ledger import Delivery, DeliveryState, WhenInDoubt
from bot.model import (
    Alert,
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Facts,
    Layout,
    Member,
    MemberId,
    Origin,
    Paper,
    PaperId,
    Pause,
    Pick,
    Platform,
    Role,
    Schedule,
    SourceName,
    Stage,
    Subscription,
    Validators,
    Weekday,
    WorkspaceId,
)
from bot.ports import AnnouncementRecord

Row = dict[str, Any]
"""What goes into a table: column name to value."""

_FACT_DEFAULTS = {field.name: field.default for field in fields(Facts) if field.default is not MISSING}


def name_key(name: str) -> str:
    """How names of channels and subscriptions are compared: letter case and outer or doubled blanks do not count."""
    return " ".join(name.casefold().split())


# --- papers ----------------------------------------------------------------------------------------------------------


def from_facts(facts: Facts) -> Row:
    """Only what the source said: most facts say little, and the JSON stays short."""
    said = ((name, getattr(facts, name), default) for name, default in _FACT_DEFAULTS.items())
    return {name: value for name, value, default in said if value != default}


def to_facts(row: Mapping[str, Any]) -> Facts:
    """The facts; names that a later release wrote are passed over."""
    known: dict[str, Any] = {name: value for name, value in row.items() if name in _FACT_DEFAULTS}
    known.update((name, tuple(value)) for name, value in known.items() if isinstance(value, list))
    return Facts(**known)


def from_paper(paper: Paper) -> Row:
    """A row of `papers`."""
    return {
        "id": paper.id,
        "title": paper.title,
        "title_key": paper.title_key,
        "abstract": paper.abstract,
        "authors": paper.authors,
        "categories": paper.categories,
        "published_on": paper.published_on,
        "version": paper.version,
        "doi": paper.doi,
        "facts": from_facts(paper.facts),
        "sources": paper.sources,
        "announced_on": paper.announced_on,
        "first_seen_at": paper.first_seen_at,
        "last_seen_at": paper.last_seen_at,
        "categorised_at": paper.categorised_at,
    }


def to_paper(row: RowMapping) -> Paper:
    """The paper of a row that has all columns of `papers`, perhaps among others."""
    return Paper(
        id=PaperId(row["id"]),
        title=row["title"],
        title_key=row["title_key"],
        abstract=row["abstract"],
        authors=tuple(row["authors"]),
        categories=tuple(row["categories"]),
        published_on=row["published_on"],
        version=row["version"],
        doi=row["doi"],
        facts=to_facts(row["facts"]),
        sources=tuple(SourceName(source) for source in row["sources"]),
        announced_on=row["announced_on"],
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
        categorised_at=row["categorised_at"],
    )


def to_announcement_record(row: RowMapping) -> AnnouncementRecord:
    """A row of `announcements` with the count of its day's lines as `papers`."""
    said_validators = row["etag"] is not None or row["last_modified"] is not None
    return AnnouncementRecord(
        source=SourceName(row["source"]),
        announced_on=row["announced_on"],
        resource=row["resource"],
        state=row["state"],
        origin=Origin(row["origin"]),
        first_fetched_at=row["first_fetched_at"],
        fetched_at=row["fetched_at"],
        papers=row["papers"],
        detail=row["detail"],
        validators=Validators(row["etag"], row["last_modified"]) if said_validators else None,
    )


# --- channels --------------------------------------------------------------------------------------------------------


def to_channel_ref(row: RowMapping) -> ChannelRef:
    """The address in a row that has `platform`, `workspace` and `address`."""
    return ChannelRef(Platform(row["platform"]), WorkspaceId(row["workspace"]), row["address"])


def to_channel(row: RowMapping) -> Channel:
    """A row of `channels`."""
    return Channel(ref=to_channel_ref(row), name=row["name"], created_at=row["created_at"])


def to_member(row: RowMapping) -> Member:
    """A row of `members`."""
    return Member(
        workspace=WorkspaceId(row["workspace"]),
        id=MemberId(row["id"]),
        name=row["name"],
        role=Role(row["role"]),
        zone=row["zone"],
    )


def from_subscription(subscription: Subscription, channel_id: int) -> Row:
    """A row of `subscriptions`; the id is the table's to give."""
    return {
        "channel_id": channel_id,
        "name": subscription.name,
        "name_key": name_key(subscription.name),
        "topic": subscription.topic,
        "local_time": subscription.schedule.at,
        "zone": subscription.schedule.zone,
        "days": subscription.schedule.days,
        "month_day": subscription.schedule.month_day,
        "roundup": subscription.schedule.roundup,
        "size": subscription.size,
        "layout": subscription.layout.value,
        "settle_seconds": round(subscription.settle.total_seconds()),
        "created_at": subscription.created_at,
        "created_by": subscription.created_by,
        "cut_until_at": subscription.cut_until_at,
        "next_due_at": subscription.next_due_at,
        "tells_quiet": subscription.tells_quiet,
        **_from_alert(subscription.alert),
        "paused_at": subscription.pause.since_at if subscription.pause else None,
        "paused_why": subscription.pause.why if subscription.pause else None,
        "paused_until_on": subscription.pause.until_on if subscription.pause else None,
        "strikes": subscription.strikes,
    }


def to_subscription(row: RowMapping) -> Subscription:
    """A row of `subscriptions` joined with its channel's address."""
    days = tuple(Weekday(day) for day in row["days"])
    return Subscription(
        id=row["id"],
        channel=to_channel_ref(row),
        name=row["name"],
        topic=row["topic"],
        schedule=Schedule(row["local_time"], row["zone"], days, row["month_day"], row["roundup"]),
        size=row["size"],
        layout=Layout(row["layout"]),
        settle=timedelta(seconds=row["settle_seconds"]),
        created_at=row["created_at"],
        created_by=MemberId(row["created_by"]),
        cut_until_at=row["cut_until_at"],
        next_due_at=row["next_due_at"],
        tells_quiet=row["tells_quiet"],
        alert=_to_alert(row),
        pause=Pause(row["paused_at"], row["paused_why"], row["paused_until_on"]) if row["paused_at"] else None,
        strikes=row["strikes"],
    )


def _from_alert(alert: Alert) -> Row:
    return {"alert_role": alert.role, "alert_silent": alert.is_silent}


def _to_alert(row: RowMapping) -> Alert:
    return Alert(row["alert_role"], row["alert_silent"])


# --- editions and deliveries -----------------------------------------------------------------------------------------


def from_left_out(left_out: Mapping[Stage, Sequence[PaperId]]) -> bytes:
    """Thousands of ids with much in common: compressed they take a few kilobytes an edition."""
    return _compressed(tuple((stage.value, tuple(ids)) for stage, ids in left_out.items()))


@lru_cache(maxsize=64)
def _compressed(left_out: tuple[tuple[str, tuple[PaperId, ...]], ...]) -> bytes:
    """Once for all channels of one topic, whose editions leave the same out."""
    return zlib.compress(json.dumps(dict(left_out), separators=(",", ":")).encode())


def to_left_out(blob: bytes) -> dict[Stage, tuple[PaperId, ...]]:
    """The ids as they stood when the choice was made, by stage."""
    stages = json.loads(zlib.decompress(blob))
    return {Stage(stage): tuple(PaperId(each) for each in ids) for stage, ids in stages.items()}


def from_edition(edition: Edition, channel_id: int) -> Row:
    """A row of `editions`; the id is the table's to give."""
    return {
        "channel_id": channel_id,
        "subscription_id": edition.subscription_id,
        "kind": edition.kind.value,
        "local_on": edition.local_on,
        "due_at": edition.due_at,
        "cut_until_at": edition.cut_until_at,
        "layout": edition.layout.value,
        "name": edition.name,
        "topic": edition.topic,
        "left_out": from_left_out(edition.left_out),
        "decided": edition.decided,
        "late": edition.late,
        "skipped": edition.skipped,
        "notes": edition.notes,
        **_from_alert(edition.alert),
    }


def to_edition(row: RowMapping, picks: Sequence[Pick]) -> Edition:
    """A row of `editions` joined with its channel's address."""
    return Edition(
        channel=to_channel_ref(row),
        kind=EditionKind(row["kind"]),
        local_on=row["local_on"],
        due_at=row["due_at"],
        cut_until_at=row["cut_until_at"],
        subscription_id=row["subscription_id"],
        layout=Layout(row["layout"]),
        name=row["name"],
        topic=row["topic"],
        picks=tuple(picks),
        left_out=to_left_out(row["left_out"]),
        decided=row["decided"],
        late=row["late"],
        skipped=row["skipped"],
        notes=tuple(row["notes"]),
        alert=_to_alert(row),
    )


def to_pick(row: RowMapping) -> Pick:
    """A row of `picks`."""
    return Pick(PaperId(row["paper_id"]), row["score"], row["why"])


def to_delivery(row: RowMapping) -> Delivery:
    """A row of `deliveries` joined with its channel's address."""
    return Delivery(
        key=row["key"],
        edition_id=row["edition_id"],
        part=row["part"],
        channel=to_channel_ref(row),
        state=DeliveryState(row["state"]),
        attempt=row["attempt"],
        owner=row["owner"],
        retry_at=row["retry_at"],
        tried_at=row["tried_at"],
        message_id=row["message_id"],
        detail=row["detail"],
    )


def to_preference(value: str | None) -> WhenInDoubt:
    """What a channel's row says of doubts; NULL until somebody set it."""
    return WhenInDoubt(value) if value else WhenInDoubt.NEVER_TWICE
