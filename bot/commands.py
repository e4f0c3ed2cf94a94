"""What a person can ask for, as frozen values; `bot.command_table` has the words, `bot.command_parser` reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from bot.index_query import SortBy
from bot.ledger import WhenInDoubt
from bot.model import NO_ALERT, WORKDAYS, Alert, ChangesBy, ChannelRef, Layout, Member, Weekday


class Window(StrEnum):
    """How far back `trending` looks."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """The window as a duration."""
        return timedelta(days={Window.DAY: 1, Window.WEEK: 7, Window.MONTH: 30}[self])


@dataclass(frozen=True, slots=True)
class Help:
    """`help [verb]`"""

    verb: str | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """`today [date] [page N]`; no date means the newest day that the sources announced."""

    on: date | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Trending:
    """`trending [day|week|month] [page N]`"""

    window: Window = Window.WEEK
    page: int = 1


@dataclass(frozen=True, slots=True)
class Show:
    """`show <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True)
class Search:
    """`search TEXT [sort relevance|newest|votes] [page N] [upto N]`"""

    text: str = ""
    sort: SortBy = SortBy.RELEVANCE
    page: int = 1
    upto: int | None = None
    """The store's number of the newest paper that was there when the first page was made; None on the first."""


@dataclass(frozen=True, slots=True)
class Similar:
    """`similar <id or URL> [page N]`"""

    reference: str
    page: int = 1


@dataclass(frozen=True, slots=True)
class Preview:
    """`preview TOPIC [7d|30d]`; `days` is how far to look back."""

    topic: str
    days: int = 7


@dataclass(frozen=True, slots=True)
class Why:
    """`why <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """`subscribe TOPIC [at TIME [ZONE]] [on DAYS] [top N] [as NAME] [layout L] [settle D]`"""

    topic: str = "*"
    at: time = time(9)
    zone: str | None = None
    """IANA name; None means the member's."""
    days: tuple[Weekday, ...] = WORKDAYS
    month_day: int | None = None
    roundup: bool = False
    size: int = 10
    name: str | None = None
    """None means that one is made from the topic."""
    layout: Layout = Layout.THREAD
    settle: timedelta = timedelta(0)
    tells_quiet: bool = False
    alert: Alert = NO_ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """`edit NAME [topic TOPIC] [at …] … [save now]`; None leaves a thing as it is."""

    subscription: str
    topic: str | None = None
    at: time | None = None
    zone: str | None = None
    days: tuple[Weekday, ...] | None = None
    month_day: int | None = None
    """With `roundup`, part of `days`: None and None where those stay as they are."""
    roundup: bool | None = None
    size: int | None = None
    name: str | None = None
    layout: Layout | None = None
    settle: timedelta | None = None
    tells_quiet: bool | None = None
    alert: Alert | None = None
    sure: bool = False
    """A new topic is first shown with what it would change; True saves it."""

    @property
    def changes_nothing(self) -> bool:
        """True where only the subscription is named: the form is wanted."""
        return replace(self, sure=False) == Edit(subscription=self.subscription)


@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    """`list`"""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """`unsubscribe NAME`"""

    name: str


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`status`"""


@dataclass(frozen=True, slots=True)
class PauseDigests:
    """`pause [NAME] [until DATE]`; no name means every subscription of the channel."""

    name: str | None = None
    until: date | None = None
    """The first local date that is posted again."""


@dataclass(frozen=True, slots=True)
class ResumeDigests:
    """`resume [NAME]`; no name means every subscription of the channel."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """`vote <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True)
class Unvote:
    """`unvote <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True)
class Save:
    """`save <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True)
class Unsave:
    """`unsave <id or URL>`"""

    reference: str


@dataclass(frozen=True, slots=True)
class ListSaved:
    """`saved [page N]`"""

    page: int = 1


MarkCommand = Vote | Unvote | Save | Unsave


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """`settings [allow WHO] [doubts never-twice|never-lost] [editor MEMBER] [member MEMBER]`; None changes nothing."""

    allow: ChangesBy | None = None
    doubts: WhenInDoubt | None = None
    editor: str | None = None
    """Who becomes an editor: a member's id or name."""
    member: str | None = None
    """Who is no editor any more."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """`form [NAME]`: the form of a new subscription, or of the one of that name."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class ShowLog:
    """`log [page N]`"""

    page: int = 1


Command = (
    Help
    | Today
    | Trending
    | Show
    | Search
    | Similar
    | Preview
    | Why
    | Subscribe
    | Edit
    | ListSubscriptions
    | Unsubscribe
    | ShowStatus
    | PauseDigests
    | ResumeDigests
    | ShowSettings
    | OpenForm
    | ShowLog
    | MarkCommand
    | ListSaved
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and where: everything a service may know of the platform."""

    channel: ChannelRef
    channel_name: str
    member: Member
