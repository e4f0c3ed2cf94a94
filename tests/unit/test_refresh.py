from datetime import UTC, date, datetime, timedelta

from bot.model import AnnouncementState, Origin, SourceName
from bot.ports import AnnouncementRecord
from bot.refresh import arxiv_request, backfill_requests, closed_at, hugging_face_day, hugging_face_requests
from tests.fakes.clock import MONDAY

TODAY = date(2026, 5, 11)


def record(on, fetched_at, *, source=SourceName.HUGGING_FACE, state=AnnouncementState.ANNOUNCED, **changes):
    fields = {
        "resource": "",
        "origin": Origin.LIVE,
        "first_fetched_at": fetched_at,
        "papers": 40,
        "detail": "",
        "validators": None,
    }
    return AnnouncementRecord(
        source=source, announced_on=on, fetched_at=fetched_at, state=state, **{**fields, **changes}
    )


def settled(on):
    return record(on, closed_at(on) + timedelta(days=1))


def test_hugging_faces_day_ends_at_half_past_nine_in_new_york():
    assert hugging_face_day(datetime(2026, 5, 12, 1, 29, tzinfo=UTC)) == date(2026, 5, 11)
    assert hugging_face_day(datetime(2026, 5, 12, 1, 30, tzinfo=UTC)) == date(2026, 5, 12)


def test_the_first_start_takes_today_live_and_the_week_before_as_history():
    requests = hugging_face_requests(MONDAY, [])
    assert [request.on for request in requests] == [TODAY - timedelta(days=back) for back in range(8)]
    assert [request.origin for request in requests] == [Origin.LIVE] + [Origin.BACKFILL] * 7


def test_days_missed_in_a_downtime_are_live_and_bounded_to_a_week():
    known = [settled(TODAY - timedelta(days=back)) for back in range(4, 30)]
    requests = hugging_face_requests(MONDAY, known)
    assert [request.on for request in requests] == [TODAY - timedelta(days=back) for back in range(4)]
    assert {request.origin for request in requests} == {Origin.LIVE}


def test_an_open_day_is_asked_for_again_and_a_settled_one_never():
    past = [settled(TODAY - timedelta(days=back)) for back in range(1, 9)]
    fresh = record(TODAY, MONDAY - timedelta(minutes=5))
    assert hugging_face_requests(MONDAY, [fresh, *past]) == []
    stale = record(TODAY, MONDAY - timedelta(minutes=20))
    assert [request.on for request in hugging_face_requests(MONDAY, [stale, *past])] == [TODAY]


def test_a_closed_day_is_asked_for_until_it_has_settled():
    yesterday = TODAY - timedelta(days=1)
    past = [settled(TODAY - timedelta(days=back)) for back in range(2, 9)]
    records = [record(TODAY, MONDAY), record(yesterday, MONDAY - timedelta(hours=3)), *past]
    assert [request.on for request in hugging_face_requests(MONDAY, records)] == [yesterday]


def test_replayed_days_do_not_stand_for_fetched_ones():
    replayed = [record(TODAY, MONDAY, origin=Origin.REPLAY)]
    assert len(hugging_face_requests(MONDAY, replayed)) == 8


def test_the_month_before_is_backfilled_once():
    assert len(backfill_requests(MONDAY, [])) == 23
    known = [settled(TODAY - timedelta(days=back)) for back in range(31)]
    assert backfill_requests(MONDAY, known) == []
    assert {request.origin for request in backfill_requests(MONDAY, [])} == {Origin.BACKFILL}


def test_the_arxiv_feed_is_asked_for_until_todays_list_is_out():
    arxiv = {"source": SourceName.ARXIV, "resource": "cs.CL"}
    assert arxiv_request(MONDAY, [], ("cs.CL",)) is not None
    out = record(TODAY, MONDAY - timedelta(hours=1), **arxiv)
    assert arxiv_request(MONDAY, [out], ("cs.CL",)) is None
    not_yet = record(TODAY - timedelta(days=1), MONDAY - timedelta(hours=1), **arxiv)
    assert arxiv_request(MONDAY, [not_yet], ("cs.CL",)) is not None
    other_list = record(TODAY, MONDAY, source=SourceName.ARXIV, resource="cs.CV")
    assert arxiv_request(MONDAY, [other_list], ("cs.CL",)) is not None


def test_a_source_that_was_down_is_asked_again_after_ten_minutes():
    down = record(TODAY, MONDAY - timedelta(minutes=11), state=AnnouncementState.SOURCE_DOWN)
    past = [settled(TODAY - timedelta(days=back)) for back in range(1, 9)]
    assert [request.on for request in hugging_face_requests(MONDAY, [down, *past])] == [TODAY]
    assert hugging_face_requests(MONDAY - timedelta(minutes=5), [down, *past]) == []


def test_a_first_start_without_network_does_not_make_the_week_before_live():
    down = [
        record(TODAY - timedelta(days=back), MONDAY - timedelta(hours=1), state=AnnouncementState.SOURCE_DOWN, papers=0)
        for back in (0, 8)
    ]
    origins = {request.on: request.origin for request in hugging_face_requests(MONDAY, down)}
    assert origins.pop(TODAY) is Origin.LIVE
    assert set(origins.values()) == {Origin.BACKFILL}
    assert len(backfill_requests(MONDAY, down)) == 23
