"""How soon a slash search is answered on the page while 100,000 papers are taken in.

    python bench/bench_search_ingest.py [--papers N]

The server is `broadsheet run` itself, its sources out of reach; `broadsheet backfill` takes the papers in, a process
beside it on the same database; the server's index follows. All that time one window types searches, one after the
other, and each answer is read to its last byte. The yardstick is the same searches before the ingest. How long a paper
takes from the store to the search is measured at the end, with papers taken in one at a time.

The bar: p95 of 200 ms while the papers come in; a new paper is found within 2 s.
"""

import argparse
import asyncio
import gzip
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import search_corpus  # noqa: E402 - after the path is set
from bench_local_page import serving  # noqa: E402

TEXTS = ("quantum field theory", "neural networks", "graph", "galaxy clusters since:2010-01-01", "author:Wang learning")
BEFORE, WITHIN_S, P95_MS, LAST = 40, 2.0, 200.0, 5


def write(path: Path, number: int) -> None:
    """A bulk file of so many papers."""
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for at, paper in enumerate(search_corpus.papers(number)):
            row = {**paper, "doi": f"10.5555/bench.{at}", "published": paper["day"].isoformat()}
            del row["day"]
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


async def ask(session: aiohttp.ClientSession, url: str, text: str) -> tuple[float, str]:
    """Milliseconds of one search on the page, and the answer."""
    started = time.perf_counter()
    headers = {"HX-Request": "true", "Origin": url.rstrip("/")}
    async with session.post(f"{url}/c/papers/command", data={"text": f"search {text}"}, headers=headers) as response:
        answer = await response.text()
        response.raise_for_status()
    return (time.perf_counter() - started) * 1_000, answer


async def backfill(folder: Path, path: Path) -> dict[str, Any]:
    """`broadsheet backfill --json` as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "backfill", str(path), "--json",
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "BROADSHEET_DATA_DIR": str(folder)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    record: dict[str, Any] = json.loads(printed)
    return record


async def until_found(session: aiohttp.ClientSession, url: str, word: str) -> float:
    """Seconds until the page finds a paper by its own word."""
    started = time.perf_counter()
    while time.perf_counter() - started < 10 * WITHIN_S:
        _, answer = await ask(session, url, word)
        if "Nothing on" not in answer:
            break
        await asyncio.sleep(0.02)
    return time.perf_counter() - started


async def measure(number: int) -> bool:
    """Everything; True where the bars are met."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write(folder / "papers.jsonl.gz", number)
        async with serving(folder) as (_, url), aiohttp.ClientSession() as session:
            base = url.rstrip("/").removesuffix("/c/papers")
            await asyncio.sleep(3)  # the first minute's own work
            before = [(await ask(session, base, TEXTS[at % len(TEXTS)]))[0] for at in range(BEFORE)]
            taking = asyncio.create_task(backfill(folder, folder / "papers.jsonl.gz"))
            during: list[float] = []
            while not taking.done():
                during.append((await ask(session, base, TEXTS[len(during) % len(TEXTS)]))[0])
                await asyncio.sleep(0.02)
            record = await taking
            late = []
            for at in range(LAST):
                path = folder / f"last{at}.jsonl"
                row = {"title": f"The zyzzyva{at} of all", "abstract": "New.", "doi": f"10.5555/last.{at}"}
                path.write_text(json.dumps(row), encoding="utf-8")
                await backfill(folder, path)
                late.append(await until_found(session, base, f"zyzzyva{at}"))
    ordered = sorted(during)
    p95 = ordered[int(len(ordered) * 0.95)]
    print(f"ingest: {record['papers']:,} papers, {record['papers_a_second']:,} a second")
    print(f"before: median {statistics.median(before):.1f} ms; {len(during):,} searches meanwhile: "
          f"median {statistics.median(during):.1f}, p95 {p95:.1f}, most {ordered[-1]:.1f} ms")  # fmt: skip
    print(f"found after the ingest of one paper: {max(late):.2f} s at the most")
    return p95 <= P95_MS and max(late) <= WITHIN_S


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--papers", type=int, default=100_000)
    met = asyncio.run(measure(parser.parse_args().papers))
    print("every bar is met" if met else "missed")
    sys.exit(not met)


if __name__ == "__main__":
    main()
