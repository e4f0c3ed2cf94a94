"""How close delivery comes to the platforms' limits, and how long planning 10,000 editions takes.

    python bench/bench_delivery.py [--json] [--quick] [--only plan|discord|slack] [--postgres URL]

10,000 channels follow 300 distinct topics and are due at one instant; the day has 3,000 candidates. *plan* makes their
editions: gather, decide, and the ledger's share, each with its seconds. *discord* and *slack* then deliver one message
to each channel whose digest has papers (filled up with one-paper editions to 10,000) through `Deliver`, the SQLite
store and real sockets, against a stand-in in a process of its own that enforces the limits as sliding windows and
counts:

- discord: 50 requests a second for the bot, 5 in 5 seconds a channel; the ceiling is 50 a second;
- slack: 1 a second a channel, 5 a second a workspace, 20 workspaces; the ceiling is 100 a second.

*of the ceiling* is what was accepted a second over what the limits allow; it is the platform's own limit that is the
peer. The bars: 96 %, at most 0.5 % of calls answered 429, nothing lost; planning under 10 s.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from adapters.system import SystemClock, collect_seldom  # noqa: E402 - after the path is set
from bot.compose.digest import parts  # noqa: E402
from bot.journal import set_up_logging  # noqa: E402
from bot.model import (  # noqa: E402
    Announcement,
    AnnouncementState,
    Channel,
    ChannelRef,
    Edition,
    EditionKind,
    Layout,
    Listing,
    MemberId,
    Origin,
    PaperId,
    Pick,
    Platform,
    Schedule,
    SourceName,
    Subscription,
    WorkspaceId,
)
from bot.pacing import Pace, Rate  # noqa: E402
from bot.schedule import local_date  # noqa: E402
from bot.services.delivery import Deliver  # noqa: E402
from bot.services.digest import PlanDigests  # noqa: E402
from bot.services.ingest import take  # noqa: E402
from bot.services.pools import Pools  # noqa: E402
from store import SqlStore, open_store  # noqa: E402
from tests.standins.platform_messenger import PlatformMessenger, chat_platform  # noqa: E402

CHANNELS, CANDIDATES, TOPICS, WORKSPACES = 10_000, 3_000, 300, 20
SECOND = timedelta(seconds=1)
WORDS = [
    *("quantization", "attention", "diffusion", "robot", "grasping", "speech", "translation", "graph", "protein"),
    *("agent", "retrieval", "reasoning", "video", "segmentation", "privacy", "federated", "bandit", "causal", "kernel"),
    *("transformer", "pruning", "distillation", "tokenizer", "alignment", "planning"),
]
SIDES: dict[str, dict[str, Any]] = {
    "discord": {
        "limits": ["--platform-rate", "50/1", "--channel-rate", "5/5"],
        "pace": Pace(channel=Rate(5, 5 * SECOND), platform=Rate(50, SECOND)),
        "mode": "key",
        "ceiling": 50.0,
    },
    "slack": {
        "limits": ["--workspace-rate", "5/1", "--channel-rate", "1/1"],
        # Slack limits no bot as a whole: our own rate keeps workspaces from being served in one burst, whose stragglers
        # would come too close to what follows them.
        "pace": Pace(channel=Rate(1, SECOND), workspace=Rate(5, SECOND), platform=Rate(200, SECOND)),
        "mode": "readback",
        "ceiling": 5.0 * WORKSPACES,
    },
}


class FixedClock(SystemClock):
    """The system's clock for waiting; the present is the instant at which everything is due."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant at which everything is due."""
        return self._now


class TimedStore:
    """The store, with the seconds that its transactions took."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.seconds = {"read": 0.0, "write": 0.0}
        self.pool = None

    @asynccontextmanager
    async def _timed(self, what: str) -> AsyncIterator[Any]:
        began = time.perf_counter()
        async with getattr(self._store, what)() as tx:
            yield tx
        self.seconds[what] += time.perf_counter() - began

    def read(self) -> Any:  # noqa: ANN401 - a context manager
        """A timed view."""
        return self._timed("read")

    def write(self) -> Any:  # noqa: ANN401 - a context manager
        """A timed transaction."""
        return self._timed("write")


def place(number: int) -> ChannelRef:
    """The numbered channel, in one of the workspaces."""
    return ChannelRef(Platform.LOCAL, WorkspaceId(f"local:team-{number % WORKSPACES}"), f"channel-{number}")


async def seeded(store: SqlStore, channels: int, now: datetime) -> None:
    """Channels with a subscription each, all due now, and a day of candidates."""
    rolled = random.Random(2026)  # noqa: S311 - a workload, no secret
    topics = [" OR ".join(rolled.sample(WORDS, 2)) for _ in range(TOPICS)]
    async with store.write() as tx:
        for number in range(WORKSPACES):
            await tx.channels.add_workspace(place(number).workspace, Platform.LOCAL, now)
        for number in range(channels):
            await tx.channels.add(Channel(ref=place(number), name=place(number).address, created_at=now))
            await tx.subscriptions.add(subscription(number, topics[number % TOPICS], now))
    rows = [listing(number, rolled) for number in range(CANDIDATES)]
    await take(
        store,
        Announcement(
            source=SourceName.HUGGING_FACE,
            announced_on=now.date(),
            state=AnnouncementState.ANNOUNCED,
            fetched_at=now - timedelta(hours=1),
            origin=Origin.LIVE,
            listings=tuple(rows),
        ),
    )


def subscription(number: int, topic: str, now: datetime) -> Subscription:
    """A standing order that is due at this instant."""
    schedule = Schedule(now.time(), "UTC")
    return Subscription(
        id=0,
        channel=place(number),
        name="digest",
        topic=topic,
        schedule=replace(schedule),
        size=10,
        layout=Layout.LIST,
        settle=timedelta(0),
        created_at=now - timedelta(days=30),
        created_by=MemberId("bench"),
        cut_until_at=now - timedelta(days=1),
        next_due_at=now,
    )


def listing(number: int, rolled: random.Random) -> Listing:
    """A paper of some words."""
    words = " ".join(rolled.choices(WORDS, k=4))
    abstract = " ".join(rolled.choices(WORDS, k=12)) + f" number {number} of the day."
    return Listing(id=PaperId(f"arxiv:2605.{number:05d}"), title=f"On {words} {number}", abstract=abstract)


async def plan(store: SqlStore, now: datetime) -> dict[str, float]:
    """Seconds that planning takes, and what of them the ledger."""
    timed = TimedStore(store)
    pools = Pools(store=store)
    planner = PlanDigests(store=timed, clock=FixedClock(now), wake=lambda: None, pools=pools)  # type: ignore[arg-type]
    began = time.perf_counter()
    editions = await planner()
    seconds = time.perf_counter() - began
    return {"editions": editions, "seconds": seconds, **{f"store_{what}": took for what, took in timed.seconds.items()}}


async def filled(store: SqlStore, channels: int, now: datetime) -> int:
    """One message for each channel is ready; return how many."""
    async with store.read() as tx:
        ready = {each.channel for each in await tx.deliveries.latest(limit=channels)}
    missing = [number for number in range(channels) if place(number) not in ready]
    async with store.write() as tx:
        made = [one_paper(number, now) for number in missing]
        await tx.editions.add_all([(edition, parts(edition)) for edition in made])
    return channels


def one_paper(number: int, now: datetime) -> Edition:
    """A digest of one paper."""
    return Edition(
        channel=place(number),
        kind=EditionKind.WELCOME,
        local_on=local_date(now, "UTC"),
        due_at=now,
        cut_until_at=now,
        subscription_id=None,
        layout=Layout.LIST,
        picks=(Pick(PaperId("arxiv:2605.00001"), 1.0, "bench"),),
    )


async def deliver(store: SqlStore, side: str, messages: int) -> dict[str, float]:
    """Deliver everything, and let the platform count."""
    asked = SIDES[side]
    with chat_platform("--mode", asked["mode"], *asked["limits"]) as url:
        clock = SystemClock()
        messenger = PlatformMessenger(url, clock, mode=asked["mode"], pace=asked["pace"])
        worker = Deliver(store=store, clock=clock, messengers={Platform.LOCAL: messenger}, owner="bench")
        running = asyncio.create_task(worker.forever(asyncio.Event(), SECOND))
        cpu = time.process_time()
        while await to_come(store) and not running.done():
            await asyncio.sleep(1)
            told(f"{side}: {await accepted(url):,} of {messages:,}")
        cpu = time.process_time() - cpu
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await messenger.close()
        log = await asyncio.to_thread(fetch, f"{url}/log?calls=1")
    landed = sorted(call["at"] for call in log["calls"] if call["status"] == 200)
    elapsed = landed[-1] - landed[0] + 1 / asked["ceiling"]
    refused = log["counts"].get("429", 0)
    standing = {(each["channel"], each["key"]) for each in log["standing"]}
    return {
        "messages": messages,
        "seconds": elapsed,
        "of_the_ceiling": len(landed) / elapsed / asked["ceiling"],
        "answered_429": refused / (refused + len(landed)),
        "lost": messages - len(standing),
        "twice": len(log["standing"]) - len(standing),
        "busy": cpu / elapsed,
    }


async def to_come(store: SqlStore) -> bool:
    """True while the ledger has something open."""
    async with store.read() as tx:
        return bool(
            await tx.deliveries.ready(now=datetime.max.replace(tzinfo=UTC), platforms=[Platform.LOCAL], limit=1)
        ) or (await tx.deliveries.next_at(after=datetime.min.replace(tzinfo=UTC)) is not None)


async def accepted(url: str) -> int:
    """How many messages stand."""
    return int((await asyncio.to_thread(fetch, f"{url}/counts")).get("200", 0))


def fetch(url: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A JSON answer."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def told(line: str) -> None:
    """Progress, on one line of standard error."""
    print(f"\r{line}  ", end="", file=sys.stderr, flush=True)


async def everything(folder: Path, *, channels: int, only: str | None) -> dict[str, dict[str, float]]:
    """All figures by part."""
    found: dict[str, dict[str, float]] = {}
    now = SystemClock().now().replace(microsecond=0)
    runs: dict[str, Callable[[SqlStore], Awaitable[dict[str, float]]]] = {}
    if only in {None, "plan"}:
        runs["plan"] = lambda store: plan(store, now)
    for side in SIDES:
        if only in {None, side}:

            async def run(store: SqlStore, side: str = side) -> dict[str, float]:
                await plan(store, now)
                return await deliver(store, side, await filled(store, channels, now))

            runs[side] = run
    for name, measure in runs.items():
        store = await open_store(f"sqlite:///{folder / name}.db")
        await seeded(store, channels, now)
        found[name] = await measure(store)
        await store.close()
    return found


def main() -> int:
    """Measure, and say what the bars say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="1,000 channels.")
    parser.add_argument("--only", choices=["plan", *SIDES])
    options = parser.parse_args()
    set_up_logging("error")
    collect_seldom()
    with tempfile.TemporaryDirectory() as folder:
        channels = CHANNELS // 10 if options.quick else CHANNELS
        found = asyncio.run(everything(Path(folder), channels=channels, only=options.only))
    print(file=sys.stderr)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for name, figures in found.items():
            print(f"{name:<8}", ", ".join(f"{what} {value:,.3f}" for what, value in figures.items()))
    shares = [each["of_the_ceiling"] for each in found.values() if "of_the_ceiling" in each]
    if shares:
        print(f"of the ceiling: {statistics.fmean(shares):.1%} on average, {min(shares):.1%} at the least")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
