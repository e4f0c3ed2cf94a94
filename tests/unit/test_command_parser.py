from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import commands
from bot.command_parser import parse_command, parse_form
from bot.command_table import COMMANDS, VERBS
from bot.errors import BadArgument, BroadsheetError, UnknownCommand
from bot.model import Layout, Weekday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", commands.Help()),
        ("HELP", commands.Help()),
        ("/papers help subscribe", commands.Help("subscribe")),
        ("today", commands.Today()),
        ("today 2026-05-12 page 2", commands.Today(date(2026, 5, 12), 2)),
        ("trending", commands.Trending()),
        ("trending Month", commands.Trending(commands.Window.MONTH)),
        ("show 2402.18789", commands.Show("2402.18789")),
        ("list", commands.ListSubscriptions()),
        ("unsubscribe my robots", commands.Unsubscribe("my robots")),
        ('unsubscribe "top 5"', commands.Unsubscribe("top 5")),
        ("settings", commands.ShowSettings()),
        ("subscribe", commands.Subscribe()),
        ("subscribe\tcs.LG", commands.Subscribe(topic="cs.LG")),
        ("subscribe   cs.LG    at   09:00", commands.Subscribe(topic="cs.LG")),
    ],
)
def test_a_text_becomes_a_frozen_command(text, expected):
    assert parse_command(text) == expected


def test_every_clause_is_read_in_any_order():
    assert parse_command("subscribe cs.CL kv cache settle 6h layout list as kv top 5 on mon,thu at 9 am New York") == (
        commands.Subscribe(
            topic="cs.CL kv cache",
            at=time(9),
            zone="America/New_York",
            days=(Weekday.MON, Weekday.THU),
            size=5,
            name="kv",
            layout=Layout.LIST,
            settle=timedelta(hours=6),
        )
    )


@pytest.mark.parametrize(
    "topic",
    ["attention at scale", "learning on graphs", "things to work on", "survey of layout generation", "top quark", "at"],
)
def test_words_that_only_look_like_clauses_stay_in_the_topic(topic):
    assert parse_command(f"subscribe {topic}") == commands.Subscribe(topic=topic)


def test_quotes_protect_words_from_being_clauses():
    assert parse_command('subscribe "models as agents" as m') == commands.Subscribe(
        topic='"models as agents"', name="m"
    )
    assert parse_command("subscribe “models at 9am”") == commands.Subscribe(topic='"models at 9am"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("edit robots", commands.Edit(subscription="robots")),
        ("edit attention at scale", commands.Edit(subscription="attention at scale")),
        ('edit "news topic models" top 3', commands.Edit(subscription="news topic models", size=3)),
        ('edit robots topic "in context" as x', commands.Edit(subscription="robots", topic='"in context"', name="x")),
        (
            "edit robots topic attention at scale top 5",
            commands.Edit(subscription="robots", topic="attention at scale", size=5),
        ),
        ("edit robots topic top quark", commands.Edit(subscription="robots", topic="top quark")),
        ("edit robots top 5 topic top quark", commands.Edit(subscription="robots", topic="top quark", size=5)),
    ],
)
def test_a_new_topic_keeps_its_quotes_and_the_words_that_only_look_like_clauses(text, expected):
    assert parse_command(text) == expected


def test_a_name_has_no_quotes_that_no_command_could_type():
    assert parse_form("subscribe", {"name": 'ro"bots "x"'}).name == "ro bots x"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("edit robots topic cs.XX", "topic"),
        ("subscribe cs.CL at 25:00", "at"),
        ("subscribe cs.CL at 9", "at"),
        ("subscribe cs.LG at 09:00 Mars/Phobos", "at"),
        ("subscribe cs.CL top 0", "top"),
        ("subscribe cs.CL top -5", "top"),
        ("subscribe cs.CL top 3.7", "top"),
        ("subscribe cs.CL top 99999999999999999999", "top"),
        ("subscribe cs.CL top 5 top 6", "top"),
        ("subscribe cs.CL at 9am on", "on"),
        ("subscribe cs.CL on mon, someday", "on"),
        ("subscribe cs.CL layout thraed", "layout"),
        ("subscribe cs.CL settle 9d", "settle"),
        ('subscribe "large language models', "topic"),
        ("today tomorrow", "on"),
        ("today 2026-02-30", "on"),
        ("trending fortnight", "window"),
        ("unsubscribe", "name"),
        ("show", "reference"),
        ("list everything", "text"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(text, field):
    with pytest.raises(BadArgument) as refused:
        parse_command(text)
    assert refused.value.field == field
    assert len(refused.value.user_message) > 20


def test_an_unknown_verb_is_refused_with_the_nearest():
    with pytest.raises(UnknownCommand, match="Did you mean subscribe"):
        parse_command("subscribee cs.CL")


def test_every_example_of_the_table_is_a_valid_command_of_its_verb():
    for spec in COMMANDS:
        for example in spec.examples:
            assert VERBS[example.split()[0]] is spec
            assert type(parse_command(example)) is spec.make


def answer_or_refusal(text):
    """The command, or the refusal's sentence; anything else is a crash."""
    try:
        return parse_command(text)
    except BroadsheetError as error:
        return error.user_message


@given(st.text(max_size=200))
def test_any_text_is_a_command_or_a_friendly_refusal(text):
    assert answer_or_refusal(text)


@given(st.sampled_from([spec.verb for spec in COMMANDS]), st.text(max_size=100))
def test_any_arguments_are_a_command_or_a_friendly_refusal(verb, text):
    assert answer_or_refusal(f"{verb} {text}")


def test_a_megabyte_is_refused_at_once():
    with pytest.raises(BroadsheetError, match="at most"):
        parse_command("subscribe " + "a " * 500_000)


@pytest.mark.parametrize(
    ("typed", "days", "month_day", "roundup"),
    [
        ("subscribe cs.RO on weekly fri", (Weekday.FRI,), None, True),
        ("subscribe cs.RO on weekly on fri at 9am", (Weekday.FRI,), None, True),
        ("subscribe cs.RO on monthly on the 31st at noon", tuple(Weekday), 31, True),
        ("subscribe cs.RO on mon, thu", (Weekday.MON, Weekday.THU), None, False),
    ],
)
def test_roundups_are_asked_for_as_people_say_it(typed, days, month_day, roundup):
    command = parse_command(typed)
    assert (command.topic, command.days, command.month_day, command.roundup) == ("cs.RO", days, month_day, roundup)


def test_a_clause_that_is_given_twice_is_still_refused():
    with pytest.raises(BadArgument, match="twice"):
        parse_command("subscribe cs.RO on fri on mon")
