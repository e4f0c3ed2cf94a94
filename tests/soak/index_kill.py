"""Kill −9 while papers are indexed and indexes are swapped; after every kill each stored paper is found.

    python -m tests.soak.index_kill [--kills N]

Prints the figure last: `200 kills, 12,345 papers, 0 not found`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.index_query import HasTerms, IndexField, SortBy
from bot.services.indexing import Indexing
from store import open_store
from store.search.search_index import TantivyIndex
from tests.soak.index_worker import POINTS

ROOT = Path(__file__).parents[2]
LONGEST = 0.6
_PATIENCE = 60


@dataclass(slots=True)
class Report:
    """What the kills came to."""

    kills: int = 0
    papers: int = 0
    lost: int = 0
    points: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = ", ".join(f"{number} {point}" for point, number in sorted(self.points.items()))
        return f"{self.kills} kills ({said}), {self.papers:,} papers, {self.lost} not found"


def run(kills: int, *, seed: int = 2026, quiet: bool = False) -> Report:
    """Start a worker, let it be killed, look whether every paper is found; so many times on one folder."""
    chosen, report = random.Random(seed), Report()  # noqa: S311 - a soak, not a secret
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(kills):
            point = POINTS[round_ % len(POINTS)]
            countdown = chosen.randint(1, 4) if point != "while taking" else chosen.randint(1, 120)
            _kill(Path(folder), chosen, point, countdown)
            report.kills += 1
            report.points[point] += 1
            report.papers, lost = asyncio.run(_missing(Path(folder)))
            report.lost += lost
            if not quiet and round_ % 20 == 19:
                print(report, flush=True)
    return report


def _kill(folder: Path, chosen: random.Random, point: str, countdown: int) -> None:
    command = [sys.executable, "-m", "tests.soak.index_worker", str(folder), str(chosen.randrange(1 << 30))]
    with subprocess.Popen([*command, point, str(countdown)], cwd=ROOT, stdout=subprocess.PIPE) as worker:  # noqa: S603 - ours
        assert worker.stdout is not None
        worker.stdout.readline()
        if point == "any time":
            time.sleep(chosen.random() * LONGEST)  # the kill itself is what is tried
            worker.kill()
        try:
            worker.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            worker.kill()
            raise


async def _missing(folder: Path) -> tuple[int, int]:
    """How many papers are stored, and how many of them are not found by their own word, once each."""
    store = await open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    index = TantivyIndex(folder / "index", memory_mb=15)
    try:
        await Indexing(store, index).follow()
        assert index.check(), index.trouble
        known, after = 0, 0
        lost = 0
        async with store.read() as tx:
            while changes := await tx.catalogue.since(after, limit=1_000):
                after = changes[-1].changed
                for each in changes:
                    known += 1
                    word = each.paper.title.rsplit(" ", 1)[-1]
                    hits = index.sorted(HasTerms(IndexField.TITLE, (word,)), by=SortBy.NEWEST, limit=3)
                    lost += [hit.number for hit in hits] != [each.number]
        return known, lost + abs(index.size - known)
    finally:
        index.close()
        await store.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    report = run(parser.parse_args().kills)
    print(report)
    sys.exit(bool(report.lost))


if __name__ == "__main__":
    main()
