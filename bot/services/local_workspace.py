"""The local platform's workspace: its channels and members, and the papers that stand there in the first minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.commands import Caller, Today
from bot.compose.digest import parts
from bot.compose.reading import notes_on
from bot.document import Note
from bot.errors import BadArgument, ChannelNotFound
from bot.model import (
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Layout,
    Member,
    MemberId,
    Origin,
    Pick,
    Platform,
    Role,
    WorkspaceId,
)
from bot.ports import Clock, Store
from bot.ranking import say_score
from bot.services.reading import Reading

HOME = WorkspaceId("local:home")
FIRST_CHANNEL = "papers"
_CARDS = 10
_RECORDS = 50
_FETCHED = {Origin.LIVE, Origin.BACKFILL}
_LONGEST_NAME = 60
_PEOPLE = {Role.ADMIN: "Editor", Role.MEMBER: "Reader"}


def local_ref(name: str) -> ChannelRef:
    """The address of a channel of the local platform."""
    return ChannelRef(Platform.LOCAL, HOME, name)


@dataclass(frozen=True, slots=True)
class LocalWorkspace:
    """Makes the local platform usable. Every step may be repeated and then changes nothing."""

    store: Store
    clock: Clock
    reading: Reading

    async def open_channel(self, name: str = FIRST_CHANNEL) -> Channel:
        """The channel of this name, made where it is missing. Raises BadArgument for a name that cannot stand."""
        name = name.removeprefix("#")
        if not name.replace("-", "").replace("_", "").isalnum() or len(name) > _LONGEST_NAME:
            raise BadArgument("channel", f"A channel's name has 1 to {_LONGEST_NAME} letters, digits, - and _.")
        channel = Channel(ref=local_ref(name), name=name, created_at=self.clock.now())
        async with self.store.write() as tx:
            await tx.channels.add_workspace(HOME, Platform.LOCAL, channel.created_at)
            for role in _PEOPLE:
                if await tx.channels.member(HOME, MemberId(role.value)) is None:
                    await tx.channels.put_member(_person(role))
            made = await tx.channels.add(channel)
            if await tx.channels.contact(HOME) is None:
                await tx.channels.set_contact(made.ref)
            return made

    async def channels(self) -> Sequence[Channel]:
        """All channels by name."""
        async with self.store.read() as tx:
            return await tx.channels.all(HOME)

    async def member(self, member: MemberId | None, zone: str | None) -> Member:
        """The member of this id, the admin where it is unknown; a zone that the browser tells is remembered."""
        async with self.store.read() as tx:
            found = await tx.channels.member(HOME, member) if member else None
            found = found or await tx.channels.member(HOME, MemberId(Role.ADMIN.value)) or _person(Role.ADMIN)
        if zone is None or zone == found.zone:
            return found
        moved = replace(found, zone=zone)
        async with self.store.write() as tx:
            await tx.channels.put_member(moved)
        return moved

    async def remove_channel(self, name: str) -> Channel:
        """Forget a channel with all that stands in it. Raises ChannelNotFound, or BadArgument for the first one."""
        if name.removeprefix("#") == FIRST_CHANNEL:
            raise BadArgument("channel", f"#{FIRST_CHANNEL} is where the page begins; it cannot be removed.")
        found = await self._known(name)
        async with self.store.write() as tx:
            await tx.channels.remove(found.ref)
        return found

    async def add_member(self, name: str, role: Role) -> Member:
        """Make a person as whom the page can be used, or give the one of that name another role."""
        name = " ".join(name.split())
        key = "-".join(name.casefold().split())
        if not key.replace("-", "").replace("_", "").isalnum() or len(name) > _LONGEST_NAME:
            raise BadArgument("member", f"A member's name has 1 to {_LONGEST_NAME} letters, digits, spaces, - and _.")
        await self.open_channel()
        async with self.store.write() as tx:
            known = await tx.channels.member(HOME, MemberId(key))
            zone = known.zone if known else None
            added = Member(workspace=HOME, id=MemberId(key), name=known.name if known else name, role=role, zone=zone)
            await tx.channels.put_member(added)
        return added

    async def members(self) -> Sequence[Member]:
        """Everybody as whom the page can be used, by name."""
        async with self.store.read() as tx:
            return await tx.channels.members(HOME)

    async def caller(self, channel: str, who: str) -> Caller:
        """Who asks from the command line, and where. Raises ChannelNotFound, or BadArgument for an unknown member."""
        first = await self.open_channel()
        where = first if channel.removeprefix("#") == FIRST_CHANNEL else await self._known(channel)
        members = await self.members()
        wanted = who.casefold()
        found = next((each for each in members if wanted in {each.id.casefold(), each.name.casefold()}), None)
        if found is None:
            raise BadArgument(
                "member",
                f"There is no member “{who}”, only {', '.join(each.id for each in members)}. "
                f"`broadsheet member add {who}` makes one.",
            )
        return Caller(where.ref, where.name, found)

    async def _known(self, name: str) -> Channel:
        name = name.removeprefix("#")
        async with self.store.read() as tx:
            found = await tx.channels.named(HOME, name)
            if found is not None:
                return found
            names = ", ".join(f"#{each.name}" for each in await tx.channels.all(HOME))
        raise ChannelNotFound(f"There is no #{name}, only {names}. `broadsheet channel add {name}` makes it.")

    async def notices(self) -> Sequence[Note]:
        """What stands above all messages: the sample edition is shown, a source is down now."""
        day = await self.reading.today(Today())
        if day.is_sample:
            return notes_on(day)
        async with self.store.read() as tx:
            latest = await tx.announcements.latest(limit=_RECORDS)
        newest = {each.source: each for each in reversed(latest) if each.origin in _FETCHED}
        return notes_on(replace(day, records=tuple(newest.values())))

    async def post_today(self, channel: ChannelRef) -> bool:
        """Post the newest day's best papers to a channel that has had nothing yet."""
        async with self.store.read() as tx:
            if await tx.editions.of_channel(channel, limit=1):
                return False
        day = await self.reading.today(Today())
        if day.on is None or not day.papers:
            return False
        now = self.clock.now()
        edition = Edition(
            channel=channel,
            kind=EditionKind.WELCOME,
            local_on=day.on,
            due_at=now,
            cut_until_at=now,
            subscription_id=None,
            layout=Layout.CARDS,
            name="today",
            picks=tuple(
                Pick(paper.id, round(score.total, 4), say_score(paper, score)) for paper, score in day.papers[:_CARDS]
            ),
        )
        async with self.store.write() as tx:
            return await tx.editions.add(edition, parts(edition)) is not None


def _person(role: Role) -> Member:
    return Member(workspace=HOME, id=MemberId(role.value), name=_PEOPLE[role], role=role)
