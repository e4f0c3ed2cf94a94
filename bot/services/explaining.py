"""Explaining: a paper's way through a channel's subscriptions, as recorded and as it would be decided now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.commands import Caller, Show, Why
from bot.findings import Explained, Step, Trace
from bot.model import Candidate, Edition, EditionKind, Paper, PaperId, Stage, Subscription
from bot.ports import Clock, Store
from bot.schedule import say_duration, say_instant
from bot.selection import Pool
from bot.services.pools import Pools
from bot.services.reading import Reading
from bot.services.topic_entry import stored_topic
from bot.topics.expression import About
from bot.topics.facts import type_of
from bot.topics.language import Topic
from bot.topics.match import names_type
from bot.topics.reasons import say_evidence, say_failures
from bot.topics.saying import SOURCES, say_topic

_Recorded = Sequence[tuple[Edition, Stage]]


@dataclass(frozen=True, slots=True)
class Explaining:
    """Reads what stands in the store; nothing here changes anything."""

    store: Store
    clock: Clock
    reading: Reading
    pools: Pools

    async def why(self, caller: Caller, command: Why) -> Explained:
        """Stage by stage, for every subscription of the caller's channel. Raises BadReference or PaperNotFound."""
        paper = await self.reading.show(Show(command.reference))
        async with self.store.read() as tx:
            subscriptions = await tx.subscriptions.of(caller.channel)
            recorded = await tx.editions.stage_of(caller.channel, paper.id)
            day = paper.announced_on
            listed = list(await tx.papers.listed(since=day, until=day)) if day else []
        now = self.clock.now()
        if all(each.paper.id != paper.id for each in listed):
            listed.append(Candidate(paper=paper, seen_at=paper.first_seen_at or now, announced_on=day or now.date()))
        topics = [topic for each in subscriptions if (topic := stored_topic(each.topic)) is not None]
        pool = await self.pools.build(listed, on=now.date(), topics=topics)
        votes = await self.pools.votes(caller.channel.workspace, pool, topics)
        number = next(at for at, each in enumerate(pool.candidates) if each.paper.id == paper.id)
        look = _Look(pool, number, votes, recorded, now, self.pools.meaning is not None)
        return Explained(paper, [_trace(look, each) for each in subscriptions])


@dataclass(frozen=True, slots=True)
class _Look:
    """One paper among those of its day, and what this channel's editions recorded of it."""

    pool: Pool
    number: int
    votes: Mapping[PaperId, int]
    recorded: _Recorded
    now: datetime
    has_meaning: bool

    @property
    def candidate(self) -> Candidate:
        return self.pool.candidates[self.number]

    @property
    def paper(self) -> Paper:
        return self.candidate.paper


def _trace(look: _Look, subscription: Subscription) -> Trace:
    topic = stored_topic(subscription.topic)
    if topic is None:
        steps = [Step("Topic", passed=False, said="it cannot be read; edit this subscription")]
        return Trace(subscription.name, subscription.topic, steps)
    mine = [each for each in look.recorded if each[0].subscription_id == subscription.id]
    digests = [each for each in mine if each[0].kind is subscription.kind]
    decided = digests[0] if digests else None
    steps = [
        _announced(look),
        _topic(look, topic),
        _type(look, topic),
        _in_time(look, subscription, decided),
        _settled(look, subscription),
        _posted_before(look, subscription),
        _duplicate(decided),
        _cut(look, subscription, decided),
    ]
    return Trace(subscription.name, say_topic(topic), _until_it_left(steps))


def _until_it_left(steps: Sequence[Step]) -> list[Step]:
    """The stages that were reached: what stands behind the one at which a paper left was never asked."""
    left = next((at for at, each in enumerate(steps) if each.passed is False), len(steps))
    return list(steps[: left + 1])


def _announced(look: _Look) -> Step:
    paper = look.paper
    by = " and ".join(SOURCES[each] for each in paper.sources) or "nobody"
    on = f" on {_day(paper.announced_on)}" if paper.announced_on else ""
    said = f"in {by}{on}"
    if paper.announced_on is None:
        return Step("Announced", passed=False, said="no source has announced it here; it was looked up for you")
    return Step("Announced", passed=True, said=said)


def _in_time(look: _Look, subscription: Subscription, decided: tuple[Edition, Stage] | None) -> Step:
    if look.candidate.seen_at <= subscription.created_at and decided is None:
        said = "it was announced before this subscription was made, which brings no backlog"
        sampled = [edition for edition, stage in look.recorded if _is_sample(edition, subscription, stage)]
        if sampled:
            said += f"; the sample of {_day(sampled[0].local_on)} showed it"
        return Step("In time", passed=False, said=said)
    return Step("In time", passed=True, said="announced since this subscription was made")


def _topic(look: _Look, topic: Topic) -> Step:
    explanation = look.pool.explain(look.number, topic, look.votes)
    if not look.has_meaning and any(isinstance(each, About) for each in topic.atoms):
        said = "it asks for a meaning, and no model is set to answer (BROADSHEET_SEMANTIC_MODEL)"
        return Step("Topic", passed=False, said=said)
    if explanation.failed:
        view = look.pool.view(look.number, look.votes)
        return Step("Topic", passed=False, said=say_failures(explanation, view))
    told = "; ".join(say_evidence(each) for each in explanation.matched if each.field)
    return Step("Topic", passed=True, said=told or "nothing that it asks for is missing")


def _type(look: _Look, topic: Topic) -> Step:
    kind = type_of(look.candidate).value
    if look.candidate.announce_type.is_replacement and not names_type(topic):
        return Step("Type", passed=False, said="a new version of a known paper; type:replace would ask for those")
    return Step("Type", passed=True, said=kind)


def _is_sample(edition: Edition, subscription: Subscription, stage: Stage) -> bool:
    mine = edition.subscription_id == subscription.id and edition.kind is EditionKind.SAMPLE
    return mine and stage is Stage.PICKED


def _settled(look: _Look, subscription: Subscription) -> Step:
    if not subscription.settle:
        return Step("Settled", passed=True, said="this subscription waits for no votes")
    waited = look.now - look.candidate.seen_at
    said = f"it waits {say_duration(subscription.settle)} for votes"
    if waited < subscription.settle:
        return Step("Settled", passed=False, said=f"{said}; the paper came {say_duration(waited)} ago")
    return Step("Settled", passed=True, said=f"{said}, which are over")


def _posted_before(look: _Look, subscription: Subscription) -> Step:
    for edition, stage in look.recorded:
        if stage is Stage.PICKED and edition.kind is subscription.kind and edition.subscription_id != subscription.id:
            said = f"“{edition.name}” brought it to this channel on {_day(edition.local_on)}; it is posted once"
            return Step("Not posted yet", passed=False, said=said)
    return Step("Not posted yet", passed=True, said="no other subscription brought it here")


def _duplicate(decided: tuple[Edition, Stage] | None) -> Step:
    if decided is not None and decided[1] is Stage.NEAR_DUPLICATE:
        said = "the same title and an author in common with a paper that was posted under another id"
        return Step("Not a near-duplicate", passed=False, said=said)
    return Step("Not a near-duplicate", passed=True, said="nothing alike was posted lately")


def _cut(look: _Look, subscription: Subscription, decided: tuple[Edition, Stage] | None) -> Step:
    stage = f"Among the best {subscription.size}"
    if decided is None and look.candidate.seen_at <= subscription.cut_until_at:
        return Step(stage, passed=False, said="it was decided upon before, and did not match then")
    if decided is None:
        due = say_instant(subscription.next_due_at, subscription.schedule.zone)
        return Step(stage, passed=None, said=f"decided with the next digest, {due}")
    edition, left_at = decided
    on = _day(edition.local_on)
    if left_at is Stage.PICKED:
        ids = [each.paper_id for each in edition.picks]
        pick = next((each for each in edition.picks if each.paper_id == look.paper.id), None)
        rank = f" as number {ids.index(pick.paper_id) + 1} of {len(ids)}" if pick else ""
        return Step(stage, passed=True, said=f"posted on {on}{rank}" + (f": {pick.why}" if pick else ""))
    if left_at is Stage.BELOW_CUT:
        return Step(stage, passed=False, said=f"on {on} it ranked below the {len(edition.picks)} that were posted")
    then = f", when the topic was {edition.topic}" if edition.topic != subscription.topic else ""
    return Step(stage, passed=False, said=f"on {on} it left at the stage “{left_at.value}”{then}")


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
