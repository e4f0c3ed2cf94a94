"""Search and matching cannot drift apart: conditions hold for the same papers in the index as in the term index."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.sources.fields import day_of
from bot.errors import BadTopic
from bot.index_query import EVERY_PAPER, SortBy
from bot.model import Candidate, Facts, Paper, PaperId, SourceName
from bot.search.compiling import Asker, narrowed
from bot.search.fields import indexed
from bot.text.display import display_text
from bot.text.keys import title_key, tokens
from bot.topics.expression import TypeGroup
from bot.topics.index import TermIndex
from bot.topics.language import parse_topic
from bot.topics.match import Matcher
from store.search.search_index import TantivyIndex

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[3] / "shared" / "data"
CORPUS = DATA / "corpus" / "papers_sample.jsonl.gz"
FILTERS = DATA / "topics" / "real_filters_dev.jsonl"
TODAY = date(2026, 5, 28)
_AT = datetime(2026, 5, 28, tzinfo=UTC)
EVERY_THIRD = 3  # of the 30,000, for the conditions; the tokens are compared of all

WRITTEN = """
quantization|models|"neural network"|"state of the art"|kv-cache|don't|title:learning|title:"deep learning"|quantiz*
equivarian*|深|title:é|author:Wang|author:"Y. Wang"|author:"Yi Wang"|author:Müller|author:"van den Berg"|cat:cs.LG
cat:cs.CL!|cat:math|cat:astro-ph.*|hep-th|upvotes:>=5|upvotes:<3|upvotes:2..6|since:2015-01-01|before:2001-01-01
since:2010-01-01 before:2012-01-01|-learning|learning -deep|(graph OR network) -neural
atleast(2, graph, network, random)
NOT (galaxy OR quantum)|cat:cs.LG -cat:stat.ML|"monte carlo" (lattice OR markov)|has:code|source:file|type:new
type:cross OR galaxy|M3ViT|H2O|"C*-algebra"|SU(2)|α|naïve|"lévy flights"|σ-algebra|x-ray|l2|"p-adic"|"20 years"
"""


def read_papers() -> list[Paper]:
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Paper(
            id=PaperId(f"title:{number}"),
            title=display_text(row["title"]),
            title_key=title_key(row["title"]),
            abstract=display_text(row["abstract"]),
            authors=tuple(map(display_text, row["authors"])),
            categories=tuple(row["categories"]),
            published_on=day_of(row["published"]),
            announced_on=day_of(row["published"]) or date(1991, 1, 1),
            facts=Facts(upvotes=number % 9, code_url="https://github.com/a/b" if number % 7 == 0 else None),
            sources=(SourceName.FILE,),
        )
        for number, row in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    if not CORPUS.exists():
        pytest.skip("the corpus sample is not beside this repository")
    return read_papers()


def test_the_index_receives_the_normaliser_s_own_tokens(papers: list[Paper]) -> None:
    for paper in papers:
        entry = indexed(paper, number=1, kind=TypeGroup.NEW)
        title, abstract = (" ".join(tokens(each)) for each in (paper.title, paper.abstract))
        assert entry.title == title
        assert entry.text == f"{title} ¶ {abstract}"


@pytest.mark.timeout(240)
def test_every_condition_holds_for_the_same_papers(papers: list[Paper], tmp_path: Path) -> None:
    chosen = papers[::EVERY_THIRD]
    index = TantivyIndex(tmp_path / "index", memory_mb=64)
    assert index.open()
    index.take([indexed(each, number=at, kind=TypeGroup.NEW) for at, each in enumerate(chosen)])
    index.commit(len(chosen), is_whole=True)
    candidates = [Candidate(paper=each, seen_at=_AT, announced_on=each.announced_on or TODAY) for each in chosen]
    matcher = Matcher(TermIndex(candidates, on=TODAY))
    texts = [text for line in WRITTEN.strip().splitlines() for text in line.split("|")]
    compared = 0
    for text in [*texts, *_people_s_own()]:
        expression = parse_topic(text).expression
        found = narrowed(expression, Asker(TODAY))
        expected = matcher.evaluate(expression)
        wanted = {at for at in range(len(chosen)) if expected >> at & 1}
        hits = {each.number for each in index.sorted(found.condition, by=SortBy.NEWEST, limit=len(chosen))}
        if found.is_exact:
            assert hits == wanted, text
            compared += 1
        else:
            assert hits >= wanted, text
    assert compared > 100
    assert index.size == len(chosen) == len(index.sorted(EVERY_PAPER, by=SortBy.NEWEST, limit=len(chosen)))
    index.close()


def _people_s_own() -> list[str]:
    """Filters that people really use, as far as they are topics as they stand."""
    found = []
    for line in FILTERS.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        for value in _strings(said):
            try:
                topic = parse_topic(value)
            except BadTopic:
                continue
            if len(topic.atoms) > 1:
                found.append(value)
    return found[:120]


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [each for part in parts for each in _strings(part)]
