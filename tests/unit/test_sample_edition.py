"""The bundled sample edition: complete, true to what was recorded, and in our own words."""

import gzip
import json
import re
import tarfile
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.sample import sample_rows

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
DAYS = SHARED / "hf_daily" / "days_2024-05-27_2026-05-29.tar.xz"
CORPUS = SHARED / "corpus" / "papers_sample.jsonl.gz"
recorded = pytest.mark.skipif(not DAYS.exists(), reason="the recorded days are not beside this checkout")

FIELDS = {"id", "title", "authors", "publishedAt", "upvotes", "ai_summary", "categories"}
MAY_HAVE = {"githubRepo", "githubStars", "projectPage", "organization"}
ARXIV_ID = re.compile(r"\d{4}\.\d{5}")
CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
LONGEST_SUMMARY = 160
LONGEST_SHARED_RUN = 8


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in sample_rows().decode().splitlines()]


def by_id() -> list[Any]:
    return [pytest.param(row, id=row["paper"]["id"]) for row in rows()]


@cache
def recorded_items() -> dict[tuple[str, str], dict[str, Any]]:
    """The recorded list items of the sample's days by (day, arXiv id)."""
    wanted = {row["listedOn"] for row in rows()}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with tarfile.open(DAYS) as archive:
        for member in archive:
            day = Path(member.name).stem
            body = archive.extractfile(member) if day in wanted else None
            if body is not None:
                found |= {(day, item["paper"]["id"]): item for item in json.load(body)}
    return found


@cache
def known_categories() -> dict[str, list[str]]:
    wanted = {row["paper"]["id"] for row in rows()}
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        papers = (json.loads(line) for line in lines)
        return {paper["id"]: paper["categories"] for paper in papers if paper["id"] in wanted and paper["categories"]}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    all_words = words(text)
    return {tuple(all_words[start : start + length]) for start in range(len(all_words) - length + 1)}


def test_it_holds_about_forty_different_papers():
    ids = [row["paper"]["id"] for row in rows()]

    assert 35 <= len(ids) <= 45
    assert len(set(ids)) == len(ids)
    assert all(ARXIV_ID.fullmatch(one) for one in ids)


def test_the_newest_days_hold_enough_to_look_like_an_edition():
    days = [row["listedOn"] for row in rows()]

    assert days == sorted(days)
    assert days.count(max(days)) >= 8
    assert len(set(days)) >= 3


@pytest.mark.parametrize("row", by_id())
def test_every_row_is_complete(row):
    paper = row["paper"]

    assert set(row) == {"paper", "publishedAt", "listedOn", "numComments"}
    assert set(paper) >= FIELDS
    assert set(paper) <= FIELDS | MAY_HAVE
    assert paper["title"].strip()
    assert paper["authors"]
    assert all(set(author) == {"name"} and author["name"].strip() for author in paper["authors"])
    assert paper["categories"]
    assert all(CATEGORY.fullmatch(category) for category in paper["categories"])
    assert paper["upvotes"] >= 0
    assert datetime.fromisoformat(paper["publishedAt"]).date() <= date.fromisoformat(row["listedOn"])


@pytest.mark.parametrize("row", by_id())
def test_the_summary_is_one_plain_line_and_no_abstract_is_shipped(row):
    summary = row["paper"]["ai_summary"]

    assert 40 <= len(summary) <= LONGEST_SUMMARY
    assert summary.isprintable()
    assert summary.endswith(".")
    assert "summary" not in row
    assert "summary" not in row["paper"]


@recorded
@pytest.mark.parametrize("row", by_id())
def test_the_facts_are_those_of_the_recording(row):
    item = recorded_items()[row["listedOn"], row["paper"]["id"]]
    source, paper = item["paper"], row["paper"]

    assert row["publishedAt"] == item["publishedAt"]
    assert row["numComments"] == item["numComments"]
    for name in ("id", "title", "publishedAt", "upvotes", "githubRepo", "githubStars", "projectPage"):
        assert paper.get(name) == source.get(name)
    assert [author["name"] for author in paper["authors"]] == [
        author["name"] for author in source["authors"] if not author.get("hidden")
    ]
    for name, value in paper.get("organization", {}).items():
        assert source["organization"][name] == value


@recorded
def test_the_categories_are_those_of_the_corpus_where_it_has_them():
    known = known_categories()

    assert len(known) >= 20
    assert known == {row["paper"]["id"]: row["paper"]["categories"] for row in rows() if row["paper"]["id"] in known}


@recorded
@pytest.mark.parametrize("row", by_id())
def test_no_summary_borrows_a_phrase(row):
    source = recorded_items()[row["listedOn"], row["paper"]["id"]]["paper"]
    ours = runs(row["paper"]["ai_summary"], LONGEST_SHARED_RUN)

    assert not ours & runs(source["summary"], LONGEST_SHARED_RUN)
    assert not ours & runs(source.get("ai_summary", ""), LONGEST_SHARED_RUN)
