"""Who is told of a digest: a role that an admin names, or nobody by a sound."""

from __future__ import annotations

import pytest

from bot.command_parser import parse_command, parse_form
from bot.commands import Caller, Subscribe
from bot.compose.digest import compose_part
from bot.compose.forms import values_of
from bot.errors import BadArgument, NotAllowed
from bot.model import NO_ALERT, Alert, Layout, Member, MemberId, Role
from bot.parameters import read_alert
from bot.services.permission import Permission
from tests.contract.samples import HOME, subscription
from tests.fakes.store import MemoryStore
from tests.unit.test_compose import PAPERS, edition

pytestmark = pytest.mark.unit

ROLE = Alert(role="4242")


def member(role):
    return Caller(HOME, "general", Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", role=role))


@pytest.mark.parametrize(
    ("word", "alert"), [("normal", NO_ALERT), ("Silent", Alert(is_silent=True)), ("<@&4242>", ROLE)]
)
def test_an_alert_is_read_from_one_word(word, alert):
    assert read_alert([word]) == {"alert": alert}


@pytest.mark.parametrize("word", ["loud", "<@4242>", "<@&>", "@everyone", "<@&12> now"])
def test_what_is_no_role_is_refused_with_what_to_write(word):
    with pytest.raises(BadArgument, match="notify silent"):
        read_alert(word.split())


def test_a_role_is_named_at_the_end_of_a_command():
    command = parse_command("subscribe cs.CL at 9am notify <@&4242>")
    assert isinstance(command, Subscribe)
    assert (command.topic, command.alert) == ("cs.CL", ROLE)


def test_words_that_only_look_like_an_alert_belong_to_the_topic():
    command = parse_command("subscribe systems that notify users")
    assert isinstance(command, Subscribe)
    assert (command.topic, command.alert) == ("systems that notify users", NO_ALERT)


def test_a_form_asks_for_no_alert_and_leaves_one_as_it_is():
    assert "notify" not in values_of(subscription(alert=ROLE))
    assert parse_form("edit", {"subscription": "robots", "top": "3"}).alert is None


async def test_only_an_admin_has_a_role_mentioned():
    permission = Permission(MemoryStore())
    await permission.check(member(Role.ADMIN), Subscribe(alert=ROLE))
    await permission.check(member(Role.MEMBER), Subscribe(alert=Alert(is_silent=True)))
    with pytest.raises(NotAllowed, match="Only an admin"):
        await permission.check(member(Role.EDITOR), Subscribe(alert=ROLE))


def test_only_the_first_message_mentions_the_role_and_all_of_them_are_as_silent():
    first, second = (
        compose_part(edition(Layout.THREAD, alert=Alert("4242", is_silent=True)), part, PAPERS) for part in (0, 1)
    )
    assert (first.mention, second.mention) == ("4242", "")
    assert first.is_silent
    assert second.is_silent


def test_a_day_without_papers_mentions_nobody():
    quiet = edition(Layout.LIST, picks=0, notes=("Nothing today.",), alert=ROLE)
    assert not compose_part(quiet, 0, PAPERS).mention
