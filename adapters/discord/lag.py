"""How far the event loop is behind: a heartbeat that comes late is a connection that Discord gives up."""

from __future__ import annotations

import asyncio

import structlog

_log = structlog.get_logger(__name__)
_EVERY = 0.5  # seconds
MOST_LAG = 0.25
"""Seconds of lag above which it is said."""


class LagWatch:
    """Looks twice a second; `worst` since the last time somebody asked."""

    def __init__(self) -> None:
        self._worst = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    def worst(self) -> float:
        """The longest lag in seconds since this was last asked."""
        worst, self._worst = self._worst, 0.0
        return worst

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY
            await asyncio.sleep(_EVERY)
            lag = loop.time() - due
            self._worst = max(self._worst, lag)
            if lag > MOST_LAG:
                _log.warning("the event loop was held up", seconds=round(lag, 3))
