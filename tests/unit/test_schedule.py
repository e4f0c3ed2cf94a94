from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadArgument
from bot.model import WEEKDAYS, WORKDAYS, Schedule, Weekday
from bot.schedule import local_date, next_due, say_duration, say_schedule
from bot.spoken_times import parse_days, parse_duration, parse_time
from bot.zones import parse_zone


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00", time(9)),
        ("9am", time(9)),
        ("9:30PM", time(21, 30)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("17.30", time(17, 30)),
        ("noon", time(12)),
    ],
)
def test_times_are_read_as_people_type_them(text, expected):
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["9", "25:00", "13pm", "09:60", "", "soon", "٩:00"])
def test_what_is_no_time_or_ambiguous_is_refused(text):
    with pytest.raises(BadArgument) as refused:
        parse_time(text)
    assert refused.value.field == "at"


def test_a_bare_hour_is_refused_with_the_choices():
    with pytest.raises(BadArgument, match=r"9am, 9pm or 09:00"):
        parse_time("9")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("europe/berlin", "Europe/Berlin"), ("Berlin", "Europe/Berlin"), ("new york", "America/New_York"), ("utc", "UTC")],
)
def test_zones_are_found_in_any_case_and_by_city(text, expected):
    assert parse_zone(text) == expected


def test_an_unknown_zone_is_refused_with_a_near_one():
    with pytest.raises(BadArgument, match="Europe/Berlin"):
        parse_zone("Berlinn")


@pytest.mark.parametrize("text", ["CET", "PST", "IST", "Mars/Phobos"])
def test_abbreviations_and_inventions_are_no_zones(text):
    with pytest.raises(BadArgument):
        parse_zone(text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["weekdays"], WORKDAYS),
        (["daily"], WEEKDAYS),
        (["Mon,", "Thu"], (Weekday.MON, Weekday.THU)),
        (["tue", "and", "thursdays"], (Weekday.TUE, Weekday.THU)),
        (["fri-mon"], (Weekday.MON, Weekday.FRI, Weekday.SAT, Weekday.SUN)),
    ],
)
def test_days_are_read_in_any_mix(words, expected):
    assert parse_days(words) == expected


@pytest.mark.parametrize("words", [["someday"], [","], ["m"], ["mon-x"]])
def test_what_is_no_day_is_refused(words):
    with pytest.raises(BadArgument):
        parse_days(words)


@given(st.sampled_from([timedelta(0), timedelta(minutes=90), timedelta(hours=6), timedelta(days=1), timedelta(days=7)]))
def test_durations_are_said_as_they_are_read(length):
    assert parse_duration(say_duration(length)) == length


def test_a_wait_of_more_than_a_week_is_refused():
    with pytest.raises(BadArgument, match="7 days"):
        parse_duration("8d")


def test_a_time_in_the_gap_takes_the_offset_before_it():
    schedule = Schedule(time(2, 30), "America/New_York", WEEKDAYS)
    assert next_due(schedule, utc("2026-03-08 00:00")) == utc("2026-03-08 07:30")


def test_a_time_that_occurs_twice_means_the_first():
    schedule = Schedule(time(1, 30), "America/New_York", WEEKDAYS)
    first = next_due(schedule, utc("2026-11-01 00:00"))
    assert first == utc("2026-11-01 05:30")
    assert next_due(schedule, first) == utc("2026-11-02 06:30")


def test_a_date_that_a_zone_left_out_has_no_firing():
    schedule = Schedule(time(9), "Pacific/Apia", WEEKDAYS)
    after = utc("2011-12-29 19:00")  # 09:00 on the 29th in Apia
    assert local_date(next_due(schedule, after), "Pacific/Apia") == date(2011, 12, 31)


def test_days_are_those_of_the_schedules_own_zone():
    schedule = Schedule(time(8), "Pacific/Auckland", (Weekday.MON,))
    due = next_due(schedule, utc("2026-11-20 00:00"))
    assert local_date(due, "Pacific/Auckland").weekday() == 0
    assert due == utc("2026-11-22 19:00")


@given(
    st.integers(946_684_800, 2_114_380_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC", "Pacific/Apia"]
    ),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
)
def test_the_next_due_instant_is_later_and_on_a_wanted_day(after, at, zone, days):
    schedule = Schedule(at, zone, tuple(day for day in WEEKDAYS if day in days))
    due = next_due(schedule, after)
    assert due > after
    assert due - after <= timedelta(days=15)
    # A firing in a gap near midnight may show the next date on the wall; the date it stands for is a wanted one.
    walls = {local_date(due, zone), local_date(due - timedelta(hours=2), zone)}
    assert any(WEEKDAYS[each.weekday()] in days for each in walls)


def test_a_schedule_is_said_in_plain_words():
    assert say_schedule(Schedule(time(9), "Europe/Berlin")) == "weekdays at 09:00, Europe/Berlin"
    assert say_duration(timedelta(minutes=90)) == "90 min"
