"""A local page over in-memory sides and a core that only repeats what it was asked."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from adapters.local.app import LocalApp
from adapters.local.live import Live
from adapters.local.messenger import LocalMessenger
from adapters.web.server import WebServer
from bot.document import Audience, Document, Entry, Note, Reply, Tone
from bot.errors import StoreUnavailable
from bot.model import Channel, ChannelRef, Delivery, Member, MemberId, Platform, WorkspaceId
from bot.outcome import Sent
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryTimeline

HOME = WorkspaceId("local:home")
NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)


def ref(name: str) -> ChannelRef:
    return ChannelRef(Platform.LOCAL, HOME, name)


class LocalPage:
    """Two channels, one member. `post` speaks as the bot; `asked` and `submitted` are what reached the core."""

    def __init__(self, beat_seconds: float = 15.0):
        self.clock = FrozenClock(NOON)
        self.timeline = MemoryTimeline()
        self.live = Live()
        self.messenger = LocalMessenger(timeline=self.timeline, live=self.live, clock=self.clock)
        self.asked = []
        self.submitted = []
        self.notices_now = ()
        self.app = LocalApp(
            timeline=self.timeline,
            live=self.live,
            answer=self.answer,
            submit=self.submit,
            channels=self.channels,
            member=self.member,
            notices=self.notices,
            completions=(Entry("today", "The newest papers", literal=True),),
            beat_seconds=beat_seconds,
        )

    async def answer(self, caller, text):
        self.asked.append((caller, text))
        if text == "fail":
            raise RuntimeError("a secret of the inside")
        if text == "no store":
            raise StoreUnavailable("The database is locked. Try again in a minute.")
        return Reply(Document((Note(f"You asked: {text}"),)))

    async def submit(self, caller, verb, values):
        del caller
        self.submitted.append((verb, dict(values)))
        return Reply(Document((Note("Taken", Tone.GOOD),)))

    async def channels(self):
        return [Channel(ref=ref(name), name=name, created_at=NOON) for name in ("papers", "two words")]

    async def member(self, member_id, zone):
        return Member(workspace=HOME, id=member_id or MemberId("owner"), name="Ada", zone=zone)

    async def notices(self):
        return self.notices_now

    async def post(self, text, *, key="", reply_to=None, channel="papers"):
        delivery = Delivery(key=key, edition_id=1, part=0, channel=ref(channel))
        document = Document((Note(text),), Audience.EVERYONE)
        outcome = await self.messenger.post(delivery, document, reply_to=reply_to)
        assert isinstance(outcome, Sent)
        return outcome.ref


@asynccontextmanager
async def serving(house, **options):
    server = WebServer(house.app.routes(), **{"host": "127.0.0.1", "port": 0, "version": "1.2.3", **options})
    await server.start()
    # Browsers state their origin; the jar is for addresses, as the test's host is one.
    session = aiohttp.ClientSession(f"http://127.0.0.1:{server.port}/", cookie_jar=aiohttp.CookieJar(unsafe=True))
    try:
        async with session:
            yield session
    finally:
        house.live.close()
        await server.stop()


async def read_event(response) -> str:
    """The data of the next event of a stream."""
    data = []
    async with asyncio.timeout(5):
        async for line in response.content:
            text = line.decode().rstrip("\n")
            if text.startswith("data: "):
                data.append(text.removeprefix("data: "))
            elif not text and data:
                return "\n".join(data)
    raise AssertionError("the stream ended")
