"""Completing: what a member may mean by what was typed so far of one value of a command. Asked at every keystroke."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bot.command_parser import read_form
from bot.command_table import COMMANDS, VERBS
from bot.commands import Caller
from bot.completion.papers import complete_reference, named, papers_shelf
from bot.completion.ranking import MOST, Proposal, Shelf, ranked_of
from bot.completion.times import complete_at, complete_date, complete_days, complete_settle, complete_until
from bot.completion.topics import Vocabulary, complete_topic
from bot.findings import Choice
from bot.model import Member, Paper, PaperId, Role, Subscription
from bot.parameters import ALERTS
from bot.ports import Clock, Store, Transaction
from bot.ranking import DEFAULT_WEIGHTS, Weights, rank
from bot.schedule import local_date

_KEPT = timedelta(minutes=1)
_WEEK = timedelta(days=7)
_SAVED = 100
_LISTS = 200
_USUAL = time(9)
_OF_SUBSCRIPTIONS = frozenset({"unsubscribe", "pause", "resume", "form"})


@dataclass(frozen=True, slots=True)
class _Lately:
    """What the week up to the newest day brought."""

    vocabulary: Vocabulary
    papers: Shelf
    """Of the newest day, the best first."""
    days: tuple[date, ...]
    """The days that were announced, the newest first."""


class _Kept:
    """The last week as it was within the minute; who comes while it is read waits for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.lately = _Lately(Vocabulary(), Shelf(()), ())
        self.key: tuple[date | datetime | None, ...] = (None,)
        """The newest day, and when a source was last read: what it was laid out from."""
        self.until = datetime.min.replace(tzinfo=UTC)
        self.lists: dict[tuple[PaperId, ...], tuple[datetime, Shelf]] = {}
        """Lists of saved papers by what stands on them, each until when it is kept."""


@dataclass(frozen=True, slots=True)
class Completing:
    """Reads what stands in the store; nothing here changes anything."""

    store: Store
    clock: Clock
    zone: str
    weights: Weights = DEFAULT_WEIGHTS
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False, compare=False)

    async def __call__(
        self, caller: Caller, verb: str, parameter: str, typed: str, filled: Mapping[str, str]
    ) -> Sequence[Choice]:
        """At most 25 choices, the best first, each of which the command takes; () where nothing can be completed.

        `filled` has the other values of the command, as far as they are known.
        """
        spec = VERBS.get(verb.casefold())
        if spec is None or parameter not in {each.name for each in spec.parameters}:
            return ()
        proposed = await self._proposed(caller, spec.verb, parameter, typed, filled)
        return [each for each in proposed if _is_taken(spec.verb, parameter, each.value)][:MOST]

    async def _proposed(  # noqa: PLR0911 - one a parameter
        self, caller: Caller, verb: str, parameter: str, typed: str, filled: Mapping[str, str]
    ) -> Sequence[Choice]:
        match parameter:
            case "subscription":
                return await self._subscriptions(caller, verb, typed)
            case "name" if verb in _OF_SUBSCRIPTIONS:
                return await self._subscriptions(caller, verb, typed)
            case "reference":
                return await self._papers(caller, verb, typed)
            case "topic" | "text":
                return await self._topics(caller, verb, typed, filled)
            case "at":
                return await self._times(caller, typed, filled)
            case "on" if verb == "today":
                return complete_date(typed, (await self._lately()).days)
            case "until":
                return complete_until(typed, local_date(self.clock.now(), caller.member.zone or self.zone))
            case "editor" | "member":
                return await self._members(caller, parameter, typed)
            case _:
                return _fixed(verb, parameter, typed)

    async def _subscriptions(self, caller: Caller, verb: str, typed: str) -> Sequence[Choice]:
        async with self.store.read() as tx:
            found = await tx.subscriptions.of(caller.channel)
        # What can be resumed comes first to whoever resumes, and the other way round.
        ordered = sorted(found, key=lambda each: (each.pause is None) is (verb == "resume"))
        return ranked_of(typed, (Proposal(each.name, f"{each.name} · {each.topic}", (each.topic,)) for each in ordered))

    async def _papers(self, caller: Caller, verb: str, typed: str) -> Sequence[Choice]:
        meant = named(typed)
        async with self.store.read() as tx:
            saved = await self._saved(tx, caller.member)
            papers = await tx.papers.by_keys([meant]) if meant else {}
        if verb == "unsave":
            return complete_reference(typed, saved)
        return complete_reference(typed, papers_shelf(papers.values()), saved, (await self._lately()).papers)

    async def _saved(self, tx: Transaction, member: Member) -> Shelf:
        """The member's list as it is now; its papers as they were within the minute."""
        ids, now, kept = tuple(await tx.marks.saved(member, limit=_SAVED)), self.clock.now(), self._kept.lists
        if ids not in kept or now >= kept[ids][0]:
            papers = await tx.papers.by_keys(set(ids))
            if len(kept) >= _LISTS:
                kept.clear()
            kept[ids] = (now + _KEPT, papers_shelf(papers[each] for each in ids if each in papers))
        return kept[ids][1]

    async def _topics(self, caller: Caller, verb: str, typed: str, filled: Mapping[str, str]) -> Sequence[Choice]:
        vocabulary = (await self._lately()).vocabulary
        async with self.store.read() as tx:
            found = await tx.subscriptions.of(caller.channel)
        edited = _edited(found, filled)
        standing = [each.topic for each in (*edited, *found)]
        return complete_topic(typed, vocabulary, standing, is_search=verb == "search", is_preview=verb == "preview")

    async def _times(self, caller: Caller, typed: str, filled: Mapping[str, str]) -> Sequence[Choice]:
        edited: Sequence[Subscription] = ()
        if filled.get("subscription"):
            async with self.store.read() as tx:
                edited = _edited(await tx.subscriptions.of(caller.channel), filled)
        zones = [each for each in (caller.member.zone, *(one.schedule.zone for one in edited), self.zone) if each]
        return complete_at(typed, zones=zones, usual=edited[0].schedule.at if edited else _USUAL)

    async def _members(self, caller: Caller, parameter: str, typed: str) -> Sequence[Choice]:
        async with self.store.read() as tx:
            members = await tx.channels.members(caller.channel.workspace)
        fitting = Role.MEMBER if parameter == "editor" else Role.EDITOR
        ordered = sorted(members, key=lambda each: each.role is not fitting)
        proposals = [Proposal(each.id, each.name, (each.name,)) for each in ordered if each.role is not Role.ADMIN]
        # A workspace may have many thousands.
        return await asyncio.to_thread(ranked_of, typed.removeprefix("@"), proposals)

    async def _lately(self) -> _Lately:
        kept = self._kept
        async with kept.lock:
            now = self.clock.now()
            if now >= kept.until:
                async with self.store.read() as tx:
                    newest = await tx.papers.newest_day()
                    fetched = await tx.announcements.latest(limit=1)
                    key = (newest, *(each.fetched_at for each in fetched))
                    is_new = key != kept.key
                    listed = await tx.papers.announced(since=newest - _WEEK, until=newest) if newest and is_new else ()
                if is_new:
                    kept.lately = await asyncio.to_thread(self._laid_out, listed)
                kept.key, kept.until = key, now + _KEPT
            return kept.lately

    def _laid_out(self, listed: Iterable[tuple[Paper, date]]) -> _Lately:
        listed = list(listed)
        days = tuple(sorted({on for _, on in listed}, reverse=True))
        newest = [(paper, on) for paper, on in listed if on == days[0]]
        best = rank(newest, on=days[0], weights=self.weights) if days else ()
        return _Lately(Vocabulary(paper for paper, _ in listed), papers_shelf(paper for paper, _ in best), days)


def _fixed(verb: str, parameter: str, typed: str) -> Sequence[Choice]:
    """What is the same for everybody at any time."""
    match parameter:
        case "on":
            return complete_days(typed)
        case "settle":
            return complete_settle(typed)
        case "verb":
            lines = (
                Proposal(each.verb, f"{each.verb} · {each.summary}", (*each.aliases, each.summary)) for each in COMMANDS
            )
            return ranked_of(typed, lines)
        case "notify":
            return ranked_of(typed, map(Proposal, ALERTS))
        case _:
            found = next(each for each in VERBS[verb].parameters if each.name == parameter)
            return ranked_of(typed, map(Proposal, found.choices))


def _edited(found: Sequence[Subscription], filled: Mapping[str, str]) -> list[Subscription]:
    wanted = filled.get("subscription", "").strip().casefold()
    return [each for each in found if each.name.casefold() == wanted]


def _is_taken(verb: str, parameter: str, value: str) -> bool:
    _, errors = read_form(verb, {parameter: value})
    return parameter not in errors
