"""Forms as Discord's modals, and what comes back from them."""

from __future__ import annotations

import pytest

from adapters.discord.forms import asked, modal, read_form_id, read_values
from bot.command_table import VERBS
from bot.compose.forms import form
from tests.schema.discord.discord_contract import check
from tests.standins.discord_rules import modal_problems

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("verb", ["subscribe", "edit"])
def test_a_modal_asks_what_matters_most_and_gives_it_back(verb):
    given_ = {
        "subscription": "robots: a test",
        "topic": "robots",
        "at": "9am",
        "layout": "cards",
        "top": "5",
        "on": "daily",
    }
    made = modal(form(VERBS[verb], values=given_, errors={"at": "That is no time."}))
    assert not check("POST", "/interactions/1/tok/callback", {"type": 9, "data": made})
    assert not modal_problems(made)
    name = "robots: a test" if verb == "edit" else ""
    assert read_form_id(made["custom_id"]) == (verb, name)
    assert [each["component"]["custom_id"] for each in made["components"]] == ["topic", "at", "on", "top", "layout"]
    assert made["components"][1]["description"] == "⚠ That is no time."
    assert [each["value"] for each in made["components"][4]["component"]["options"] if each.get("default")] == ["cards"]
    sent = {"custom_id": made["custom_id"], "components": [submitted(each) for each in made["components"]]}
    values = {name: value for name, value in given_.items() if name != "subscription"}
    assert read_values(sent) == values


def submitted(label: dict) -> dict:
    """A field as Discord sends it back, untouched."""
    inner = label["component"]
    sent = {"type": inner["type"], "custom_id": inner["custom_id"]}
    if inner["type"] == 3:
        chosen = [each["value"] for each in inner["options"] if each.get("default")]
        return {"type": 18, "component": {**sent, "values": chosen}}
    return {"type": 18, "component": {**sent, "value": inner.get("value", "")}}


def test_a_field_that_is_wrong_is_shown_whatever_it_is():
    wrong = form(VERBS["subscribe"], errors={"name": "There is one already."})
    assert "name" in [each.name for each in asked(wrong)]
    assert read_form_id("vote 2402.18789") == ("", "")
    assert read_values({"components": [{"type": 1, "components": [{"custom_id": "at", "value": "9am"}]}]}) == {
        "at": "9am"
    }
