"""Pacing: no window of a platform's limit ever holds more than it allows, and what may go out goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger import Delivery
from bot.model import ChannelRef, Platform, WorkspaceId
from bot.outcome import Scope
from bot.pacing import UNLIMITED, LastCalls, Pace, Rate, grant, put_off, scope_key
from tests.fakes.clock import MONDAY

pytestmark = pytest.mark.unit

SECOND = timedelta(seconds=1)
PACE = Pace(channel=Rate(1, SECOND, burst=2), workspace=Rate(5, SECOND, burst=3), platform=Rate(20, SECOND))


def delivery(number, workspace="one", channel="a"):
    ref = ChannelRef(Platform.LOCAL, WorkspaceId(workspace), channel)
    return Delivery(key=f"key-{number}", edition_id=number, part=0, channel=ref)


def drained(waiting, pace, steps=400, ahead=timedelta(milliseconds=500)):
    """Every start, as a worker hands them out that looks each quarter of a second."""
    starts, kept, now = [], {}, MONDAY
    for _ in range(steps):
        found = grant(waiting, pace, kept, now=now, until=now + ahead)
        kept |= found.next_calls_at
        starts += found.slots
        gone = {each.key for each, _ in found.slots}
        waiting = [each for each in waiting if each.key not in gone]
        now += timedelta(milliseconds=250)
    return starts


def test_without_limits_everything_goes_out_at_once():
    waiting = [delivery(number) for number in range(50)]
    found = grant(waiting, UNLIMITED, {}, now=MONDAY, until=MONDAY)
    assert [(each.key, at) for each, at in found.slots] == [(each.key, MONDAY) for each in waiting]
    assert (found.next_calls_at, found.again_at) == ({}, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=60))
def test_no_scope_is_ever_used_faster_than_its_rate_and_nothing_is_forgotten(places):
    waiting = [delivery(number, workspace, channel) for number, (workspace, channel) in enumerate(places)]
    starts = drained(waiting, PACE)
    assert {each.key for each, _ in starts} == {each.key for each in waiting}
    for scope in (Scope.PLATFORM, Scope.WORKSPACE, Scope.CHANNEL):
        rate, uses = PACE.of(scope), {}
        for each, at in starts:
            uses.setdefault(scope_key(scope, each.channel), []).append(at)
        for instants in uses.values():
            instants.sort()
            for first, beyond in zip(instants, instants[rate.burst :], strict=False):
                assert beyond - first >= rate.interval


def test_the_whole_rate_is_used_however_late_one_looks():
    waiting = [delivery(number, channel=str(number)) for number in range(100)]
    starts = [at for _, at in drained(waiting, Pace(platform=Rate(20, SECOND)))]
    assert max(starts) - min(starts) == 99 * Rate(20, SECOND).interval
    assert 20 / 1.03 < 99 / (max(starts) - min(starts)).total_seconds() < 20


def test_one_channel_that_must_wait_holds_up_nobody_else():
    busy, other = delivery(1, channel="busy"), delivery(2, channel="other")
    kept = {scope_key(Scope.CHANNEL, busy.channel): put_off(PACE.channel, MONDAY + 30 * SECOND)}
    found = grant([busy, other], PACE, kept, now=MONDAY, until=MONDAY)
    assert [each for each, _ in found.slots] == [other]
    assert found.again_at == MONDAY + 30 * SECOND


@given(st.integers(1, 10), st.integers(1, 100))
def test_a_scope_that_was_put_off_is_free_exactly_then(burst, calls):
    pace = Pace(channel=Rate(calls, SECOND, burst))
    one = delivery(1)
    kept = {scope_key(Scope.CHANNEL, one.channel): put_off(pace.channel, MONDAY + SECOND)}
    before = grant([one], pace, kept, now=MONDAY, until=MONDAY + SECOND - timedelta(microseconds=5))
    assert before.slots == ()
    assert len(grant([one], pace, kept, now=MONDAY + SECOND, until=MONDAY + SECOND).slots) == 1


def test_what_a_busy_machine_bunches_is_drawn_apart_again():
    calls, pace, one = LastCalls(), Pace(workspace=Rate(3, SECOND)), delivery(1).channel
    for late in (0.3, 0.35, 0.7):
        calls.add(one, pace, MONDAY + late * SECOND)
    assert calls.free_at(one, pace, MONDAY + SECOND) == MONDAY + 1.305 * SECOND
    assert calls.free_at(delivery(2, "two").channel, pace, MONDAY + SECOND) == MONDAY + SECOND
