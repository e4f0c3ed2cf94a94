"""A virtual year with one subscription in each time zone: every local date is accounted for exactly once.

    python -m tests.soak.year [--zones N] [--hours N]

Subscriptions are due at hours spread over the day, those in which clocks change among them. The planner ticks through
the year on a clock of its own, every half hour, with outages of hours and days in between; two planners share the
store, and a restart takes place each week. At the end the ledger is compared with what the oracle-tested schedule says:
each (subscription, local date) has one edition, delivered, empty, or skipped with a reason. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import available_timezones

from adapters.system import use_bundled_zones
from bot.journal import set_up_logging
from bot.ledger import Account
from bot.model import WEEKDAYS, Channel, ChannelRef, Layout, Platform, Schedule, WorkspaceId
from bot.ports import Store
from bot.schedule import firings, local_date
from bot.services.digest import PlanDigests
from bot.services.ingest import take
from bot.services.pools import Pools
from store import open_store
from tests.contract.samples import subscription
from tests.fakes.clock import FrozenClock
from tests.fakes.vocabulary import announcement, listing

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(minutes=30)
TIMES = (time(0), time(0, 30), time(1, 30), time(2, 30), time(9), time(17, 45), time(23, 59))


def zones(most: int | None) -> list[str]:
    """The zones of the database, in an order that mixes continents."""
    names = sorted(each for each in available_timezones() if each not in {"Factory", "localtime"})
    random.Random(5).shuffle(names)  # noqa: S311 - an order, no secret
    return names[:most]


async def year(store: Store, names: list[str], hours: int) -> dict[str, int]:
    """Live through it, and count."""
    chance = random.Random(7)  # noqa: S311 - a soak is to be repeatable
    clock = FrozenClock(BEGIN)
    schedules = {}
    async with store.write() as tx:
        await tx.channels.add_workspace(WorkspaceId("local:year"), Platform.LOCAL, BEGIN)
        for number, name in enumerate(names):
            ref = ChannelRef(Platform.LOCAL, WorkspaceId("local:year"), name)
            await tx.channels.add(Channel(ref=ref, name=name, created_at=BEGIN))
            schedule = Schedule(TIMES[number % len(TIMES)], name, WEEKDAYS)
            due = next(firings(schedule, BEGIN, BEGIN + timedelta(days=3)))
            order = {"channel": ref, "schedule": schedule, "next_due_at": due, "cut_until_at": BEGIN}
            made = await tx.subscriptions.add(
                subscription("all", topic="*", layout=Layout.LIST, settle=timedelta(0), created_at=BEGIN, **order)
            )
            schedules[made.id] = schedule
    planners = [planner(store, clock) for _ in range(2)]
    end = BEGIN + timedelta(hours=hours)
    day = 0
    while clock.now() < end:
        clock.move(TICK)
        if clock.now().hour == 0 and clock.now().minute == 0:
            day += 1
            told = announcement(listing(day % 99_999), fetched_at=clock.now(), announced_on=clock.now().date())
            await take(store, told)
            print(f"\r{clock.now():%Y-%m-%d}", end="", file=sys.stderr, flush=True)
        if chance.random() < 0.004:
            clock.move(chance.choice([timedelta(hours=2), timedelta(hours=9), timedelta(days=3)]))
        if chance.random() < 1 / 336:
            planners = [planner(store, clock) for _ in range(2)]
        await asyncio.gather(*(plan() for plan in planners))
    print(file=sys.stderr)
    return await judge(store, schedules, clock.now())


def planner(store: Store, clock: FrozenClock) -> PlanDigests:
    """One process's planner."""
    return PlanDigests(store=store, clock=clock, wake=lambda: None, pools=Pools(store=store))


async def judge(store: Store, schedules: dict[int, Schedule], end: datetime) -> dict[str, int]:
    """Every date that the schedules name, against the editions that there are."""
    days = [BEGIN.date() + timedelta(days=each) for each in range(-2, (end - BEGIN).days + 3)]
    accounts: list[Account] = []
    async with store.read() as tx:
        for day in days:
            accounts += await tx.editions.of_day(day)
    found = Counter((each.edition.subscription_id, each.edition.local_on) for each in accounts)
    expected = Counter(
        (number, local_date(due, schedule.zone))
        for number, schedule in schedules.items()
        for due in firings(schedule, BEGIN, end + timedelta(microseconds=1))
    )
    outcomes = Counter("planned" if each.deliveries else each.outcome.value for each in accounts)
    posts = Counter(delivery.key for each in accounts for delivery in each.deliveries)
    return {
        "subscriptions": len(schedules),
        "dates": len(expected),
        "missing": len(expected - found),
        "twice": sum(times - 1 for times in found.values()),
        "unasked": len(found - expected),
        "late": sum(each.edition.late for each in accounts),
        "messages_twice": sum(times - 1 for times in posts.values()),
        **dict(sorted(outcomes.items())),
    }


async def lived(folder: Path, names: list[str], hours: int) -> dict[str, int]:
    """The year over a database of its own."""
    store = await open_store(f"sqlite:///{folder / 'year.db'}")
    try:
        return await year(store, names, hours)
    finally:
        await store.close()


def main() -> int:
    """Run, and print the count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zones", type=int, help="How many zones; otherwise all.")
    parser.add_argument("--hours", type=int, default=365 * 24, help="How long the year is.")
    asked = parser.parse_args()
    set_up_logging("error")
    use_bundled_zones()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(lived(Path(folder), zones(asked.zones), asked.hours))
    print(json.dumps(found))
    return 1 if found["missing"] or found["twice"] or found["unasked"] or found["messages_twice"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
