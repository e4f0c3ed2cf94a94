"""The local platform's memory: the contract of `bot.ports.Timeline`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.document import (
    Actions,
    Audience,
    Button,
    CardStyle,
    Document,
    Entries,
    Entry,
    FieldKind,
    Form,
    FormField,
    Heading,
    Link,
    Note,
    PaperCard,
    Tone,
)
from bot.errors import ChannelNotFound
from bot.ledger import MessageRef
from bot.ports import PostedMessage, Store, Timeline
from tests.contract.samples import AWAY, HOME, HOUR, NOON, TODAY, channel, paper_id

pytestmark = [pytest.mark.contract, pytest.mark.usefixtures("home")]

EVERYTHING = Document(
    (
        Heading("Tuesday’s papers"),
        Note("No source answered.", Tone.ERROR, "source-down"),
        Entries((Entry("/papers help", "shows this", literal=True), Entry("zone", "UTC"))),
        PaperCard(
            paper_id=paper_id(1),
            title="M³ViT",
            url="https://arxiv.org/abs/1",
            categories=("cs.CV", "cs.LG"),
            announced_on=TODAY,
            upvotes=0,
            actions=(Link("PDF", "https://arxiv.org/pdf/1"), Button("Why", "/papers why 1")),
            style=CardStyle.BRIEF,
        ),
        Actions((Button("More", "/papers today 2"), Link("Docs", "https://example.org"))),
        Form(
            "Subscribe",
            "subscribe",
            (FormField(name="layout", label="Layout", kind=FieldKind.CHOICE, choices=("thread", "list")),),
            "Save",
        ),
    ),
    Audience.EVERYONE,
)


def message(id_: str, key: str = "", **changes: object) -> PostedMessage:
    plain = PostedMessage(id=id_, channel=HOME, key=key, document=Document((Heading(id_),)), posted_at=NOON)
    return replace(plain, **changes)


async def test_a_document_of_all_blocks_comes_back_as_it_was(timeline: Timeline) -> None:
    posted = message("m1", "key", document=EVERYTHING)
    assert await timeline.add(posted) == posted
    assert await timeline.find(HOME, "key") == posted


async def test_a_key_stands_once_in_a_channel(timeline: Timeline) -> None:
    first = await timeline.add(message("m1", "key"))
    assert await timeline.add(message("m2", "key", posted_at=NOON + HOUR)) == first
    assert await timeline.latest(HOME, limit=9) == [first]


async def test_lines_without_a_key_are_as_many_as_wanted_and_never_found(timeline: Timeline) -> None:
    await timeline.add(message("m1"))
    await timeline.add(message("m2"))
    assert len(await timeline.latest(HOME, limit=9)) == 2
    assert await timeline.find(HOME, "") is None


async def test_a_message_of_an_unknown_channel_is_refused(timeline: Timeline) -> None:
    with pytest.raises(ChannelNotFound):
        await timeline.add(message("m1", channel=AWAY))


async def test_a_message_is_replaced(timeline: Timeline) -> None:
    posted = await timeline.add(message("m1", "key"))
    assert await timeline.replace(MessageRef(HOME, "m1"), EVERYTHING, NOON + HOUR)
    assert await timeline.find(HOME, "key") == replace(posted, document=EVERYTHING, edited_at=NOON + HOUR)


async def test_a_message_that_is_not_there_is_not_replaced(timeline: Timeline) -> None:
    await timeline.add(message("m1"))
    assert not await timeline.replace(MessageRef(HOME, "m2"), EVERYTHING, NOON)
    assert not await timeline.replace(MessageRef(AWAY, "m1"), EVERYTHING, NOON)


async def test_the_newest_messages_come_oldest_first_and_page_by_page(timeline: Timeline) -> None:
    for number in range(7):
        await timeline.add(message(f"m{number}"))
    await timeline.add(message("reply", reply_to="m6"))
    newest = await timeline.latest(HOME, limit=3)
    assert [each.id for each in newest] == ["m4", "m5", "m6"]
    assert [each.id for each in await timeline.latest(HOME, limit=3, before="m4")] == ["m1", "m2", "m3"]
    assert [each.id for each in await timeline.latest(HOME, limit=3, before="m1")] == ["m0"]
    assert await timeline.latest(HOME, limit=3, before="m0") == []
    assert await timeline.latest(HOME, limit=3, before="unknown") == []


async def test_replies_stand_in_their_threads(timeline: Timeline) -> None:
    for number in range(3):
        await timeline.add(message(f"m{number}"))
    for id_, parent in (("r1", "m0"), ("r2", "m1"), ("r3", "m0")):
        await timeline.add(message(id_, reply_to=parent))
    threads = await timeline.replies(HOME, ["m0", "m1", "m2"])
    assert {parent: [each.id for each in replies] for parent, replies in threads.items()} == {
        "m0": ["r1", "r3"],
        "m1": ["r2"],
    }
    assert await timeline.replies(HOME, []) == {}


async def test_two_tenants_never_see_each_others_messages(store: Store, timeline: Timeline) -> None:
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))
    mine = await timeline.add(message("m1", "key"))
    theirs = await timeline.add(message("m1", "key", channel=AWAY))
    await timeline.add(message("r1", channel=AWAY, reply_to="m1"))
    assert await timeline.latest(HOME, limit=9) == [mine]
    assert await timeline.latest(AWAY, limit=9) == [theirs]
    assert await timeline.replies(HOME, ["m1"]) == {}
    assert await timeline.replace(MessageRef(AWAY, "m1"), EVERYTHING, NOON)
    assert await timeline.find(HOME, "key") == mine
