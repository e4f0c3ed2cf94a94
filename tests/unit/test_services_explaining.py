"""Why: a paper's way through the subscriptions of a channel, from what the editions recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.commands import Caller, Subscribe, Why
from bot.errors import PaperNotFound
from bot.model import Facts, Member, MemberId
from bot.services.digest import PlanDigests
from bot.services.explaining import Explaining
from bot.services.ingest import take
from bot.services.pools import Pools
from bot.services.reading import Reading
from bot.services.subscriptions import Subscribing
from bot.services.topic_entry import TopicEntry
from tests.contract.samples import HOME, channel
from tests.fakes.clock import MONDAY, FrozenClock
from tests.fakes.store import MemoryStore
from tests.fakes.vocabulary import DAY, announcement, listing

pytestmark = pytest.mark.unit

CALLER = Caller(HOME, "general", Member(workspace=HOME.workspace, id=MemberId("ada"), name="Ada", zone="UTC"))
HOUR = timedelta(hours=1)


class Newsroom:
    """Subscribing, announcing, planning and asking why, over memory."""

    def __init__(self):
        self.store, self.clock = MemoryStore(), FrozenClock(MONDAY)
        pools, entry = Pools(store=self.store), TopicEntry(self.store, has_meaning=False)
        reading = Reading(store=self.store, clock=self.clock, lookup=None, entry=entry, pools=pools)
        self.subscribing = Subscribing(
            store=self.store, clock=self.clock, categories=self._categories, zone="UTC", entry=entry, pools=pools
        )
        self.plan = PlanDigests(store=self.store, clock=self.clock, wake=lambda: None, pools=pools)
        self.explaining = Explaining(self.store, self.clock, reading, pools)

    async def _categories(self):
        return ()

    async def subscribe(self, topic, name, **changes):
        return await self.subscribing.subscribe(CALLER, Subscribe(topic=topic, name=name, **changes))

    async def announce(self, *listings, announced_on=DAY):
        self.clock.move(HOUR)
        await take(self.store, announcement(*listings, fetched_at=self.clock.now(), announced_on=announced_on))

    async def digest(self):
        self.clock.move(timedelta(days=1))
        await self.plan()

    async def why(self, number):
        found = await self.explaining.why(CALLER, Why(f"2605.{number:05d}"))
        return {
            trace.subscription: {step.stage: (step.passed, step.said) for step in trace.steps} for trace in found.traces
        }


@pytest.fixture
async def newsroom():
    made = Newsroom()
    async with made.store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, MONDAY)
        await tx.channels.add(channel())
    return made


def last(steps):
    return list(steps.items())[-1]


async def test_a_posted_paper_tells_its_day_its_rank_and_what_matched(newsroom):
    await newsroom.subscribe("study", "studies")
    await newsroom.announce(listing(1, facts=Facts(upvotes=9)), listing(2))
    await newsroom.digest()
    stage, (passed, said) = last((await newsroom.why(2))["studies"])
    assert (stage, passed) == ("Among the best 10", True)
    assert said.startswith("posted on Tuesday 12 May as number 2 of 2: matched study in the title")


async def test_a_paper_below_the_cut_tells_how_many_stood_above_it(newsroom):
    await newsroom.subscribe("study", "studies", size=1)
    await newsroom.announce(listing(1, facts=Facts(upvotes=9)), listing(2))
    await newsroom.digest()
    assert last((await newsroom.why(2))["studies"]) == (
        "Among the best 1",
        (False, "on Tuesday 12 May it ranked below the 1 that were posted"),
    )


async def test_what_has_not_come_to_a_decision_tells_when_it_will(newsroom):
    await newsroom.subscribe("study", "studies")
    await newsroom.announce(listing(1))
    assert last((await newsroom.why(1))["studies"])[1] == (None, "decided with the next digest, Tuesday 12 May, 09:00")


async def test_votes_that_are_still_waited_for_are_told(newsroom):
    await newsroom.subscribe("study", "studies", settle=timedelta(hours=6))
    await newsroom.announce(listing(1))
    newsroom.clock.move(HOUR)
    stage, (passed, said) = last((await newsroom.why(1))["studies"])
    assert (stage, passed) == ("Settled", False)
    assert "waits 6 h" in said


async def test_what_another_subscription_brought_is_told_by_its_name(newsroom):
    await newsroom.subscribe("study", "studies")
    await newsroom.subscribe("subject", "subjects")
    await newsroom.announce(listing(1))
    await newsroom.digest()
    steps = await newsroom.why(1)
    told = [last(steps[name])[1][1] for name in ("studies", "subjects")]
    assert any(said.startswith("posted on") and "also for" in said for said in told)
    assert any("brought it to this channel on Tuesday 12 May; it is posted once" in said for said in told)


async def test_a_near_duplicate_is_told_as_one(newsroom):
    title = "A unified theory of speculative decoding for agents"
    await newsroom.subscribe("speculative", "specs")
    await newsroom.announce(listing(1, title, facts=Facts(upvotes=9)))
    await newsroom.announce(listing(2, f"{title} again"), announced_on=DAY + timedelta(days=1))
    await newsroom.digest()
    assert last((await newsroom.why(2))["specs"])[0] == "Not a near-duplicate"


async def test_a_topic_that_did_not_match_tells_which_condition(newsroom):
    await newsroom.subscribe("study plasma", "plasma")
    await newsroom.announce(listing(1))
    await newsroom.digest()
    assert last((await newsroom.why(1))["plasma"]) == ("Topic", (False, "no plasma in the title or the abstract"))


async def test_a_paper_that_nobody_knows_is_refused(newsroom):
    with pytest.raises(PaperNotFound):
        await newsroom.why(77)


async def test_a_topic_that_asks_for_a_meaning_nobody_answers_says_so(newsroom):
    await newsroom.subscribe("study", "meant")
    await newsroom.announce(listing(1))
    async with newsroom.store.write() as tx:
        standing = await tx.subscriptions.get(HOME, "meant")
        await tx.subscriptions.replace(replace(standing, topic='about:"small GPUs"'))
    stage, (passed, said) = last((await newsroom.why(1))["meant"])
    assert (stage, passed) == ("Topic", False)
    assert "no model is set" in said
    with capture_logs() as logs:
        await newsroom.digest()
    assert any("no model answers" in each["event"] for each in logs)
