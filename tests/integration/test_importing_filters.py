"""Filters that people keep in public repositories, as topics: each finds what its own row means, read word by word."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import re2

from adapters.sources.replay import open_replay
from bot.merging import paper_of
from bot.model import AnnouncementState, Candidate, Paper, SourceName
from bot.text.display import display_text
from bot.text.keys import tokens, words
from bot.topics.bits import numbers
from bot.topics.categories import ARCHIVES
from bot.topics.category_names import category_named
from bot.topics.importing import Became, Refused, imported
from bot.topics.index import TermIndex
from bot.topics.language import parse_topic
from bot.topics.match import Matcher
from tests.fakes.vocabulary import candidate

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FILTERS = SHARED / "topics" / "real_filters_dev.jsonl"
DAYS = SHARED / "hf_daily" / "days_2024-05-27_2026-05-29.tar.xz"
CORPUS = SHARED / "corpus" / "papers_sample.jsonl.gz"
DAY = date(2026, 5, 31)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RECORDED_DAYS, WITH_CATEGORIES = 30, 3_000
BROAD = 0.21
OPTIONS = re2.Options()
OPTIONS.case_sensitive = False

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (FILTERS.exists() and DAYS.exists() and CORPUS.exists()),
        reason="the filters, the recorded days and the corpus are not beside this checkout",
    ),
]

Row = Mapping[str, Any]


def rows() -> list[Row]:
    with FILTERS.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def recorded() -> Iterator[Candidate]:
    days = open_replay(DAYS, default_day=DAY, now=NOW)
    announced = (each for each in days if each.state is AnnouncementState.ANNOUNCED)
    for day in islice(announced, RECORDED_DAYS):
        for listing in day.listings:
            paper = replace(paper_of(listing, SourceName.HUGGING_FACE, NOW), announced_on=day.announced_on)
            yield Candidate(paper=paper, seen_at=NOW, announced_on=day.announced_on)


def with_categories() -> Iterator[Candidate]:
    """Papers of all archives; the recorded days name no categories."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        found = (json.loads(line) for line in lines)
        for number, row in enumerate(islice(found, 0, None, 10)):
            title, abstract = display_text(row["title"]), display_text(row["abstract"])
            yield candidate(number, title, abstract=abstract, categories=tuple(row["categories"]), authors=("A. B.",))
            if number == WITH_CATEGORIES:
                return


@pytest.fixture(scope="module")
def candidates() -> list[Candidate]:
    authors = ("Adrian Del Maestro", "Ada Lovelace")
    named = [
        candidate(1, "Quantum criticality in wires", authors=authors),
        candidate(2, "Pyrochlore, a checkerboard", authors=authors),
        candidate(3, "Quantum criticality of others"),
    ]
    return [*recorded(), *with_categories(), *named]


@pytest.fixture(scope="module")
def texts(candidates):
    """Of each paper the tokens of its title and of its abstract, spaced so that a run of tokens is a substring."""
    return [tuple(f" {' '.join(tokens(t))} " for t in (c.paper.title, c.paper.abstract)) for c in candidates]


@pytest.fixture(scope="module")
def matcher(candidates) -> Matcher:
    return Matcher(TermIndex(candidates, on=DAY))


# --- what a row means, without our language --------------------------------------------------------------------------


def mentions(keywords: list[str], text: tuple[str, ...]) -> bool:
    runs = [f" {' '.join(tokens(each))} " for each in keywords]
    return any(run in field for run in runs for field in text)


def lies_in(categories: list[str], paper: Paper) -> bool:
    meant = [category_named(each) or each for each in categories]
    return any(
        mine == each or (each in ARCHIVES and mine.startswith(f"{each}."))
        for mine in paper.categories
        for each in meant
    )


def means(row: Row, paper: Paper, text: tuple[str, ...]) -> bool:
    if row["kind"] == "regex":
        return any(re2.search(row["query"], field, OPTIONS) for field in (paper.title, paper.abstract))
    if row["kind"] == "arxiv_boolean":
        return ArxivQuery(row["query"], paper, text).holds()
    return (
        (not row.get("terms") or mentions(row["terms"], text))
        and (not row.get("and_terms") or mentions(row["and_terms"], text))
        and (not row.get("categories") or lies_in(row["categories"], paper))
        and not (row.get("exclude") and mentions(row["exclude"], text))
    )


class ArxivQuery:
    """arXiv's query language for one paper, by recursive descent: AND, OR and ANDNOT, read from the left."""

    def __init__(self, query: str, paper: Paper, text: tuple[str, ...]) -> None:
        self.left = re.findall(r'[()]|\w+:"[^"]*"|\w+:[^\s()]+|ANDNOT|AND|OR', query)
        self.paper, self.text = paper, text

    def holds(self) -> bool:
        found = self.all_of()
        while self.left and self.left[0] == "OR":
            self.left.pop(0)
            found = self.all_of() or found
        return found

    def all_of(self) -> bool:
        found = self.one()
        while self.left and self.left[0] in {"AND", "ANDNOT"}:
            negated = self.left.pop(0) == "ANDNOT"
            found = (self.one() != negated) and found
        return found

    def one(self) -> bool:
        token = self.left.pop(0)
        if token == "(":
            found = self.holds()
            assert self.left.pop(0) == ")"
            return found
        field, _, value = token.partition(":")
        value = value.strip('"')
        match field:
            case "cat":
                return lies_in([value], self.paper)
            case "au":
                return any({*value.split("_")} <= {*words(name)} for name in self.paper.authors)
            case "ti" | "abs":
                return mentions([value], (self.text[field == "abs"],))
            case "all":
                return mentions([value], self.text)
        raise AssertionError(token)


# --- the tests -------------------------------------------------------------------------------------------------------


def test_every_filter_that_is_no_prose_becomes_a_topic_that_finds_what_the_row_means(candidates, texts, matcher):
    others = [row for row in rows() if row["kind"] != "prose"]
    assert len(others) == 100
    finding = 0
    for row in others:
        outcome = imported(row)
        assert isinstance(outcome, Became), outcome
        found = set(numbers(matcher.match(parse_topic(outcome.topic))))
        meant = {number for number, each in enumerate(candidates) if means(row, each.paper, texts[number])}
        assert found == meant, (row["fid"], outcome.topic)
        finding += bool(meant)
    assert finding >= 80, "most filters find something, or else this compares nothing with nothing"


def test_with_a_model_of_meaning_every_filter_becomes_a_topic():
    assert [each for row in rows() if not isinstance(each := imported(row, semantic=True), Became)] == []


def test_without_one_every_filter_of_prose_is_refused_with_keywords_that_are_not_too_broad(candidates, matcher):
    prose = [row for row in rows() if row["kind"] == "prose"]
    assert len(prose) == 79
    for row in prose:
        outcome = imported(row)
        assert isinstance(outcome, Refused)
        assert "semantic" in outcome.error
        assert outcome.proposed is not None, row["text"]
        topic = parse_topic(outcome.proposed)
        assert len(topic.atoms) <= 12
        assert matcher.match(topic).bit_count() / len(candidates) <= BROAD, (row["text"], outcome.proposed)
