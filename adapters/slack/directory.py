"""Who asks, and where: Slack's ids as members and channels that the store knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.slack.installations import NoAnswer, NotInstalled, Workspaces, workspace_of
from adapters.slack.parse import DIRECT, PRIVATE, Asked, read_member
from bot.commands import Caller
from bot.model import DIRECT_MESSAGES, Channel, ChannelRef, Member, MemberId, Platform, WorkspaceId
from bot.ports import Clock, Store

_FRESH = timedelta(hours=1)
_SOON = timedelta(seconds=30)
_MOST = 50_000


class Directory:
    """Members (with role and time zone, asked once an hour) and channels; both are put into the store."""

    def __init__(self, workspaces: Workspaces, store: Store, clock: Clock) -> None:
        self._workspaces = workspaces
        self._store = store
        self._clock = clock
        self._members: dict[tuple[WorkspaceId, str], tuple[Member, datetime]] = {}
        self._channels: dict[tuple[WorkspaceId, str], str] = {}
        self._direct: dict[tuple[WorkspaceId, str], str] = {}

    async def caller(self, asked: Asked) -> Caller:
        """Who asked, in a channel that the store knows. Raises NotInstalled."""
        workspace = workspace_of(asked.team)
        await self._workspaces.access(workspace)
        member = await self.member(workspace, asked.user, asked.user_name)
        address, name = asked.channel, asked.channel_name
        if name == DIRECT or address.startswith("D") or not address:
            address, name = await self.direct(workspace, asked.user) or asked.channel, DIRECT_MESSAGES
        ref = ChannelRef(Platform.SLACK, workspace, address)
        return Caller(ref, await self.channel(ref, name), member)

    async def member(self, workspace: WorkspaceId, user: str, name: str = "") -> Member:
        """The member of this id, with what Slack says of them."""
        found = self._members.get((workspace, user))
        now = self._clock.now()
        if found is not None and found[1] > now:
            return found[0]
        async with self._store.read() as tx:
            known = await tx.channels.member(workspace, MemberId(user))
        told = await self._ask(workspace, "users.info", user=user)
        if "user" in told:
            member = _with_known_zone(read_member(workspace, told["user"], known))
        else:
            now -= _FRESH - _SOON  # who is an admin is asked again before long
            member = known or Member(workspace=workspace, id=MemberId(user), name=name or user)
        if member != known:
            async with self._store.write() as tx:
                await tx.channels.put_member(member)
        if len(self._members) > _MOST:
            self._members.clear()
        self._members[workspace, user] = member, now + _FRESH
        return member

    def forget_member(self, workspace: WorkspaceId, user: str) -> None:
        """Ask anew the next time: a role has changed."""
        self._members.pop((workspace, user), None)

    async def channel(self, ref: ChannelRef, name: str) -> str:
        """Make the channel known; return what it is called."""
        key = (ref.workspace, ref.address)
        if (kept := self._channels.get(key)) is not None:
            return kept
        if not name or name == PRIVATE:
            told = await self._ask(ref.workspace, "conversations.info", channel=ref.address)
            name = str(told.get("channel", {}).get("name", "")) or "this channel"
        async with self._store.write() as tx:
            known = await tx.channels.add(Channel(ref=ref, name=name, created_at=self._clock.now()))
            if name not in {known.name, "this channel"}:
                await tx.channels.rename(ref, name)
                known = replace(known, name=name)
            if await tx.channels.contact(ref.workspace) is None:
                await tx.channels.set_contact(ref)
        if len(self._channels) > _MOST:
            self._channels.clear()
        self._channels[key] = known.name
        return known.name

    def forget_channel(self, ref: ChannelRef) -> None:
        """Look it up anew the next time: it was renamed, or is gone."""
        self._channels.pop((ref.workspace, ref.address), None)

    def forget(self, workspace: WorkspaceId) -> None:
        """The workspace is gone."""
        for kept in (self._members, self._channels, self._direct):
            for key in [each for each in kept if each[0] == workspace]:
                kept.pop(key)

    async def direct(self, workspace: WorkspaceId, user: str) -> str:
        """The member's own conversation with the bot; empty where Slack does not tell.

        In other people's direct messages the bot is not present: what is subscribed there comes here.
        """
        key = (workspace, user)
        if key not in self._direct:
            told = await self._ask(workspace, "conversations.open", users=user)
            found = str(told.get("channel", {}).get("id", ""))
            if not found:
                return ""
            self._direct[key] = found
        return self._direct[key]

    async def _ask(self, workspace: WorkspaceId, method: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
        """What Slack tells; nothing where it does not."""
        try:
            answer = await self._workspaces.insist(workspace, method, **arguments)
        except (NoAnswer, NotInstalled):
            return {}
        return dict(answer.data) if answer.ok else {}


def _with_known_zone(member: Member) -> Member:
    """Slack may know zones newer than our data."""
    try:
        ZoneInfo(member.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return replace(member, zone=None)
    return member
