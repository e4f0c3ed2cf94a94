"""A local page over in-memory sides and a core that only repeats what it was asked."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import aiohttp

from adapters.local.app import LocalApp
from adapters.local.live import Live
from adapters.local.messenger import LocalMessenger
from adapters.web.server import WebServer
from bot.document import Audience, Document, Entry, FieldKind, Form, FormField, Note, PaperCard, Reply, Tone
from bot.errors import StoreUnavailable
from bot.ledger import Delivery
from bot.model import Channel, ChannelRef, Mark, Member, MemberId, PaperId, Platform, WorkspaceId
from bot.outcome import Sent
from tests.fakes.clock import FrozenClock
from tests.fakes.store import MemoryTimeline

HOME = WorkspaceId("local:home")
NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Foreseen:
    notes: tuple[Note, ...]
    errors: dict[str, str]


def subscription_form(topic="", error=""):
    field = FormField(name="topic", label="Topic", kind=FieldKind.TEXT, value=topic, error=error, required=True)
    return Form("Subscribe", "subscribe", (field,), "Subscribe")


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
        self.marks_now = {}
        self.previewed = []
        self.app = LocalApp(
            timeline=self.timeline,
            live=self.live,
            answer=self.answer,
            submit=self.submit,
            channels=self.channels,
            member=self.member,
            notices=self.notices,
            form=self.form,
            preview=self.preview,
            marks=self.marks,
            members=self.members,
            completions=(Entry("today", "The newest papers", literal=True),),
            beat_seconds=beat_seconds,
        )

    async def answer(self, caller, text):
        self.asked.append((caller, text))
        if text == "fail":
            raise RuntimeError("a secret of the inside")
        if text == "no store":
            raise StoreUnavailable("The database is locked. Try again in a minute.")
        verb, _, rest = text.partition(" ")
        if verb == "edit":
            return await self.form(caller, verb, rest)
        if verb in {"vote", "unvote", "save", "unsave"}:
            return self._mark(caller.member, verb, PaperId(rest))
        return Reply(Document((Note(f"You asked: {text}"),)))

    def _mark(self, member, verb, paper):
        before = self.marks_now.get((member.id, paper), Mark(paper))
        after = {
            "vote": replace(before, votes=before.votes + 1, voted=True),
            "unvote": replace(before, votes=0, voted=False),
            "save": replace(before, saved=True),
            "unsave": replace(before, saved=False),
        }[verb]
        if paper == "unknown":
            return Reply(Document((Note("No such paper.", Tone.ERROR),)))
        self.marks_now[member.id, paper] = after
        return Reply(Document((Note(f"You asked: {verb}"),)), mark=after)

    async def submit(self, caller, verb, values):
        del caller
        self.submitted.append((verb, dict(values)))
        if values.get("topic") == "wrong":
            return Reply(Document((subscription_form(topic="wrong", error="No such category."),)))
        return Reply(Document((Note("Taken", Tone.GOOD),)))

    async def channels(self):
        return [Channel(ref=ref(name), name=name, created_at=NOON) for name in ("papers", "two words")]

    async def member(self, member_id, zone):
        return Member(workspace=HOME, id=member_id or MemberId("owner"), name="Ada", zone=zone)

    async def form(self, caller, verb, name):
        del caller, verb
        return Reply(Document((subscription_form(topic=name),)))

    async def preview(self, caller, verb, values):
        del caller
        self.previewed.append((verb, dict(values)))
        errors = {"topic": "No such category."} if values.get("topic") == "wrong" else {}
        return Foreseen((Note(f"Everything in <{values.get('topic')}>"),), errors)

    async def marks(self, member, papers):
        return {
            paper: mark for (owner, paper), mark in self.marks_now.items() if owner == member.id and paper in papers
        }

    async def members(self):
        names = {"owner": "Ada", "grace": "Grace"}
        return [Member(workspace=HOME, id=MemberId(each), name=name) for each, name in names.items()]

    async def notices(self):
        return self.notices_now

    async def post_cards(self, count, first=0):
        delivery = Delivery(key="", edition_id=1, part=0, channel=ref("papers"))
        cards = [PaperCard(paper_id=PaperId(f"p{n}"), title=f"Title {n}.", url="") for n in range(first, first + count)]
        outcome = await self.messenger.post(delivery, Document(tuple(cards), Audience.EVERYONE), reply_to=None)
        return outcome.ref

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
