"""Answering: one text in, one Reply out, whatever happens."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from bot.command_table import COMMANDS, VERBS
from bot.commands import Caller
from bot.document import Actions, Audience, Bars, Entries, Form, Note, PaperCard, Tone
from bot.model import NO_ALERT, Alert, Facts, Mark, Member, MemberId, PaperId, Platform, Role
from bot.outcome import RefusedForGood
from bot.ranking import Weights
from bot.services.answering import Answering
from bot.services.auditing import Auditing
from bot.services.completing import Completing
from bot.services.explaining import Explaining
from bot.services.filling import Filling
from bot.services.forecasting import Forecasting
from bot.services.ingest import take
from bot.services.marking import Marking
from bot.services.pausing import Pausing
from bot.services.permission import Permission
from bot.services.pools import Pools
from bot.services.previewing import Previewing
from bot.services.reading import Reading
from bot.services.status import Status
from bot.services.subscriptions import Subscribing
from bot.services.topic_entry import TopicEntry
from tests.contract.samples import HOME, channel
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.library import search_over
from tests.fakes.messenger import MemoryMessenger
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import announcement, listing

pytestmark = pytest.mark.unit

ADA = Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", role=Role.ADMIN, zone="Europe/Berlin")
BOB = Member(workspace=HOME.workspace, id=MemberId("bob"), name="Bob")
CALLER = Caller(HOME, "general", ADA)


class Desk:
    """Answering over memory; `ask` speaks as Ada, `wakes` counts the wake-ups."""

    def __init__(self, store):
        clock = FrozenClock()
        self.store = store
        self.messenger = MemoryMessenger(clock)
        self.wakes = 0
        pools, entry = Pools(store=store), TopicEntry(store, has_meaning=False)
        forecasting = Forecasting(store=store, pools=pools)
        previewing = Previewing(forecasting, entry, pools)
        reading = Reading(store=store, clock=clock, lookup=None, entry=entry, pools=pools)
        subscribing = Subscribing(
            store=store, clock=clock, categories=self._categories, zone="UTC", entry=entry, pools=pools
        )
        self.answering = Answering(
            auditing=Auditing(store, clock),
            completing=Completing(store, clock, "UTC"),
            reading=reading,
            subscribing=subscribing,
            clock=clock,
            messengers={Platform.LOCAL: self.messenger},
            wake=self._wake,
            weights=Weights(),
            zone="UTC",
            marking=Marking(store, clock, reading),
            permission=Permission(store),
            filling=Filling(subscribing, entry, forecasting, previewing, "UTC"),
            entry=entry,
            previewing=previewing,
            explaining=Explaining(store, clock, reading, pools),
            pausing=Pausing(store, clock),
            status=Status(store, clock),
            searching=search_over(store, clock, reading)[0],
        )

    async def _categories(self):
        return ("cs",)

    def _wake(self):
        self.wakes += 1

    async def ask(self, text, member=ADA):
        return await self.answering(Caller(HOME, "general", member), text)

    async def submit(self, verb, values):
        return await self.answering.submit(CALLER, verb, values)


@pytest.fixture
async def desk():
    made = Desk(MemoryStore())
    await take(made.store, announcement(*(listing(number, facts=Facts(upvotes=number)) for number in range(1, 13))))
    async with made.store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
    return made


def errors(reply):
    return [block.code for block in reply.document.blocks if isinstance(block, Note) and block.tone is Tone.ERROR]


def texts(reply):
    return "\n".join(block.text for block in reply.document.blocks if hasattr(block, "text"))


def cards(reply):
    return [block for block in reply.document.blocks if isinstance(block, PaperCard)]


EXAMPLES = sorted({example for spec in COMMANDS for example in (*spec.examples, *VERBS) if "2605.29801" not in example})


@pytest.mark.parametrize("text", ["", *EXAMPLES, *(f"help {verb}" for verb in VERBS)])
async def test_every_command_is_answered_to_its_caller_alone(desk, text):
    reply = await desk.ask(text)

    assert reply.document.blocks
    assert reply.document.audience is Audience.CALLER
    assert set(errors(reply)) <= {"bad-argument", "subscription-not-found"}, text


async def test_the_day_is_paged_ten_cards_at_a_time(desk):
    assert [len(cards(await desk.ask(text))) for text in ("today", "today page 2", "today page 3")] == [10, 2, 0]


async def test_a_paper_is_shown_by_its_link(desk):
    [card] = cards(await desk.ask("show https://arxiv.org/abs/2605.00003"))

    assert card.paper_id == "arxiv:2605.00003"


async def test_a_vote_counts_once_and_can_be_taken_back(desk):
    paper = PaperId("arxiv:2605.00003")
    first, again = await desk.ask("vote 2605.00003"), await desk.ask("upvote arxiv:2605.00003v2")

    assert first.mark == again.mark == Mark(paper, votes=1, voted=True)
    assert "1 vote here" in texts(first)
    assert "already" in texts(again)
    assert (await desk.ask("vote 2605.00003", BOB)).mark == Mark(paper, votes=2, voted=True)
    assert (await desk.ask("unvote 2605.00003")).mark == Mark(paper, votes=1)


async def test_saved_papers_are_the_caller_s_own_and_paged(desk):
    for number in range(1, 13):
        await desk.ask(f"save 2605.{number:05d}")

    assert len(cards(await desk.ask("saved"))) == 10
    assert len(cards(await desk.ask("saved page 2"))) == 2
    assert cards(await desk.ask("saved", BOB)) == []
    await desk.ask("unsave 2605.00001")
    assert len(cards(await desk.ask("saved page 2"))) == 1


async def test_a_name_alone_is_edited_in_a_form_and_a_change_is_said_to_everybody(desk):
    await desk.ask("subscribe cs.RO as robots")

    assert isinstance((await desk.ask("edit robots")).document.blocks[0], Form)
    reply = await desk.ask("edit robots topic cs.CL kv at 8:30 as words save now")
    assert "It was: papers in cs.RO" in texts(reply)
    assert reply.public.blocks[0].text.startswith(
        "Ada changed the subscription “robots”, which is now called “words”: papers in cs.CL that mention kv;"
    )
    [buttons] = [each for each in (await desk.ask("list")).document.blocks if isinstance(each, Actions)]
    assert [each.command for each in buttons.items] == ["edit words", "unsubscribe words"]


async def test_a_new_topic_is_compared_with_the_old_one_before_anything_is_saved(desk):
    await desk.ask("subscribe cs.RO as robots")

    reply = await desk.ask("edit robots topic study")
    assert "nothing is changed yet" in texts(reply)
    assert "0 papers before, 12 after; 12 new, 0 gone" in texts(reply)
    assert reply.public is None
    [form] = [each for each in reply.document.blocks if isinstance(each, Form)]
    values = {each.name: each.value for each in form.fields}
    assert (values["subscription"], values["topic"]) == ("robots", "study")
    assert "papers in cs.RO" in (await desk.ask("list")).document.blocks[1].items[0].text

    assert (await desk.submit("edit", values)).public is not None
    assert "papers that mention study" in (await desk.ask("list")).document.blocks[1].items[0].text


async def test_the_same_topic_in_another_spelling_changes_nothing(desk):
    await desk.ask("subscribe cs.RO grasping as robots")
    assert "stays as it is" in texts(await desk.ask("edit robots topic grasping cat:cs.ro"))


async def test_a_preview_tells_the_rate_the_best_and_the_near_misses(desk):
    reply = await desk.ask("preview study kv")
    assert "What this topic would have posted" in texts(reply)
    assert any(isinstance(each, PaperCard) and each.why.startswith("left out: no kv") for each in reply.document.blocks)
    [bars] = [each for each in (await desk.ask("preview study 30d")).document.blocks if isinstance(each, Bars)]
    assert len(bars.items) == 30
    assert sum(each.number for each in bars.items) == 10


async def test_a_topic_that_subscribe_would_read_otherwise_gets_no_button(desk):
    commands = {
        text: [
            item.command
            for each in (await desk.ask(f"preview {text}")).document.blocks
            if isinstance(each, Actions)
            for item in each.items
        ]
        for text in ("study", "study at 9am")
    }
    assert commands == {
        "study": ["subscribe study", "preview study 30d"],
        "study at 9am": ["preview study at 9am 30d"],
    }


async def test_why_goes_through_every_subscription_stage_by_stage(desk):
    await desk.ask("subscribe cs.RO as robots")
    await desk.ask("subscribe study as all-of-it")
    reply = await desk.ask("why 2605.00003")
    entries = [each for each in reply.document.blocks if isinstance(each, Entries)]
    everything, robots = ({item.term: item.text for item in each.items} for each in entries)
    assert list(everything) == ["✓ Announced", "✓ Topic", "✓ Type", "✗ In time"]
    assert everything["✓ Topic"] == "study: “study” stands in the title"
    assert "brings no backlog" in everything["✗ In time"]
    assert robots["✗ Topic"] == "not in cs.RO: its categories are not known yet"


async def test_why_of_what_nobody_knows_is_refused(desk):
    assert errors(await desk.ask("why 2605.09999")) == ["paper-not-found"]


async def test_what_this_installation_cannot_answer_is_refused_at_the_door(desk):
    for text in ('subscribe about:"small GPUs"', "preview like:2605.09999", "subscribe in:saved"):
        assert errors(await desk.ask(text)) == ["bad-topic"], text


async def test_where_only_admins_may_change_a_member_is_told_so_and_changes_nothing(desk):
    assert errors(await desk.ask("settings allow admins", BOB)) == ["not-allowed"]
    assert (await desk.ask("settings allow admins")).public is not None

    assert errors(await desk.ask("subscribe cs.CL", BOB)) == ["not-allowed"]
    assert errors(await desk.ask("vote 2605.00003", BOB)) == []
    assert errors(await desk.ask("subscribe cs.CL")) == []
    await desk.ask("settings allow anyone")
    assert errors(await desk.ask("subscribe cs.LG", BOB)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("frobnicate", "unknown-command"),
        ("today someday", "bad-argument"),
        ("subscribe at 25:00", "bad-argument"),
        ("subscribe cs.XX", "bad-topic"),
        ("show me", "bad-reference"),
        ("show 2605.09999", "paper-not-found"),
        ("vote 2605.09999", "paper-not-found"),
        ("save -1", "bad-reference"),
        ("settings allow nobody", "bad-argument"),
        ("unsubscribe nothing", "subscription-not-found"),
    ],
)
async def test_a_mistake_is_answered_with_a_sentence_and_a_stable_code(desk, text, code):
    reply = await desk.ask(text)

    assert errors(reply) == [code]
    assert texts(reply).strip()
    assert reply.public is None
    assert desk.messenger.kept == []


async def test_a_name_that_is_taken_is_answered_with_its_code(desk):
    await desk.ask("subscribe as robots")

    assert errors(await desk.ask("subscribe as robots")) == ["subscription-exists"]


async def test_a_change_leaves_one_public_line_in_the_channel(desk):
    reply = await desk.ask("subscribe study at 9am as studies")

    [line] = desk.messenger.in_channel(HOME)
    assert line.document == reply.public
    assert line.document.audience is Audience.EVERYONE
    assert line.document.blocks[0].text.startswith(
        "Ada subscribed this channel, as “studies”: papers that mention study"
    )
    assert desk.wakes == 1


async def test_whom_a_subscription_tells_stays_until_it_is_changed(desk):
    async def standing():
        async with desk.store.read() as tx:
            return (await tx.subscriptions.get(HOME, "studies")).alert

    await desk.ask("subscribe study as studies notify <@&4242>")
    assert await standing() == Alert(role="4242")
    await desk.ask("edit studies top 3")
    assert await standing() == Alert(role="4242")
    await desk.ask("edit studies notify silent")
    assert await standing() == Alert(is_silent=True)
    await desk.ask("edit studies notify normal")
    assert await standing() == NO_ALERT


async def test_stopping_says_so_to_the_channel(desk):
    await desk.ask("subscribe as studies")
    await desk.ask("unsubscribe studies")

    assert "Ada stopped the subscription “studies”." in [
        message.document.blocks[0].text for message in desk.messenger.in_channel(HOME)
    ]


async def test_reading_leaves_no_line(desk):
    for text in ("today", "trending", "list", "settings", "help"):
        assert (await desk.ask(text)).public is None
    assert desk.messenger.attempts == []


async def test_a_public_line_that_cannot_be_posted_does_not_undo_the_change(desk):
    desk.messenger.refuse_next(RefusedForGood("channel-gone", "it was archived"))

    with capture_logs() as logged:
        reply = await desk.ask("subscribe as studies")

    assert errors(reply) == []
    assert [each["event"] for each in logged if each["log_level"] == "warning"] == ["public line not posted"]
    [entries] = [block for block in (await desk.ask("list")).document.blocks if isinstance(block, Entries)]
    assert [item.term for item in entries.items] == ["studies"]


async def test_subscribing_says_what_follows(desk):
    said = texts(await desk.ask("subscribe math.OC at 17:30 as proofs"))

    assert "math.OC was not fetched until now" in said
    assert "there is no sample" in said
    assert "Monday 11 May, 17:30" in said
    assert "/papers unsubscribe proofs" in said


async def test_settings_tell_the_members_zone_and_the_ranking(desk):
    [entries] = [block for block in (await desk.ask("settings")).document.blocks if isinstance(block, Entries)]

    told = {item.term: item.text for item in entries.items}
    assert told["Channel"] == "#general, 0 subscriptions"
    assert told["You"] == "Ada, admin, Europe/Berlin"
    assert "ln(1+upvotes)" in told["Ranking"]


async def test_a_form_does_what_the_command_does(desk):
    reply = await desk.answering.submit(CALLER, "subscribe", {"topic": "study", "at": "09:00", "name": "studies"})

    assert errors(reply) == []
    assert reply.public is not None


async def test_a_form_with_a_mistake_comes_back_with_the_error_at_its_field(desk):
    reply = await desk.answering.submit(CALLER, "subscribe", {"topic": "study", "at": "25:00"})

    [form] = [block for block in reply.document.blocks if isinstance(block, Form)]
    fields = {field.name: field for field in form.fields}
    assert fields["at"].error
    assert (fields["at"].value, fields["topic"].value, fields["topic"].error) == ("25:00", "study", "")
    assert desk.messenger.kept == []


async def test_a_name_that_is_taken_stands_at_its_field(desk):
    await desk.ask("subscribe as robots")

    [shown] = (await desk.answering.submit(CALLER, "subscribe", {"name": "robots"})).document.blocks
    assert [field.name for field in shown.fields if field.error] == ["name"]


async def test_the_button_of_a_name_that_holds_a_clause_opens_its_form(desk):
    await desk.answering.submit(CALLER, "subscribe", {"name": "news topic models"})

    [buttons] = [each for each in (await desk.ask("list")).document.blocks if isinstance(each, Actions)]
    [shown] = (await desk.ask(buttons.items[0].command)).document.blocks
    assert isinstance(shown, Form)


async def test_who_may_not_change_subscriptions_is_told_before_the_form(desk):
    await desk.ask("settings allow admins")

    bob = Caller(HOME, "general", BOB)
    assert errors(await desk.answering.form(bob, "subscribe")) == ["not-allowed"]
    assert errors(await desk.answering.form(CALLER, "subscribe")) == []


async def test_a_form_of_a_command_that_does_not_exist_is_refused(desk):
    assert errors(await desk.answering.submit(CALLER, "frobnicate", {})) == ["unknown-command"]


class Breaking(MemoryStore):
    """A store with a mistake in it."""

    @asynccontextmanager
    async def read(self):
        raise ZeroDivisionError("a secret of the inside")
        yield


async def test_a_mistake_of_ours_is_answered_with_an_incident_and_tells_nothing_of_the_inside():
    desk = Desk(Breaking())

    with capture_logs() as logged:
        reply = await desk.ask("today")

    assert errors(reply) == ["internal"]
    [failure] = [each for each in logged if each["event"] == "command failed"]
    assert failure["incident"] in texts(reply)
    assert "secret" not in texts(reply)
    assert "Traceback" not in texts(reply)


async def test_what_is_typed_is_completed(desk):
    choices = await desk.answering.complete(CALLER, "help", "verb", "unsub", {})

    assert [each.value for each in choices] == ["unsubscribe"]


async def test_completing_that_fails_proposes_nothing_and_is_logged(desk):
    @asynccontextmanager
    async def broken():
        raise RuntimeError("the store is gone")
        yield

    desk.store.read = broken
    with capture_logs() as logs:
        assert await desk.answering.complete(CALLER, "unsubscribe", "name", "ro", {}) == ()

    assert [each["event"] for each in logs] == ["completing failed"]
