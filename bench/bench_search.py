"""How fast the search answers, beside SQLite's FTS5 and PostgreSQL's full-text search in the same run.

    python bench/bench_search.py [--json] [--quick] [--sizes 100000,800000,3000000] [--keep FOLDER]

The papers are the corpus sample and what is recombined from it (bench/search_corpus.py). *broadsheet* is measured end
to end through the service: from the text to the papers' numbers in their order, with the store's texts that feedback
and neighbours need, ranking blended with freshness and votes; each query once *cold* (the first time in a process,
the index's files dropped from the page cache where the kernel lets us) and then *warm*. *FTS5* is a contentless table
with porter stemming, ranked by bm25(), *PostgreSQL* a GIN index over to_tsvector with ts_rank; both are asked for the
best 200 numbers alone, by one statement each, on prepared queries of their own language, up to 800,000 papers.
Anonymous memory is the process's after all queries; what is mapped from files is not counted.

The bars: p99 of 20 ms at 800,000 and 50 ms at 3,000,000, warm; common words at least 20 times as fast as FTS5 at
800,000 (medians); 500 MB of anonymous memory at 3,000,000.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import psycopg  # noqa: E402 - after the path is set
import search_corpus  # noqa: E402

from bot.index_query import SortBy  # noqa: E402
from bot.search.reading import read_search  # noqa: E402
from bot.settings import Settings  # noqa: E402
from bot.text.keys import words  # noqa: E402
from bot.wiring import App, open_app  # noqa: E402
from store import open_store  # noqa: E402
from tests.contract.databases import fresh_database, postgres_server  # noqa: E402

SIZES = (100_000, 800_000, 3_000_000)
PEERS_UP_TO = 800_000
EACH = 40
DEPTH = 200
COMMON = "model learning system data method network analysis quantum field energy theory time".split()  # noqa: SIM905
P99_MS = {800_000: 20.0, 3_000_000: 50.0}
FASTER, ANONYMOUS_MB = 20.0, 500.0


def queries(sample: Sequence[dict[str, Any]], each: int) -> dict[str, list[str]]:
    """The mix: so many queries of each kind, made of the sample's own words, phrases and names."""
    chosen = random.Random(search_corpus.SEED)  # noqa: S311 - a mix, not a secret
    vocabulary = [words(paper["title"]) for paper in sample]
    titles = [found for found in vocabulary if len(found) >= 5 and all(map(str.isalnum, found))]

    def few(number: int) -> str:
        found = [each for each in chosen.choice(titles) if len(each) > 3]
        return " ".join(chosen.sample(found, min(number, len(found))))

    def phrase() -> str:
        found = chosen.choice(titles)
        at = chosen.randrange(len(found) - 1)
        return f'"{found[at]} {found[at + 1]}"'

    def rare() -> str:
        found = words(chosen.choice(sample)["abstract"])
        return max(found, key=len, default="nothing") if found else "nothing"

    makers: dict[str, Callable[[], str]] = {
        "common word": lambda: chosen.choice(COMMON),
        "one word": lambda: few(1),
        "several words": lambda: few(chosen.choice((2, 3))),
        "sentence": lambda: f"which papers study {few(4)} for {few(2)}?",
        "phrase": phrase,
        "author": lambda: f'author:"{chosen.choice(chosen.choice(sample)["authors"])}"'.replace("\n", " "),
        "boolean": lambda: f"({few(1)} OR {few(1)}) {few(1)} -{few(1)}",
        "prefix": lambda: f"{few(1)[:5]}*",
        "rare": rare,
        "filtered": lambda: f"{few(2)} cat:cs.* since:20{chosen.randint(10, 24)}-01-01",
    }
    return {kind: [make() for _ in range(each)] for kind, make in makers.items()}


@contextlib.asynccontextmanager
async def filled(folder: Path, number: int) -> AsyncIterator[App]:
    """The application over a store of so many papers, indexed by its own rebuild."""
    path = folder / "broadsheet.sqlite3"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - as above
        await (await open_store(f"sqlite:///{path}")).close()
        search_corpus.fill(path, number)
    async with open_app(Settings(data_dir=folder)) as app:
        await asyncio.to_thread(app.searching.index.open)
        if app.searching.index.size < number:
            started = time.perf_counter()
            async for _ in app.indexing.rebuild():
                pass
            rate = number / (time.perf_counter() - started)
            print(f"  index rebuilt: {rate:,.0f} papers a second", flush=True)
        yield app


async def ours(app: App, mix: dict[str, list[str]]) -> dict[str, list[float]]:
    """Milliseconds of every query, by kind: from the text to numbers in their order."""
    upto = app.searching.index.position
    found: dict[str, list[float]] = {}
    for kind, texts in mix.items():
        for text in texts:
            started = time.perf_counter()
            asked = read_search(text)
            ask = await app.searching._ask(None, asked, SortBy.RELEVANCE, upto)  # noqa: SLF001 - its steps without a page's cards
            await app.searching.retrieval.find(ask)
            found.setdefault(kind, []).append((time.perf_counter() - started) * 1_000)
    return found


class FullText5:
    """SQLite's FTS5 over the same papers."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.path = folder / "fts5.sqlite3"
        fresh = not self.path.exists()
        self.connection = sqlite3.connect(self.path)
        if fresh:
            self.connection.execute("PRAGMA synchronous=OFF")
            self.connection.execute("ATTACH ? AS papers", (str(source),))
            self.connection.execute(
                "CREATE VIRTUAL TABLE entries USING fts5(title, abstract, authors, content='', tokenize='porter')"
            )
            self.connection.execute(
                "INSERT INTO entries (rowid, title, abstract, authors) "
                "SELECT number, title, abstract, authors FROM papers.papers"
            )
            self.connection.execute("INSERT INTO entries (entries) VALUES ('optimize')")
            self.connection.commit()
            self.connection.execute("DETACH papers")

    def ask(self, query: str) -> None:
        """The best 200."""
        self.connection.execute(
            "SELECT rowid FROM entries WHERE entries MATCH ? ORDER BY bm25(entries, 1.3, 1.0, 0.3) LIMIT 200", (query,)
        ).fetchall()


def in_fts5(kind: str, text: str) -> str | None:
    """The query in FTS5's language; None for what it cannot say of this table."""
    found = [f'"{each}"' for each in words(re.sub(r"\S+:\S+", " ", text))]
    match kind:
        case "filtered":
            return None
        case "phrase":
            return f'"{" ".join(words(text))}"'
        case "author":
            return f'authors : "{" ".join(words(text.removeprefix("author:")))}"'
        case "prefix":
            return f"{words(text)[0]}*"
        case "boolean":
            one, other, both, without = (f'"{each}"' for each in (words(text) * 4)[:4])
            return f"({one} OR {other}) AND {both} NOT {without}"
        case _:
            return " OR ".join(found) or None


def in_postgres(kind: str, text: str) -> str | None:
    """The query as a tsquery."""
    found = words(re.sub(r"\S+:\S+", " ", text))
    match kind:
        case "filtered" | "author":
            return None
        case "phrase":
            return " <-> ".join(found)
        case "prefix":
            return f"{found[0]}:*"
        case "boolean":
            one, other, both, without = (found * 4)[:4]
            return f"({one} | {other}) & {both} & !{without}"
        case _:
            return " | ".join(found) or None


@contextlib.contextmanager
def postgres(source: Path) -> Iterator[Callable[[str], None] | None]:
    """Asks PostgreSQL over the same papers; None where there is no server."""
    try:
        server = postgres_server()
    except BaseException as error:  # noqa: BLE001 - pytest's skip, which says why
        print(f"  no PostgreSQL: {error}", flush=True)
        yield None
        return
    with fresh_database(server) as url, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE entries (number int PRIMARY KEY, vector tsvector)")
        connection.execute("CREATE TEMP TABLE given (number int, said text)")
        with (
            sqlite3.connect(source) as papers,
            connection.cursor() as cursor,
            cursor.copy("COPY given (number, said) FROM STDIN") as copy,
        ):
            for row in papers.execute("SELECT number, title || ' . ' || abstract FROM papers"):
                copy.write_row((row[0], row[1].replace("\x00", "")))
        connection.execute("INSERT INTO entries SELECT number, to_tsvector('english', said) FROM given")
        connection.execute("CREATE INDEX ON entries USING gin (vector)")
        connection.execute("ANALYZE entries")

        def ask(query: str) -> None:
            connection.execute(
                "SELECT number FROM entries, to_tsquery('english', %s) asked WHERE vector @@ asked "
                "ORDER BY ts_rank(vector, asked) DESC LIMIT 200",
                (query,),
            ).fetchall()

        yield ask


def theirs(
    ask: Callable[[str], None], mix: dict[str, list[str]], say: Callable[[str, str], str | None], most: int
) -> dict[str, list[float]]:
    """Milliseconds of a peer's queries, by kind; each is asked once before it is measured."""
    found: dict[str, list[float]] = {}
    for kind, texts in mix.items():
        for query in filter(None, (say(kind, text) for text in texts[:most])):
            with contextlib.suppress(sqlite3.OperationalError):
                ask(query)
                started = time.perf_counter()
                ask(query)
                found.setdefault(kind, []).append((time.perf_counter() - started) * 1_000)
    return found


def drop_from_cache(folder: Path) -> None:
    """Ask the kernel to forget the files' pages, so that the next queries read them from disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)


def anonymous_mb() -> float:
    """Anonymous memory of the process."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1024


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def line(name: str, times: dict[str, list[float]]) -> str:
    """Medians by kind, and over all p50, p95 and p99."""
    every = [each for found in times.values() for each in found]
    kinds = "  ".join(f"{kind} {statistics.median(found):.1f}" for kind, found in times.items())
    overall = (
        f"p50 {percentile(every, 0.5):.1f}  p95 {percentile(every, 0.95):.1f}  p99 {percentile(every, 0.99):.1f} ms"
    )
    return f"  {name:12} {overall}\n               medians: {kinds}"


async def measure(number: int, folder: Path, mix: dict[str, list[str]]) -> dict[str, Any]:
    """Everything of one size."""
    print(f"{number:,} papers", flush=True)
    record: dict[str, Any] = {"papers": number}
    async with filled(folder, number) as app:
        await asyncio.to_thread(drop_from_cache, folder / "index")
        sides = {"cold": await ours(app, mix), "warm": await ours(app, mix)}
        record["anonymous_mb"] = round(anonymous_mb(), 1)
    if number <= PEERS_UP_TO:
        most = EACH if number <= SIZES[0] else 12
        fts5 = FullText5(folder / "broadsheet.sqlite3", folder)
        sides["FTS5"] = theirs(fts5.ask, mix, in_fts5, most)
        with postgres(folder / "broadsheet.sqlite3") as ask:
            if ask is not None:
                sides["PostgreSQL"] = theirs(ask, mix, in_postgres, most)
    for name, times in sides.items():
        print(line(name, times), flush=True)
    print(f"  anonymous memory {record['anonymous_mb']} MB", flush=True)
    warm = [each for found in sides["warm"].values() for each in found]
    record["p99_ms"] = round(percentile(warm, 0.99), 2)
    record["medians_ms"] = {
        name: {kind: round(statistics.median(found), 2) for kind, found in times.items()}
        for name, times in sides.items()
    }
    for name in ("FTS5", "PostgreSQL"):
        if name in sides:
            ratio = statistics.median(sides[name]["common word"]) / statistics.median(sides["warm"]["common word"])
            record[f"common_words_times_{name}"] = round(ratio, 1)
            print(f"  common words: {ratio:.1f} x as fast as {name}", flush=True)
    return record


def verdict(records: Sequence[dict[str, Any]]) -> list[str]:
    """The bars that were missed."""
    missed = []
    for record in records:
        number = record["papers"]
        if number in P99_MS and record["p99_ms"] > P99_MS[number]:
            missed.append(f"p99 at {number:,}: {record['p99_ms']} ms, not {P99_MS[number]}")
        if number == PEERS_UP_TO and record["common_words_times_FTS5"] < FASTER:
            missed.append(f"common words: {record['common_words_times_FTS5']} x FTS5, not {FASTER}")
        if number == SIZES[-1] and record["anonymous_mb"] > ANONYMOUS_MB:
            missed.append(f"anonymous memory: {record['anonymous_mb']} MB, not {ANONYMOUS_MB}")
    return missed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--quick", action="store_true", help="20,000 papers only")
    parser.add_argument("--keep", type=Path, help="a folder in which stores and indexes stay for the next time")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not search_corpus.CORPUS.exists():
        sys.exit("The corpus sample is not beside this repository: there is nothing to search.")
    sizes = [20_000] if options.quick else [int(each) for each in options.sizes.split(",")]
    sample = [paper for _, paper in zip(range(5_000), search_corpus.papers(5_000), strict=False)]
    mix = queries(sample, EACH)
    with tempfile.TemporaryDirectory() as made:
        base = options.keep or Path(made)
        records = [asyncio.run(measure(number, base / str(number), mix)) for number in sizes]
    missed = verdict(records)
    if options.json:
        print(json.dumps(records))
    print("every bar is met" if not missed else f"missed: {'; '.join(missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
