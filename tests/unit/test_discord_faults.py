"""What Discord's answers mean, which rights posting takes, and which tag a post gets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import discord
import pytest

from adapters.discord.faults import FAULTS, to_outcome
from adapters.discord.permissions import REASONS, invited, role_of, say_missing
from adapters.discord.places import Kind, Place, Tag, chosen_tags, read_place
from adapters.discord.readback import instant_of, snowflake_at
from adapters.discord.votes import with_votes
from bot.faults import Kind as FaultKind
from bot.model import Mark, PaperId, Role
from bot.outcome import RefusedForGood, RefusedForNow, Scope, Unknown

pytestmark = pytest.mark.unit

NOON = datetime(2026, 5, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("code", FAULTS)
def test_every_code_has_its_outcome(code):
    outcome = to_outcome(400, code, NOON)
    expected = {FaultKind.TEMPORARY: RefusedForNow, FaultKind.UNKNOWN: Unknown}.get(FAULTS[code].kind, RefusedForGood)
    assert isinstance(outcome, expected)
    assert FAULTS[code].meaning.endswith(".")


@pytest.mark.parametrize(
    ("scope", "whom"),
    [("user", Scope.CHANNEL), ("shared", Scope.CHANNEL), ("global", Scope.PLATFORM), ("", Scope.CHANNEL)],
)
def test_a_429_waits_as_long_as_it_says_for_whom_it_says(scope, whom):
    outcome = to_outcome(429, 0, NOON, MINUTE, scope)
    assert isinstance(outcome, RefusedForNow)
    assert (outcome.retry_at, outcome.scope) == (NOON + MINUTE, whom)


def test_the_proxys_429_silences_the_whole_platform_until_its_count_is_over():
    outcome = to_outcome(429, 0, NOON, None, "proxy")
    assert isinstance(outcome, RefusedForNow)
    assert (outcome.retry_at, outcome.scope) == (NOON + timedelta(minutes=10), Scope.PLATFORM)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_a_server_error_is_no_answer(status):
    assert isinstance(to_outcome(status, 0, NOON), Unknown)


def test_a_token_that_was_reset_loses_nothing():
    outcome = to_outcome(401, 0, NOON)
    assert isinstance(outcome, RefusedForNow)
    assert outcome.scope is Scope.PLATFORM


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_code_that_nobody_told_us_of_is_a_refusal(status):
    assert isinstance(to_outcome(status, 987_654, NOON), RefusedForGood)


def test_what_an_invitation_asks_for_is_enough_everywhere():
    for kind in Kind:
        assert not say_missing(invited(), Place(kind))


def test_what_is_missing_is_said_by_discords_names():
    granted = discord.Permissions(invited())
    granted.embed_links = False
    granted.create_public_threads = False
    said = say_missing(granted.value, Place(Kind.TEXT))
    assert "grant: Embed Links, Create Public Threads." in said
    assert all(name in REASONS for name in ("Embed Links", "Create Public Threads"))


def test_an_administrator_lacks_nothing():
    assert not say_missing(discord.Permissions(administrator=True).value, Place(Kind.FORUM))


@pytest.mark.parametrize(
    ("granted", "role"),
    [
        ({"administrator": True}, Role.ADMIN),
        ({"manage_guild": True}, Role.ADMIN),
        ({"manage_channels": True}, Role.EDITOR),
        ({"send_messages": True}, Role.MEMBER),
    ],
)
def test_a_members_role_is_what_discord_lets_them_do(granted, role):
    assert role_of(discord.Permissions(**granted).value) is role


FORUM = Place(Kind.FORUM, tags=(Tag("1", "Staff", is_moderated=True), Tag("2", "Vision"), Tag("3", "cs.CL")))


@pytest.mark.parametrize(
    ("name", "tags"), [("vision", ["2"]), ("cs.CL vision", ["2", "3"]), ("robots", []), ("staff", [])]
)
def test_a_post_gets_the_tag_that_its_subscription_is_named_after(name, tags):
    assert chosen_tags(FORUM, name) == tags


def test_where_a_tag_is_required_any_will_do():
    place = Place(Kind.FORUM, tags=FORUM.tags, needs_tag=True)
    assert chosen_tags(place, "robots") == ["2"]


@pytest.mark.parametrize(
    ("kind", "read"), [(0, Kind.TEXT), (5, Kind.ANNOUNCEMENT), (11, Kind.FLAT), (1, Kind.FLAT), (2, Kind.FLAT)]
)
def test_a_channels_type_says_how_one_posts_there(kind, read):
    assert read_place({"type": kind, "guild_id": "7"}).kind is read


def test_a_forum_tells_its_tags_and_whether_one_is_required():
    place = read_place({"type": 15, "flags": 1 << 4, "available_tags": [{"id": "2", "name": "Vision"}]})
    assert (place.kind, place.tags, place.needs_tag) == (Kind.FORUM, (Tag("2", "Vision"),), True)


def test_an_id_tells_its_instant():
    assert instant_of(str(snowflake_at(NOON))) == NOON


def test_the_count_changes_on_this_papers_button_alone_wherever_it_stands():
    def button(command):
        return {"type": 2, "custom_id": command, "label": "Vote"}

    rows = [
        {"type": 17, "components": [{"type": 9, "accessory": button("vote 2605.00001")}]},
        button("vote 2605.00002"),
    ]
    mark = Mark(PaperId("arxiv:2605.00001"), votes=3, voted=True, saved=False)
    changed = with_votes(rows, mark)
    assert changed is not None
    assert changed[0]["components"][0]["accessory"]["label"] == "▲ 3"
    assert changed[1]["label"] == "Vote"
    assert with_votes([button("save 2605.00001")], mark) is None


def test_among_several_papers_a_count_keeps_the_papers_number():
    row = {"type": 1, "components": [{"type": 2, "custom_id": "vote 2605.00001", "label": "2 · Vote"}]}
    mark = Mark(PaperId("arxiv:2605.00001"), votes=3, voted=True, saved=False)
    changed = with_votes([row], mark)
    assert changed is not None
    assert changed[0]["components"][0]["label"] == "2 · ▲ 3"
    back = with_votes(changed, Mark(PaperId("arxiv:2605.00001"), votes=0, voted=False, saved=False))
    assert back is not None
    assert back[0]["components"][0]["label"] == "2 · Vote"


@pytest.mark.parametrize(
    ("kind", "right", "name"),
    [(11, "send_messages_in_threads", "Send Messages in Threads"), (2, "send_messages", "Send Messages")],
)
def test_a_thread_and_a_voice_channels_chat_each_have_a_right_of_their_own(kind, right, name):
    granted = discord.Permissions(invited())
    setattr(granted, right, False)
    assert f"grant: {name}." in say_missing(granted.value, read_place({"type": kind, "guild_id": "7"}))
