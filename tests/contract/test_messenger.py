"""What every platform's Messenger does. A new platform adds one line to PLATFORMS."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from adapters.discord.parse import workspace_of as workspace_of_guild
from adapters.local.live import Live
from adapters.local.messenger import LocalMessenger
from adapters.local.render import document_html
from adapters.slack.installations import Workspaces, workspace_of
from adapters.slack.messenger import SlackMessenger
from bot.document import Audience, Document, Heading, Note, PaperCard
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, PaperId, Platform, WorkspaceId
from bot.outcome import Absent, CannotTell, RefusedForGood, Sent
from bot.ports import Messenger
from tests.fakes.clock import FrozenClock
from tests.fakes.messenger import MemoryMessenger
from tests.fakes.store import MemoryStore, MemoryTimeline
from tests.standins.discord_client import calling
from tests.standins.discord_process import FORUM, PAPERS, DiscordStandIn, discord_stand_in
from tests.standins.slack_process import TEAM, SlackStandIn, channel_ref, installed, slack_stand_in

pytestmark = pytest.mark.contract

NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """A message as a reader finds it: what it says (every visible text in it), and under which one it stands."""

    ref: MessageRef
    says: str
    reply_to: str | None


@dataclass(frozen=True)
class Side:
    """A messenger with a way to look at the channel."""

    messenger: Messenger
    channel: ChannelRef
    shown: Callable[[], Awaitable[list[Shown]]]
    close: Callable[[], Awaitable[None]] | None = None


def local_channel() -> ChannelRef:
    return ChannelRef(Platform.LOCAL, WorkspaceId("local:home"), "papers")


def memory() -> Side:
    messenger = MemoryMessenger(FrozenClock(NOON))
    channel = local_channel()

    async def shown():
        return [
            Shown(message.ref, texts(message.document), message.reply_to and message.reply_to.id)
            for message in messenger.in_channel(channel)
        ]

    return Side(messenger, channel, shown)


def texts(document: Document) -> str:
    found = []
    for block in document.blocks:
        match block:
            case Heading(text=text) | Note(text=text):
                found.append(text)
            case PaperCard(title=title, byline=byline, summary=summary):
                found += [title, byline, summary]
    return "\n".join(found)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.texts = []

    def handle_data(self, data):
        self.texts.append(data)


def read(html: str) -> str:
    """The text of a page as a browser reads it: what is taken for a tag is not text."""
    reader = _Reader()
    reader.feed(str(html))  # Markup would escape what is added to it
    reader.close()
    return "".join(reader.texts)


def local() -> Side:
    timeline = MemoryTimeline()
    messenger = LocalMessenger(timeline=timeline, live=Live(), clock=FrozenClock(NOON))
    channel = local_channel()

    async def shown():
        parents = await timeline.latest(channel, limit=100)
        threads = await timeline.replies(channel, [message.id for message in parents])
        messages = [message for parent in parents for message in (parent, *threads.get(parent.id, ()))]
        return [
            Shown(MessageRef(channel, message.id), read(document_html(message.document, "/c/x")), message.reply_to)
            for message in messages
        ]

    return Side(messenger, channel, shown)


def slack(server: SlackStandIn) -> Side:
    server.team()
    store, clock = MemoryStore(), FrozenClock(NOON)
    workspaces = asyncio.run(_installed(server, store, clock))
    messenger = SlackMessenger(workspaces, clock)
    channel = channel_ref()

    async def shown():
        return [
            Shown(MessageRef(channel, each["ts"]), "\n".join(slack_texts(each["blocks"])), each.get("thread_ts"))
            for each in server.messages()
        ]

    return Side(messenger, channel, shown, workspaces.close)


async def _installed(server: SlackStandIn, store: MemoryStore, clock: FrozenClock) -> Workspaces:
    workspaces = await installed(server, store, clock)
    for address in ("C0001", "C0002"):
        await workspaces.call(workspace_of(TEAM), "conversations.join", channel=address)
    await workspaces.close()
    return workspaces


def slack_texts(value) -> list[str]:
    """Every visible text of blocks."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in slack_texts(each)]
    return [text for each in value for text in slack_texts(each)] if isinstance(value, list) else []


def discord(server: DiscordStandIn, address: str = PAPERS) -> Side:
    guild = server.guild()
    ours = calling(server.api_url, FrozenClock(NOON))
    channel = ChannelRef(Platform.DISCORD, workspace_of_guild(guild), address)

    async def shown():
        return await asyncio.to_thread(looked_at)

    def looked_at():
        found = [(None, each) for each in server.messages(address)] if address == PAPERS else []
        threads = [each["id"] for each in server.threads(address)]
        found += [(thread, each) for thread in threads for each in server.messages(thread)]
        return [
            Shown(
                MessageRef(channel, f"{thread}/{each['id']}" if thread and thread != each["id"] else each["id"]),
                "\n".join(discord_texts(each)),
                thread if thread != each["id"] else None,
            )
            for thread, each in found
        ]

    return Side(ours.messenger, channel, shown, ours.close)


def discord_texts(message) -> list[str]:
    """Every visible text, as a reader finds it: without the signs of markdown."""
    drawn = [
        message["content"],
        *(each.get(name, "") for each in message["embeds"] for name in ("title", "description")),
    ]
    plain = [(each.get(name) or {}).get(part, "") for each in message["embeds"] for name, part in PLAIN]
    return [re.sub(r"\\([^A-Za-z0-9\s])", r"\1", each) for each in drawn if each] + [each for each in plain if each]


PLAIN = (("author", "name"), ("footer", "text"))


def discord_forum(server: DiscordStandIn) -> Side:
    return discord(server, FORUM)


PLATFORMS: dict[str, Callable[[], Side]] = {
    "memory": memory,
    "local": local,
}
SERVED: dict[str, Callable[[Any], Side]] = {"slack": slack, "discord": discord, "discord-forum": discord_forum}
"""Platforms that are spoken to over a socket, each with a server that stands in for it."""


@pytest.fixture(scope="module")
def slack_server():
    with slack_stand_in("--at", str(NOON.timestamp())) as server:
        yield server


@pytest.fixture
def discord_server():
    with discord_stand_in("--at", str(NOON.timestamp())) as server:
        yield server


@pytest.fixture
def discord_forum_server(discord_server):
    return discord_server


@pytest.fixture(params=[*PLATFORMS, *SERVED])
async def side(request):
    if request.param in PLATFORMS:
        yield PLATFORMS[request.param]()
        return
    server = request.getfixturevalue(f"{request.param.replace('-', '_')}_server")
    made = await asyncio.to_thread(SERVED[request.param], server)
    yield made
    if made.close is not None:
        await made.close()


def delivery(side: Side, key: str = "AAAAAAAAAAAAAAAAAAAAAAAAA", part: int = 0) -> Delivery:
    return Delivery(key=key, edition_id=1, part=part, channel=side.channel)


def document(text: str) -> Document:
    return Document((Note(text),), Audience.EVERYONE)


async def sent(side: Side, text: str, *, key: str = "A" * 25, reply_to=None, attempt: int = 1) -> MessageRef:
    tried = replace(delivery(side, key), attempt=attempt, tried_at=NOON)
    outcome = await side.messenger.post(tried, document(text), reply_to=reply_to)
    assert isinstance(outcome, Sent)
    return outcome.ref


async def test_posting_gives_the_message_that_stands_in_the_channel(side):
    ref = await sent(side, "Good morning")
    [message] = await side.shown()
    assert message.ref == ref
    assert ref.channel == side.channel
    assert "Good morning" in message.says
    assert message.reply_to is None


async def test_posting_the_same_key_twice_makes_one_message(side):
    first = await sent(side, "Good morning")
    if side.messenger.capabilities.key_holds is None:
        # Such a platform is asked before anything is posted again.
        assert await side.messenger.find_posted("A" * 25, NOON, side.channel, reply_to=None) == Sent(first)
        return
    second = await sent(side, "Good morning", attempt=2)
    assert first == second
    assert len(await side.shown()) == 1


async def test_different_keys_make_different_messages(side):
    first = await sent(side, "one", key="A" * 25)
    second = await sent(side, "two", key="B" * 25)
    assert first != second
    assert len(await side.shown()) == 2


async def test_lines_without_a_key_are_each_posted(side):
    await sent(side, "Ada subscribed", key="")
    await sent(side, "Ada subscribed", key="")
    assert len(await side.shown()) == 2


async def test_a_reply_stands_in_the_thread_of_its_parent(side):
    parent = await sent(side, "the day's list", key="A" * 25)
    await sent(side, "a card", key="B" * 25, reply_to=parent)
    shown = await side.shown()
    assert [message.reply_to for message in shown] == [None, parent.id]
    assert "a card" in shown[1].says


async def test_editing_replaces_what_the_message_says(side):
    ref = await sent(side, "five papers")
    assert await side.messenger.edit(ref, document("six papers")) == Sent(ref)
    [message] = await side.shown()
    assert "six papers" in message.says
    assert "five papers" not in message.says


async def test_editing_what_is_not_there_is_refused_for_good(side):
    outcome = await side.messenger.edit(MessageRef(side.channel, "no-such-message"), document("six papers"))
    assert isinstance(outcome, RefusedForGood)


async def test_a_posted_message_is_found_by_its_key(side):
    ref = await sent(side, "Good morning", key="A" * 25)
    assert await side.messenger.find_posted("A" * 25, NOON, side.channel, reply_to=None) == Sent(ref)


async def test_another_key_finds_nothing(side):
    await sent(side, "Good morning", key="A" * 25)
    assert await side.messenger.find_posted("B" * 25, NOON, side.channel, reply_to=None) == Absent()


async def test_a_message_from_before_the_instant_is_not_found(side):
    await sent(side, "Good morning", key="A" * 25)
    assert (
        await side.messenger.find_posted("A" * 25, NOON + timedelta(hours=1), side.channel, reply_to=None) == Absent()
    )


async def test_a_message_of_another_channel_is_not_found(side):
    await sent(side, "Good morning", key="A" * 25)
    other = ChannelRef(side.channel.platform, side.channel.workspace, "another")
    found = await side.messenger.find_posted("A" * 25, NOON, other, reply_to=None)
    assert isinstance(found, Absent | CannotTell)


async def test_a_reply_is_found_in_the_thread_of_its_parent(side):
    parent = await sent(side, "the day's list", key="A" * 25)
    reply = await sent(side, "a card", key="B" * 25, reply_to=parent)
    assert await side.messenger.find_posted("B" * 25, NOON, side.channel, reply_to=parent) == Sent(reply)


async def test_a_channel_that_can_be_posted_to_needs_nothing_done(side):
    assert not await side.messenger.prepare(side.channel)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "AT&T R&D <T> if a<b && b>c",
    "&amp; already",
    "{{ 7*7 }} {% raw %}",
    "@everyone <!channel> <@U012AB3CD>",
    "*bold* _under_ ~struck~ `code` [a](https://evil.example)",
    "$\\mathcal{O}(n)$",
]


async def test_half_a_character_is_not_refused(side):
    outcome = await side.messenger.post(delivery(side), document("broken \ud800 pair"), reply_to=None)
    assert isinstance(outcome, Sent)
    [message] = await side.shown()
    assert message.says.encode()


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_arrives_as_it_was_written(side, text):
    card = PaperCard(paper_id=PaperId("arxiv:2402.18789"), title=text, url="https://arxiv.org/abs/2402.18789")
    outcome = await side.messenger.post(delivery(side), Document((Heading(text), card)), reply_to=None)
    assert isinstance(outcome, Sent)
    [message] = await side.shown()
    assert message.says.count(text) == 2


async def test_texts_over_the_limits_are_cut_not_refused(side):
    limits = side.messenger.limits
    card = PaperCard(
        paper_id=PaperId("arxiv:2402.18789"),
        title="T" * (limits.title + 1),
        url="https://arxiv.org/abs/2402.18789",
        summary="S" * (limits.summary + 1),
    )
    outcome = await side.messenger.post(
        delivery(side), Document((Heading("H" * 100_000), Note("N" * 100_000), card)), reply_to=None
    )
    assert isinstance(outcome, Sent)
    [message] = await side.shown()
    assert "T" * (limits.title - 1) + "…" in message.says
    assert "S" * (limits.summary - 1) + "…" in message.says
    assert "N" * (limits.text - 1) + "…" in message.says
