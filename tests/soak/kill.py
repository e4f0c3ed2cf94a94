"""Kill workers at every point of a delivery, over and over, and let the platform count.

    python -m tests.soak.kill --kills 240 [--combo sqlite-1-readback]

A combination is a database (sqlite, postgres), a number of workers (1, 2) and what the platform can do (key, readback,
neither; or through the real adapter and SDK: slack, slackblind without the history scope; discord, discordread where
the nonce has run out, and discordforum where there is none). Workers are forked from this warm process, so that a kill
costs well under a second. Half of them die at a named point, half at a random
moment; with two workers some are also stopped past their lease and woken again. At the end one worker drains what is
open, and the log of the platform, which runs in a process of its own, is the judge. The last line is JSON; exit 1 where
anything was lost or stands twice, or a doubt is left that the platform could settle.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bot.journal import set_up_logging
from tests.soak import worker
from tests.soak.sides import SIDES
from tests.soak.worker import POINTS, Fate

DATABASES, WORKERS, MODES = ("sqlite", "postgres"), (1, 2), ("key", "readback", "neither")
THROUGH_SDKS = ["sqlite-1-slack", "sqlite-2-slack", "postgres-2-slack", "sqlite-1-slackblind", "sqlite-2-slackblind"]
THROUGH_SDKS += [
    "sqlite-1-discord",
    "sqlite-2-discord",
    "postgres-2-discord",
    "sqlite-2-discordread",
    "sqlite-2-discordforum",
]
COMBINATIONS = ["-".join(map(str, each)) for each in product(DATABASES, WORKERS, MODES)] + THROUGH_SDKS
LONGEST_LIFE = 1.0  # seconds; who has not reached its point by then is killed where it stands


@dataclass(slots=True)
class Verdict:
    """What became of one combination."""

    name: str
    kills: Counter[str]
    deliveries: int = 0
    lost: int = 0
    duplicated: int = 0
    doubts: int = 0

    @property
    def is_sound(self) -> bool:
        """True where nothing is lost or doubled, and no doubt is left that could be settled."""
        # Where nobody can be asked, a doubt may stay one: the message is not posted again, and `status` lists it.
        may_doubt = SIDES[self.name.rpartition("-")[2]].may_doubt
        return not self.lost and not self.duplicated and (not self.doubts or may_doubt)


def fork(run: Callable[[], Any]) -> int:
    """A child that runs this and ends."""
    sys.stdout.flush()
    sys.stderr.flush()
    if child := os.fork():
        return child
    code = 1
    try:
        run()
        code = 0
    except BaseException as error:  # noqa: BLE001 - said, and the parent sees the code
        print(f"worker: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(code)


def in_child(make: Callable[[], Any]) -> Any:
    """The JSON value of a coroutine that is run in a child: this process keeps no loop and no connection."""
    read_end, write_end = os.pipe()

    def run() -> None:
        answer = asyncio.run(make())
        with os.fdopen(write_end, "w") as out:
            json.dump(answer, out)

    child = fork(run)
    os.close(write_end)
    with os.fdopen(read_end) as found:
        text = found.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"a child ended with status {status}")
    return json.loads(text)


@contextmanager
def database(kind: str) -> Iterator[str]:
    """A fresh database with the schema and the channels."""
    with ExitStack() as stack:
        if kind == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            url = f"sqlite:///{Path(folder) / 'soak.db'}"
        else:
            from tests.contract.databases import fresh_database, postgres_server

            url = stack.enter_context(fresh_database(postgres_server()))
        yield url


def soak(name: str, kills: int, *, chance: random.Random) -> Verdict:
    """One combination."""
    kind, workers, mode = name.split("-")
    verdict = Verdict(name, Counter())
    with database(kind) as store, SIDES[mode].server() as platform:
        in_child(lambda: worker.prepare(store, platform, mode))
        fates = _fates(kills, mode, chance)
        living: dict[int, tuple[Fate, float]] = {}
        number = 0
        while verdict.kills.total() < kills:
            while len(living) < int(workers):
                fate = fates[number % len(fates)]
                number += 1
                seed = f"{number:05d}"
                child = fork(lambda fate=fate, seed=seed: asyncio.run(_work(store, platform, mode, fate, seed)))  # type: ignore[misc]
                life = LONGEST_LIFE if fate.point else chance.uniform(0.05, 0.5)
                living[child] = (Fate(fate.point, fate.nth), time.monotonic() + life)
            _reap(living, verdict)
            if living and int(workers) > 1 and chance.random() < 0.004:
                _stop(chance.choice(list(living)), verdict)
            time.sleep(0.005)
        for child in living:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        states = in_child(lambda: worker.drain(store, platform, mode))
        _judge(verdict, states, SIDES[mode].standing(platform))
    return verdict


async def _work(store: str, platform: str, mode: str, fate: Fate, seed: str) -> None:
    await worker.work(store, platform, mode, fate, seed=seed, editions=2)


def _fates(kills: int, mode: str, chance: random.Random) -> Sequence[Fate]:
    """Each named point at least once, then half of them and half random moments."""
    named = [Fate(point) for point in POINTS if point != "while asking" or SIDES[mode].can_be_asked]
    others = [
        Fate(chance.choice(named).point, chance.randint(1, 3)) if chance.random() < 0.5 else Fate()
        for _ in range(max(kills - len(named), 1))
    ]
    found = named + others
    chance.shuffle(found)
    return found


def _reap(living: dict[int, tuple[Fate, float]], verdict: Verdict) -> None:
    for child, (fate, until) in list(living.items()):
        ended, status = os.waitpid(child, os.WNOHANG)
        if not ended and time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            ended, status = os.waitpid(child, 0)
            fate = Fate()  # noqa: PLW2901 - it did not reach its point
        if ended:
            del living[child]
            if not os.WIFSIGNALED(status):
                raise RuntimeError(f"a worker ended by itself, with status {status}")
            verdict.kills[fate.point or "at a random moment"] += 1


def _stop(child: int, verdict: Verdict) -> None:
    """Stopped past its lease while the other one goes on, and woken again."""
    os.kill(child, signal.SIGSTOP)
    time.sleep(SIDES[verdict.name.rpartition("-")[2]].timing.lease.total_seconds() + 0.3)
    os.kill(child, signal.SIGCONT)
    verdict.kills["stopped and woken"] += 0
    print(f"  {verdict.name}: a worker was stopped past its lease and woken", file=sys.stderr)


def _judge(verdict: Verdict, states: dict[str, list[str]], standing: Counter[str]) -> None:
    closed = set(states.get("missed", ())) | set(states.get("refused", ()))
    keys = {key for theirs in states.values() for key in theirs}
    verdict.deliveries = len(keys)
    verdict.lost = len([key for key in keys if key not in standing and key not in closed])
    verdict.duplicated = len([key for key, times in standing.items() if times > 1])
    verdict.doubts = len(closed)


def report(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The last line."""
    return {
        "kills": sum(each.kills.total() for each in verdicts),
        "deliveries": sum(each.deliveries for each in verdicts),
        "lost": sum(each.lost for each in verdicts),
        "duplicated": sum(each.duplicated for each in verdicts),
        "doubts": sum(each.doubts for each in verdicts),
        "combinations": [each.name for each in verdicts],
    }


def main() -> int:
    """Run, tell the progress on standard error, and print the report."""
    set_up_logging("error")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=120, help="How many in all, spread over the combinations.")
    parser.add_argument("--combo", action="append", choices=COMBINATIONS, help="Only these combinations.")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    names = asked.combo or COMBINATIONS
    chance = random.Random(asked.seed)  # noqa: S311 - a soak is to be repeatable
    verdicts = []
    for place, name in enumerate(names):
        kills = asked.kills // len(names) + (place < asked.kills % len(names))
        if not kills:
            continue
        began = time.monotonic()
        verdict = soak(name, kills, chance=chance)
        verdicts.append(verdict)
        took = time.monotonic() - began
        told = ", ".join(f"{count} {point}" for point, count in sorted(verdict.kills.items()))
        print(
            f"{name}: {verdict.kills.total()} kills in {took:.0f} s, {verdict.deliveries} deliveries, "
            f"{verdict.lost} lost, {verdict.duplicated} twice, {verdict.doubts} doubts ({told})",
            file=sys.stderr,
            flush=True,
        )
    print(json.dumps(report(verdicts)))
    return 0 if all(each.is_sound for each in verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
