"""Schedules as people type them: each means one thing, or is refused with the choices."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgument
from bot.model import WEEKDAYS, Schedule
from bot.schedule import firings, local_date, next_due, say_rule, say_schedule
from bot.spoken_times import parse_rule, parse_schedule
from tests.fakes.clock import MONDAY

pytestmark = pytest.mark.unit

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
DAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, unique=True)
SCHEDULES = st.builds(
    lambda at, zone, days, month_day, roundup: Schedule(
        at,
        zone,
        tuple(each for each in WEEKDAYS if each in days),
        month_day,
        month_day is not None or (roundup and len(days) == 1),
    ),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    ZONES,
    DAYS,
    st.none() | st.integers(1, 31),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9am", "weekdays at 09:00, Europe/Paris"),
        ("09:00 Berlin", "weekdays at 09:00, Europe/Berlin"),
        ("weekdays at 8", "weekdays at 08:00, Europe/Paris"),
        ("Mon, Thu 17:30", "Mon, Thu at 17:30, Europe/Paris"),
        ("weekdays 09:00 Europe/London", "weekdays at 09:00, Europe/London"),
        ("weekly on fri 9am", "weekly on Fri at 09:00, Europe/Paris"),
        ("monthly on the 1st at 09:00", "monthly on the 1st at 09:00, Europe/Paris"),
        ("monthly 15 09:00 Asia/Tokyo", "monthly on the 15th at 09:00, Asia/Tokyo"),
        ("every day at 7pm New York", "daily at 19:00, America/New_York"),
        ("every monday at 9am", "Mon at 09:00, Europe/Paris"),
        ("9am weekdays", "weekdays at 09:00, Europe/Paris"),
        ("17:30 Mon Thu Berlin", "Mon, Thu at 17:30, Europe/Berlin"),
        ("daily 9.30 p.m. in Tokyo", "daily at 21:30, Asia/Tokyo"),
        ("09:00 Etc/GMT+5", "weekdays at 09:00, Etc/GMT+5 (UTC-05:00)"),
    ],
)
def test_a_schedule_is_understood_as_people_say_it(typed, said):
    assert say_schedule(parse_schedule(typed, zone="Europe/Paris")) == said


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("9", "9am, 9pm or 09:00"),
        ("at 8", "8am, 8pm or 08:00"),
        ("weekly 9am", "weekly on fri"),
        ("monthly 9am", "monthly on the 1st"),
        ("monthly 32 9am", "monthly on the 1st"),
        ("0 9 * * 1", "cron"),
        ("0 9 * * mon", "cron"),
        ("daily", "weekdays 09:00"),
        ("weekends at 24", "hours go to 23"),
        ("sat 25:00", "hours go to 23"),
        ("09:00 IST", "Asia/Kolkata, Asia/Jerusalem or Europe/Dublin"),
        ("09:00 +02:00", "Etc/GMT-2"),
        ("mon 9am 10am", "time zone"),
        ("tomorrow 9am", "weekdays"),
        ("", "09:00"),
    ],
)
def test_what_is_ambiguous_or_wrong_is_refused_with_the_choices(typed, remedy):
    with pytest.raises(BadArgument) as refused:
        parse_schedule(typed, zone="UTC")
    assert remedy in refused.value.user_message


@given(SCHEDULES)
def test_the_words_for_the_days_can_be_typed_again(schedule):
    rule = parse_rule([say_rule(schedule)])
    if schedule.month_day is None:
        assert rule.days == schedule.days
    assert (rule.month_day, rule.roundup) == (schedule.month_day, schedule.roundup)


@given(SCHEDULES, st.integers(-10_000, 10_000))
def test_firings_come_in_order_and_once_a_local_date(schedule, hours):
    since = MONDAY + timedelta(hours=hours)
    found = list(firings(schedule, since, since + timedelta(days=70)))
    days = [local_date(each, schedule.zone) for each in found]
    assert found == sorted(found)
    assert len(set(days)) == len(days)
    assert next_due(schedule, since - timedelta(microseconds=1)) == found[0]
