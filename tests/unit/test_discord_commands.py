"""`/papers` as Discord is told of it, and what comes back as the core reads it."""

from __future__ import annotations

import re

import pytest

from adapters.discord.commands import commands, fingerprint, install_links
from adapters.discord.parse import mentioned, papers_in, plain_text, read_command, read_component, read_focused
from bot.command_table import COMMANDS

pytestmark = pytest.mark.unit

NAME = re.compile(r"[-_a-z0-9]{1,32}")


def subcommands():
    [papers, _] = commands()
    return {each["name"]: each for each in papers["options"]}


def texts(value):
    if isinstance(value, dict):
        own = [value[name] for name in ("name", "description", "value") if isinstance(value.get(name), str)]
        return own + [text for each in value.values() for text in texts(each)]
    return [text for each in value for text in texts(each)] if isinstance(value, list) else []


def test_every_verb_is_a_subcommand_and_every_value_an_option():
    made = subcommands()
    assert list(made) == [spec.verb for spec in COMMANDS]
    for spec in COMMANDS:
        names = [each["name"] for each in made[spec.verb].get("options", ())]
        assert names == [each.name for each in spec.parameters if each.name != "upto"]


def test_what_discord_is_told_keeps_to_its_limits():
    for command in commands():
        assert len("".join(texts(command))) <= 8_000
        assert len(command.get("options", ())) <= 25
    for each in subcommands().values():
        options = each.get("options", ())
        assert NAME.fullmatch(each["name"])
        assert 1 <= len(each["description"]) <= 100
        assert len(options) <= 25
        assert [option["required"] for option in options] == sorted(
            (option["required"] for option in options), reverse=True
        )
        for option in options:
            assert NAME.fullmatch(option["name"])
            assert 1 <= len(option["description"]) <= 100
            assert len(option.get("choices", ())) <= 25


def test_it_may_be_installed_in_a_server_and_by_a_member_alone():
    for command in commands():
        assert command["integration_types"] == [0, 1]
        assert command["contexts"] == [0, 1, 2]


def test_the_verbs_are_open_to_all_as_the_workspace_has_its_own_rule():
    assert all("default_member_permissions" not in command for command in commands())


def test_the_fingerprint_is_of_one_application():
    assert fingerprint("1") == fingerprint("1")
    assert fingerprint("1") != fingerprint("2")


def test_the_links_ask_for_no_more_than_posting_takes():
    links = install_links("42")
    assert "client_id=42" in links["server"]
    assert "permissions=309237730304" in links["server"]
    assert "permissions" not in links["member"]


def test_a_slash_command_gives_its_verb_and_values():
    options = [{"name": "topic", "type": 3, "value": "cs.CL"}, {"name": "top", "type": 3, "value": "5"}]
    data = {"name": "papers", "options": [{"name": "subscribe", "type": 1, "options": options}]}
    assert read_command(data) == ("subscribe", {"topic": "cs.CL", "top": "5"})


def test_what_is_being_typed_is_kept_apart_from_what_was_filled_in():
    options = [
        {"name": "topic", "type": 3, "value": "cs.CL"},
        {"name": "at", "type": 3, "value": "9am ber", "focused": True},
    ]
    data = {"name": "papers", "options": [{"name": "subscribe", "type": 1, "options": options}]}
    assert read_focused(data) == ("subscribe", "at", "9am ber", {"topic": "cs.CL"})


@pytest.mark.parametrize(
    ("data", "command"),
    [
        ({"custom_id": "vote 2605.29801", "component_type": 2}, "vote 2605.29801"),
        ({"custom_id": "choose:0", "component_type": 3, "values": ["save 2605.29801"]}, "save 2605.29801"),
    ],
)
def test_a_button_and_a_choice_carry_their_command(data, command):
    assert read_component(data) == command


def test_mentions_are_read_as_typed_and_roles_as_discord_writes_them():
    assert plain_text("<@!123456> in <#42>, <@&77>") == "@123456 in #42, <@&77>"
    assert mentioned("editor @123456") == ["123456"]


def test_papers_are_found_wherever_a_message_names_them():
    message = {
        "content": "look: https://arxiv.org/abs/2402.18789v2, or <https://arxiv.org/abs/2402.18789>",
        "embeds": [{"title": "x", "url": "https://huggingface.co/papers/2605.29801"}],
        "components": [
            {"type": 17, "components": [{"type": 10, "content": "[y](https://doi.org/10.1145/3292500.3330701)"}]}
        ],
    }
    assert papers_in(message) == ["arxiv:2402.18789", "arxiv:2605.29801", "doi:10.1145/3292500.3330701"]
