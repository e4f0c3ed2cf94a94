"""How fast a day's papers are matched with everybody's topics, against a plain loop and against Tantivy.

    python bench/bench_match.py [--json] [--quick] [--runs N]

100,000 channels follow 30,000 distinct topics (Zipf) of up to six terms, a fifth of them boolean, made of the terms of
filters that people use and of the words, phrases and categories of papers; the day has 3,000 papers; each channel gets
its best ten. Every side runs in a process of its own and ends with the tens.

*broadsheet* parses the topics, indexes the day, evaluates. *tantivy* indexes the day's tokens, parses each distinct
topic as a query of its own language, and searches in our order of rank, over the two fields that `title:` and
`abstract:` need; it gets the queries ready written and the tokens ready made. *From the same texts* adds to it what
that took: our parser, which reads our language for it, and our normaliser. That ratio compares like with like. *loop*
evaluates ready topics paper by paper over ready lists of tokens; it is measured on some of the channels with all
papers and extrapolated linearly to all channels. *meaning* compares 100,000 vectors with 1,000 papers, against the
bare matrix product.

The bars: 200 x the loop, 1.5 x tantivy, equal tens, 400 MB, at most linear in distinct topics, 1.5 x the bare product.
"""

import argparse
import gzip
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from adapters.system import collect_seldom  # noqa: E402 - after the path is set
from bot.model import Candidate, Paper, PaperId  # noqa: E402 - after the path is set
from bot.text.display import display_text  # noqa: E402 - after the path is set
from bot.text.keys import tokens  # noqa: E402
from bot.topics.bits import numbers  # noqa: E402
from bot.topics.categories import CATEGORIES  # noqa: E402
from bot.topics.expression import And, Expression, InCategory, Not, Or, Words  # noqa: E402
from bot.topics.index import TermIndex  # noqa: E402
from bot.topics.language import parse_topic  # noqa: E402
from bot.topics.match import Matcher  # noqa: E402

SHARED = ROOT.parent / "shared" / "data"
CORPUS = SHARED / "corpus" / "papers_sample.jsonl.gz"
FILTERS = SHARED / "topics" / "real_filters_dev.jsonl"
SEED = 2026
BEST = 10
LONGEST_DAY, CHANNELS, DISTINCT_SHARE, BOOLEAN_SHARE, MOST_TERMS = 3_000, 100_000, 0.3, 0.2, 6
LOOPED = 100
WORD = re.compile(r"[A-Za-z]{4,}")
PAIR = re.compile(r"[A-Za-z]{4,} [A-Za-z]{4,}")
COUNTED, COMMON = 5_000, 0.05  # a word that one paper in twenty has is nobody's topic
DAY = date(2026, 5, 18)
NOON = datetime(2026, 5, 18, 12, tzinfo=UTC)
GAP = "\u241e"  # a token that no text has, so that no phrase runs from the title into the abstract
RSS_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024  # getrusage(2): kilobytes, but bytes on macOS

Figures = dict[str, Any]
Tens = list[list[int]]
Workload = Mapping[str, Any]


# --- what is asked ---------------------------------------------------------------------------------------------------


def workload(papers: int, channels: int) -> Figures:
    """The day and the channels' topics, the same in every run: paper rows, distinct texts, one number a channel."""
    rolled = random.Random(SEED)  # noqa: S311 - a workload, no secret
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        corpus = [json.loads(line) for line in lines]
    distinct = topics(rolled, terms(rolled, corpus), int(channels * DISTINCT_SHARE))
    weights = [1 / (rank + 1) for rank in range(len(distinct))]
    asked = [*range(len(distinct)), *rolled.choices(range(len(distinct)), weights, k=channels - len(distinct))]
    rolled.shuffle(asked)
    return {"papers": rolled.sample(corpus, papers), "texts": distinct, "asked": asked}


def terms(rolled: random.Random, corpus: Sequence[Mapping[str, Any]]) -> Callable[[], str]:
    """Draws one term: a third what people filter for, a third words, then phrases and categories."""
    filters = [json.loads(line) for line in FILTERS.read_text(encoding="utf-8").splitlines()]
    listed = sorted({term for each in filters for term in (*each.get("terms", ()), *each.get("and_terms", ()))})
    categories = [name for each in corpus for name in each["categories"] if name in CATEGORIES]
    typed = [term for term in listed if re.fullmatch(r"[A-Za-z][\w -]+", term)]

    having = Counter(word for each in corpus[:COUNTED] for word in {*WORD.findall(each["abstract"].lower())})
    common = {word for word, papers in having.items() if papers > COUNTED * COMMON}

    def draw() -> str:
        kind, paper = rolled.random(), rolled.choice(corpus)
        said = WORD.findall(paper["title"] if kind < 0.6 else paper["abstract"])
        words = [word for word in said if word.lower() not in common] or ["survey"]
        if kind < 1 / 3:
            return f'"{rolled.choice(typed)}"'
        if kind < 2 / 3:
            return f'"{rolled.choice(words)}"'
        if kind < 0.9:
            return f'"{rolled.choice(PAIR.findall(paper["title"] + ". " + paper["abstract"]) or ["open problem"])}"'
        return f"cat:{rolled.choice(categories)}"

    return draw


def topics(rolled: random.Random, draw: Callable[[], str], count: int) -> list[str]:
    """Distinct texts: lists of terms any of which will do, and for a fifth of them and, or and not."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = list(dict.fromkeys(draw() for _ in range(rolled.randint(1, MOST_TERMS))))
        if rolled.random() >= BOOLEAN_SHARE or len(drawn) == 1:
            text = " OR ".join(drawn)
        else:
            cut = rolled.randint(1, len(drawn) - 1)
            negative = f" NOT {drawn.pop()}" if len(drawn) - cut > 1 else ""
            text = f"({' OR '.join(drawn[:cut])}) ({' OR '.join(drawn[cut:])}){negative}"
        found[text] = None
    return list(found)


# --- the sides -------------------------------------------------------------------------------------------------------


def candidates(rows: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """The day in its order of rank, its texts in their display form, as they are kept."""
    return [
        Candidate(
            paper=Paper(
                id=PaperId(f"arxiv:{row['id']}"),
                title=display_text(row["title"]),
                title_key=row["title"],
                abstract=display_text(row["abstract"]),
                authors=tuple(row["authors"]),
                categories=tuple(row["categories"]),
            ),
            seen_at=NOON,
            announced_on=DAY,
        )
        for row in rows
    ]


def broadsheet(work: Workload, day: Sequence[Candidate]) -> tuple[Figures, Tens]:
    """The core as the digest uses it."""
    parse_topic.cache_clear()
    started = time.perf_counter()
    parsed = [parse_topic(text) for text in work["texts"]]
    read = time.perf_counter()
    matcher = Matcher(TermIndex(day))
    matcher.look_up(parsed)
    indexed = time.perf_counter()
    tens = [list(islice(numbers(matcher.match(topic)), BEST)) for topic in parsed]
    found = [tens[number] for number in work["asked"]]
    ended = time.perf_counter()
    stages = {"parse": read - started, "index": indexed - read, "evaluate": ended - indexed}
    return {"seconds": ended - started, "channels": len(found), **stages}, tens


def tantivy(work: Workload, day: Sequence[Candidate]) -> tuple[Figures, Tens]:
    """An index of the day in memory, each distinct topic a query."""
    import tantivy as engine  # noqa: PLC0415 - only this side pays for it

    parse_topic.cache_clear()
    began = time.perf_counter()
    queries = [query_text(parse_topic(text).expression) for text in work["texts"]]
    said = [(" ".join(tokens(each.paper.title)), " ".join(tokens(each.paper.abstract))) for each in day]
    started = time.perf_counter()
    schema = engine.SchemaBuilder()
    schema.add_text_field("title", tokenizer_name="whitespace")
    schema.add_text_field("abstract", tokenizer_name="whitespace")
    schema.add_text_field("cat", tokenizer_name="whitespace")
    schema.add_unsigned_field("rank", fast=True)
    built = schema.build()
    index = engine.Index(built)
    index.register_tokenizer("whitespace", engine.TextAnalyzerBuilder(engine.Tokenizer.whitespace()).build())
    with index.writer(num_threads=1) as writer:
        for rank, ((title, abstract), each) in enumerate(zip(said, day, strict=True)):
            document = engine.Document(title=title, abstract=abstract, cat=" ".join(each.paper.categories))
            document.add_unsigned("rank", rank)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    indexed = time.perf_counter()
    tens = []
    for text in queries:
        query = index.parse_query(text, ["title", "abstract"])
        hits = searcher.search(query, BEST, count=False, order_by_field="rank", order=engine.Order.Asc).hits
        tens.append([rank for rank, _ in hits])
    found = [tens[number] for number in work["asked"]]
    ended = time.perf_counter()
    stages = {"made ready": started - began, "index": indexed - started, "search": ended - indexed}
    return {"seconds": ended - started, "channels": len(found), **stages}, tens


def query_text(expression: Expression) -> str:
    """A topic in Tantivy's language."""
    match expression:
        case And(parts):
            wanted = (
                f"-{query_text(each.part)}" if isinstance(each, Not) else f"+{query_text(each)}" for each in parts
            )
            return f"({' '.join(wanted)})"
        case Or(parts):
            return f"({' '.join(map(query_text, parts))})"
        case Words(found):
            phrase = f'"{" ".join(found)}"'
            return f"(title:{phrase} abstract:{phrase})"
        case InCategory(name):
            return f'cat:"{name}"'
        case _:
            raise AssertionError(expression)


def loop(work: Workload, day: Sequence[Candidate]) -> tuple[Figures, Tens]:
    """Paper by paper, over parsed topics and each paper's list of tokens."""
    rolled = random.Random(SEED)  # noqa: S311 - a sample, no secret
    sampled = rolled.sample(work["asked"], min(LOOPED, len(work["asked"])))
    chosen = {number: parse_topic(work["texts"][number]).expression for number in sampled}
    ready = [([*tokens(each.paper.title), GAP, *tokens(each.paper.abstract)], each.paper.categories) for each in day]
    tens: Tens = [[] for _ in work["texts"]]
    started = time.perf_counter()
    for number in sampled:
        tens[number] = [rank for rank, paper in enumerate(ready) if holds(chosen[number], *paper)][:BEST]
    seconds = time.perf_counter() - started
    return {"seconds": seconds / len(sampled) * len(work["asked"]), "measured": len(sampled)}, tens


def holds(expression: Expression, said: list[str], categories: tuple[str, ...]) -> bool:
    """One topic, one paper."""
    match expression:
        case Words((token,)):
            return token in said
        case Words((first, *_) as found):
            return first in said and any(
                tuple(said[at : at + len(found)]) == found for at, token in enumerate(said) if token == first
            )
        case InCategory(name):
            return name in categories
        case And(parts):
            return all(holds(each, said, categories) for each in parts)
        case Or(parts):
            return any(holds(each, said, categories) for each in parts)
        case Not(part):
            return not holds(part, said, categories)
        case _:
            raise AssertionError(expression)


def meaning(work: Workload, day: Sequence[Candidate]) -> tuple[Figures, Tens]:
    """Bit sets of ready vectors, and the product alone; the medians of five, in turns."""
    import numpy as np  # noqa: PLC0415 - only this side pays for it

    from adapters.meaning import StaticMeaning  # noqa: PLC0415

    rolled = np.random.default_rng(SEED)
    texts, papers = (
        vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for vectors in (
            rolled.standard_normal((n, 256), np.float32) for n in (len(work["asked"]), min(1_000, len(day)))
        )
    )
    ours, bare = [], []
    for _ in range(5):
        started = time.perf_counter()
        product = texts @ papers.T
        between = time.perf_counter()
        del product
        again = time.perf_counter()
        StaticMeaning.nearest(texts, papers)
        bare.append(between - started)
        ours.append(time.perf_counter() - again)
    return {"seconds": statistics.median(ours), "bare": statistics.median(bare)}, []


SIDES = {"broadsheet": broadsheet, "tantivy": tantivy, "loop": loop, "meaning": meaning}


# --- running them ----------------------------------------------------------------------------------------------------


def measured(side: str, folder: Path, name: str) -> Figures:
    """One run in this process; its tens are left in the folder."""
    collect_seldom()  # as the application does
    work = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    figures, tens = SIDES[side](work, candidates(work["papers"]))
    (folder / f"{side}.tens").write_text(json.dumps(tens), encoding="utf-8")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / RSS_PER_MB
    return {**figures, "peak_mb": peak}


def runs_of(side: str, folder: Path, runs: int, name: str = "day") -> Figures:
    """The medians of runs, each in a process of its own."""
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder), "--workload", name]
    told = [
        json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - this very file
        for _ in range(runs)
    ]
    return {figure: statistics.median(each[figure] for each in told) for figure in told[0]}


def differences(folder: Path, other: str) -> int:
    """How many distinct topics have another ten than ours; the loop has only those that it was asked."""
    ours, theirs = (json.loads((folder / f"{side}.tens").read_text("utf-8")) for side in ("broadsheet", other))
    return sum(mine != ten for mine, ten in zip(ours, theirs, strict=True) if ten or other != "loop")


def everything(folder: Path, *, quick: bool, runs: int) -> Figures:
    """All figures by side, then the ratios that the bars are about."""
    papers, channels = (300, 3_000) if quick else (LONGEST_DAY, CHANNELS)
    day = workload(papers, channels)
    (folder / "day.json").write_text(json.dumps(day), encoding="utf-8")
    found: Figures = {side: runs_of(side, folder, 1 if side in {"loop", "meaning"} else runs) for side in SIDES}
    found["differing from tantivy"] = differences(folder, "tantivy")
    found["differing from loop"] = differences(folder, "loop")
    many = workload(papers, 2 * channels)["texts"]
    scale = {}
    for share in (0.5, 1, 2):
        texts = many[: int(channels * DISTINCT_SHARE * share)]
        (folder / "scale.json").write_text(json.dumps({**day, "texts": texts, "asked": [*range(len(texts))]}), "utf-8")
        scale[len(texts)] = runs_of("broadsheet", folder, runs, "scale")["seconds"]
    ours, theirs = found["broadsheet"]["seconds"], found["tantivy"]["seconds"]
    return {
        **found,
        "by distinct topics": scale,
        "x the loop": found["loop"]["seconds"] / ours,
        "x tantivy": theirs / ours,
        "x tantivy from the same texts": (theirs + found["tantivy"]["made ready"]) / ours,
        "x the bare product": found["meaning"]["seconds"] / found["meaning"]["bare"],
    }


def tell(found: Figures) -> None:
    ours, theirs, looped, compared = (found[side] for side in SIDES)
    print(f"broadsheet    {ours['seconds']:8.2f} s  parse {ours['parse']:.2f}, index {ours['index']:.2f}, ", end="")
    print(f"evaluate {ours['evaluate']:.2f}; peak {ours['peak_mb']:.0f} MB")
    print(
        f"tantivy       {theirs['seconds']:8.2f} s  index {theirs['index']:.2f}, search {theirs['search']:.2f}", end=""
    )
    print(f"; made ready in {theirs['made ready']:.2f}, not counted; peak {theirs['peak_mb']:.0f} MB")
    print(f"loop          {looped['seconds']:8.0f} s  extrapolated linearly from {looped['measured']:.0f} channels")
    print(f"meaning       {compared['seconds']:8.2f} s  the bare product {compared['bare']:.2f}")
    for count, seconds in found["by distinct topics"].items():
        print(f"{count:>6,} topics {seconds:8.2f} s  {seconds / count * 1e6:.0f} µs each")
    print(f"other tens    {found['differing from tantivy']} than tantivy, {found['differing from loop']} than the loop")
    print(f"ratio         {found['x the loop']:.0f} x as fast as the loop")
    print(f"ratio         {found['x tantivy']:.2f} x as fast as tantivy", end="")
    print(f" with its queries and tokens ready, {found['x tantivy from the same texts']:.2f} x from the same texts")
    print(f"ratio         {found['x the bare product']:.2f} x the time of the bare product")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="300 papers, 3,000 channels: does it run at all")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each, whose median is told")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--workload", default="day", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(measured(options.side, options.folder, options.workload)))
        return
    if missing := [each for each in (CORPUS, FILTERS) if not each.exists()]:
        print(f"Missing: {', '.join(map(str, missing))}.", file=sys.stderr)
        sys.exit(2)
    with tempfile.TemporaryDirectory() as folder:
        found = everything(Path(folder), quick=options.quick, runs=max(options.runs, 1))
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        tell(found)


if __name__ == "__main__":
    main()
