"""A worker of the kill soak: the product's own delivery over a real store and a socket, which dies where it is told.

The points are hit by watching the ports from outside; the product knows nothing of them.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from adapters.system import SystemClock
from bot.compose.digest import parts
from bot.ledger import DeliveryState
from bot.model import Channel, Edition, EditionKind, Layout, Paper, PaperId, Pick
from bot.services.delivery import Deliver
from store import SqlStore, open_store
from tests.soak.sides import SIDES

TICK = timedelta(seconds=0.1)
POINTS = (
    "before the claim",
    "after the claim",
    "mid-post",
    "after the post",
    "inside the record",
    "after the record",
    "while asking",
)


@dataclass(slots=True)
class Fate:
    """Where the worker dies: at the `nth` time it passes a point; no point: when somebody kills it."""

    point: str | None = None
    nth: int = 1

    def passes(self, point: str) -> None:
        """Die here, if here is where."""
        if point == self.point:
            self.nth -= 1
            if self.nth <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


class _Watched:
    """An object of which some calls are watched."""

    def __init__(self, inner: Any, **watched: Any) -> None:
        self._inner = inner
        self._watched = watched

    def __getattr__(self, name: str) -> Any:
        return self._watched.get(name) or getattr(self._inner, name)


class WatchedStore:
    """The store, with the points of the ledger's transactions."""

    def __init__(self, store: SqlStore, fate: Fate) -> None:
        self._store = store
        self._fate = fate
        self.read = store.read

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Any]:
        did: set[str] = set()
        async with self._store.write() as tx:

            async def claim(*args: Any, **named: Any) -> Any:
                self._fate.passes("before the claim")
                found = await tx.deliveries.claim(*args, **named)
                if found:
                    did.add("claim")
                return found

            async def record(*args: Any, **named: Any) -> Any:
                found = await tx.deliveries.record(*args, **named)
                did.add("record")
                self._fate.passes("inside the record")
                return found

            yield _Watched(tx, deliveries=_Watched(tx.deliveries, claim=claim, record=record))
        for what in did:
            self._fate.passes(f"after the {what}")


class _Points:
    """The points around a request, over any messenger."""

    fate: Fate

    async def post(self, *args: Any, **named: Any) -> Any:
        if self.fate.point == "mid-post" and self.fate.nth == 1:
            task = asyncio.create_task(super().post(*args, **named))
            await asyncio.sleep(random.uniform(0, 0.02))  # noqa: S311 - before it is written, on its way, or there
            self.fate.passes("mid-post")
            return await task
        if self.fate.point == "mid-post":
            self.fate.nth -= 1
        found = await super().post(*args, **named)
        self.fate.passes("after the post")
        return found

    async def find_posted(self, *args: Any, **named: Any) -> Any:
        found = await super().find_posted(*args, **named)
        self.fate.passes("while asking")
        return found


def watched(messenger: type[Any]) -> type[Any]:
    """The class with the points around its requests."""
    return type(f"Watched{messenger.__name__}", (_Points, messenger), {})


async def prepare(database: str, url: str, mode: str) -> None:
    """The schema and the channels, and what the platform installs."""
    store, side = await open_store(database), SIDES[mode]
    now = SystemClock().now()
    await side.install(store, url)
    async with store.write() as tx:
        await tx.channels.add_workspace(side.workspace, side.channels[0].platform, now)
        for ref in side.channels:
            await tx.channels.add(Channel(ref=ref, name=ref.address, created_at=now))
    await store.close()


async def add_editions(store: SqlStore, count: int, seed: str, mode: str) -> None:
    """Some threads, some lists."""
    now, channels = SystemClock().now(), SIDES[mode].channels
    for number in range(count):
        threaded = number % 3 == 2
        names = [PaperId(f"title:soak-{seed}-{number}-{paper}") for paper in range(2 if threaded else 1)]
        picks = tuple(Pick(each, 1.0, "soak") for each in names)
        edition = Edition(
            channel=channels[hash((seed, number)) % len(channels)],
            kind=EditionKind.WELCOME,
            local_on=now.date(),
            due_at=now,
            cut_until_at=now,
            subscription_id=None,
            layout=Layout.THREAD if threaded else Layout.LIST,
            name=f"{seed}-{number}",
            picks=picks,
        )
        keys = [(part, f"{seed}-{number}-{part}"[:25]) for part, _ in parts(edition)]
        async with store.write() as tx:
            await tx.papers.save([Paper(id=each, title=each, title_key=each) for each in names], {})
            await tx.editions.add(edition, keys)


async def work(  # noqa: PLR0913 - what a life is made of
    database: str, url: str, mode: str, fate: Fate, *, seed: str, editions: int
) -> None:
    """Deliver until killed."""
    store, clock = await open_store(database), SystemClock()
    await add_editions(store, editions, seed, mode)
    opened = await SIDES[mode].open(store, url, watched)
    messenger: Any = opened.messenger
    messenger.fate = fate
    deliver = Deliver(
        store=WatchedStore(store, fate),  # type: ignore[arg-type]
        clock=clock,
        messengers={messenger.platform: messenger},
        owner=f"worker-{os.getpid()}",
        timing=SIDES[mode].timing,
    )
    await deliver.forever(asyncio.Event(), TICK)


async def drain(database: str, url: str, mode: str) -> dict[str, list[str]]:
    """Deliver until nothing is open; the keys of the ledger by state."""
    store, clock = await open_store(database), SystemClock()
    opened = await SIDES[mode].open(store, url, lambda each: each)
    messenger = opened.messenger
    deliver = Deliver(
        store=store,
        clock=clock,
        messengers={messenger.platform: messenger},
        owner="the last one",
        timing=SIDES[mode].timing,
    )
    running = asyncio.create_task(deliver.forever(asyncio.Event(), TICK))
    done = {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.MISSED}
    while True:
        async with store.read() as tx:
            found = await tx.deliveries.latest(limit=1_000_000)
        if all(each.state in done for each in found):
            break
        await asyncio.sleep(0.1)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await opened.close()
    await store.close()
    states: dict[str, list[str]] = {}
    for each in found:
        states.setdefault(each.state.value, []).append(f"{each.channel.address}/{each.key}")
    return states
