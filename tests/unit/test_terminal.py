"""What a terminal shows of an answer can be typed into it."""

from __future__ import annotations

import shlex

import pytest

from bot.cli.records import document_text
from bot.document import Actions, Button, Document

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "command", ["unvote 2605.29801", 'subscribe "kv cache" NOT survey', "show $HOME!", 'it\'s "so"']
)
def test_a_hinted_command_reaches_broadsheet_as_it_was_meant(command):
    said = document_text(Document((Actions((Button("Do it", command),)),)))
    assert shlex.split(said.removeprefix("Do it: ")) == ["broadsheet", "command", command]


def test_a_simple_command_is_hinted_in_double_quotes():
    assert document_text(Document((Actions((Button("Take it back", "unvote 1"),)),))).endswith('command "unvote 1"')
