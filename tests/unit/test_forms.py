from datetime import time, timedelta

import pytest

from bot.command_parser import parse_command, parse_form
from bot.command_table import COMMANDS, VERBS
from bot.commands import Subscribe
from bot.compose.forms import form
from bot.errors import BadForm
from bot.model import Layout


def filled(verb, **changes):
    """The values that a form sends when only these fields were touched."""
    return {field.name: field.value for field in form(VERBS[verb]).fields} | changes


@pytest.mark.parametrize("verb", [spec.verb for spec in COMMANDS if not any(each.required for each in spec.parameters)])
def test_an_untouched_form_means_what_the_bare_command_means(verb):
    assert parse_form(verb, filled(verb)) == parse_command(verb)


def test_the_fields_are_read_as_the_clauses_are():
    values = filled("subscribe", topic="cs.CL kv", at="8:30 Berlin", top="5", layout="list", settle="6h", name="kv")
    command = parse_form("subscribe", values)
    assert command == parse_command("subscribe cs.CL kv at 8:30 Berlin top 5 as kv layout list settle 6h")
    assert command == Subscribe(
        topic="cs.CL kv",
        at=time(8, 30),
        zone="Europe/Berlin",
        size=5,
        layout=Layout.LIST,
        settle=timedelta(hours=6),
        name="kv",
    )


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(BadForm) as refused:
        parse_form("subscribe", filled("subscribe", at="25:00", top="0"))
    assert set(refused.value.errors) == {"at", "top"}


def test_a_required_field_that_is_blank_is_refused():
    with pytest.raises(BadForm) as refused:
        parse_form("unsubscribe", {"name": "  "})
    assert set(refused.value.errors) == {"name"}


def test_a_form_shows_each_error_at_its_field_and_keeps_what_was_typed():
    shown = form(VERBS["subscribe"], values={"at": "25:00"}, errors={"at": "No such hour."})
    field = next(each for each in shown.fields if each.name == "at")
    assert (field.value, field.error) == ("25:00", "No such hour.")
