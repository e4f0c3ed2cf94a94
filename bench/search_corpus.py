"""A store of so many papers for bench_search: the corpus sample first, then papers recombined from it.

A recombined paper takes the first half of one title and the second of another, two stretches of some twenty words out
of each of three abstracts, the authors of a fourth paper and the categories of the first. Words, phrases, names and
categories are so as common as in the sample; the vocabulary does not grow with the number of papers, as a real one
slowly would.
"""

import gzip
import json
import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.text.display import display_text  # noqa: E402 - after the path is set
from bot.text.keys import title_key  # noqa: E402

CORPUS = ROOT.parent / "shared" / "data" / "corpus" / "papers_sample.jsonl.gz"
SEED = 2026
_STRETCH = 20
_FIRST_DAY, _DAYS = date(1994, 1, 1), 11_800
_VOTED = 0.05
_BATCH = 20_000


def papers(number: int) -> Iterator[dict[str, Any]]:
    """So many papers, each with title, abstract, authors, categories, day and upvotes."""
    chosen = random.Random(SEED)  # noqa: S311 - a corpus, not a secret
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        sample = [json.loads(line) for line in lines]
    for each in sample:
        each["title"], each["abstract"] = display_text(each["title"]), display_text(each["abstract"])
        words = each["abstract"].split(" ")
        each["stretches"] = [" ".join(words[at : at + _STRETCH]) for at in range(0, len(words), _STRETCH)]
    for at in range(number):
        one = sample[at] if at < len(sample) else _recombined(sample, chosen)
        yield {
            "title": one["title"],
            "abstract": one["abstract"],
            "authors": one["authors"],
            "categories": one["categories"],
            "day": _FIRST_DAY + timedelta(days=chosen.randrange(_DAYS)),
            "upvotes": int(chosen.paretovariate(1)) if chosen.random() < _VOTED else 0,
        }


def _recombined(sample: list[dict[str, Any]], chosen: random.Random) -> dict[str, Any]:
    first, second, fourth = (chosen.choice(sample) for _ in range(3))
    ours, theirs = first["title"].split(" "), second["title"].split(" ")
    stretches = [chosen.choice(chosen.choice(sample)["stretches"]) for _ in range(6)]
    return {
        "title": " ".join([*ours[: len(ours) // 2 + 1], *theirs[len(theirs) // 2 :]]),
        "abstract": " ".join(stretches),
        "authors": fourth["authors"],
        "categories": first["categories"],
    }


def fill(path: Path, number: int) -> None:
    """Put the papers into a migrated database, past the merge: it is the search that is measured."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        rows = []
        for at, paper in enumerate(papers(number), 1):
            rows.append(_row(at, paper))
            if len(rows) == _BATCH:
                _insert(connection, rows)
                rows = []
        _insert(connection, rows)
        connection.execute("INSERT OR REPLACE INTO counters (name, value) VALUES ('papers', ?)", (number,))
    connection.close()


def _insert(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    connection.executemany(
        "INSERT INTO papers (id, title, title_key, abstract, authors, categories, facts, sources, announced_on, "
        "number, changed) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )


def _row(number: int, paper: dict[str, Any]) -> tuple[Any, ...]:
    facts = {"upvotes": paper["upvotes"]} if paper["upvotes"] else {}
    return (
        f"title:bench {number}",
        paper["title"],
        title_key(paper["title"]),
        paper["abstract"],
        json.dumps(paper["authors"], ensure_ascii=False),
        json.dumps(paper["categories"]),
        json.dumps(facts),
        '["file"]',
        paper["day"].isoformat(),
        number,
        number,
    )
