"""How long 499 recorded days of Hugging Face's list take, against a floor that does none of the work.

    python bench/bench_ingest.py [--json] [--runs N]

*broadsheet* is what `broadsheet ingest --replay` does: parse, normalise, merge, store with what each source said.
*stdlib floor* is Python's json and one INSERT a listed paper into an SQLite file, a transaction a day with the same
durability: no normalising, no merging, no second table. Both read the same archive, each run in a process of its own,
in turns. The ratio, printed last, says what the work costs above the floor.
"""

import argparse
import asyncio
import io
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DAYS = ROOT.parent / "shared" / "data" / "hf_daily" / "days_2024-05-27_2026-05-29.tar.xz"
Figures = Mapping[str, Any]
RSS_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024  # getrusage(2): kilobytes, but bytes on macOS


def broadsheet(folder: Path) -> Figures:
    """Through the services, as the command line does it."""
    import structlog  # noqa: PLC0415 - the floor must not pay for our imports

    from adapters.sources.replay import open_replay  # noqa: PLC0415
    from bot.services.ingest import take  # noqa: PLC0415
    from store import open_store  # noqa: PLC0415

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))

    async def ingest() -> Figures:
        store = await open_store(f"sqlite:///{folder / 'broadsheet.sqlite3'}")
        now = datetime.now(UTC)  # noqa: TID251 - a benchmark is no part of the application
        days = listed = 0
        try:
            for announcement in open_replay(DAYS, default_day=now.date(), now=now):
                await take(store, announcement)
                days, listed = days + 1, listed + len(announcement.listings)
            async with store.read() as tx:
                return {"days": days, "listed": listed, "papers": await tx.papers.count()}
        finally:
            await store.close()

    return asyncio.run(ingest())


def floor(folder: Path) -> Figures:
    """The least that anybody could do."""
    days = listed = 0
    with closing(sqlite3.connect(folder / "floor.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE listed (day, id, title, abstract, authors, upvotes)")
        with tarfile.open(DAYS, "r|*") as archive:
            for member in archive:
                if not member.name.endswith(".json"):
                    continue
                day = json.load(archive.extractfile(member) or io.BytesIO(b"[]"))
                if not isinstance(day, list):
                    continue
                with database:
                    for item in day:
                        paper = item["paper"]
                        authors = json.dumps([each.get("name") for each in paper.get("authors", ())])
                        row = (member.name, paper["id"], paper["title"], paper.get("summary"), authors)
                        database.execute("INSERT INTO listed VALUES (?, ?, ?, ?, ?, ?)", (*row, paper.get("upvotes")))
                days, listed = days + 1, listed + len(day)
        [papers] = database.execute("SELECT count(DISTINCT id) FROM listed").fetchone()
    return {"days": days, "listed": listed, "papers": papers}


SIDES: Mapping[str, Callable[[Path], Figures]] = {"broadsheet": broadsheet, "stdlib floor": floor}


def measured(side: str) -> Figures:
    """One run in this process; imports and the opening of an empty store count, as they do for a user."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        counts = SIDES[side](Path(folder))
        seconds = time.perf_counter() - started
    return {
        **counts,
        "seconds": round(seconds, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / RSS_PER_MB, 1),
    }


def in_a_process_of_its_own(side: str) -> Figures:
    command = [sys.executable, __file__, "--side", side]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - this very file
    return dict(json.loads(done.stdout))


def summed_up(runs: Sequence[Figures]) -> Figures:
    """The medians; the counts are the same in every run."""
    return dict(runs[0]) | {name: statistics.median(run[name] for run in runs) for name in ("seconds", "peak_mb")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="runs of each, whose median is told")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not DAYS.exists():
        why = "../shared is absent: no recorded days"
        print(json.dumps({"skipped": why}) if options.json else f"Skipped: {why}.")
        return
    if options.side:
        print(json.dumps(measured(options.side)))
        return
    runs = [(side, in_a_process_of_its_own(side)) for _ in range(max(options.runs, 1)) for side in SIDES]
    found = {side: summed_up([run for name, run in runs if name == side]) for side in SIDES}
    ratio = round(found["broadsheet"]["seconds"] / found["stdlib floor"]["seconds"], 2)
    if options.json:
        print(json.dumps({**found, "ratio": ratio}, indent=2))
        return
    for side, told in found.items():
        print(
            f"{side:<12}  {told['days']} days, {told['listed']:,} listed, {told['papers']:,} papers"
            f"  {told['seconds']:7.2f} s  {told['peak_mb']:6.1f} MB"
        )
    print(f"ratio         {ratio:.2f} x the floor")


if __name__ == "__main__":
    main()
