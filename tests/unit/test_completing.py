"""Completing: what a member may mean by what was typed so far, the best first, and all of it taken by the command."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parser import read_form
from bot.command_table import COMMANDS, VERBS
from bot.commands import Caller
from bot.completion.ranking import LONGEST, MOST, Proposal, ranked_of
from bot.completion.times import complete_date
from bot.completion.topics import FREE_TEXT, VALUES
from bot.identity import parse_reference
from bot.model import Facts, Member, MemberId, Pause, Role, Schedule, WorkspaceId
from bot.services.completing import Completing
from bot.services.ingest import take
from bot.text.cut import utf16_length
from bot.topics.language import FIELDS
from bot.zones import parse_zone, zone_names
from tests.contract.samples import AWAY, HOME, channel, subscription
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

ADA = Member(workspace=HOME.workspace, id=MemberId("u1"), name="Ada", role=Role.ADMIN, zone="Europe/Berlin")
BOB = Member(workspace=HOME.workspace, id=MemberId("u2"), name="Bob")
EVE = Member(workspace=HOME.workspace, id=MemberId("u3"), name="Eve", role=Role.EDITOR)
PARAMETERS = sorted({(spec.verb, each.name) for spec in COMMANDS for each in spec.parameters})
TYPED = (
    "",
    "r",
    "cs",
    "cs.CL (mamba OR comp",
    "computation",
    "9",
    "17:30 ber",
    "fri",
    "tue, ",
    "tomorrow",
    "2605",
    "ada",
    "é",
)


class House:
    """Two workspaces, their subscriptions, members and papers; `complete` types as Ada and gives the values."""

    def __init__(self):
        self.store, self.clock, self.reads = MemoryStore(), FrozenClock(), 0
        self.completing = Completing(self.store, self.clock, "UTC")
        self._read = self.store.read
        self.store.read = self._counted

    @asynccontextmanager
    async def _counted(self):
        self.reads += 1
        async with self._read() as tx:
            yield tx

    async def choices(self, command, typed="", member=ADA, where=HOME, **filled):
        verb, parameter = command.split()
        return await self.completing(Caller(where, "general", member), verb, parameter, typed, filled)

    async def complete(self, command, typed="", member=ADA, where=HOME, **filled):
        return [each.value for each in await self.choices(command, typed, member, where, **filled)]


@pytest.fixture
async def house():
    made = House()
    for back, numbers in ((1, (5,)), (0, (1, 2, 3, 4))):
        listings = (
            listing(each, facts=Facts(upvotes=each, organization="Deep Mind"), categories=("cs.CL",))
            for each in numbers
        )
        on = DAY - timedelta(days=back)
        await take(made.store, announcement(*listings, announced_on=on, fetched_at=MONDAY - timedelta(days=back)))
    hermes = listing(6, "Hermès and the Ünïted Attention", authors=("Tri Dao",))
    await take(made.store, announcement(hermes, fetched_at=MONDAY + timedelta(seconds=1)))
    async with made.store.write() as tx:
        for ref in (HOME, AWAY):
            await tx.channels.add_workspace(ref.workspace, ref.platform, MONDAY)
            await tx.channels.add(channel(ref))
        for member in (
            ADA,
            BOB,
            EVE,
            replace(ADA, workspace=AWAY.workspace, id=MemberId("u9"), name="Zoe", role=Role.MEMBER),
        ):
            await tx.channels.put_member(member)
        await tx.subscriptions.add(subscription("Robots", schedule=Schedule(subscription().schedule.at, "Asia/Tokyo")))
        await tx.subscriptions.add(subscription("Serving", topic='"kv cache" OR mamba', pause=Pause(MONDAY, "paused")))
        await tx.subscriptions.add(subscription("Secrets", channel=AWAY, topic="cs.CR secrets"))
        await tx.marks.save(ADA, parse_reference("2605.00002"), MONDAY)
        await tx.marks.save(BOB, parse_reference("2605.00003"), MONDAY)
    return made


@pytest.mark.parametrize(("verb", "parameter"), PARAMETERS)
async def test_whatever_is_proposed_is_taken_by_the_command(house, verb, parameter):
    for typed in TYPED:
        choices = await house.choices(f"{verb} {parameter}", typed)

        assert len(choices) <= MOST
        assert len({each.value for each in choices}) == len(choices)
        for choice in choices:
            _, errors = read_form(verb, {parameter: choice.value})
            assert parameter not in errors, choice
            assert 1 <= utf16_length(choice.value) <= LONGEST
            assert 1 <= utf16_length(choice.label) <= LONGEST


async def test_every_parameter_that_is_no_number_and_no_new_name_is_completed(house):
    empty = {each for each in PARAMETERS if not await house.choices(" ".join(each))}

    assert {parameter for _, parameter in empty} == {"name", "page", "top", "upto"}
    assert {verb for verb, parameter in empty if parameter == "name"} == {"subscribe", "edit"}


async def test_nothing_is_proposed_for_what_does_not_exist(house):
    assert [await house.complete(each) for each in ("nothing name", "subscribe nothing")] == [[], []]


@settings(max_examples=50, deadline=None)
@given(typed=st.text() | st.sampled_from(["\ud800", "$" * 200, '"' * 99, "(" * 6_000, "9 " * 300, "2027-99-99", "\0"]))
async def test_no_text_makes_it_fail(typed):
    made = House()
    for verb, parameter in PARAMETERS:
        await made.choices(f"{verb} {parameter}", typed)


async def test_the_subscriptions_of_the_channel_are_named_with_their_topics(house):
    assert [each.label for each in await house.choices("edit subscription")] == [
        "Robots · cs.RO",
        'Serving · "kv cache" OR mamba',
    ]
    assert await house.complete("unsubscribe name", "mam") == ["Serving"]


async def test_nothing_of_another_workspace_is_proposed(house):
    assert await house.complete("edit subscription", where=AWAY, member=replace(ADA, workspace=AWAY.workspace)) == [
        "Secrets"
    ]
    assert await house.complete("settings editor", "zoe") == []
    assert "cs.CR secrets" not in await house.complete("subscribe topic", "secrets")
    assert await house.complete("unsave reference", member=replace(ADA, workspace=WorkspaceId("local:away"))) == []


async def test_what_is_paused_comes_first_to_whoever_resumes(house):
    assert await house.complete("resume name") == ["Serving", "Robots"]
    assert await house.complete("pause name") == ["Robots", "Serving"]


async def test_saved_papers_come_before_the_best_of_the_day(house):
    assert (await house.complete("show reference"))[:3] == ["2605.00002", "2605.00004", "2605.00003"]
    assert "2605.00005" not in await house.complete("show reference")


async def test_only_saved_papers_can_be_taken_off_the_list(house):
    assert await house.complete("unsave reference") == ["2605.00002"]
    assert await house.complete("unsave reference", member=BOB) == ["2605.00003"]


@pytest.mark.parametrize(
    "typed", ["hermes and", "united att", "dao", "2605.00006", "https://arxiv.org/abs/2605.00006v2"]
)
async def test_a_paper_is_found_by_title_author_id_and_link(house, typed):
    [choice] = [each for each in await house.choices("vote reference", typed) if each.value == "2605.00006"][:1]

    assert choice.label == "Hermès and the Ünïted Attention"


async def test_a_list_of_saved_papers_is_never_out_of_date(house):
    assert await house.complete("unsave reference") == ["2605.00002"]
    async with house.store.write() as tx:
        await tx.marks.save(ADA, parse_reference("2605.00001"), MONDAY + timedelta(hours=1))

    assert await house.complete("unsave reference") == ["2605.00001", "2605.00002"]


async def test_an_older_paper_is_known_by_its_whole_id(house):
    assert await house.complete("why reference", "2605.00005") == ["2605.00005"]


async def test_a_category_is_found_by_its_name_and_what_stands_before_it_is_kept(house):
    assert "cs.CL" in await house.complete("subscribe topic", "computation")
    assert "mamba -cs.RO" in await house.complete("edit topic", "mamba -robot")
    assert "(mamba OR cs.LG)" in await house.complete("search text", "(mamba OR machine")
    assert [each.label for each in await house.choices("preview topic", "cat:rob")] == ["cat:cs.RO · Robotics"]


async def test_what_was_typed_stays_the_first_choice_where_it_can_be_read(house):
    assert (await house.complete("subscribe topic", "computation"))[0] == "computation"
    assert (await house.complete("subscribe topic", "cs.CL"))[0] == "cs.CL"
    assert "mamba OR" not in await house.complete("subscribe topic", "mamba OR")


async def test_typing_goes_on_after_a_choice_that_was_shown_with_its_name(house):
    assert (await house.complete("subscribe topic", "cs.CL · Computation and Language quan"))[0] == "cs.CL quan"


async def test_the_categories_of_the_week_come_first(house):
    assert (await house.complete("subscribe topic", "cat:"))[0] == "cat:cs.CL"


@pytest.mark.parametrize("typed", ["author:dao", 'author:"tri', "author:tri d", "dao"])
async def test_an_author_of_the_week_is_completed(house, typed):
    assert 'author:"Tri Dao"' in await house.complete("subscribe topic", typed)


async def test_an_organisation_of_the_week_is_completed(house):
    assert await house.complete("search text", "mamba org:dee") == ["mamba org:dee", 'mamba org:"Deep Mind"']


async def test_fields_are_completed_with_what_they_take(house):
    assert "cs.CL has:code" in await house.complete("subscribe topic", "cs.CL has")
    assert "upvotes:>=10" in await house.complete("subscribe topic", "upv")
    assert "in:saved" in await house.complete("search text", "in:")
    assert "in:saved" not in await house.complete("subscribe topic", "in:")
    assert "mamba 30d" in await house.complete("preview topic", "mamba 3")


def test_every_field_of_the_language_is_completed_or_free():
    assert {*VALUES, *FREE_TEXT, "author", "org", "cat"} == set(FIELDS)


async def test_the_topics_that_stand_are_proposed_and_the_edited_one_first(house):
    assert (await house.complete("subscribe topic"))[:2] == ["cs.RO", '"kv cache" OR mamba']
    assert (await house.complete("edit topic", subscription="serving"))[:2] == ['"kv cache" OR mamba', "cs.RO"]


async def test_a_time_is_completed_by_the_half_hours_around_it(house):
    assert (await house.complete("subscribe at", "17:30"))[:4] == ["17:30", "17:00", "18:00", "16:30"]
    assert await house.complete("subscribe at", "9") == ["09:00", "09:30", "21:00", "21:30"]


async def test_a_zone_is_completed_by_its_city_or_abbreviation_after_the_time(house):
    assert (await house.complete("subscribe at", "17:30 ber"))[0] == "17:30 Europe/Berlin"
    assert (await house.complete("subscribe at", "9am, new yor")) == ["09:00 America/New_York"]
    assert (await house.complete("subscribe at", "9 a.m. cet"))[0] == "09:00 Europe/Berlin"
    assert (await house.complete("subscribe at", "tokyo")) == ["09:00 Asia/Tokyo"]


async def test_the_zone_of_the_member_comes_first_then_that_of_the_subscription(house):
    assert (await house.complete("subscribe at", "9am "))[:2] == ["09:00 Europe/Berlin", "09:00 UTC"]
    zones = (await house.complete("edit at", "9am ", subscription="robots"))[:3]
    assert zones == ["09:00 Europe/Berlin", "09:00 Asia/Tokyo", "09:00 UTC"]


def test_every_zone_that_is_proposed_can_be_read():
    assert [each for each in zone_names() if parse_zone(each) != each] == []


async def test_days_are_completed_and_in_a_list_the_last_one(house):
    assert (await house.complete("subscribe on"))[:3] == ["weekdays", "daily", "mon-fri"]
    assert (await house.complete("edit on", "weekly f"))[0] == "weekly fri"
    assert (await house.complete("edit on", "monthly"))[0] == "monthly 1st"
    assert await house.complete("subscribe on", "tue, thurs") == ["tue,thu"]


async def test_the_days_that_were_announced_are_proposed_as_dates(house):
    assert await house.complete("today on") == ["2026-05-11", "2026-05-10"]
    assert await house.complete("today on", "sunday") == ["2026-05-10"]


async def test_a_pause_ends_on_a_day_that_is_named(house):
    assert [each.label for each in await house.choices("pause until")][:4] == [
        "tomorrow · Tuesday 12 May 2026",
        "in a week · next Monday · Monday 18 May 2026",
        "in a month · Thursday 11 June 2026",
        "Wednesday 13 May 2026",
    ]
    assert await house.complete("pause until", "2027-01-07") == ["2027-01-07"]
    assert (await house.complete("pause until", "fri"))[0] == "2026-05-15"


async def test_tomorrow_is_the_next_day_of_the_member(house):
    house.clock.set(MONDAY.replace(hour=23))

    assert (await house.complete("pause until", "tomorrow")) == ["2026-05-13"]
    assert (await house.complete("pause until", "tomorrow", member=BOB)) == ["2026-05-12"]


async def test_lengths_and_sounds_are_proposed(house):
    assert await house.complete("subscribe settle") == ["none", "6h", "12h", "1d", "2d"]
    assert await house.complete("subscribe settle", "3") == ["3h", "3d", "3m"]
    assert await house.complete("edit notify") == ["normal", "silent"]
    assert await house.complete("subscribe layout", "ca") == ["cards"]


async def test_verbs_are_proposed_with_what_they_do(house):
    [choice] = await house.choices("help verb", "upvote")

    assert (choice.value, choice.label) == ("vote", f"vote · {VERBS['vote'].summary}")


async def test_members_are_named_and_those_first_whom_it_changes(house):
    assert await house.complete("settings editor") == ["u2", "u3"]
    assert await house.complete("settings member") == ["u3", "u2"]
    assert [each.label for each in await house.choices("settings editor", "@bo")] == ["Bob"]


async def test_the_papers_of_the_week_are_read_once_a_minute(house):
    for typed in ("a", "at", "att"):
        await house.complete("show reference", typed)
    assert house.reads == 3 + 1

    await take(house.store, announcement(listing(7, "Attic"), fetched_at=MONDAY + timedelta(seconds=9)))
    assert await house.complete("show reference", "attic") == []
    house.clock.move(timedelta(minutes=1))
    assert await house.complete("show reference", "attic") == ["2605.00007"]


async def test_what_needs_no_store_reads_none(house):
    for command in ("subscribe at", "subscribe on", "subscribe settle", "help verb", "pause until", "subscribe notify"):
        await house.complete(command)

    assert house.reads == 0


texts = st.text(max_size=120) | st.text(st.sampled_from("ab cé. "), max_size=6)
proposals = st.lists(st.builds(Proposal, texts, texts, st.lists(texts, max_size=2).map(tuple)), max_size=60)


@given(typed=texts, given_=proposals)
def test_choices_are_few_short_and_never_twice(typed, given_):
    choices = ranked_of(typed, given_)

    assert len(choices) <= MOST
    assert len({each.value for each in choices}) == len(choices)
    assert all(
        1 <= utf16_length(each.value) <= LONGEST and 1 <= utf16_length(each.label) <= LONGEST for each in choices
    )
    assert {each.value for each in choices} <= {each.value for each in given_}


@given(given_=proposals, data=st.data())
def test_what_is_typed_exactly_comes_first(given_, data):
    known = [each.value for each in ranked_of("", given_, most=99)]
    if not known:
        return
    typed = data.draw(st.sampled_from(known))
    first = ranked_of(typed, given_)[0]

    assert typed.strip().casefold() in {first.value.strip().casefold(), first.label.strip().casefold()} or (
        not any(char.isalnum() for char in typed)
    )


@given(given_=proposals)
def test_without_anything_typed_the_order_is_kept(given_):
    values = dict.fromkeys(each.value for each in given_ if each.value.strip() and utf16_length(each.value) <= LONGEST)

    assert [each.value for each in ranked_of("", given_)] == list(values)[:MOST]


def test_exact_comes_before_prefix_before_word_before_inside():
    given_ = [Proposal(each) for each in ("unattention", "self attention", "attentions", "Attention")]

    assert [each.value for each in ranked_of("attention", given_)] == [
        "Attention",
        "attentions",
        "self attention",
        "unattention",
    ]


def test_case_and_accents_do_not_matter():
    assert [each.value for each in ranked_of("HERMES", [Proposal("Hermès")])] == ["Hermès"]


def test_a_slip_of_the_finger_is_forgiven_where_nothing_fits_better():
    zones = [Proposal("Europe/Berlin", also=("Berlin",)), Proposal("Europe/Paris", also=("Paris",))]

    assert [each.value for each in ranked_of("brelin", zones)] == ["Europe/Berlin"]


def test_the_newest_day_is_called_so():
    assert complete_date("", [date(2026, 5, 11)])[0].label == "newest · Monday 11 May 2026"
