"""Near misses: one condition away, and still about what the topic is about."""

from __future__ import annotations

import pytest

from bot.compose.bars import bars_text
from bot.document import Bar, Bars
from bot.topics.index import TermIndex
from bot.topics.language import parse_topic
from bot.topics.match import Matcher
from bot.topics.misses import near_misses
from tests.fakes.vocabulary import candidate

pytestmark = pytest.mark.unit

PAPERS = [
    candidate(0, "KV cache compression", upvotes=3),
    candidate(1, "A cache for every KV store", upvotes=30),
    candidate(2, "KV cache: a survey", upvotes=30),
    candidate(3, "Plasma", upvotes=99),
]


@pytest.mark.parametrize(
    ("topic", "numbers"),
    [
        ('"kv cache" upvotes:>=10', [0, 1]),
        ('"kv cache" -survey', [1, 2]),
        ("kv cache survey", [0, 1]),
        ('"kv cache"', [1]),
        ('"kv cache" OR nothing', [1]),
        ("survey", []),
        ("upvotes:>=100", []),
        ("*", []),
    ],
)
def test_near_misses_are_one_condition_away(topic, numbers):
    assert near_misses(Matcher(TermIndex(PAPERS)), parse_topic(topic), 5, {}) == numbers


def test_the_bars_of_a_week_are_one_line_each():
    bars = Bars("Papers a day", (Bar("Mon 1", 0), Bar("Tue 2", 3), Bar("Wed 13", 6)))
    assert bars_text(bars) == ["Papers a day", "Mon 1   0", f"Tue 2   {'█' * 15} 3", f"Wed 13  {'█' * 30} 6"]


def test_the_bars_of_a_month_are_one_line_a_week():
    bars = Bars("Papers a day", tuple(Bar(f"{day} May", day % 9) for day in range(1, 31)))
    _, *lines = bars_text(bars)
    assert len(lines) == 5
    assert lines[0] == "1 May – 7 May    ▁▂▃▄▅▆▇  28"
    assert lines[4].endswith("  5")


def test_a_chart_of_nothing_is_no_error():
    assert bars_text(Bars("Nothing", (Bar("Mon", 0),))) == ["Nothing", "Mon  0"]
