"""MemoryStore and MemoryTimeline: the store over dicts, for tests of services; the contract suite keeps it honest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from bot.document import Document
from bot.errors import SubscriptionExists
from bot.ledger import MessageRef, WhenInDoubt
from bot.model import ChangesBy, Channel, ChannelRef, Member, MemberId, Platform, Subscription, WorkspaceId
from bot.ports import Advance, PostedMessage
from bot.tenancy import AuditLine, Installation
from tests.fakes.catalogue import MemoryCatalogue
from tests.fakes.ledger import MemoryDeliveries, MemoryEditions
from tests.fakes.marks import MemoryMarks
from tests.fakes.papers import MemoryAnnouncements, MemoryPapers
from tests.fakes.tables import Tables, name_key


class MemoryChannels:
    """`bot.ports.Channels` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add_workspace(self, workspace: WorkspaceId, platform: Platform, created_at: datetime) -> None:  # noqa: ARG002
        self._tables.workspaces.setdefault(workspace, platform)

    async def workspaces(self, platform: Platform) -> Sequence[WorkspaceId]:
        return sorted(each for each, theirs in self._tables.workspaces.items() if theirs is platform)

    async def add(self, channel: Channel) -> Channel:
        self._tables.need_workspace(channel.ref.workspace)
        return self._tables.channels.setdefault(channel.ref, channel)

    async def get(self, ref: ChannelRef) -> Channel | None:
        return self._tables.channels.get(ref)

    async def named(self, workspace: WorkspaceId, name: str) -> Channel | None:
        theirs = (each for each in self._tables.channels.values() if each.ref.workspace == workspace)
        return next((each for each in theirs if name_key(each.name) == name_key(name)), None)

    async def called(self, name: str) -> Sequence[Channel]:
        known = self._tables.channels.values()
        return [each for each in known if name_key(each.name) == name_key(name) or each.ref.address == name]

    async def all(self, workspace: WorkspaceId) -> Sequence[Channel]:
        theirs = [each for each in self._tables.channels.values() if each.ref.workspace == workspace]
        return sorted(theirs, key=lambda channel: name_key(channel.name))

    async def put_member(self, member: Member) -> None:
        self._tables.need_workspace(member.workspace)
        self._tables.members[member.workspace, member.id] = member

    async def member(self, workspace: WorkspaceId, member: MemberId) -> Member | None:
        return self._tables.members.get((workspace, member))

    async def members(self, workspace: WorkspaceId) -> Sequence[Member]:
        theirs = [each for each in self._tables.members.values() if each.workspace == workspace]
        return sorted(theirs, key=lambda member: (name_key(member.name), member.id))

    async def remove(self, ref: ChannelRef) -> bool:
        tables = self._tables
        gone = {id_ for id_, each in tables.editions.items() if each.channel == ref}
        tables.slips = {key: slip for key, slip in tables.slips.items() if slip.delivery.edition_id not in gone}
        tables.had = {key: id_ for key, id_ in tables.had.items() if key[0] != ref}
        tables.editions = {id_: each for id_, each in tables.editions.items() if id_ not in gone}
        tables.subscriptions = {id_: each for id_, each in tables.subscriptions.items() if each.channel != ref}
        return tables.channels.pop(ref, None) is not None

    async def rename(self, ref: ChannelRef, name: str) -> None:
        if ref in self._tables.channels:
            self._tables.channels[ref] = replace(self._tables.channels[ref], name=name)

    async def remove_workspace(self, workspace: WorkspaceId) -> bool:
        tables = self._tables
        for channel in await self.all(workspace):
            await self.remove(channel.ref)
        tables.members = {key: each for key, each in tables.members.items() if key[0] != workspace}
        tables.ballots = {key: each for key, each in tables.ballots.items() if key[0] != workspace}
        tables.saves = {key: each for key, each in tables.saves.items() if key[0] != workspace}
        tables.paces = {key: each for key, each in tables.paces.items() if f"\x1f{workspace}" not in key}
        tables.audit = {id_: each for id_, each in tables.audit.items() if each.channel.workspace != workspace}
        tables.installations.pop(workspace, None)
        tables.changes_by.pop(workspace, None)
        tables.contacts.pop(workspace, None)
        return tables.workspaces.pop(workspace, None) is not None

    async def changes_by(self, workspace: WorkspaceId) -> ChangesBy:
        return self._tables.changes_by.get(workspace, ChangesBy.ANYONE)

    async def let_change(self, workspace: WorkspaceId, who: ChangesBy) -> None:
        self._tables.changes_by[workspace] = who

    async def when_in_doubt(self, ref: ChannelRef) -> WhenInDoubt:
        return self._tables.preferences.get(ref, WhenInDoubt.NEVER_TWICE)

    async def prefer(self, ref: ChannelRef, what: WhenInDoubt) -> None:
        self._tables.preferences[ref] = what

    async def contact(self, workspace: WorkspaceId) -> Channel | None:
        ref = self._tables.contacts.get(workspace)
        return None if ref is None else self._tables.channels.get(ref)

    async def set_contact(self, ref: ChannelRef) -> None:
        self._tables.contacts[ref.workspace] = ref


class MemorySubscriptions:
    """`bot.ports.Subscriptions` over dicts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, subscription: Subscription) -> Subscription:
        self._tables.need_channel(subscription.channel)
        if await self.get(subscription.channel, subscription.name):
            raise SubscriptionExists(f"This channel already has a subscription named “{subscription.name}”.")
        stored = replace(subscription, id=self._tables.next_id("subscriptions"))
        self._tables.subscriptions[stored.id] = stored
        return stored

    async def get(self, channel: ChannelRef, name: str) -> Subscription | None:
        return next((each for each in await self.of(channel) if name_key(each.name) == name_key(name)), None)

    async def of(self, channel: ChannelRef) -> Sequence[Subscription]:
        theirs = [each for each in self._tables.subscriptions.values() if each.channel == channel]
        return sorted(theirs, key=lambda subscription: name_key(subscription.name))

    async def replace(self, subscription: Subscription) -> bool:
        standing = self._tables.subscriptions.get(subscription.id)
        if standing is None or standing.channel != subscription.channel:
            return False
        namesake = await self.get(subscription.channel, subscription.name)
        if namesake is not None and namesake.id != subscription.id:
            raise SubscriptionExists(f"This channel already has a subscription named “{subscription.name}”.")
        self._tables.subscriptions[subscription.id] = replace(
            subscription,
            created_at=standing.created_at,
            created_by=standing.created_by,
            cut_until_at=standing.cut_until_at,
        )
        return True

    async def remove(self, channel: ChannelRef, name: str) -> Subscription | None:
        found = await self.get(channel, name)
        if found is not None:
            del self._tables.subscriptions[found.id]
            for edition_id, edition in list(self._tables.editions.items()):
                if edition.subscription_id == found.id:
                    self._tables.editions[edition_id] = replace(edition, subscription_id=None)
        return found

    async def due(self, now: datetime, *, limit: int) -> Sequence[Subscription]:
        due = [each for each in self._tables.subscriptions.values() if each.next_due_at <= now]
        return sorted(due, key=lambda each: (each.next_due_at, each.id))[:limit]

    async def standing(self, due: Sequence[Subscription]) -> Mapping[int, Sequence[Subscription]]:
        return {each.id: await self.of(each.channel) for each in due}

    async def advance(self, moves: Sequence[Advance]) -> None:
        for move in moves:
            if found := self._tables.subscriptions.get(move.subscription_id):
                moved = replace(found, cut_until_at=move.cut_until_at, next_due_at=move.next_due_at)
                self._tables.subscriptions[found.id] = moved

    async def strike(self, edition_id: int) -> Subscription | None:
        found = self._whose(edition_id)
        if found is None:
            return None
        struck = self._tables.subscriptions[found.id] = replace(found, strikes=found.strikes + 1)
        return struck

    async def clear_strikes(self, edition_id: int) -> None:
        if found := self._whose(edition_id):
            self._tables.subscriptions[found.id] = replace(found, strikes=0)

    def _whose(self, edition_id: int) -> Subscription | None:
        return self._tables.subscriptions.get(self._tables.editions[edition_id].subscription_id or 0)

    async def page(self, *, after: int, limit: int) -> Sequence[Subscription]:
        return [each for id_, each in sorted(self._tables.subscriptions.items()) if id_ > after][:limit]

    async def topics(self) -> Collection[str]:
        return {each.topic for each in self._tables.subscriptions.values()}


class MemoryPaces:
    """`bot.ports.Paces` over a dict."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, keys: Collection[str]) -> Mapping[str, datetime]:
        return {key: self._tables.paces[key] for key in keys if key in self._tables.paces}

    async def put(self, next_calls_at: Mapping[str, datetime]) -> None:
        self._tables.paces.update(next_calls_at)

    async def forget(self, *, before: datetime) -> None:
        self._tables.paces = {key: at for key, at in self._tables.paces.items() if at >= before}


class MemoryNotebook:
    """`bot.ports.Notebook` over a dict."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def get(self, name: str) -> str | None:
        return self._tables.notes.get(name)

    async def put(self, name: str, value: str) -> None:
        self._tables.notes[name] = value


class MemoryInstallations:
    """`bot.ports.Installations` over a dict."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, installation: Installation) -> None:
        self._tables.need_workspace(installation.workspace)
        self._tables.installations[installation.workspace] = installation

    async def get(self, workspace: WorkspaceId) -> Installation | None:
        return self._tables.installations.get(workspace)

    async def all(self) -> Sequence[Installation]:
        return [each for _, each in sorted(self._tables.installations.items())]

    async def remove(self, workspace: WorkspaceId) -> bool:
        return self._tables.installations.pop(workspace, None) is not None


class MemoryAudit:
    """`bot.ports.Audit` over a list."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, line: AuditLine) -> None:
        self._tables.need_workspace(line.channel.workspace)
        self._tables.audit[len(self._tables.audit)] = line

    async def of(self, channel: ChannelRef, *, limit: int, offset: int = 0) -> Sequence[AuditLine]:
        theirs = [each for each in reversed(self._tables.audit.values()) if each.channel == channel]
        return theirs[offset : offset + limit]


class MemoryTransaction:
    """`bot.ports.Transaction` over one copy of the tables."""

    def __init__(self, tables: Tables) -> None:
        self.papers = MemoryPapers(tables)
        self.catalogue = MemoryCatalogue(tables)
        self.announcements = MemoryAnnouncements(tables)
        self.channels = MemoryChannels(tables)
        self.subscriptions = MemorySubscriptions(tables)
        self.marks = MemoryMarks(tables)
        self.editions = MemoryEditions(tables)
        self.deliveries = MemoryDeliveries(tables)
        self.paces = MemoryPaces(tables)
        self.notebook = MemoryNotebook(tables)
        self.installations = MemoryInstallations(tables)
        self.audit = MemoryAudit(tables)


class MemoryStore:
    """`bot.ports.Store`: a write works on a copy that takes the original's place when it succeeds."""

    def __init__(self) -> None:
        self.tables = Tables()
        self._one_writer = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[MemoryTransaction]:
        yield MemoryTransaction(self.tables.copy())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[MemoryTransaction]:
        async with self._one_writer:
            draft = self.tables.copy()
            yield MemoryTransaction(draft)
            self.tables = draft

    async def close(self) -> None:
        """Nothing to release."""


class MemoryTimeline:
    """`bot.ports.Timeline` over a dict; with a store, only the store's channels have one."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self._store = store
        self._messages: dict[tuple[ChannelRef, str], PostedMessage] = {}

    async def add(self, message: PostedMessage) -> PostedMessage:
        if self._store is not None:
            self._store.tables.need_channel(message.channel)
        known = await self.find(message.channel, message.key)
        return known or self._messages.setdefault((message.channel, message.id), message)

    async def replace(self, ref: MessageRef, document: Document, edited_at: datetime) -> bool:
        message = self._messages.get((ref.channel, ref.id))
        if message is None:
            return False
        self._messages[ref.channel, ref.id] = replace(message, document=document, edited_at=edited_at)
        return True

    async def find(self, channel: ChannelRef, key: str) -> PostedMessage | None:
        return next((each for each in self._of(channel) if key and each.key == key), None)

    async def latest(self, channel: ChannelRef, *, limit: int, before: str | None = None) -> Sequence[PostedMessage]:
        standing = self._of(channel)
        if before is not None:
            ids = [each.id for each in standing]
            standing = standing[: ids.index(before)] if before in ids else []
        top = [each for each in standing if each.reply_to is None]
        return top[max(len(top) - limit, 0) :]

    async def replies(self, channel: ChannelRef, parents: Collection[str]) -> Mapping[str, Sequence[PostedMessage]]:
        threads: dict[str, list[PostedMessage]] = {}
        for message in self._of(channel):
            if message.reply_to is not None and message.reply_to in parents:
                threads.setdefault(message.reply_to, []).append(message)
        return threads

    def _of(self, channel: ChannelRef) -> list[PostedMessage]:
        return [each for each in self._messages.values() if each.channel == channel]
