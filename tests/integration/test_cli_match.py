"""`broadsheet match` and `broadsheet topics import` as processes of their own: a line in, a line out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILTERS = ROOT.parent / "shared" / "data" / "topics" / "real_filters_dev.jsonl"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers there

pytestmark = pytest.mark.integration


def item(number, title, *, upvotes=3):
    return {
        "paper": {
            "id": f"2605.{number:05d}",
            "title": title,
            "summary": "An abstract.",
            "authors": [{"name": "Ada Lovelace"}],
            "publishedAt": "2026-05-10T00:00:00.000Z",
            "upvotes": upvotes,
        },
        "publishedAt": "2026-05-11T00:00:00.000Z",
        "title": title,
    }


@pytest.fixture
def days(tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    lists = {
        "2026-05-01": [item(9, "Agents of long ago")],
        "2026-05-12": [item(1, "Agents that sleep"), item(2, "Speculative decoding for agents", upvotes=40)],
        "2026-05-13": [item(3, "A fusion of things")],
    }
    for day, items in lists.items():
        (folder / f"{day}.json").write_text(json.dumps(items), encoding="utf-8")
    return folder


@pytest.fixture
def broadsheet(tmp_path):
    """Runs a command with an empty environment, sources out of reach; gives what it printed."""
    base = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "BROADSHEET_DATA_DIR": str(tmp_path / "data"),
        "BROADSHEET_HF_URL": NOWHERE,
        "BROADSHEET_ARXIV_API_URL": NOWHERE,
        "BROADSHEET_ARXIV_FEED_URL": NOWHERE,
    }

    def run(*arguments, given=b"", code=0, **environ):
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "bot", *arguments],
            cwd=tmp_path,
            env=base | environ,
            input=given,
            capture_output=True,
            check=False,
            timeout=110,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert b"Traceback" not in done.stderr
        return done.stdout.decode() if code == 0 else done.stderr.decode()

    return run


def lines(*values):
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()


def records(printed):
    return [json.loads(line) for line in printed.splitlines()]


def test_every_line_of_topics_is_answered_in_its_place(broadsheet, days):
    broadsheet("ingest", "--replay", str(days))
    given = lines(
        {"topic": "agent"}, "no json", "", {"topic": 3}, ["x"], {"topic": "(a"}, {"topic": "fusion OR agents"}
    )
    answers = records(broadsheet("match", "--topics", "-", "--json", given=given))
    assert answers[0] == {
        "topic": "agent",
        "canonical": "agent",
        "plain": "papers that mention agent",
        "papers": ["arxiv:2605.00002", "arxiv:2605.00001"],
        "error": None,
    }
    assert [each["error"] and each["error"]["code"] for each in answers] == [
        None,
        "bad-argument",
        "bad-argument",
        "bad-argument",
        "bad-topic",
        None,
    ]
    assert "Line 2 is no JSON" in answers[1]["error"]["message"]
    assert (answers[4]["topic"], answers[4]["error"]["position"], answers[4]["papers"]) == ("(a", 0, [])
    assert len(answers[5]["papers"]) == 3


def test_the_days_can_be_chosen_and_a_file_be_read(broadsheet, days, tmp_path):
    broadsheet("ingest", "--replay", str(days))
    topics = tmp_path / "topics.jsonl"
    topics.write_bytes(lines({"topic": "agents"}))
    whole = records(broadsheet("match", "--topics", str(topics), "--from", "2026-05-01", "--json"))
    assert len(whole[0]["papers"]) == 3
    one = records(broadsheet("match", "--topics", str(topics), "--to", "2026-05-01", "--json"))
    assert one[0]["papers"] == ["arxiv:2605.00009"]
    text = broadsheet("match", "--topics", str(topics))
    assert text.splitlines() == [
        "agents",
        "  papers that mention agents: 2 papers",
        "  - Speculative decoding for agents (2605.00002)",
        "  - Agents that sleep (2605.00001)",
    ]


def test_days_that_run_backwards_and_files_that_are_not_there_are_wrong_usage(broadsheet):
    days = ("--from", "2026-05-02", "--to", "2026-05-01")
    assert "from an earlier to a later day" in broadsheet("match", "--topics", "-", *days, code=2)
    assert "nothing.jsonl" in broadsheet("match", "--topics", "nothing.jsonl", code=2)
    assert "nothing.jsonl" in broadsheet("topics", "import", "nothing.jsonl", code=2)


def test_a_bad_line_of_filters_costs_no_other_anything(broadsheet):
    good = {"fid": "a", "kind": "keywords_any", "terms": ["SLAM"]}
    prose = {"fid": "p", "kind": "prose", "text": "Advancements in object detection"}
    given = b"\xef\xbb\xbf" + lines(good) + b"\r\n{\n\xff\n" + b"[" * 100_000 + b"\n[]\n\n" + lines(prose, good)
    found = records(broadsheet("topics", "import", "-", "--json", given=given))
    assert [each["topic"] for each in found] == ["SLAM", None, None, None, None, None, "SLAM"]
    assert set(found[0]) == {"fid", "topic", "plain", "error", "proposed", "notes"}
    assert found[1]["error"].startswith("Line 2 is no JSON")
    assert found[2]["error"] == "Line 3 is no UTF-8."
    assert found[3]["error"].startswith("Line 4 is")
    assert (found[5]["fid"], found[5]["proposed"]) == ("p", '"object detection"')
    text = broadsheet("topics", "import", "-", given=given)
    assert "a     SLAM\n      papers that mention SLAM\n" in text
    assert '      proposed: "object detection"\n' in text
    assert text.endswith("2 of 7 became topics; a topic is proposed instead of 1 more\n")


def test_prose_becomes_topics_where_a_model_of_meaning_is_set(broadsheet):
    given = lines({"kind": "prose", "text": "serving LLMs"})
    printed = broadsheet("topics", "import", "-", "--json", given=given, BROADSHEET_SEMANTIC_MODEL="some/model")
    assert records(printed)[0]["topic"] == 'about:"serving LLMs"'


@pytest.mark.skipif(not FILTERS.exists(), reason="../shared is absent: no filters")
def test_the_filters_of_real_projects_become_topics_that_match_reads(broadsheet, days):
    broadsheet("ingest", "--replay", str(days))
    found = records(broadsheet("topics", "import", str(FILTERS), "--json"))
    assert (len(found), sum(each["topic"] is not None for each in found)) == (179, 100)
    topics = [{"topic": each["topic"] or each["proposed"]} for each in found]
    answers = records(broadsheet("match", "--topics", "-", "--json", given=lines(*topics)))
    assert [each["error"] for each in answers] == [None] * 179
