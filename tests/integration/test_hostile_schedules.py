"""Schedules: every row of the oracle, every time and zone as people type them, downtime, clock jumps and edits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from adapters.system import use_bundled_zones
from bot.cli import app
from bot.errors import BadArgument
from bot.model import WEEKDAYS, Schedule
from bot.schedule import next_due
from bot.spoken_times import parse_time
from bot.zones import parse_zone
from tests.contract.samples import HOME
from tests.unit.test_services_digest import Newsroom

pytestmark = pytest.mark.integration

ROWS_FILE = Path(__file__).parents[3] / "shared" / "hostile" / "schedules.jsonl"
ROWS = [json.loads(line) for line in ROWS_FILE.read_text().splitlines()] if ROWS_FILE.exists() else []
needs_rows = pytest.mark.skipif(not ROWS, reason="needs ../shared/hostile/schedules.jsonl")
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def rows(kind):
    found = [pytest.param(row, id=row["id"]) for row in ROWS if row["type"] == kind]
    return found or [pytest.param(None, marks=needs_rows)]


def instant(text):
    return datetime.fromisoformat(text)


@pytest.fixture(autouse=True)
def bundled_zones():
    use_bundled_zones()


@needs_rows
def test_the_batch_gives_the_instants_of_the_oracle_and_refuses_what_it_does_not_read():
    result = CliRunner().invoke(app, ["schedule", "--batch", str(ROWS_FILE)])
    assert result.exit_code == 0
    answers = {answer["id"]: answer for answer in map(json.loads, result.stdout.splitlines())}
    assert list(answers) == [row["id"] for row in ROWS]
    for row in ROWS:
        answer = answers[row["id"]]
        if row["type"] == "instants" and row["kind"] in {"daily", "monthly"}:
            assert answer.get("instants") == row["expect_utc"], row["id"]
        else:
            assert "is not read" in answer["error"] or "has no text" in answer["error"], row["id"]


@pytest.mark.parametrize("row", rows("parse_time"))
def test_a_time_means_what_is_listed_or_is_refused(row):
    if row["expect"].get("refuse"):
        with pytest.raises(BadArgument):
            parse_time(row["input"])
    else:
        assert f"{parse_time(row['input']):%H:%M}" == row["expect"]["normalised"]


@pytest.mark.parametrize("row", rows("parse_tz"))
def test_a_zone_means_what_is_listed_or_is_refused(row):
    if row["expect"].get("refuse"):
        with pytest.raises(BadArgument) as refused:
            parse_zone(row["input"])
        assert refused.value.user_message.encode("utf-8", "replace")
        return
    found, meant = ZoneInfo(parse_zone(row["input"])), ZoneInfo(row["expect"]["zone"])
    instants = [datetime(year, month, 1, tzinfo=UTC) for year in range(2000, 2030) for month in range(1, 13)]
    assert [each.astimezone(found).utcoffset() for each in instants] == [
        each.astimezone(meant).utcoffset() for each in instants
    ]


async def room_at(now, zone, at, **changes):
    """A channel with one subscription, made at `now`."""
    room = Newsroom()
    room.clock.set(now)
    await room.open(HOME)
    schedule = Schedule(time.fromisoformat(at), zone, WEEKDAYS)
    await room.subscribe(
        schedule=schedule, next_due_at=next_due(schedule, now), cut_until_at=now, created_at=now, **changes
    )
    return room


@pytest.mark.parametrize("row", rows("misfire"))
async def test_downtime_brings_at_most_one_late_digest_and_reports_the_rest(row):
    down_from, down_to = instant(row["down_from"]), instant(row["down_to"])
    room = await room_at(down_from - timedelta(seconds=1), row["tz"], row["time"])
    room.clock.set(down_from)
    await room.plan()
    before = len(await room.editions())
    room.clock.set(down_to)
    await room.plan()
    await room.plan()
    made = (await room.editions())[before:]
    assert [each.due_at for each in made if not each.skipped] == list(map(instant, row["expect_late_firings_utc"]))
    assert len([each for each in made if each.skipped]) == row["expect_reported_missed"]
    if row["expect_reported_missed"] and row["expect_late_firings_utc"]:
        assert "There was no digest on" in made[-1].notes[0]


@pytest.mark.parametrize("row", rows("clock_jump"))
async def test_a_jump_of_the_clock_brings_the_digest_once_or_skips_it_with_a_reason(row):
    instants = [instant(step[0]) for step in row["timeline"] if step[0][0].isdigit()]
    room = await room_at(instants[0], row["tz"], row["time"])
    for now in instants:
        room.clock.set(now)
        await room.plan()
    made = await room.editions()
    on_record = [each for each in made if each.local_on.isoformat() == "2026-06-10"]
    assert len([each for each in on_record if not each.skipped]) == row["expect_posts"]
    assert len(on_record) == 1


@needs_rows
async def test_a_time_that_is_moved_after_todays_digest_brings_no_second_one():
    room = await room_at(datetime(2026, 6, 10, 7, tzinfo=UTC), "Europe/London", "09:00")
    room.clock.set(datetime(2026, 6, 10, 8, tzinfo=UTC))
    await room.plan()
    schedule = Schedule(time(10), "Europe/London", WEEKDAYS)
    await room.reschedule(schedule, datetime(2026, 6, 10, 9, tzinfo=UTC))
    room.clock.set(datetime(2026, 6, 10, 9, tzinfo=UTC))
    await room.plan()
    assert [each.due_at for each in await room.editions()] == [datetime(2026, 6, 10, 8, tzinfo=UTC)]


@needs_rows
async def test_a_zone_that_is_changed_after_its_hour_waits_for_the_next_day_and_loses_nothing():
    room = await room_at(datetime(2026, 6, 10, 12, tzinfo=UTC), "America/New_York", "09:00")
    schedule = Schedule(time(9), "Asia/Tokyo", WEEKDAYS)
    due_at = next_due(schedule, room.clock.now())
    assert due_at == datetime(2026, 6, 11, tzinfo=UTC)
    await room.reschedule(schedule, due_at)
    await room.announce(1, at=room.clock.now() + timedelta(minutes=1))
    room.clock.set(due_at)
    await room.plan()
    [edition] = await room.editions()
    assert [pick.paper_id for pick in edition.picks] == ["arxiv:2605.00001"]


def test_instants_are_printed_for_people_and_as_json():
    asked = ["schedule", "weekdays 09:00 Europe/London", "--from", "2026-03-27", "--to", "2026-03-31"]
    found = CliRunner().invoke(app, [*asked, "--json"], obj=_invocation())
    assert json.loads(found.stdout)["instants"] == ["2026-03-27T09:00:00Z", "2026-03-30T08:00:00Z"]
    said = CliRunner().invoke(app, asked, obj=_invocation()).stdout
    assert "Mon 2026-03-30 09:00 BST" in said
    assert "time zone data 20" in said


def _invocation():
    from bot.cli.invocation import Invocation

    return Invocation({}, Path(__file__).parent)
