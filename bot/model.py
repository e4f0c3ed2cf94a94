"""The values that Broadsheet is about: papers, what sources say of them, channels, subscriptions, editions, deliveries.

Every instant is an aware UTC datetime named `*_at`; every local day is a date named `*_on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType

PaperId = NewType("PaperId", str)
"""The canonical id of one work: `arxiv:2402.18789` (never a version), else `doi:…`, else `title:…`."""

WorkspaceId = NewType("WorkspaceId", str)
"""The tenant: `local:home`, `slack:T024…`, `discord:8135…`. Every query on members' data is scoped by it."""

MemberId = NewType("MemberId", str)
"""A member's opaque id within a workspace."""


class Platform(StrEnum):
    """Where a channel lives."""

    LOCAL = "local"
    SLACK = "slack"
    DISCORD = "discord"


class SourceName(StrEnum):
    """Where papers come from. The values are those of the topic language's `source:` field."""

    HUGGING_FACE = "hf"
    ARXIV = "arxiv"
    TEAM = "team"
    FILE = "file"


class AnnounceType(StrEnum):
    """arXiv's announce types (https://info.arxiv.org/help/rss_specifications.html)."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def is_replacement(self) -> bool:
        """True for a new version of a paper that was announced before."""
        return self in {AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS}


class AnnouncementState(StrEnum):
    """How a fetch of one source's day ended."""

    ANNOUNCED = "announced"
    PARTIAL = "partial"
    NONE_TODAY = "none today"
    SOURCE_DOWN = "source down"


class Origin(StrEnum):
    """How an announcement reached us. Only a live one makes candidates (a flood guard)."""

    LIVE = "live"
    BACKFILL = "backfill"
    REPLAY = "replay"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a source adds to the bibliography: votes, links, summaries. None and () mean “it did not say”."""

    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None
    thumbnail_url: str | None = None
    submitter: str | None = None
    organization: str | None = None
    ai_summary: str | None = None
    ai_keywords: tuple[str, ...] = ()
    code_url: str | None = None
    project_url: str | None = None
    media_urls: tuple[str, ...] = ()
    comment: str | None = None
    journal_ref: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One paper as one source lists it in one announcement. Texts are already normalised for display."""

    id: PaperId
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """arXiv categories, the primary one first; empty where the source does not name them."""
    published_on: date | None = None
    """The day the work was first made public (arXiv v1), not the day it was listed."""
    version: int | None = None
    doi: str | None = None
    announce_type: AnnounceType = AnnounceType.NEW
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of a source that was not taken: where it stood and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Validators:
    """HTTP validators of the last complete answer, for a conditional request."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One source's list for one day, as one fetch (or one recorded file) brought it."""

    source: SourceName
    announced_on: date
    """The source's own day: arXiv's in America/New_York, Hugging Face's the date of its list."""
    state: AnnouncementState
    fetched_at: datetime
    origin: Origin
    listings: tuple[Listing, ...] = ()
    refused: tuple[Refusal, ...] = ()
    detail: str = ""
    """Why the state is what it is, for operators: `HTTP 503`, `cut off after entry 5`."""
    retry_at: datetime | None = None
    """Not before this instant may the source be asked again; None: whenever the plan says."""
    gone: bool = False
    """The source answered that it is gone for good (HTTP 410)."""
    unchanged: bool = False
    """The source answered that nothing changed since the validators we sent (HTTP 304)."""
    resource: str = ""
    """Names what was asked for, so that the validators of different category lists do not mix."""
    validators: Validators | None = None
    """To be stored together with the listings, never before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One work, merged from whatever sources brought it."""

    id: PaperId
    title: str
    title_key: str
    """Folded title (`bot.text.keys.title_key`): equal for re-uploads and spelling twins."""
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_on: date | None = None
    version: int | None = None
    doi: str | None = None
    facts: Facts = Facts()
    sources: tuple[SourceName, ...] = ()
    announced_on: date | None = None
    """The first day on which any source announced it."""
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    """When a source last spoke of it: facts seen earlier than this only fill gaps."""
    categorised_at: datetime | None = None
    """When its categories became known; None while they are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A paper with the live announcement that makes it eligible for digests."""

    paper: Paper
    seen_at: datetime
    """When its live announcement was first seen."""
    announced_on: date
    announce_type: AnnounceType = AnnounceType.NEW


@dataclass(frozen=True, slots=True)
class VoteCount:
    """A paper's Hugging Face upvotes as they stood at one instant."""

    paper_id: PaperId
    seen_at: datetime
    upvotes: int


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """The address of a channel. `address` is opaque to the core: a Slack id, a snowflake, a local name."""

    platform: Platform
    workspace: WorkspaceId
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A place where cards are posted."""

    ref: ChannelRef
    name: str
    created_at: datetime


DIRECT_MESSAGES = "direct messages"
"""What a member's own conversation with the bot is called, which has no name of its own."""


def say_channel(name: str, *, first: bool = False) -> str:
    """`#papers`, or `this conversation`; `first` where a sentence begins with it."""
    return f"#{name}" if name != DIRECT_MESSAGES else "This conversation" if first else "this conversation"


class Role(StrEnum):
    """What a member may do in a workspace, the least first."""

    MEMBER = "member"
    EDITOR = "editor"
    ADMIN = "admin"


class ChangesBy(StrEnum):
    """Who may change the subscriptions of a workspace's channels."""

    ANYONE = "anyone"
    EDITORS = "editors"
    ADMINS = "admins"

    def admits(self, role: Role) -> bool:
        """True where a member of this role may."""
        least = {ChangesBy.ANYONE: Role.MEMBER, ChangesBy.EDITORS: Role.EDITOR, ChangesBy.ADMINS: Role.ADMIN}[self]
        return list(Role).index(role) >= list(Role).index(least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a workspace. `zone` is an IANA name, None until the platform tells it."""

    workspace: WorkspaceId
    id: MemberId
    name: str
    role: Role = Role.MEMBER
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """How a paper stands with a workspace (`votes`, one a member) and with one of its members."""

    paper_id: PaperId
    votes: int = 0
    voted: bool = False
    saved: bool = False


class Weekday(StrEnum):
    """Days of the week, in `date.weekday()` order."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEKDAYS = tuple(Weekday)
WORKDAYS = WEEKDAYS[:5]


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a subscription is due: a local time of day, in an IANA zone, on some weekdays or on one day of the month."""

    at: time
    zone: str
    days: tuple[Weekday, ...] = WORKDAYS
    month_day: int | None = None
    """1 to 31: due on this day of each month that has it, whatever the weekday; None: due on `days`."""
    roundup: bool = False
    """True where each edition is the best of its week or month, shown digests included (`weekly …`, `monthly …`)."""


class Layout(StrEnum):
    """How a digest is laid out in the channel."""

    THREAD = "thread"
    """A parent post with the day's list; the cards stand in its thread."""
    CARDS = "cards"
    """Each card is a message of its own."""
    LIST = "list"
    """One compact message; a long list goes on in its thread."""

    @property
    def is_threaded(self) -> bool:
        """True where the later parts are replies to the first."""
        return self is not Layout.CARDS


@dataclass(frozen=True, slots=True)
class Pause:
    """A subscription that posts nothing for a while; its dates are skipped with this as the reason."""

    since_at: datetime
    why: str
    """In words: `paused by Ada`, `paused after 3 refusals (channel_not_found)`."""
    until_on: date | None = None
    """The first local date on which it posts again; None: until somebody resumes it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Who is told of a digest beyond those who look into the channel."""

    role: str = ""
    """The platform's id of a role that is mentioned when papers were picked; empty: nobody is."""
    is_silent: bool = False
    """Whether it comes without a sound, where the platform can do so."""


NO_ALERT = Alert()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A channel's standing order."""

    id: int
    channel: ChannelRef
    name: str
    topic: str
    """Canonical text of the topic (`bot.topics.language`)."""
    schedule: Schedule
    size: int
    layout: Layout
    settle: timedelta
    """How long a paper must have been known before it may be picked, so that votes mean something."""
    created_at: datetime
    created_by: MemberId
    cut_until_at: datetime
    """Papers first seen up to this instant were already decided upon."""
    next_due_at: datetime
    tells_quiet: bool = False
    """Whether a day without papers is said in one line."""
    alert: Alert = NO_ALERT
    pause: Pause | None = None
    strikes: int = 0
    """Editions in a row that the platform refused for good; the third one pauses the subscription."""

    @property
    def kind(self) -> EditionKind:
        """What its editions are: a roundup may show again what a digest posted."""
        return EditionKind.ROUNDUP if self.schedule.roundup else EditionKind.DIGEST


class Stage(StrEnum):
    """Where a candidate left the selection of an edition."""

    PICKED = "picked"
    TYPE = "type"
    TOPIC = "topic"
    SEEN_BEFORE = "seen before"
    SETTLING = "settling"
    NEAR_DUPLICATE = "near-duplicate"
    BELOW_CUT = "below the cut"


class EditionKind(StrEnum):
    """Why an edition was made. Once per (channel, paper, kind) is the flood guard."""

    DIGEST = "digest"
    ROUNDUP = "roundup"
    SAMPLE = "sample"
    WELCOME = "welcome"
    NOTICE = "notice"
    """What a workspace's contact is told; it has no papers."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One selected paper, with what is said of the choice."""

    paper_id: PaperId
    score: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One subscription on one local date: what was selected, and why everything else was not."""

    channel: ChannelRef
    kind: EditionKind
    local_on: date
    due_at: datetime
    cut_until_at: datetime
    subscription_id: int | None
    layout: Layout
    name: str = ""
    """The subscription's name and topic as they stood when the choice was made."""
    topic: str = "*"
    picks: tuple[Pick, ...] = ()
    left_out: Mapping[Stage, tuple[PaperId, ...]] = field(default_factory=dict)
    """The others by stage. Of what was decided upon, whatever stands nowhere did not match the topic."""
    decided: int = 0
    """How many candidates were decided upon, the picks included."""
    late: bool = False
    """Due while nobody was there to plan it."""
    skipped: str = ""
    """Why this date has no digest; empty where it has one."""
    notes: tuple[str, ...] = ()
    """Lines that the first message says: a skipped date, a quiet day."""
    alert: Alert = NO_ALERT
    """As it stood when the choice was made."""
