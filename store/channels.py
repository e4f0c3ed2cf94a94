"""SqlChannels: workspaces, their channels and members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import ChannelNotFound
from bot.ledger import WhenInDoubt
from bot.model import ChangesBy, Channel, ChannelRef, Member, MemberId, Platform, WorkspaceId
from store.rows import name_key, to_channel, to_member, to_preference
from store.statements import insert, upsert
from store.tables import (
    audit_lines,
    channel_papers,
    channels,
    deliveries,
    editions,
    installations,
    members,
    messages,
    paces,
    picks,
    saves,
    subscriptions,
    votes,
    workspaces,
)

ADDRESS = (channels.c.platform, channels.c.workspace, channels.c.address)
"""The columns that `store.rows.to_channel_ref` reads, for queries that join a channel."""


def address_is(ref: ChannelRef) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row of `channels` is this one; always within its workspace."""
    here = channels.c
    return (here.workspace == ref.workspace, here.platform == ref.platform.value, here.address == ref.address)


class SqlChannels:
    """`bot.ports.Channels` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_workspace(self, workspace: WorkspaceId, platform: Platform, created_at: datetime) -> None:
        """Make the workspace known; knowing it already changes nothing."""
        statement = insert(self._connection, workspaces).on_conflict_do_nothing(index_elements=["id"])
        row = {"id": workspace, "platform": platform.value, "created_at": created_at}
        await self._connection.execute(statement, row)

    async def workspaces(self, platform: Platform) -> Sequence[WorkspaceId]:
        """The workspaces of a platform."""
        query = select(workspaces.c.id).where(workspaces.c.platform == platform.value).order_by(workspaces.c.id)
        return [WorkspaceId(each) for each in (await self._connection.execute(query)).scalars()]

    async def add(self, channel: Channel) -> Channel:
        """Make a channel known; where it is known already, return it as it stands."""
        statement = insert(self._connection, channels).on_conflict_do_nothing(
            index_elements=["workspace", "platform", "address"]
        )
        row = {
            "workspace": channel.ref.workspace,
            "platform": channel.ref.platform.value,
            "address": channel.ref.address,
            "name": channel.name,
            "name_key": name_key(channel.name),
            "created_at": channel.created_at,
        }
        await self._connection.execute(statement, row)
        return await self.get(channel.ref) or channel

    async def get(self, ref: ChannelRef) -> Channel | None:
        """The channel at this address."""
        query = select(channels).where(*address_is(ref))
        row = (await self._connection.execute(query)).mappings().first()
        return to_channel(row) if row else None

    async def named(self, workspace: WorkspaceId, name: str) -> Channel | None:
        """The workspace's channel of this name, case-folded; of namesakes the one known longest."""
        query = (
            select(channels)
            .where(channels.c.workspace == workspace, channels.c.name_key == name_key(name))
            .order_by(channels.c.id)
            .limit(1)
        )
        row = (await self._connection.execute(query)).mappings().first()
        return to_channel(row) if row else None

    async def called(self, name: str) -> Sequence[Channel]:
        """The channels of all workspaces with this name or address."""
        query = select(channels).where(or_(channels.c.name_key == name_key(name), channels.c.address == name))
        return [to_channel(row) for row in (await self._connection.execute(query.order_by(channels.c.id))).mappings()]

    async def all(self, workspace: WorkspaceId) -> Sequence[Channel]:
        """The workspace's channels by name."""
        query = select(channels).where(channels.c.workspace == workspace).order_by(channels.c.id)
        rows = (await self._connection.execute(query)).mappings()
        # Sorted here: databases differ in how they order letters.
        return sorted((to_channel(row) for row in rows), key=lambda channel: name_key(channel.name))

    async def put_member(self, member: Member) -> None:
        """Insert or replace a member."""
        row = {
            "workspace": member.workspace,
            "id": member.id,
            "name": member.name,
            "role": member.role.value,
            "zone": member.zone,
        }
        await self._connection.execute(upsert(self._connection, members), row)

    async def member(self, workspace: WorkspaceId, member: MemberId) -> Member | None:
        """The member of this id."""
        query = select(members).where(members.c.workspace == workspace, members.c.id == member)
        row = (await self._connection.execute(query)).mappings().first()
        return to_member(row) if row else None

    async def members(self, workspace: WorkspaceId) -> Sequence[Member]:
        """The workspace's members by name."""
        rows = (await self._connection.execute(select(members).where(members.c.workspace == workspace))).mappings()
        return sorted((to_member(row) for row in rows), key=lambda member: (name_key(member.name), member.id))

    async def remove(self, ref: ChannelRef) -> bool:
        """Forget a channel with its subscriptions, editions, ledger and messages; False when it was unknown."""
        channel = await find_channel_id(self._connection, ref)
        if channel is None:
            return False
        theirs = select(editions.c.id).where(editions.c.channel_id == channel)
        await self._connection.execute(delete(picks).where(picks.c.edition_id.in_(theirs)))
        for table in (deliveries, channel_papers, editions, subscriptions, messages):
            await self._connection.execute(delete(table).where(table.c.channel_id == channel))
        await self._connection.execute(delete(channels).where(channels.c.id == channel))
        return True

    async def rename(self, ref: ChannelRef, name: str) -> None:
        """Give a known channel another name; an unknown one stays unknown."""
        values = {"name": name, "name_key": name_key(name)}
        await self._connection.execute(update(channels).where(*address_is(ref)).values(**values))

    async def remove_workspace(self, workspace: WorkspaceId) -> bool:
        """Forget a workspace with everything of its channels and members; False when it was unknown."""
        for channel in await self.all(workspace):
            await self.remove(channel.ref)
        for table in (votes, saves, audit_lines, installations, members):
            await self._connection.execute(delete(table).where(table.c.workspace == workspace))
        theirs = paces.c.key.contains(f"\x1f{workspace}", autoescape=True)
        await self._connection.execute(delete(paces).where(theirs))
        return (await self._connection.execute(delete(workspaces).where(workspaces.c.id == workspace))).rowcount > 0

    async def changes_by(self, workspace: WorkspaceId) -> ChangesBy:
        """Who may change the workspace's subscriptions; everybody until it was set."""
        query = select(workspaces.c.changes_by).where(workspaces.c.id == workspace)
        found = (await self._connection.execute(query)).scalar()
        return ChangesBy(found) if found else ChangesBy.ANYONE

    async def let_change(self, workspace: WorkspaceId, who: ChangesBy) -> None:
        """Set who may change the workspace's subscriptions."""
        statement = update(workspaces).where(workspaces.c.id == workspace).values(changes_by=who.value)
        await self._connection.execute(statement)

    async def when_in_doubt(self, ref: ChannelRef) -> WhenInDoubt:
        """What is done in this channel about messages whose fate nobody can find out: never twice until it was set."""
        query = select(channels.c.when_in_doubt).where(*address_is(ref))
        return to_preference((await self._connection.execute(query)).scalar())

    async def prefer(self, ref: ChannelRef, what: WhenInDoubt) -> None:
        """Set what is done in this channel about such messages."""
        await self._connection.execute(update(channels).where(*address_is(ref)).values(when_in_doubt=what.value))

    async def contact(self, workspace: WorkspaceId) -> Channel | None:
        """Where the workspace is told what concerns it; None where nobody is known."""
        query = (
            select(channels)
            .join(workspaces, workspaces.c.id == channels.c.workspace)
            .where(channels.c.workspace == workspace, channels.c.address == workspaces.c.contact)
        )
        row = (await self._connection.execute(query)).mappings().first()
        return to_channel(row) if row else None

    async def set_contact(self, ref: ChannelRef) -> None:
        """Make this known channel the contact of its workspace."""
        statement = update(workspaces).where(workspaces.c.id == ref.workspace).values(contact=ref.address)
        await self._connection.execute(statement)


async def find_channel_id(connection: AsyncConnection, ref: ChannelRef) -> int | None:
    """The row that other tables refer to; always found through the workspace."""
    return (await connection.execute(select(channels.c.id).where(*address_is(ref)))).scalar()


async def channel_id(connection: AsyncConnection, ref: ChannelRef) -> int:
    """The row that other tables refer to; raises ChannelNotFound."""
    found = await find_channel_id(connection, ref)
    if found is None:
        raise ChannelNotFound(f"No channel {ref.address} is known in this workspace; open it once, then try again.")
    return found
