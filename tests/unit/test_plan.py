"""Plan: which local dates are accounted for now, and what the first message says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.arxiv_calendar import arxiv_day, why_quiet
from bot.model import WEEKDAYS, Pause, Schedule
from bot.plan import NOT_RUNNING, dates, notes
from tests.contract.samples import subscription

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)
DUE = datetime(2026, 5, 11, 9, tzinfo=UTC)


def standing(**changes):
    schedule = Schedule(time(9), "UTC", WEEKDAYS)
    return subscription("robots", **{"schedule": schedule, "next_due_at": DUE, "tells_quiet": False, **changes})


def test_a_date_on_time_gets_its_edition():
    found = dates(standing(), DUE + timedelta(seconds=20))
    assert (found.skips, found.due_at, found.late) == ((), DUE, False)
    assert found.next_due_at == DUE + 24 * HOUR


def test_within_the_grace_it_is_late_and_beyond_it_skipped():
    late, gone = dates(standing(), DUE + 6 * HOUR), dates(standing(), DUE + 6 * HOUR + timedelta(seconds=1))
    assert (late.due_at, late.late) == (DUE, True)
    assert (gone.due_at, [skip.why for skip in gone.skips]) == (None, [NOT_RUNNING])


def test_the_grace_is_a_setting():
    assert dates(standing(), DUE + HOUR, timedelta(0)).due_at is None


def test_paused_dates_are_skipped_with_the_pause_as_the_reason():
    pause = Pause(DUE - HOUR, "paused by Ada", until_on=date(2026, 5, 13))
    found = dates(standing(pause=pause), DUE + 48 * HOUR)
    assert [(skip.on.day, skip.why) for skip in found.skips] == [(11, "paused by Ada"), (12, "paused by Ada")]
    assert found.due_at == DUE + 48 * HOUR


def test_downtime_of_years_is_accounted_for_without_end():
    found = dates(standing(), DUE + timedelta(days=3_000))
    assert len(found.skips) == 399
    assert found.due_at == DUE + timedelta(days=3_000)


def test_what_was_skipped_is_said_in_one_line_of_the_next_digest():
    now = DUE + timedelta(days=5)
    [line] = notes(standing(), dates(standing(), now), [], picked=3, now=now)
    assert line == (
        "There was no digest on 2 more days, Wednesday 13 May, Thursday 14 May and Friday 15 May: Broadsheet was not "
        "running. Their papers were candidates for this one."
    )


def test_a_pause_is_not_reported_as_trouble():
    pause = Pause(DUE - HOUR, "paused by Ada", until_on=date(2026, 5, 12))
    order = standing(pause=pause)
    assert notes(order, dates(order, DUE + 24 * HOUR), [], picked=1, now=DUE + 24 * HOUR) == ()


@pytest.mark.parametrize(("tells", "said"), [(True, 1), (False, 0)])
def test_a_quiet_day_is_said_where_the_channel_wants_it(tells, said):
    sunday = DUE - 24 * HOUR
    order = standing(tells_quiet=tells, next_due_at=sunday)
    lines = notes(order, dates(order, sunday), [], picked=0, now=sunday)
    assert len(lines) == said
    if said:
        assert lines[0] == "No papers for “robots” today: arXiv announces nothing on Fridays and Saturdays."


def test_a_late_digest_says_when_it_was_due():
    now = DUE + 2 * HOUR
    [line] = notes(standing(), dates(standing(), now), [], picked=2, now=now)
    assert line == "This digest is late: it was due Monday 11 May, 09:00."


@pytest.mark.parametrize(
    ("day", "quiet"),
    [
        (date(2026, 11, 23), False),
        (date(2026, 11, 26), True),
        (date(2026, 11, 28), True),
        (date(2026, 11, 29), True),
        (date(2026, 11, 30), False),
        (date(2026, 12, 25), True),
        (date(2027, 1, 1), True),
        (date(2026, 7, 4), True),
    ],
)
def test_the_calendar_knows_weekends_and_holidays(day, quiet):
    assert (why_quiet(day) is not None) is quiet


def test_the_arxiv_day_is_new_yorks():
    assert arxiv_day(datetime(2026, 11, 24, 4, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert arxiv_day(datetime(2026, 11, 24, 5, tzinfo=UTC)) == date(2026, 11, 24)


def test_a_roundup_is_a_kind_of_its_own():
    weekly = replace(standing(), schedule=Schedule(time(9), "UTC", WEEKDAYS[4:5], None, roundup=True))
    assert weekly.kind.value == "roundup"
    assert standing().kind.value == "digest"
