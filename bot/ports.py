"""Every Protocol through which the core reaches the world; adapters and the store implement them.

All instants that cross a port are aware UTC; implementations raise `bot.errors.StoreUnavailable` when their
database cannot be used, and let programming errors pass.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.index_query import Condition, Hit, IndexedPaper, IndexField, SortBy, Weighted
from bot.ledger import Account, Delivery, DeliveryState, LedgerEntry, MessageRef, WhenInDoubt
from bot.model import (
    Announcement,
    AnnounceType,
    Candidate,
    ChangesBy,
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Listing,
    Mark,
    Member,
    MemberId,
    Origin,
    Paper,
    PaperId,
    Platform,
    Refusal,
    SourceName,
    Stage,
    Subscription,
    Validators,
    VoteCount,
    WorkspaceId,
)
from bot.outcome import Finding, Outcome
from bot.pacing import Pace
from bot.tenancy import AuditLine, Installation


class Clock(Protocol):
    """The one reader of the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    async def sleep_until(self, instant: datetime) -> None:
        """Return at this instant; at once where it has passed."""
        ...


class Ticker(Protocol):
    """Says when to look; it never decides what is due. Called by `bot.services.running`."""

    def every(self, interval: timedelta, job: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Run `job` once an interval, the first time one interval from the start; runs of one job never overlap."""
        ...

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        ...

    def stop(self) -> None:
        """Tick no more."""
        ...


# --- sources ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to ask a source for: its list of one day, restricted to `categories` where the source has any."""

    on: date
    origin: Origin
    categories: tuple[str, ...] = ()
    validators: Validators | None = None


class Source(Protocol):
    """A place that announces papers day by day. Called by `bot.services.ingest`; the world never makes it raise."""

    @property
    def name(self) -> SourceName:
        """Whose announcements these are."""
        ...

    async def fetch(self, request: FetchRequest) -> Announcement:
        """One polite request (with its pages); every way it can end is a state of the Announcement."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """The papers that a lookup brought; ids that the source does not know are simply absent."""

    listings: tuple[Listing, ...]


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """The lookup did not happen. `retry_at`: not before."""

    detail: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One line of a bulk file: a paper with the day on which its source listed it, or why it is none."""

    line: int
    """1-based; work goes on after it when it was broken off."""
    source: SourceName = SourceName.FILE
    on: date = date.min
    listing: Listing | None = None
    refused: Refusal | None = None


class PaperLookup(Protocol):
    """Single papers by arXiv id, in batches. Called by `bot.services.enrichment` and `bot.services.reading`."""

    async def lookup(self, arxiv_ids: Sequence[str]) -> Found | LookupFailed:
        """At most 100 bare ids (`2402.18789`, `hep-th/9901001`) a call; never raises for what the world does."""
        ...


# --- chat ------------------------------------------------------------------------------------------------------------


class Messenger(Protocol):
    """One platform's way to post. Called by `bot.services.delivery`; never raises for what the platform does."""

    @property
    def platform(self) -> Platform:
        """Whose channels it can reach."""
        ...

    @property
    def limits(self) -> Limits:
        """What one message may hold."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast it may be posted to."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """How one finds out what became of a post."""
        ...

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        """Post once, with no retry of its own.

        Posting the same `delivery.key` again must not make a second message
        where the platform has an idempotency key; elsewhere `find_posted` is asked first.
        """
        ...

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        """Replace a posted message."""
        ...

    async def find_posted(
        self, key: str, since: datetime, channel: ChannelRef, *, reply_to: MessageRef | None
    ) -> Finding:
        """The message that carries this delivery key, posted at or after `since`, under `reply_to` where it is a reply.

        RefusedForNow where the platform could not be asked this time, CannotTell where it never can; only a complete
        look may say Absent. Where `capabilities.can_find` is false nobody calls it.
        """
        ...

    async def prepare(self, channel: ChannelRef) -> str:
        """Make sure that this channel can be posted to, as far as the bot can: called before it is subscribed.

        Empty where it can be, else a sentence that says what a member is to do about it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """A message of the local platform as its timeline keeps it."""

    id: str
    channel: ChannelRef
    key: str
    """The delivery key; empty for public lines that are no deliveries."""
    document: Document
    posted_at: datetime
    edited_at: datetime | None = None
    reply_to: str | None = None


class Timeline(Protocol):
    """The local platform's memory: what stands in its channels. Called by `adapters.local` only."""

    async def add(self, message: PostedMessage) -> PostedMessage:
        """Keep a message; where its non-empty (channel, key) is known, keep and return the first one instead."""
        ...

    async def replace(self, ref: MessageRef, document: Document, edited_at: datetime) -> bool:
        """Replace a message's document; False when it does not exist."""
        ...

    async def find(self, channel: ChannelRef, key: str) -> PostedMessage | None:
        """The message with this delivery key."""
        ...

    async def latest(self, channel: ChannelRef, *, limit: int, before: str | None = None) -> Sequence[PostedMessage]:
        """Top-level messages, oldest first, the `limit` newest ones posted before message id `before`."""
        ...

    async def replies(self, channel: ChannelRef, parents: Collection[str]) -> Mapping[str, Sequence[PostedMessage]]:
        """The threads of these messages, each oldest first."""
        ...


class Meaning(Protocol):
    """Which papers are near to a text in meaning; there is none without the `semantic` extra. Called by topics."""

    def near(self, texts: Sequence[str], papers: Sequence[str]) -> Sequence[int]:
        """For each text the bit set of the papers (by their position) that are near to it, whatever the order.

        Blocking: a matrix product of all texts and all papers.
        """
        ...


class IndexBuilding(Protocol):
    """A whole new index that is being built aside. Blocking."""

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        """Add papers that are not in it yet."""
        ...

    def finish(self, position: int) -> None:
        """Put it in the place of the one that is searched."""
        ...

    def abandon(self) -> None:
        """Throw it away."""
        ...


class PaperIndex(Protocol):
    """The search index: derived from the store, on local disk, free to be lost. Every method blocks.

    Searching is safe from any thread; what writes is called by one at a time. Called by `bot.services.indexing` and
    `bot.services.searching`.
    """

    @property
    def position(self) -> int:
        """The number of the last change that can be found."""
        ...

    @property
    def size(self) -> int:
        """How many papers can be found."""
        ...

    @property
    def is_whole(self) -> bool:
        """False while it is built for the first time."""
        ...

    @property
    def trouble(self) -> str:
        """Why it has to be built anew; empty where it has not."""
        ...

    def open(self) -> bool:
        """See what stands on disk, and become the one who writes where nobody else does; True where this is so."""
        ...

    def check(self) -> bool:
        """Compare everything with its checksums; False, and `trouble` says why, where something is damaged."""
        ...

    def take(self, papers: Sequence[IndexedPaper]) -> None:
        """Add papers in place of what was known of them; not found before `commit`."""
        ...

    def commit(self, position: int, *, is_whole: bool) -> None:
        """Let what was taken be found, and note how far the store was followed, and whether to its end once."""
        ...

    def build(self) -> IndexBuilding:
        """Begin a whole new one aside. Raises BlockingIOError where another process is at it."""
        ...

    def close(self) -> None:
        """Stop writing; the next one goes on from the last commit."""
        ...

    def rank(
        self, scored: Sequence[Weighted], *, condition: Condition | None, every: Sequence[Condition], limit: int
    ) -> Sequence[Hit]:
        """The best by the sum of scores, of the papers for which `condition` and all of `every` hold, best first."""
        ...

    def sorted(self, condition: Condition, *, by: SortBy, limit: int) -> Sequence[Hit]:
        """Those for which the condition holds, the newest or the most voted for first."""
        ...

    def resembling(self, paper: IndexedPaper, *, limit: int) -> Sequence[Hit]:
        """The papers that share the most telling words with this one, the likest first, and not itself."""
        ...

    def frequency(self, field: IndexField, term: str) -> int:
        """How many papers have the term."""
        ...

    def alike(self, word: str, *, distance: int, limit: int) -> Sequence[Hit]:
        """Papers with a word that is spelled nearly so: at most so many letters are other ones."""
        ...


class PaperVectors(Protocol):
    """The meanings of all papers, kept on disk; there are none without the `semantic` extra. Every method blocks."""

    @property
    def position(self) -> int:
        """The number of the last change whose paper has its vector."""
        ...

    def put(self, numbers: Sequence[int], texts: Sequence[str], position: int) -> None:
        """Keep the meanings of these papers, by the store's numbers, and note how far the store was followed."""
        ...

    def nearness(self, text: str, numbers: Sequence[int], *, best: Sequence[int] = ()) -> Sequence[float]:
        """The cosine of the text with each of these papers; 0 for a paper without a vector.

        The mean of the `best` papers counts as much as the text: what was found already says more of what is meant.
        """
        ...

    def nearness_to(self, number: int, numbers: Sequence[int]) -> Sequence[float]:
        """The cosine of one paper with each of these."""
        ...


# --- store -----------------------------------------------------------------------------------------------------------


class Papers(Protocol):
    """Papers of all sources; global, not of a workspace."""

    async def get(self, key: PaperId) -> Paper | None:
        """The paper of this id or alias (an arXiv id that was re-uploaded, a DOI)."""
        ...

    async def by_keys(self, keys: Collection[PaperId]) -> Mapping[PaperId, Paper]:
        """Papers by any of their keys; unknown keys are absent."""
        ...

    async def by_title_keys(self, title_keys: Collection[str]) -> Mapping[str, Sequence[Paper]]:
        """Papers by folded title."""
        ...

    async def save(self, papers: Collection[Paper], aliases: Mapping[PaperId, PaperId]) -> None:
        """Insert or replace the merged papers; `aliases` maps every key (the id itself included) to the paper's id."""
        ...

    async def rekey(self, old: PaperId, new: PaperId) -> None:
        """Give a work its better canonical id (a `title:` paper whose arXiv id became known); `old` stays an alias.

        Everything that refers to the paper follows (ON UPDATE CASCADE). `new` must not be a paper's id yet.
        """
        ...

    async def announced(
        self, *, since: date, until: date, source: SourceName | None = None
    ) -> Sequence[tuple[Paper, date]]:
        """Papers with the newest day in [since, until] on which a source announced them (replacements left out)."""
        ...

    async def listed(self, *, since: date, until: date) -> Sequence[Candidate]:
        """Papers that a source announced on a day in [since, until], by id; one a paper, whatever brought it.

        The newest announcement, but one that is no replacement before one that is; `seen_at` is when it came.
        """
        ...

    async def newest_day(self, source: SourceName | None = None, *, until: date | None = None) -> date | None:
        """The newest day (at most `until`) with at least one announced paper."""
        ...

    async def candidates(self, *, seen_after: datetime, seen_until: datetime) -> Sequence[Candidate]:
        """Papers whose live announcement was first seen in (seen_after, seen_until]; one a paper.

        The newest announcement, but one that is no replacement before one that is.
        """
        ...

    async def uncategorised(self, *, limit: int, announced_since: date) -> Sequence[PaperId]:
        """ArXiv papers whose categories are not known yet, newest announcements first."""
        ...

    async def votes(self, *, since: datetime, until: datetime) -> Sequence[VoteCount]:
        """Upvote counts seen in [since, until], and for each of those papers the last count before `since`."""
        ...

    async def count(self) -> int:
        """How many works are known."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A paper as it became with a change: its own `number`, which stays, and the change's, which only grows."""

    number: int
    changed: int
    paper: Paper
    announce_type: AnnounceType
    """Of its newest announcement that is no replacement; new where there is none at all."""


class Catalogue(Protocol):
    """Papers by number, and in the order of their changes: what a search index is made from and kept up with."""

    async def last(self) -> int:
        """The number of the newest change; 0 where there is none."""
        ...

    async def since(self, after: int, *, limit: int) -> Sequence[Change]:
        """The papers whose last change has a number above `after`, by that number.

        Changes become visible in the order of their numbers, whoever writes.
        """
        ...

    async def numbered(self, numbers: Collection[int]) -> Mapping[int, Change]:
        """The papers of these numbers; unknown ones are absent."""
        ...

    async def texts(self, numbers: Collection[int]) -> Mapping[int, tuple[str, str]]:
        """Title and abstract of the papers of these numbers; unknown ones are absent."""
        ...

    async def numbers(self, keys: Collection[PaperId]) -> Mapping[PaperId, int]:
        """The numbers of the papers of these ids or aliases; unknown ones are absent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one source said of one paper on one day, under the paper's merged id."""

    paper_id: PaperId
    listing: Listing
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementRecord:
    """What the store keeps of a source's day."""

    source: SourceName
    announced_on: date
    resource: str
    state: str
    origin: Origin
    first_fetched_at: datetime
    fetched_at: datetime
    papers: int
    detail: str
    validators: Validators | None


class Announcements(Protocol):
    """What each source said and when."""

    async def record(self, announcement: Announcement, said: Sequence[Said]) -> int:
        """Store the announcement with its lines; return how many lines are new.

        A line is (source, announced_on, paper): its `first_seen_at`, origin and announce type stay as first stored
        (but a live announcement makes a line live that only a recording had brought), its facts follow the newest. A
        recording changes nothing in the record of a day that was fetched. A count of upvotes is appended to the
        paper's votes when it differs from the last (seen at the announcement's `fetched_at`). `papers` of the record
        counts all lines of that day.
        """
        ...

    async def of_day(self, source: SourceName, on: date) -> Sequence[AnnouncementRecord]:
        """All records of one source's day, one a resource."""
        ...

    async def latest(self, *, limit: int = 50) -> Sequence[AnnouncementRecord]:
        """The most recently fetched records, newest first."""
        ...

    async def known_papers(self, source: SourceName, on: date) -> Collection[PaperId]:
        """The papers already recorded for this source's day."""
        ...

    async def silent_until(self, source: SourceName) -> datetime | None:
        """Until when the source must not be asked (it said 429 or 503)."""
        ...

    async def keep_silent(self, source: SourceName, until: datetime) -> None:
        """Remember, over restarts, that the source must not be asked before `until`."""
        ...


class Channels(Protocol):
    """Workspaces, their channels and members; always within one workspace."""

    async def add_workspace(self, workspace: WorkspaceId, platform: Platform, created_at: datetime) -> None:
        """Make the workspace known; knowing it already changes nothing."""
        ...

    async def workspaces(self, platform: Platform) -> Sequence[WorkspaceId]:
        """The workspaces of a platform: for the platform's own side, never for members."""
        ...

    async def add(self, channel: Channel) -> Channel:
        """Make a channel known; where it is known already, return it as it stands."""
        ...

    async def get(self, ref: ChannelRef) -> Channel | None:
        """The channel at this address."""
        ...

    async def named(self, workspace: WorkspaceId, name: str) -> Channel | None:
        """The workspace's channel of this name."""
        ...

    async def called(self, name: str) -> Sequence[Channel]:
        """The channels of all workspaces with this name or address: for operators, never for members."""
        ...

    async def all(self, workspace: WorkspaceId) -> Sequence[Channel]:
        """The workspace's channels by name."""
        ...

    async def put_member(self, member: Member) -> None:
        """Insert or replace a member."""
        ...

    async def member(self, workspace: WorkspaceId, member: MemberId) -> Member | None:
        """The member of this id."""
        ...

    async def members(self, workspace: WorkspaceId) -> Sequence[Member]:
        """The workspace's members by name."""
        ...

    async def remove(self, ref: ChannelRef) -> bool:
        """Forget a channel with its subscriptions, editions, ledger and messages; False when it was unknown."""
        ...

    async def rename(self, ref: ChannelRef, name: str) -> None:
        """Give a known channel another name; an unknown one stays unknown."""
        ...

    async def remove_workspace(self, workspace: WorkspaceId) -> bool:
        """Forget a workspace with everything of its channels and members; False when it was unknown."""
        ...

    async def changes_by(self, workspace: WorkspaceId) -> ChangesBy:
        """Who may change the workspace's subscriptions; everybody until it was set."""
        ...

    async def let_change(self, workspace: WorkspaceId, who: ChangesBy) -> None:
        """Set who may change the workspace's subscriptions."""
        ...

    async def when_in_doubt(self, ref: ChannelRef) -> WhenInDoubt:
        """What is done in this channel about messages whose fate nobody can find out: never twice until it was set."""
        ...

    async def prefer(self, ref: ChannelRef, what: WhenInDoubt) -> None:
        """Set what is done in this channel about such messages."""
        ...

    async def contact(self, workspace: WorkspaceId) -> Channel | None:
        """Where the workspace is told what concerns it; None where nobody is known."""
        ...

    async def set_contact(self, ref: ChannelRef) -> None:
        """Make this known channel the contact of its workspace."""
        ...


@dataclass(frozen=True, slots=True)
class Advance:
    """Where a subscription stands after it was planned."""

    subscription_id: int
    cut_until_at: datetime
    next_due_at: datetime


class Subscriptions(Protocol):
    """Standing orders. `of` and `get` are scoped by the channel and so by its workspace."""

    async def add(self, subscription: Subscription) -> Subscription:
        """Insert (the given id is ignored) and return it with its id.

        Raises SubscriptionExists when the channel has one of that name.
        """
        ...

    async def get(self, channel: ChannelRef, name: str) -> Subscription | None:
        """The channel's subscription of this name, case-folded."""
        ...

    async def of(self, channel: ChannelRef) -> Sequence[Subscription]:
        """The channel's subscriptions by name."""
        ...

    async def replace(self, subscription: Subscription) -> bool:
        """Rewrite the channel's subscription of this id; False when there is none (any more).

        When and by whom it was made and its cursor stay as they are. Raises SubscriptionExists when the
        channel has another one of that name.
        """
        ...

    async def remove(self, channel: ChannelRef, name: str) -> Subscription | None:
        """Remove and return it; what it posted stays in the ledger."""
        ...

    async def due(self, now: datetime, *, limit: int) -> Sequence[Subscription]:
        """Subscriptions with `next_due_at` ≤ now, earliest first."""
        ...

    async def standing(self, due: Sequence[Subscription]) -> Mapping[int, Sequence[Subscription]]:
        """By the id of each of these, all subscriptions of its channel as they are now, by name.

        In a writing transaction the channels are locked until its end, so that nobody else plans for them meanwhile.
        """
        ...

    async def advance(self, moves: Sequence[Advance]) -> None:
        """Move cursors and next due times, in the transaction of the editions."""
        ...

    async def strike(self, edition_id: int) -> Subscription | None:
        """Count one more refusal for good against the edition's subscription, and return it; None: it is gone."""
        ...

    async def clear_strikes(self, edition_id: int) -> None:
        """The platform took an edition of this subscription."""
        ...

    async def page(self, *, after: int, limit: int) -> Sequence[Subscription]:
        """All subscriptions of all workspaces with an id above `after`, by id: for upkeep and reports."""
        ...

    async def topics(self) -> Collection[str]:
        """The distinct topics of all subscriptions, for the list of categories to fetch."""
        ...


class Marks(Protocol):
    """Votes and saved papers: each member has at most one of either for a paper. Always within one workspace."""

    async def vote(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        """Give the member's vote; False, and nothing changes, when it was given already."""
        ...

    async def unvote(self, member: Member, paper_id: PaperId) -> bool:
        """Take the member's vote back; False when there was none."""
        ...

    async def save(self, member: Member, paper_id: PaperId, at: datetime) -> bool:
        """Put the paper on the member's list; False when it was there."""
        ...

    async def unsave(self, member: Member, paper_id: PaperId) -> bool:
        """Take the paper off the member's list; False when it was not there."""
        ...

    async def of(self, member: Member, papers: Collection[PaperId]) -> Mapping[PaperId, Mark]:
        """How these papers stand; those without any mark are absent."""
        ...

    async def votes(self, workspace: WorkspaceId, papers: Collection[PaperId]) -> Mapping[PaperId, int]:
        """How many of the workspace's members voted for each of these papers; those without a vote are absent."""
        ...

    async def voted(self, workspace: WorkspaceId, *, limit: int) -> Mapping[PaperId, int]:
        """The papers that the workspace's members voted for, with how many did: the `limit` with the most."""
        ...

    async def saved(self, member: Member, *, limit: int, offset: int = 0) -> Sequence[PaperId]:
        """The member's list, the newest first."""
        ...

    async def count_saved(self, member: Member) -> int:
        """How long the member's list is."""
        ...


class Editions(Protocol):
    """The decisions, and the ledger of their deliveries."""

    async def add(self, edition: Edition, parts: Sequence[tuple[int, str]]) -> int | None:
        """Store an edition with one delivery for each (part, key), and mark its picks as had by the channel.

        Returns the edition's id. None, and nothing stored, when (subscription, local date, kind) is taken already, or
        when the channel had one of the picks meanwhile and the choice has to be made again.
        """
        ...

    async def add_all(self, planned: Sequence[tuple[Edition, Sequence[tuple[int, str]]]]) -> Sequence[int | None]:
        """As `add`, of many; the caller has locked their channels and seen that nobody had any of the picks.

        None for those whose (subscription, local date, kind) is taken.
        """
        ...

    async def by_ids(self, edition_ids: Collection[int]) -> Mapping[int, Edition]:
        """The editions of these ids; unknown ones are absent."""
        ...

    async def of_channel(self, channel: ChannelRef, *, limit: int) -> Sequence[Edition]:
        """The channel's newest editions, newest first."""
        ...

    async def accounts(self, channel: ChannelRef, *, limit: int) -> Sequence[Account]:
        """The channel's newest digests and roundups with what became of them, newest first."""
        ...

    async def of_day(self, on: date) -> Sequence[Account]:
        """All digests and roundups of one local date with what became of them, oldest first."""
        ...

    async def had(self, channel: ChannelRef, kind: EditionKind) -> Collection[PaperId]:
        """The papers that the channel has had, of this kind."""
        ...

    async def posted(
        self, channel: ChannelRef, *, papers: Collection[PaperId] | None = None, limit: int
    ) -> Mapping[PaperId, date]:
        """On which local date each of these papers (None: of all) was last in an edition here; the newest `limit`."""
        ...

    async def had_by(
        self, subscribed: Sequence[Subscription], *, seen_after: datetime
    ) -> Collection[tuple[ChannelRef, EditionKind, PaperId]]:
        """Which papers that were live after `seen_after` the channels of these subscriptions have had."""
        ...

    async def lately_had(
        self, subscribed: Sequence[Subscription], since: datetime
    ) -> Mapping[tuple[ChannelRef, EditionKind], Sequence[Paper]]:
        """The papers that editions brought their channels that were due at or after `since`, by id."""
        ...

    async def skipped(self, subscribed: Sequence[Subscription]) -> Mapping[int, Sequence[Edition]]:
        """By subscription, the dates that were skipped since its last edition, oldest first."""
        ...

    async def of_subscription(self, subscription_id: int, *, since: datetime) -> Sequence[Edition]:
        """The digests and roundups of a subscription that were due at or after `since`, newest first."""
        ...

    async def stage_of(self, channel: ChannelRef, paper_id: PaperId) -> Sequence[tuple[Edition, Stage]]:
        """In which of the channel's editions the paper stood, and where it left."""
        ...


class Deliveries(Protocol):
    """The ledger: claim → post → record."""

    async def ready(self, *, now: datetime, platforms: Collection[Platform], limit: int) -> Sequence[Delivery]:
        """Deliveries to these platforms that are READY and due and whose turn it is, fair among workspaces.

        Parts of one edition go out in order, and replies only where their parent was sent. The first of each workspace
        come first, then the second of each, and so on; within a workspace the oldest first.
        """
        ...

    async def claim(
        self, keys: Sequence[str], *, owner: str, now: datetime, lease_until: datetime
    ) -> Sequence[Delivery]:
        """Take those of these deliveries that are still READY and due, in the order of `keys`.

        Their state becomes SENDING with this owner and lease, their attempt counts one up.
        """
        ...

    async def expire(self, *, now: datetime) -> int:
        """Turn SENDING deliveries whose lease has passed into UNKNOWN; return how many."""
        ...

    async def doubtful(
        self, *, now: datetime, platforms: Collection[Platform], limit: int
    ) -> Sequence[tuple[Delivery, WhenInDoubt]]:
        """UNKNOWN deliveries to these platforms whose quarantine is over, oldest first.

        Each with what its channel prefers.
        """
        ...

    async def record(self, delivery: Delivery, *, owner: str | None, entry: LedgerEntry) -> bool:
        """Store what became of it; False when `owner` no longer holds it (fencing), and nothing changes.

        A None owner stands for whoever settles a doubt, and then the delivery must still be UNKNOWN.
        """
        ...

    async def reopen(self, keys: Collection[str]) -> int:
        """Make REFUSED deliveries READY again, with their keys, unless an attempt may have landed; return how many."""
        ...

    async def next_at(self, *, after: datetime) -> datetime | None:
        """The earliest instant after this one at which a lease ends, a retry is due or a quarantine is over."""
        ...

    async def by_edition(self, edition_ids: Collection[int]) -> Mapping[int, Sequence[Delivery]]:
        """The deliveries of these editions by part."""
        ...

    async def latest(
        self, *, channel: ChannelRef | None = None, state: DeliveryState | None = None, limit: int
    ) -> Sequence[Delivery]:
        """The newest deliveries, newest first."""
        ...


class Paces(Protocol):
    """When each scope's next call is due (`bot.pacing`); shared by all workers."""

    async def of(self, keys: Collection[str]) -> Mapping[str, datetime]:
        """What is kept for these scope keys; in a writing transaction locked until its end."""
        ...

    async def put(self, next_calls_at: Mapping[str, datetime]) -> None:
        """Keep these instants."""
        ...

    async def forget(self, *, before: datetime) -> None:
        """Drop what no longer holds anybody up."""
        ...


class Notebook(Protocol):
    """What the installation remembers of itself, by name."""

    async def get(self, name: str) -> str | None:
        """What was noted."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Note it."""
        ...


class Installations(Protocol):
    """The workspaces that installed the bot."""

    async def put(self, installation: Installation) -> None:
        """Insert or replace; the workspace must be known."""
        ...

    async def get(self, workspace: WorkspaceId) -> Installation | None:
        """The workspace's installation."""
        ...

    async def all(self) -> Sequence[Installation]:
        """Every installation, by workspace: for operators, never for members."""
        ...

    async def remove(self, workspace: WorkspaceId) -> bool:
        """Forget the installation; False when there was none."""
        ...


class Audit(Protocol):
    """Who changed what, channel by channel; only ever added to."""

    async def add(self, line: AuditLine) -> None:
        """Keep a line."""
        ...

    async def of(self, channel: ChannelRef, *, limit: int, offset: int = 0) -> Sequence[AuditLine]:
        """The channel's newest lines, the newest first."""
        ...


class Vault(Protocol):
    """Seals what must not stand in the database in clear, with a key that is kept elsewhere."""

    @property
    def key_ids(self) -> Sequence[str]:
        """The keys that can open, the one that seals first."""
        ...

    def seal(self, secret: str) -> str:
        """The secret, sealed with the newest key; the sealed text begins with the key's id."""
        ...

    def open(self, sealed: str) -> str:
        """The secret. Raises BadSettings where its key is not at hand."""
        ...


class Transaction(Protocol):
    """One unit of work: all of it is kept, or nothing."""

    @property
    def papers(self) -> Papers: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def channels(self) -> Channels: ...
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def marks(self) -> Marks: ...
    @property
    def editions(self) -> Editions: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def paces(self) -> Paces: ...
    @property
    def notebook(self) -> Notebook: ...
    @property
    def installations(self) -> Installations: ...
    @property
    def audit(self) -> Audit: ...


class Store(Protocol):
    """The database. Called by every service."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent view; nothing written in it is kept."""
        ...

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction, committed on leaving and rolled back on an exception; on SQLite, one at a time."""
        ...

    async def close(self) -> None:
        """Release all connections."""
        ...
