"""arXiv's terms in one place: one connection, three seconds between requests, ten minutes of silence when it is tired.

https://info.arxiv.org/help/api/tou.html asks this of all machines together, over the feeds and the query API alike, so
`ArxivFeed` and `ArxivApi` share one gate.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from adapters.http import Answer, HttpClient, Refused
from bot.model import Validators
from bot.ports import Clock

PAUSE = timedelta(seconds=3)
SILENCE = timedelta(minutes=10)
_TIRED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class Silent:
    """The request was not made: arXiv asked for quiet until this instant."""

    until: datetime


class ArxivGate:
    """Every request to arXiv passes here. `monotonic` and `sleep` can be exchanged so that tests need not wait."""

    def __init__(
        self,
        http: HttpClient,
        clock: Clock,
        *,
        pause: timedelta = PAUSE,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._http = http
        self._clock = clock
        self._pause = pause.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._one_at_a_time = asyncio.Lock()
        self._free_at: float | None = None
        self._silent_until: datetime | None = None

    @property
    def silent_until(self) -> datetime | None:
        """Until when nothing is asked; None while asking is allowed."""
        until = self._silent_until
        return until if until is not None and until > self._clock.now() else None

    def hush(self, until: datetime) -> None:
        """Ask nothing before `until`; an earlier instant than one already known changes nothing."""
        if self._silent_until is None or until > self._silent_until:
            self._silent_until = until

    async def get(
        self, url: str, *, params: Mapping[str, str] | None = None, validators: Validators | None = None
    ) -> Answer | Silent:
        """One request in its turn; the pause runs from the end of the one before."""
        async with self._one_at_a_time:
            if until := self.silent_until:
                return Silent(until)
            if self._free_at is not None and (wait := self._free_at - self._monotonic()) > 0:
                await self._sleep(wait)
            try:
                answer = await self._http.get(url, params=params, validators=validators)
            finally:
                self._free_at = self._monotonic() + self._pause
            if isinstance(answer, Refused) and answer.status in _TIRED:
                self.hush(self._clock.now() + max(SILENCE, answer.retry_after or SILENCE))
            return answer
