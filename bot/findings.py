"""What the read-only use cases find: the papers of a day, what trends, and what a digest would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.commands import Window
from bot.ledger import Account, WhenInDoubt
from bot.model import Channel, Origin, Paper, PaperId, Pick, Stage, Subscription
from bot.ports import AnnouncementRecord
from bot.ranking import Score
from bot.trending import Trend


@dataclass(frozen=True, slots=True)
class Day:
    """The papers of one day, best first, and how the sources reported it."""

    on: date | None
    papers: Sequence[tuple[Paper, Score]]
    records: Sequence[AnnouncementRecord]
    newest_on: date | None

    @property
    def is_sample(self) -> bool:
        """True where the day comes from the bundled sample edition."""
        return bool(self.records) and all(each.origin is Origin.SAMPLE for each in self.records)


@dataclass(frozen=True, slots=True)
class Trends:
    """What trends, fastest first, in the window that ends at `until`."""

    window: Window
    until: datetime | None
    ranked: Sequence[tuple[Paper, Trend]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPreview:
    """What a digest on a topic would hold of one day's papers, and under which stage every other one left."""

    topic: str
    plain: str
    on: date | None
    picks: Sequence[Pick]
    left_out: Mapping[Stage, Sequence[PaperId]]
    papers: Mapping[PaperId, Paper]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of a member's saved papers, the newest first; `total` counts the whole list, `size` a full page."""

    papers: Sequence[Paper]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a topic would have brought in the seven days up to `until`."""

    papers: int
    days: int
    """On how many of these days anything was announced at all."""
    until: date
    examples: Sequence[str]
    """The titles of the best."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many papers of one day a topic matches, and how many of them a daily digest would have posted."""

    on: date
    matched: int
    posted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPreview:
    """What a topic would have posted, day by day, in the window [since, until]."""

    topic: str
    plain: str
    notes: Sequence[str]
    since: date
    until: date
    size: int
    """The most papers of one digest."""
    announced: int
    """On how many days of the window anything was announced at all."""
    days: Sequence[DayCount]
    """Every day of the window, the oldest first."""
    best: Sequence[tuple[Paper, str]]
    """The best five, each with why it matched."""
    misses: Sequence[tuple[Paper, str]]
    """The best of those that fail on a single condition, each with that condition."""

    @property
    def posted(self) -> int:
        """How many papers all digests of the window together would have had."""
        return sum(each.posted for each in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDifference:
    """What another topic would have changed in the window of `days` days up to `until`."""

    days: int
    until: date
    before: int
    """How many papers the one topic matched, and `after` the other."""
    after: int
    gained: int
    lost: int
    new: Sequence[Paper]
    """The best of those that only the new topic matches, and `gone` of those that only the old one does."""
    gone: Sequence[Paper]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A paper that was found: why it stands where it does, and when it was posted here."""

    paper: Paper
    relevance: float | None = None
    """Its share of the best one's score; None where the order is another."""
    posted_on: date | None = None
    """The local date of the newest edition here that had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of what a search found, or of what is similar to a paper."""

    text: str
    handle: str = ""
    """What a button says for the text: itself, or where it is long a short name that the service knows."""
    hits: Sequence[SearchHit]
    found: int
    """How many were found in all, at most `bot.services.retrieval.DEPTH`."""
    page: int
    size: int
    is_cut: bool = False
    """True where there may be more than were looked at."""
    upto: int = 0
    tokens: tuple[str, ...] = ()
    """The stems to be marked."""
    notes: tuple[str, ...] = ()
    instead: str = ""
    """The text in the nearest spelling, where a word of it stands nowhere."""
    instead_of: str = ""
    """What was typed, where nothing was found and `text` is the nearest spelling of it."""
    by_meaning: bool = False
    like: Paper | None = None
    """The paper that the others are similar to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a selection, and what a paper met there; `passed` is None where it is still to be decided."""

    stage: str
    passed: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A paper's way through one subscription of a channel, up to the stage at which it left."""

    subscription: str
    plain: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Explained:
    """A paper, and its way through every subscription of a channel."""

    paper: Paper
    traces: Sequence[Trace]


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """How a channel stands at `now`."""

    channel_name: str
    now: datetime
    subscriptions: Sequence[Subscription]
    accounts: Sequence[Account]
    """The newest editions, newest first."""
    when_in_doubt: WhenInDoubt


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to complete what a member types: how it is shown, and what is filled in; 1 to 100 characters each."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """What concerns one member: subscribed channels (the first of `channels_total`), and the papers saved last."""

    channels: Sequence[tuple[Channel, Sequence[Subscription]]]
    channels_total: int
    saved: Sequence[Paper]
    saved_total: int
