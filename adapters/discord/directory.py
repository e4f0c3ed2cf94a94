"""Who asks, and where: Discord's ids as members and channels that the store knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.discord.parse import Asked
from adapters.discord.permissions import role_of
from adapters.discord.rest import NoAnswer, Rest
from bot.commands import Caller
from bot.model import DIRECT_MESSAGES, ChangesBy, Channel, ChannelRef, Member, MemberId, Platform, Role, WorkspaceId
from bot.ports import Clock, Store

_MOST = 50_000
_FRESH = timedelta(minutes=1)
_UNNAMED = "this channel"


class Directory:
    """Members and channels; both are put into the store when they are first met, and when they change."""

    def __init__(self, rest: Rest, store: Store, clock: Clock) -> None:
        self._rest = rest
        self._store = store
        self._clock = clock
        self._members: dict[tuple[WorkspaceId, str], tuple[Member, datetime]] = {}
        """Each with the instant until which it is believed: another process may have changed a role."""
        self._channels: dict[tuple[WorkspaceId, str], str] = {}
        self._direct: dict[str, str] = {}

    async def caller(self, asked: Asked) -> Caller:
        """Who asked, in a channel that the store knows."""
        address, name = asked.channel, asked.channel_name
        if not asked.guild:
            # Where the bot is not itself, it cannot post: what is subscribed there comes in the direct messages.
            address, name = (asked.channel if asked.is_direct else await self.direct(asked.user)), DIRECT_MESSAGES
        ref = ChannelRef(Platform.DISCORD, asked.workspace, address or asked.channel)
        called = await self.channel(ref, name or _UNNAMED, is_guild=bool(asked.guild))
        return Caller(ref, called, await self.member(asked))

    async def member(self, asked: Asked) -> Member:
        """The member with their role: what Discord lets them do, or more where an admin made them an editor.

        That a member manages channels is Discord's to say each time, and is not kept.
        """
        kept = await self._kept(asked.workspace, asked.user)
        granted = role_of(asked.permissions) if asked.guild else Role.ADMIN
        appointed = Role.EDITOR if kept and kept.role is Role.EDITOR else Role.MEMBER
        lasting = Role.ADMIN if granted is Role.ADMIN else appointed
        member = Member(
            workspace=asked.workspace,
            id=MemberId(asked.user),
            name=asked.user_name or asked.user,
            role=lasting,
            zone=kept.zone if kept else None,
        )
        if member != kept:
            async with self._store.write() as tx:
                await tx.channels.put_member(member)
            self._keep(member)
        return replace(member, role=max(lasting, granted, key=list(Role).index))

    async def known(self, asked: Asked, user: str) -> None:
        """Make a colleague known who was mentioned, with their name; nothing where Discord does not tell."""
        if not asked.guild or await self._kept(asked.workspace, user) is not None:
            return
        try:
            answer = await self._rest.call("GET", f"/guilds/{asked.guild}/members/{user}")
        except NoAnswer:
            return
        if not answer.ok:
            return
        person = answer.data.get("user") or {}
        name = answer.get("nick") or person.get("global_name") or person.get("username") or user
        async with self._store.write() as tx:
            await tx.channels.put_member(Member(workspace=asked.workspace, id=MemberId(user), name=str(name)))

    def forget_members(self, workspace: WorkspaceId) -> None:
        """Look them up anew the next time: a role has changed."""
        for key in [each for each in self._members if each[0] == workspace]:
            self._members.pop(key)

    async def channel(self, ref: ChannelRef, name: str, *, is_guild: bool) -> str:
        """Make the channel known; return what it is called.

        In a server that was not known those who manage channels may change subscriptions, until an admin decides.
        """
        key = (ref.workspace, ref.address)
        if (kept := self._channels.get(key)) is not None and name in {kept, _UNNAMED}:
            return kept
        now = self._clock.now()
        async with self._store.write() as tx:
            await tx.channels.add_workspace(ref.workspace, Platform.DISCORD, now)
            if is_guild and not await tx.channels.all(ref.workspace):
                await tx.channels.let_change(ref.workspace, ChangesBy.EDITORS)
            found = await tx.channels.add(Channel(ref=ref, name=name, created_at=now))
            if name not in {found.name, _UNNAMED}:
                await tx.channels.rename(ref, name)
                found = replace(found, name=name)
            if await tx.channels.contact(ref.workspace) is None:
                await tx.channels.set_contact(ref)
        if len(self._channels) > _MOST:
            self._channels.clear()
        self._channels[key] = found.name
        return found.name

    def forget_channel(self, ref: ChannelRef) -> None:
        """It is gone, or has another name."""
        self._channels.pop((ref.workspace, ref.address), None)

    def forget(self, workspace: WorkspaceId) -> None:
        """The workspace is gone."""
        self.forget_members(workspace)
        for place in [each for each in self._channels if each[0] == workspace]:
            self._channels.pop(place)

    async def direct(self, user: str) -> str:
        """The member's own conversation with the bot; empty where Discord does not open one."""
        if user not in self._direct:
            try:
                answer = await self._rest.call("POST", "/users/@me/channels", {"recipient_id": user})
            except NoAnswer:
                return ""
            if not answer.ok:
                return ""
            if len(self._direct) > _MOST:
                self._direct.clear()
            self._direct[user] = answer.get("id")
        return self._direct[user]

    async def _kept(self, workspace: WorkspaceId, user: str) -> Member | None:
        if (found := self._members.get((workspace, user))) is not None and found[1] > self._clock.now():
            return found[0]
        async with self._store.read() as tx:
            stored = await tx.channels.member(workspace, MemberId(user))
        if stored is not None:
            self._keep(stored)
        return stored

    def _keep(self, member: Member) -> None:
        if len(self._members) > _MOST:
            self._members.clear()
        self._members[member.workspace, member.id] = member, self._clock.now() + _FRESH
