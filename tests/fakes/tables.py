"""The memory of MemoryStore: dicts of frozen values, so that a shallow copy of them is a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, datetime

from bot.errors import ChannelNotFound
from bot.ledger import Delivery, WhenInDoubt
from bot.model import (
    AnnounceType,
    ChangesBy,
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Member,
    MemberId,
    Origin,
    Paper,
    PaperId,
    Platform,
    SourceName,
    Subscription,
    WorkspaceId,
)
from bot.ports import AnnouncementRecord
from bot.tenancy import AuditLine, Installation


@dataclass(frozen=True, slots=True)
class Line:
    """One paper in one source's list of one day."""

    first_seen_at: datetime
    origin: Origin
    announce_type: AnnounceType


@dataclass(frozen=True, slots=True)
class Slip:
    """A delivery with what the ledger knows of it besides."""

    delivery: Delivery
    threaded: bool
    lease_until: datetime | None = None


Key = tuple[WorkspaceId, MemberId, PaperId]
"""A member's mark on a paper."""


@dataclass(slots=True)
class Tables:
    """Everything that is kept; insertion order is the order of ids."""

    papers: dict[PaperId, Paper] = field(default_factory=dict)
    keys: dict[PaperId, PaperId] = field(default_factory=dict)
    numbers: dict[PaperId, tuple[int, int]] = field(default_factory=dict)
    """A paper's own number and that of its last change."""
    records: dict[tuple[SourceName, date, str], AnnouncementRecord] = field(default_factory=dict)
    lines: dict[tuple[SourceName, date, PaperId], Line] = field(default_factory=dict)
    votes: dict[tuple[PaperId, datetime], int] = field(default_factory=dict)
    silences: dict[SourceName, datetime] = field(default_factory=dict)
    workspaces: dict[WorkspaceId, Platform] = field(default_factory=dict)
    changes_by: dict[WorkspaceId, ChangesBy] = field(default_factory=dict)
    channels: dict[ChannelRef, Channel] = field(default_factory=dict)
    members: dict[tuple[WorkspaceId, MemberId], Member] = field(default_factory=dict)
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    editions: dict[int, Edition] = field(default_factory=dict)
    ballots: dict[Key, datetime] = field(default_factory=dict)
    saves: dict[Key, datetime] = field(default_factory=dict)
    had: dict[tuple[ChannelRef, PaperId, EditionKind], int] = field(default_factory=dict)
    slips: dict[str, Slip] = field(default_factory=dict)
    paces: dict[str, datetime] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    contacts: dict[WorkspaceId, ChannelRef] = field(default_factory=dict)
    preferences: dict[ChannelRef, WhenInDoubt] = field(default_factory=dict)
    installations: dict[WorkspaceId, Installation] = field(default_factory=dict)
    audit: dict[int, AuditLine] = field(default_factory=dict)
    last_ids: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Tables:
        """A snapshot, or the draft of a transaction."""
        return Tables(**{each.name: dict(getattr(self, each.name)) for each in fields(self)})

    def next_id(self, table: str) -> int:
        """An id that was never given before."""
        self.last_ids[table] = self.last_ids.get(table, 0) + 1
        return self.last_ids[table]

    def need_channel(self, ref: ChannelRef) -> None:
        """Refuse what refers to an unknown channel, as a foreign key would."""
        if ref not in self.channels:
            raise ChannelNotFound(f"No channel {ref.address} is known in this workspace.")

    def need_workspace(self, workspace: WorkspaceId) -> None:
        """Refuse what refers to an unknown workspace, as a foreign key would."""
        if workspace not in self.workspaces:
            raise LookupError(f"unknown workspace {workspace}")

    def need_member(self, member: Member) -> None:
        """Refuse what refers to an unknown member, as a foreign key would."""
        if (member.workspace, member.id) not in self.members:
            raise LookupError(f"unknown member {member.id}")

    def need_paper(self, paper_id: PaperId) -> None:
        """Refuse what refers to an unknown paper, as a foreign key would."""
        if paper_id not in self.papers:
            raise LookupError(f"unknown paper {paper_id}")


def name_key(name: str) -> str:
    """How names are compared."""
    return " ".join(name.casefold().split())
