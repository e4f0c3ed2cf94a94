"""The command line as a process of its own: what it prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody answers there


def item(number, title, *, upvotes=3, summary="An abstract. With more."):
    return {
        "paper": {
            "id": f"2605.{number:05d}",
            "title": title,
            "summary": summary,
            "authors": [{"name": "Ada Lovelace"}, {"name": "Alan Turing"}],
            "publishedAt": "2026-05-10T00:00:00.000Z",
            "upvotes": upvotes,
        },
        "publishedAt": "2026-05-11T00:00:00.000Z",
        "title": title,
        "numComments": 1,
    }


@pytest.fixture
def days(tmp_path):
    """Three recorded days; one paper stands on two of them, and one entry is bad."""
    folder = tmp_path / "days"
    folder.mkdir()
    lists = {
        "2026-05-11": [item(1, "Quantised M$^3$ViT for all"), item(2, "Speculative decoding of things", upvotes=40)],
        "2026-05-12": [item(1, "Quantised M$^3$ViT for all", upvotes=9), {"paper": {"id": "nonsense", "title": "x"}}],
        "2026-05-13": [item(3, "Agents that sleep", upvotes=12)],
    }
    for day, items in lists.items():
        (folder / f"{day}.json").write_text(json.dumps(items), encoding="utf-8")
    return folder


@pytest.fixture
def broadsheet(tmp_path):
    """Runs a command in an empty folder with an empty environment, sources out of reach."""
    home = tmp_path / "home"
    home.mkdir()
    base = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "BROADSHEET_DATA_DIR": str(tmp_path / "data"),
        "BROADSHEET_HF_URL": NOWHERE,
        "BROADSHEET_ARXIV_API_URL": NOWHERE,
        "BROADSHEET_ARXIV_FEED_URL": NOWHERE,
    }

    def run(*arguments, code=0, **environ):
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "bot", *arguments],
            cwd=home,
            env=base | environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return json.loads(done.stdout) if "--json" in arguments and code == 0 else done.stdout + done.stderr

    return run


def test_help_imports_no_side(broadsheet):
    text = broadsheet("--help")
    assert "ingest" in text
    script = (
        "import sys; from typer.testing import CliRunner; from bot.cli import app; CliRunner().invoke(app, ['--help']);"
        "print([n for n in ('sqlalchemy', 'aiohttp', 'apscheduler', 'pydantic', 'jinja2') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


def test_recorded_days_are_taken_once_and_told_in_figures(broadsheet, days):
    first = broadsheet("ingest", "--replay", str(days), "--json")
    assert (first["days"], first["papers"], first["new"], first["refused"]) == (3, 3, 3, 1)
    assert first["refusals"][0]["day"] == "hf 2026-05-12"
    assert {"merged", "seconds", "peak_mb"} <= set(first)
    again = broadsheet("ingest", "--replay", str(days), "--json")
    assert (again["papers"], again["new"], again["lines"]) == (3, 0, 0)
    today = broadsheet("today", "--json")
    assert (today["date"], [paper["arxiv_id"] for paper in today["papers"]]) == ("2026-05-13", ["2605.00003"])
    earlier = broadsheet("today", "--date", "2026-05-11", "--json")
    assert [paper["title"] for paper in earlier["papers"]] == [
        "Speculative decoding of things",
        "Quantised M³ViT for all",
    ]
    shown = broadsheet("show", "https://huggingface.co/papers/2605.00001v2", "--json")
    assert (shown["upvotes"], shown["announced_on"], shown["summary"]) == (9, "2026-05-11", "An abstract.")
    found = broadsheet("digest", "--topic", "decoding", "--date", "2026-05-11", "--json")
    assert [pick["arxiv_id"] for pick in found["picks"]] == ["2605.00002"]
    assert found["left_out"] == {"topic": ["arxiv:2605.00001"]}


def test_a_command_goes_through_the_services_of_a_chat(broadsheet, days):
    broadsheet("ingest", "--replay", str(days), "--json")
    made = broadsheet("command", "subscribe agents at 9am Berlin top 2 as naps", "--json")
    assert made["ok"]
    assert made["delivered"] == 2
    assert made["public"]["audience"] == "everyone"
    assert "naps" in broadsheet("command", "list")
    assert "subscription-exists" in broadsheet("command", "subscribe agents as NAPS", code=1)
    assert "unknown-command" in broadsheet("command", "dance", "--as", "member", code=1)
    trending = broadsheet("command", "trending month", "--json")
    assert trending["reply"]["blocks"][0]["text"].startswith("Trending in the month")


def test_members_vote_as_a_team_in_channels_of_their_own(broadsheet, days):
    broadsheet("ingest", "--replay", str(days))
    assert "channel add robots" in broadsheet("command", "list", "--channel", "robots", code=1)
    assert broadsheet("channel", "add", "robots", "--json")["name"] == "robots"
    assert broadsheet("member", "add", "Grace Hopper", "--json")["id"] == "grace-hopper"
    broadsheet("command", "vote 2605.00003", "--channel", "robots")
    assert "2 votes here" in broadsheet("command", "vote 2605.00003", "--as", "grace-hopper")
    broadsheet("command", "settings allow admins")
    assert "not-allowed" in broadsheet("command", "subscribe", "--as", "grace-hopper", "--json", code=1)
    assert [each["name"] for each in broadsheet("channel", "list", "--json")] == ["papers", "robots"]
    broadsheet("channel", "remove", "robots", "--yes")
    assert "robots" not in broadsheet("channel", "list")


def test_check_says_what_works_and_what_to_do(broadsheet):
    said = broadsheet("check", code=1)
    assert "ok   configuration" in said
    assert "ok   store" in said
    assert "FAIL Hugging Face" in said
    assert "FAIL arXiv" in said
    assert "broadsheet settings" in said


def test_an_ingest_that_reaches_no_source_has_failed(broadsheet):
    said = broadsheet("ingest", code=1)
    assert "source down: hf" in said


def test_all_mistakes_of_the_configuration_come_at_once_and_secrets_never(broadsheet):
    said = broadsheet(
        "settings",
        code=1,
        BROADSHEET_PORT="abc",
        BROADSHEET_PROT="1",
        BROADSHEET_TOKEN="sesame-open",
    )
    assert "BROADSHEET_PORT" in said
    assert "BROADSHEET_PROT" in said
    assert "sesame-open" not in said


def test_a_secret_may_come_from_a_file_and_is_never_shown(broadsheet, tmp_path):
    kept = tmp_path / "token"
    kept.write_text("sesame-open-0123\n")
    lines = broadsheet("settings", "--json", BROADSHEET_TOKEN_FILE=str(kept))
    [token] = [line for line in lines if line["name"] == "BROADSHEET_TOKEN"]
    assert (token["value"], token["origin"]) == ("(hidden)", "environment")
    said = broadsheet("settings", code=1, BROADSHEET_TOKEN_FILE=str(tmp_path / "absent"), BROADSHEET_ZONE="Mars/Base")
    assert f"BROADSHEET_TOKEN_FILE: the file {tmp_path / 'absent'} cannot be read" in said
    assert "BROADSHEET_ZONE" in said


def test_wrong_usage_ends_with_two(broadsheet):
    assert "Usage" in broadsheet("ingest", "--date", "yesterday", code=2)
    broadsheet("ingest", "--date", "2026-05-11", "--from", "2026-05-11", code=2)
    broadsheet("ingest", "--from", "2026-05-12", "--to", "2026-05-11", code=2)
    broadsheet("nonsense", code=2)


def test_a_path_without_a_recording_is_refused_with_a_sentence(broadsheet, tmp_path):
    assert "bad-replay: There is no file" in broadsheet("ingest", "--replay", str(tmp_path / "absent"), code=1)


def test_a_store_that_cannot_be_opened_is_named(broadsheet):
    said = broadsheet("today", code=1, BROADSHEET_DATABASE_URL="postgresql://bot:hunter2@127.0.0.1:9/none")
    assert "store-unavailable" in said
    assert "hunter2" not in said


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent: no seed papers")
def test_the_seed_papers_are_listed_by_today(broadsheet):
    taken = broadsheet("ingest", "--replay", str(SHARED / "data/seed/papers.jsonl"), "--json")
    assert (taken["papers"], taken["new"], taken["refused"]) == (145, 145, 0)
    assert len(broadsheet("today", "--json")["papers"]) == 145


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent: no recorded days")
def test_two_years_of_recorded_days_are_taken_whole_and_twice_adds_nothing(broadsheet):
    tar = str(SHARED / "data/hf_daily/days_2024-05-27_2026-05-29.tar.xz")
    first = broadsheet("ingest", "--replay", tar, "--json")
    assert (first["days"], first["papers"], first["new"], first["refused"]) == (499, 8206, 8206, 0)
    again = broadsheet("ingest", "--replay", tar, "--json")
    assert (again["papers"], again["new"], again["lines"]) == (8206, 0, 0)


def test_the_ledger_is_listed_and_a_day_is_replayed(broadsheet, days):
    broadsheet("ingest", "--replay", str(days))
    assert "no such delivery" in broadsheet("deliveries")
    broadsheet("command", "subscribe layout list")
    [sent] = broadsheet("deliveries", "--state", "sent", "--json")
    assert (sent["channel"], sent["state"], sent["part"]) == ("papers", "sent", 0)
    assert broadsheet("deliveries", "--channel", "papers", "--state", "refused", "--json") == []
    assert "channel-not-found" in broadsheet("deliveries", "--channel", "nowhere", code=1)
    replayed = broadsheet("replay-day", "--date", "2026-05-12", "--dry-run", "--json")
    assert replayed == {"date": "2026-05-12", "dry_run": True, "again": 0, "editions": []}
    assert "Say which day" in broadsheet("replay-day", code=1)


def test_status_pause_and_resume_are_commands_like_all_others(broadsheet):
    broadsheet("command", "subscribe cs.RO on weekly fri quiet say as robots")
    assert "weekly on Fri" in broadsheet("command", "list")
    assert "paused by" in broadsheet("command", "pause robots")
    assert "to go on: /papers resume robots" in broadsheet("command", "status")
    assert "next: Friday" in broadsheet("command", "resume")
