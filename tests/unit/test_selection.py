from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import AnnounceType, Stage
from bot.selection import MOVING, Order, Pool, select
from bot.topics.language import parse_topic
from tests.fakes.clock import MONDAY
from tests.fakes.vocabulary import DAY, candidate

HOUR = timedelta(hours=1)


def order(topic="*", **changes):
    fields = {
        "size": 10,
        "created_at": MONDAY - 100 * HOUR,
        "cut_until_at": MONDAY - HOUR,
        "settled_at": MONDAY,
        "had": (),
    }
    return Order(topic=parse_topic(topic), **{**fields, **changes})


def picked(candidates, **changes):
    return [pick.paper_id for pick in select(Pool(candidates, on=DAY), order(**changes)).picks]


def test_the_best_ranked_come_first_and_the_rest_falls_below_the_cut():
    pool = Pool([candidate(1, upvotes=3), candidate(2, upvotes=30), candidate(3, upvotes=10)], on=DAY)
    chosen = select(pool, order(size=2))
    assert [pick.paper_id for pick in chosen.picks] == ["arxiv:2605.00002", "arxiv:2605.00003"]
    assert chosen.left_out == {Stage.BELOW_CUT: ("arxiv:2605.00001",)}


def test_equal_scores_stand_in_the_order_of_their_ids():
    assert picked([candidate(2), candidate(1)]) == ["arxiv:2605.00001", "arxiv:2605.00002"]


def test_what_was_decided_upon_before_is_not_decided_again():
    assert picked([candidate(1, seen_at=MONDAY - HOUR), candidate(2, seen_at=MONDAY)]) == ["arxiv:2605.00002"]


def test_a_paper_that_has_not_settled_waits_for_a_next_edition():
    pool = Pool([candidate(1, seen_at=MONDAY)], on=DAY)
    first = select(pool, order(settled_at=MONDAY - HOUR / 2))
    assert first.left_out == {Stage.SETTLING: ("arxiv:2605.00001",)}
    later = select(pool, order(cut_until_at=MONDAY - HOUR / 2, settled_at=MONDAY + HOUR))
    assert len(later.picks) == 1


def test_a_replacement_is_left_out_unless_it_is_asked_for():
    pool = Pool(
        [candidate(1, announce_type=AnnounceType.REPLACE), candidate(2, announce_type=AnnounceType.CROSS)], on=DAY
    )
    assert select(pool, order()).left_out == {Stage.TYPE: ("arxiv:2605.00001",)}


def test_what_the_channel_had_is_left_out():
    chosen = select(Pool([candidate(1)], on=DAY), order(had={"arxiv:2605.00001"}))
    assert chosen.left_out == {Stage.SEEN_BEFORE: ("arxiv:2605.00001",)}


def test_a_topic_matches_words_categories_and_archives():
    candidates = [
        candidate(1, "Quantised models for all", categories=("cs.CL", "cs.LG")),
        candidate(2, "Diffusion of gases", categories=("physics.flu-dyn",)),
        candidate(3, "Unrelated"),
    ]
    assert picked(candidates, topic="cs.LG") == ["arxiv:2605.00001"]
    assert picked(candidates, topic="physics") == ["arxiv:2605.00002"]
    assert picked(candidates, topic="model cs.CL") == ["arxiv:2605.00001"]
    assert picked(candidates, topic="fusion") == []
    assert picked(candidates, topic='"gases diffusion"') == []
    assert picked(candidates, topic='"diffusion of gases"') == ["arxiv:2605.00002"]


def test_every_pick_says_what_matched_and_how_it_scored():
    chosen = select(Pool([candidate(1, "A KV-cache trick", upvotes=7)], on=DAY), order("kv-cache"))
    assert chosen.picks[0].why.startswith("matched kv-cache in the title · 7 upvotes (2.1)")


def test_a_paper_whose_categories_come_late_is_decided_upon_when_they_are_known():
    known_at = MONDAY + 3 * HOUR
    late = candidate(1, seen_at=MONDAY - 2 * HOUR, categories=("cs.CL",), categorised_at=known_at)
    window = {"cut_until_at": MONDAY, "settled_at": MONDAY + 4 * HOUR}
    assert picked([late], topic="cs.CL", **window) == ["arxiv:2605.00001"]
    assert picked([late], topic="study", **window) == []


def test_categories_that_come_too_late_do_not_bring_a_paper_back():
    late = candidate(1, categories=("cs.CL",), categorised_at=MONDAY + MOVING + HOUR)
    assert picked([late], topic="cs.CL", cut_until_at=MONDAY, settled_at=MONDAY + 10 * MOVING) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 48), st.booleans()), max_size=40, unique_by=lambda row: row[0]
    ),
    st.lists(st.integers(0, 48), min_size=1, max_size=5),
    st.integers(1, 5),
)
def test_over_any_cuts_every_candidate_is_decided_upon_exactly_once(rows, cuts, size):
    candidates = [candidate(number, seen_at=MONDAY + hours * HOUR, upvotes=number) for number, hours, _ in rows]
    pool = Pool(candidates, on=DAY)
    decided, had, cut = [], set(), MONDAY - HOUR
    for now in [*sorted(MONDAY + hours * HOUR for hours in cuts), MONDAY + 100 * HOUR]:
        chosen = select(pool, order(size=size, cut_until_at=cut, settled_at=max(now, cut), had=had))
        had |= {pick.paper_id for pick in chosen.picks}
        decided += [pick.paper_id for pick in chosen.picks]
        decided += [key for stage, ids in chosen.left_out.items() if stage is not Stage.SETTLING for key in ids]
        assert len(chosen.picks) <= size
        cut = max(now, cut)
    assert sorted(decided) == sorted(each.paper.id for each in candidates)


def test_late_categories_bring_no_backlog_to_a_new_subscription():
    known_at = MONDAY + 3 * HOUR
    old = candidate(1, seen_at=MONDAY - 30 * HOUR, categories=("cs.CL",), categorised_at=known_at)
    window = {"created_at": MONDAY, "cut_until_at": MONDAY, "settled_at": MONDAY + 4 * HOUR}
    assert picked([old], topic="cs.CL", **window) == []


def twins(title="A unified theory of speculative decoding for agents", other="", **changes):
    second = {"authors": ("Alan Turing", "Grace Hopper"), "announced_on": DAY - timedelta(days=1), **changes}
    return [candidate(1, title, upvotes=9), candidate(2, other or f"{title}!", **second)]


def test_a_near_duplicate_from_another_day_is_posted_once():
    chosen = select(Pool(twins(), on=DAY), order())
    assert [pick.paper_id for pick in chosen.picks] == ["arxiv:2605.00001"]
    assert chosen.left_out == {Stage.NEAR_DUPLICATE: ("arxiv:2605.00002",)}


def test_a_near_duplicate_of_what_the_channel_had_lately_is_not_posted():
    first, second = twins()
    chosen = select(Pool([first], on=DAY), order(lately=[second.paper]))
    assert chosen.left_out == {Stage.NEAR_DUPLICATE: ("arxiv:2605.00001",)}


@pytest.mark.parametrize(
    "changes",
    [
        {"authors": ("Grace Hopper",)},
        {"announced_on": DAY},
        {"other": "A unified theory of speculative decoding for agents 2"},
        {"other": "Something quite different"},
    ],
    ids=["no author in common", "one list on one day", "the second of a series", "another title"],
)
def test_two_works_are_two_however_alike(changes):
    assert len(picked(twins(**changes))) == 2


def test_a_paper_that_failed_only_on_what_moves_comes_when_it_passes_and_only_once():
    slow = [candidate(1, seen_at=MONDAY - 50 * HOUR, upvotes=12), candidate(2, seen_at=MONDAY, upvotes=15)]
    window = {"moving_since_at": MONDAY - MOVING, "topic": "upvotes:>=10"}
    assert picked(slow, **window) == ["arxiv:2605.00002", "arxiv:2605.00001"]
    assert picked(slow, passed={"arxiv:2605.00001"}, **window) == ["arxiv:2605.00002"]
    assert picked(slow, created_at=MONDAY - HOUR, **window) == ["arxiv:2605.00002"]
    assert picked(slow, topic="study", moving_since_at=MONDAY - MOVING) == ["arxiv:2605.00002"]


def test_a_paper_that_several_subscriptions_match_says_which():
    others = [("robots", parse_topic("cs.RO")), ("words", parse_topic("study")), ("all", parse_topic("*"))]
    (pick,) = select(Pool([candidate(1)], on=DAY), order("subject", others=others)).picks
    assert "matched subject in the title · also for “words” and “all” ·" in pick.why


def test_a_topic_that_names_the_type_gets_replacements():
    pool = Pool([candidate(1, announce_type=AnnounceType.REPLACE), candidate(2)], on=DAY)
    assert [pick.paper_id for pick in select(pool, order("type:replace")).picks] == ["arxiv:2605.00001"]


def test_a_paper_that_was_listed_after_its_days_digest_says_that_it_is_late():
    day = MONDAY.date()
    late = candidate(1, announced_on=day - timedelta(days=1))
    fresh = candidate(2, announced_on=day)
    pool = Pool([late, fresh], on=day)
    why = {pick.paper_id: pick.why for pick in select(pool, order(marks_late=True)).picks}
    assert "announced late, for Sunday 10 May" in why["arxiv:2605.00001"]
    assert "late" not in why["arxiv:2605.00002"]
    assert all("late" not in pick.why for pick in select(pool, order()).picks)


def test_decided_counts_all_but_what_still_settles():
    pool = Pool([candidate(1), candidate(2), candidate(3, title="robots"), candidate(4, seen_at=MONDAY + HOUR)], on=DAY)
    assert select(pool, order("robots")).decided == 3
