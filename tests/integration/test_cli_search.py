"""`broadsheet search`, `index`, `backfill` and `eval` as processes of their own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RELEVANCE = ROOT.parent / "shared" / "data" / "relevance"
NOWHERE = "http://127.0.0.1:9"

pytestmark = pytest.mark.integration

SNAPSHOT = [
    {
        "id": "0704.0001",
        "title": "Calculation of prompt\n  diphoton production",
        "abstract": "  A fully differential calculation in perturbative QCD.\n",
        "authors": "C. Bal\\'azs, E. L. Berger and P. M. Nadolsky",
        "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", ""], ["Nadolsky", "P. M.", ""]],
        "categories": "hep-ph",
        "journal-ref": "Phys.Rev.D76:013009,2007",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": "2008-11-26",
    },
    {
        "id": "0704.0002",
        "title": "Sparsity-certifying graph decompositions",
        "abstract": "We describe.",
        "authors": "I. S",
    },
    {"id": "nonsense id", "title": "", "abstract": ""},
    {
        "id": "0704.0003",
        "title": "The evolution of the Earth-Moon system",
        "abstract": "Dark matter fluid.",
        "authors": [],
    },
]


@pytest.fixture
def broadsheet(tmp_path):
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "BROADSHEET_DATA_DIR": str(tmp_path / "data"),
        **dict.fromkeys(("BROADSHEET_HF_URL", "BROADSHEET_ARXIV_API_URL", "BROADSHEET_ARXIV_FEED_URL"), NOWHERE),
    }

    def run(*arguments, code=0):
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "bot", *map(str, arguments)], cwd=tmp_path, env=environ, capture_output=True,
            timeout=100, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.fixture
def snapshot(tmp_path):
    path = tmp_path / "snapshot.json.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in SNAPSHOT)
    return path


def test_a_bulk_file_is_taken_in_searched_and_not_read_twice(broadsheet, snapshot):
    first = json.loads(broadsheet("backfill", snapshot, "--json"))
    assert (first["papers"], first["new"], len(first["refused"])) == (3, 3, 1)
    assert first["refused"][0]["place"] == "line 3"
    again = json.loads(broadsheet("backfill", snapshot, "--json"))
    assert (again["papers"], again["skipped"]) == (0, 4)
    whole = json.loads(broadsheet("backfill", snapshot, "--again", "--json"))
    assert (whole["papers"], whole["new"]) == (3, 0)
    found = json.loads(broadsheet("search", "author:Nadolsky since:2007-04-01 before:2007-04-03", "--json"))
    assert [each["arxiv_id"] for each in found["papers"]] == ["0704.0001"]
    assert found["papers"][0]["authors"] == ["C. Balázs", "E. L. Berger", "P. M. Nadolsky"]
    assert found["papers"][0]["journal_ref"] == "Phys.Rev.D76:013009,2007"
    assert "Sparsity-certifying" in broadsheet("search", "grpah decompositoin")
    assert "Nothing on" in broadsheet("search", "zyzzyva")


def test_the_index_is_rebuilt_and_told_of(broadsheet, snapshot):
    broadsheet("backfill", snapshot)
    record = json.loads(broadsheet("index", "rebuild", "--json"))
    assert record["papers"] == 3
    status = json.loads(broadsheet("index", "status", "--json"))
    assert (status["searchable"], status["known"], status["changes_behind"], status["whole"]) == (3, 3, 0, True)


def test_what_cannot_be_backfilled_is_told_with_the_remedy(broadsheet, tmp_path):
    assert "no-such" in broadsheet("backfill", tmp_path / "no-such.jsonl", code=1)
    assert "Give either files" in broadsheet("backfill", code=2)
    assert "earlier to a later" in broadsheet("backfill", "--from", "2025-01", "--to", "2024-01-01", code=2)
    assert "could not be read" in broadsheet("backfill", "--from", "2025-01-01", "--to", "2025-01-03", code=1)


@pytest.mark.skipif(not RELEVANCE.exists(), reason="../shared/data/relevance is absent: nothing is judged")
def test_a_judged_collection_is_searched_no_worse_than_by_plain_bm25(broadsheet):
    folder = RELEVANCE / "cacm"
    files = [f"--{name}={folder / file}.jsonl" for name, file in (("docs", "docs"), ("queries", "queries"))]
    record = json.loads(broadsheet("eval", *files, f"--qrels={folder / 'qrels'}.jsonl", "--lexical", "--json"))
    assert (record["documents"], record["queries"], record["way"]) == (3_204, 52, "words")
    assert record["ndcg@10"] >= 0.494
    assert record["recall@100"] >= 0.677
    assert 0 < record["mrr"] < 1


def test_a_collection_with_a_broken_line_is_refused_by_its_line(broadsheet, tmp_path):
    path = tmp_path / "docs.jsonl"
    path.write_text('{"id": "1", "title": "x", "text": ""}\nnot json\n', encoding="utf-8")
    files = (f"--docs={path}", f"--queries={path}", f"--qrels={path}")
    assert "line 2" in broadsheet("eval", *files, code=1).casefold()
