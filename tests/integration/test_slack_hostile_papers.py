"""`broadsheet render --platform slack` over the hostile texts and papers, in every layout: each tag of a row holds."""

from __future__ import annotations

import json
import pathlib
import runpy
import subprocess
import sys
import unicodedata

import pytest

from adapters.slack.limits import LIMITS
from bot.model import Layout, Platform
from bot.text.display import display_text
from bot.wiring.rendering import rendered
from tests.schema.slack.check import check

HOSTILE = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(HOSTILE / "load.py")) if (HOSTILE / "text.jsonl").exists() else None
CHECKS = runpy.run_path(str(HOSTILE / "checks.py")) if LOADED else None
TEXTS = list(LOADED["rows"]("text.jsonl")) if LOADED else []
PAPERS = list(LOADED["rows"]("papers.jsonl")) if LOADED else []
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(LOADED is None, reason="../shared/hostile is absent: its rows cannot be rendered"),
]
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line_of(row):
    """The row's text as a paper of Hugging Face's list."""
    text = LOADED["text"](row)
    paper = {"id": "2601.00001", "title": "A Good Paper", "summary": "An abstract.", "authors": [{"name": "Ada"}]}
    match row["field"]:
        case "title":
            paper["title"] = text
        case "abstract":
            paper["summary"] = text
        case "authors":
            paper["authors"] = [{"name": each} for each in (text if isinstance(text, list) else [text])]
    item = {"paper": {**paper, "publishedAt": "2026-01-05T18:00:00.000Z", "upvotes": 12}, "title": paper["title"]}
    return json.dumps(item).encode("utf-8", "surrogatepass")


def texts_of(value):
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in texts_of(each)]
    return [text for each in value for text in texts_of(each)] if isinstance(value, list) else []


def tallest(text):
    """The most combining marks that stand over one character."""
    most = count = 0
    for each in unicodedata.normalize("NFD", text):
        count = count + 1 if unicodedata.combining(each) else 0
        most = max(most, count)
    return most


def check_requests(requests):
    for body in requests:
        json.dumps(body, ensure_ascii=False).encode()
        assert not check(body["blocks"], "blocks")
        assert not CHECKS["slack"](body)
        assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
        assert body["metadata"]["event_payload"]["delivery_key"]


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("row", [pytest.param(each, id=each["id"]) for each in TEXTS])
def test_every_tag_of_a_hostile_text_holds_in_every_layout(row, layout):
    made = rendered(line_of(row), Platform.SLACK, layout)
    assert made["id"] == "arxiv:2601.00001", made
    requests, tags = made["requests"], set(row["expect"])
    assert requests
    check_requests(requests)
    said = [text for body in requests for text in texts_of(body["blocks"])]
    everything = "".join(said) + "".join(body["text"] for body in requests)
    if "nonempty" in tags:
        assert all(each.strip() for each in said)
    if "no_ctrl" in tags:
        assert not [each for each in everything if unicodedata.category(each) == "Cc" and each != "\n"]
    if "no_bidi" in tags:
        assert not BIDI & set(everything)
    if "marks_capped" in tags:
        assert tallest(everything) <= 8
    shown = display_text(LOADED["text"](row)) if row["field"] == "title" else ""
    if "literal" in tags and shown and len(shown) < 140:
        assert shown in said
    if "ellipsis" in tags and len(shown) > LIMITS.title:
        assert any(each.endswith("…") for each in said)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("row", [pytest.param(each, id=each["id"]) for each in PAPERS])
def test_every_hostile_paper_becomes_requests_that_slack_takes_or_says_why_not(row, layout):
    payload = row.get("payload")
    for item in payload if isinstance(payload, list) else [payload]:
        made = rendered(json.dumps(item).encode("utf-8", "surrogatepass"), Platform.SLACK, layout)
        assert made["requests"] or made["error"]
        assert (made["id"] is None) is (not made["requests"])
        check_requests(made["requests"])


@pytest.mark.parametrize(("layout", "count"), [("card", 1), ("thread", 2), ("list", 1)])
def test_the_command_prints_one_line_a_paper(tmp_path, layout, count):
    path = tmp_path / "papers.jsonl"
    path.write_bytes(b"\n".join([line_of(TEXTS[0]), b"no paper", line_of(TEXTS[1])]))
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", "render", "--platform", "slack", "--layout", layout, str(path)],
        capture_output=True,
        check=True,
    )
    first, second, third = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(each["requests"]) for each in (first, second, third)] == [count, 0, count]
    assert second["error"]
    check_requests([*first["requests"], *third["requests"]])
    assert [each.get("thread_ts") is not None for each in first["requests"]] == [False, True][:count]
