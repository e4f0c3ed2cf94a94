"""Forms of subscribe and edit: filled in as things stand, and told while they are typed what they would do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.command_parser import parse_form
from bot.command_table import VERBS
from bot.commands import Caller, Edit, Subscribe
from bot.compose.forms import form, values_of
from bot.document import Form
from bot.errors import SubscriptionExists, SubscriptionNotFound, UnknownCommand
from bot.model import Facts, Layout, Member, MemberId
from bot.services.filling import Filling
from bot.services.forecasting import Forecasting
from bot.services.ingest import take
from bot.services.pools import Pools
from bot.services.previewing import Previewing
from bot.services.subscriptions import Subscribing
from bot.services.topic_entry import TopicEntry
from bot.topics.language import parse_topic
from tests.contract.samples import HOME, channel
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import announcement, listing

pytestmark = pytest.mark.unit

ADA = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", zone="Europe/Berlin")
CALLER = Caller(HOME, "general", ADA)


class Desk:
    """Subscribing and its forms over memory, with twelve papers of one day."""

    def __init__(self):
        self.store = MemoryStore()
        self.clock = FrozenClock()
        self.subscribing = Subscribing(
            store=self.store,
            clock=self.clock,
            categories=self._categories,
            zone="UTC",
            entry=TopicEntry(self.store, has_meaning=False),
            pools=Pools(store=self.store),
        )
        pools, entry = Pools(store=self.store), TopicEntry(self.store, has_meaning=False)
        self.forecasting = Forecasting(store=self.store, pools=pools)
        previewing = Previewing(self.forecasting, entry, pools)
        self.filling = Filling(
            self.subscribing, TopicEntry(self.store, has_meaning=False), self.forecasting, previewing, "UTC"
        )

    async def _categories(self):
        return ("cs",)

    async def preview(self, **values):
        return await self.filling.preview(CALLER, "subscribe", values)


@pytest.fixture
async def desk():
    made = Desk()
    listings = [listing(number, facts=Facts(upvotes=number)) for number in range(1, 12)]
    await take(made.store, announcement(*listings, listing(12, "Grasping with quiet robots", categories=("cs.RO",))))
    async with made.store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
    return made


async def test_a_topic_is_said_back_with_how_much_it_would_have_brought(desk):
    preview = await desk.preview(topic="cs.RO grasping", at="9am")
    said = [note.text for note in preview.notes]
    assert said[0] == "Papers in cs.RO that mention grasping."
    assert said[1].startswith("1 paper in the seven days to ")
    assert said[1].endswith("about 1 a day; for instance “Grasping with quiet robots”.")
    assert "weekdays at 09:00, Europe/Berlin" in said[2]
    assert preview.errors == {}


async def test_a_topic_without_papers_says_so(desk):
    said = [note.text for note in (await desk.preview(topic="zeppelins")).notes]
    assert said[1].startswith("It would have brought nothing in the seven days to ")


async def test_before_any_paper_is_known_nothing_is_promised():
    said = [note.text for note in (await Desk().preview(topic="robots")).notes]
    assert "nothing can be said" in said[1]


async def test_every_wrong_field_is_told_at_once_and_the_rest_is_still_said(desk):
    preview = await desk.preview(topic="cs.XX", at="25:00", top="900")
    assert set(preview.errors) == {"topic", "at", "top"}
    assert preview.notes == ()
    preview = await desk.preview(topic="robots", at="25:00")
    assert set(preview.errors) == {"at"}
    assert preview.notes[0].text == "Papers that mention robots."


async def test_new_papers_are_counted_at_the_next_look(desk):
    before = await desk.forecasting.forecast(topic := parse_topic("zeppelins"))
    desk.clock.move(timedelta(minutes=1))
    await take(desk.store, announcement(listing(99, "Zeppelins"), fetched_at=desk.clock.now()))
    assert (before.papers, (await desk.forecasting.forecast(topic)).papers) == (0, 1)


async def test_the_form_of_edit_is_filled_in_and_untouched_changes_nothing(desk):
    made = (await desk.subscribing.subscribe(CALLER, Subscribe(topic="cs.RO grasping", name="robots"))).subscription
    filled = await desk.filling.form(CALLER, "edit", "Robots")
    assert isinstance(filled, Form)
    values = {field.name: field.value for field in filled.fields}
    assert values == dict(values_of(made))
    edited = await desk.subscribing.edit(CALLER, parse_form("edit", values))
    assert edited.before == edited.after == made


async def test_an_edit_changes_what_it_names_and_keeps_the_cursor(desk):
    made = (await desk.subscribing.subscribe(CALLER, Subscribe(topic="cs.RO", name="robots"))).subscription
    command = Edit(subscription="robots", topic="quant-ph", layout=Layout.LIST, name="Qubits", size=3)
    edited = await desk.subscribing.edit(CALLER, command)
    after = (await desk.subscribing.of(CALLER))[0]
    assert after == edited.after
    assert (after.id, after.name, after.topic, after.size, after.layout) == (
        made.id,
        "Qubits",
        "quant-ph",
        3,
        Layout.LIST,
    )
    assert (after.schedule, after.cut_until_at, after.next_due_at) == (
        made.schedule,
        made.cut_until_at,
        made.next_due_at,
    )
    assert edited.new_categories == ("quant-ph",)


async def test_a_new_hour_is_due_anew(desk):
    made = (await desk.subscribing.subscribe(CALLER, Subscribe(name="robots"))).subscription
    command = parse_form("edit", {"subscription": "robots", "at": "17:30 Tokyo"})
    after = (await desk.subscribing.edit(CALLER, command)).after
    assert after.schedule.zone == "Asia/Tokyo"
    assert after.next_due_at != made.next_due_at


async def test_what_cannot_be_edited_is_named(desk):
    await desk.subscribing.subscribe(CALLER, Subscribe(name="robots"))
    await desk.subscribing.subscribe(CALLER, Subscribe(topic="cs.CL", name="words"))
    with pytest.raises(SubscriptionNotFound, match="There are: robots, words"):
        await desk.subscribing.edit(CALLER, Edit(subscription="nothing", size=3))
    with pytest.raises(SubscriptionExists):
        await desk.subscribing.edit(CALLER, Edit(subscription="robots", name="WORDS"))
    with pytest.raises(UnknownCommand):
        await desk.filling.form(CALLER, "today")


def test_the_form_of_edit_asks_for_what_subscribe_asks():
    names = [field.name for field in form(VERBS["edit"]).fields]
    assert names == ["subscription", *(field.name for field in form(VERBS["subscribe"]).fields)]


async def test_what_a_form_of_edit_leaves_blank_is_foreseen_as_it_stands(desk):
    await desk.subscribing.subscribe(CALLER, Subscribe(topic="cs.RO grasping", zone="Asia/Tokyo", name="robots"))
    preview = await desk.filling.preview(CALLER, "edit", {"subscription": "robots", "at": "17:30", "top": "3"})
    said = [note.text for note in preview.notes]
    assert said[0] == "Papers in cs.RO that mention grasping."
    assert "weekdays at 17:30, Asia/Tokyo" in said[2]
    assert preview.errors == {}


async def test_a_name_that_is_taken_is_told_at_its_field_while_it_is_typed(desk):
    await desk.subscribing.subscribe(CALLER, Subscribe(name="robots"))
    await desk.subscribing.subscribe(CALLER, Subscribe(name="words", topic="cs.CL"))
    assert set((await desk.preview(topic="cs.RO", name="ROBOTS")).errors) == {"name"}
    edit = {"subscription": "robots", "name": "words"}
    assert set((await desk.filling.preview(CALLER, "edit", edit)).errors) == {"name"}
    assert (await desk.filling.preview(CALLER, "edit", edit | {"name": "Robots"})).errors == {}
    unknown = await desk.filling.preview(CALLER, "edit", {"subscription": "nothing"})
    assert set(unknown.errors) == {"subscription"}
    assert set((await desk.filling.preview(CALLER, "edit", {})).errors) == {"subscription"}


async def test_of_other_commands_nothing_is_foreseen(desk):
    assert (await desk.filling.preview(CALLER, "today", {"on": "2026-05-12"})).notes == ()
    assert [note.code for note in (await desk.filling.preview(CALLER, "frobnicate", {})).notes] == ["unknown-command"]


async def test_the_form_of_subscribe_tells_the_zone(desk):
    hints = {field.name: field.hint for field in (await desk.filling.form(CALLER, "subscribe")).fields}
    assert hints["at"].endswith("your zone is Europe/Berlin")
