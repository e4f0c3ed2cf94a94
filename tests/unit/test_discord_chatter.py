"""What discord.py logs of a broken connection becomes one line; the rest passes."""

from __future__ import annotations

import logging

import pytest
from structlog.testing import capture_logs

from adapters.discord.chatter import one_line_each, told_in_a_line

pytestmark = pytest.mark.unit


def record(message, *args, error=None):
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord("discord.shard", logging.ERROR, "", 0, message, args, exc_info)


@pytest.mark.parametrize(
    ("message", "args", "shard"),
    [
        ("Attempting a reconnect for shard ID %s in %.2fs", (3, 1.5), 3),
        ("Failed to connect for shard_id: %s. Retrying...", (3,), 3),
        ("Attempting a reconnect in %.2fs", (1.5,), None),
    ],
)
def test_a_broken_connection_is_one_line_with_its_error(message, args, shard):
    with capture_logs() as logged:
        assert not told_in_a_line(record(message, *args, error=ConnectionResetError()))
    assert [(each["error"], each["shard"]) for each in logged] == [("ConnectionResetError", shard)]


def test_everything_else_passes():
    with capture_logs() as logged:
        assert told_in_a_line(record("Ignoring exception in %s", "on_ready", error=KeyError("x")))
        assert told_in_a_line(record("Attempting a reconnect in %.2fs", 1.5))
    assert not logged


def test_it_is_set_up_once():
    for _ in range(2):
        one_line_each()
    assert logging.getLogger("discord.shard").filters.count(told_in_a_line) == 1
