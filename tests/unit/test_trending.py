from datetime import timedelta

import pytest

from bot.model import PaperId, VoteCount
from bot.trending import PRIOR_DAYS, say_trend, trends
from tests.fakes.clock import MONDAY

DAY = timedelta(days=1)
OLD, NEW = PaperId("arxiv:2605.00001"), PaperId("arxiv:2605.00002")
WEEK = {"since": MONDAY - 7 * DAY, "until": MONDAY}


def count(paper_id, days_ago, upvotes):
    return VoteCount(paper_id, MONDAY - days_ago * DAY, upvotes)


def test_what_was_gained_in_the_window_counts_and_not_the_total():
    found = trends([count(OLD, 8, 900), count(OLD, 1, 910), count(NEW, 6, 0), count(NEW, 1, 60)], **WEEK)
    assert [(each.paper_id, each.gained) for each in found] == [(NEW, 60), (OLD, 10)]
    assert found[1].velocity == pytest.approx(10 / (7 + PRIOR_DAYS))


def test_a_paper_first_listed_in_the_window_gained_all_it_has():
    (found,) = trends([count(NEW, 1, 30)], **WEEK, listed_at={NEW: MONDAY - 2 * DAY})
    assert (found.gained, found.days) == (30, 2)


def test_a_paper_listed_long_before_its_first_count_is_not_credited_with_its_past():
    assert trends([count(OLD, 1, 500)], **WEEK, listed_at={OLD: MONDAY - 90 * DAY}) == []


def test_a_brand_new_paper_does_not_win_with_two_votes():
    brand_new, steady = count(NEW, 0.01, 2), [count(OLD, 3, 0), count(OLD, 0, 60)]
    assert trends([brand_new, *steady], **WEEK)[0].paper_id == OLD


def test_a_rank_is_explained_in_numbers():
    (found,) = trends([count(OLD, 2, 0), count(OLD, 0, 25)], **WEEK)
    assert say_trend(found) == "+25 votes in 2.00 days, 10.0 a day (25 in all)"
