"""Pace: when a message may go out so that a platform's limits on channels, workspaces and the whole bot hold.

The generic cell rate algorithm: of each scope one instant is kept, the time at which its next call is due if every call
came exactly one interval after the other. It is stored with the ledger, so that workers share it and a restart keeps
it; a platform's “not before” is the same instant put off. Pure.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ledger import Delivery
from bot.model import ChannelRef
from bot.outcome import Scope


@dataclass(frozen=True, slots=True)
class Rate:
    """A platform's limit: at most `calls` in any `per`. Of it `share` is used; `burst` calls may come after a rest."""

    calls: int
    per: timedelta
    burst: int = 1
    share: float = 0.978
    """The rest is for what the network bunches on the way."""

    @property
    def interval(self) -> timedelta:
        """From one call to the next, when they come evenly."""
        return self.per / (self.calls * self.share)

    @property
    def slack(self) -> timedelta:
        """How much earlier than evenly a call may come."""
        return self.interval * (self.burst - 1)


@dataclass(frozen=True, slots=True)
class Pace:
    """A platform's limits on posting, as data; None: it has no such limit."""

    channel: Rate | None = None
    workspace: Rate | None = None
    platform: Rate | None = None

    def of(self, scope: Scope) -> Rate | None:
        """The limit of one scope."""
        match scope:
            case Scope.CHANNEL:
                return self.channel
            case Scope.WORKSPACE:
                return self.workspace
            case Scope.PLATFORM:
                return self.platform
            case Scope.MESSAGE:
                return None


UNLIMITED = Pace()
_MOST_SCOPES = 20_000
_REMEMBERED = timedelta(minutes=5)
_ON_THE_WAY = timedelta(milliseconds=5)
"""How much sooner than another call one may arrive that went out after it."""
SCOPES = (Scope.PLATFORM, Scope.WORKSPACE, Scope.CHANNEL)


@dataclass(frozen=True, slots=True)
class Granted:
    """Which deliveries may go out and when, the instants to keep by scope key, and when to ask again."""

    slots: Sequence[tuple[Delivery, datetime]]
    next_calls_at: Mapping[str, datetime]
    again_at: datetime | None
    """The earliest start among those that must wait longer; None: nothing waits."""


def scope_key(scope: Scope, channel: ChannelRef) -> str:
    """Names one scope's instant in the store."""
    match scope:
        case Scope.PLATFORM:
            return channel.platform.value
        case Scope.WORKSPACE:
            return f"{channel.platform.value}\x1f{channel.workspace}"
        case Scope.CHANNEL | Scope.MESSAGE:
            return f"{channel.platform.value}\x1f{channel.workspace}\x1f{channel.address}"


def scope_keys(deliveries: Iterable[Delivery]) -> set[str]:
    """All scopes that these deliveries are limited by."""
    return {scope_key(scope, each.channel) for each in deliveries for scope in SCOPES}


def grant(
    waiting: Sequence[Delivery],
    pace: Pace,
    next_calls_at: Mapping[str, datetime],
    *,
    now: datetime,
    until: datetime,
) -> Granted:
    """Give each delivery that may start at or before `until` its start; the order of `waiting` is the order of grants.

    All of one platform, whose limits are `pace`; `next_calls_at` by scope key as it was stored. A start in the future
    is a reservation: calls that are handed out evenly ahead of time reach the limit without ever passing it.
    """
    kept = dict(next_calls_at)
    slots: list[tuple[Delivery, datetime]] = []
    later: list[datetime] = []
    for delivery in waiting:
        start = max(now, *(_free_at(pace.of(scope), kept.get(key)) or now for scope, key in _scopes(delivery)))
        if start > until:
            later.append(start)
            continue
        slots.append((delivery, start))
        for scope, key in _scopes(delivery):
            if (rate := pace.of(scope)) is not None:
                kept[key] = max(start, kept.get(key, start)) + rate.interval
    changed = {key: at for key, at in kept.items() if next_calls_at.get(key) != at}
    return Granted(tuple(slots), changed, min(later, default=None))


class LastCalls:
    """When the last calls of each scope really went out.

    Starts are planned evenly, but a busy machine bunches them: who is about to call asks here first, so that no window
    of a limit holds more than it allows. In memory, of one process.
    """

    def __init__(self) -> None:
        self._calls: dict[str, deque[datetime]] = {}

    def free_at(self, channel: ChannelRef, pace: Pace, now: datetime) -> datetime:
        """The first instant from now on at which a call keeps to all limits."""
        free = now
        for scope in SCOPES:
            rate, calls = pace.of(scope), self._calls.get(scope_key(scope, channel), ())
            if rate is not None and len(calls) >= rate.calls:
                free = max(free, calls[-rate.calls] + rate.per + _ON_THE_WAY)
        return free

    def add(self, channel: ChannelRef, pace: Pace, now: datetime) -> None:
        """A call goes out."""
        if len(self._calls) > _MOST_SCOPES:
            self._calls = {key: calls for key, calls in self._calls.items() if now - calls[-1] < _REMEMBERED}
        for scope in SCOPES:
            if (rate := pace.of(scope)) is not None:
                self._calls.setdefault(scope_key(scope, channel), deque(maxlen=rate.calls)).append(now)


def put_off(rate: Rate | None, until: datetime) -> datetime:
    """The instant to keep for a scope that must not be used before `until`."""
    return until + rate.slack if rate is not None else until


def _scopes(delivery: Delivery) -> Iterator[tuple[Scope, str]]:
    return ((scope, scope_key(scope, delivery.channel)) for scope in SCOPES)


def _free_at(rate: Rate | None, next_call_at: datetime | None) -> datetime | None:
    if next_call_at is None:
        return None
    return next_call_at - rate.slack if rate is not None else next_call_at
