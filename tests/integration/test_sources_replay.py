"""Replay: folders, archives and lines, streamed."""

from __future__ import annotations

import gzip
import io
import json
import pathlib
import tarfile
import tracemalloc
from datetime import UTC, date, datetime

import pytest

from adapters.sources.replay import open_replay
from adapters.sources.replay_lines import LARGEST_BATCH
from bot.errors import BadReplay
from bot.model import AnnouncementState, Origin, SourceName

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "sources"
SHARED = pathlib.Path(__file__).parents[2].parent / "shared" / "data"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DEFAULT = date(2026, 5, 31)
DAY = (GOLDEN / "hf_day.json").read_bytes()


def replay(path: pathlib.Path):
    return list(open_replay(path, default_day=DEFAULT, now=NOW))


def write_tar(path: pathlib.Path, files: dict[str, bytes], mode: str) -> pathlib.Path:
    with tarfile.open(path, mode) as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return path


def test_a_folder_is_replayed_in_the_order_of_its_days(tmp_path):
    (tmp_path / "2026-05-13.json").write_bytes(b"[]")
    (tmp_path / "2026-05-12.json").write_bytes(DAY)
    (tmp_path / "2026-05-12__recorded_2026-05-12T1706.json").write_bytes(DAY)
    (tmp_path / "2026-05-11.json").write_bytes(b"<html>")
    (tmp_path / "README.md").write_text("not a day")
    (tmp_path / "2026-05-12.rss").write_bytes((GOLDEN / "arxiv.rss").read_bytes())
    announcements = replay(tmp_path)
    assert [(each.announced_on.day, each.state, each.source) for each in announcements] == [
        (11, AnnouncementState.SOURCE_DOWN, SourceName.HUGGING_FACE),
        (12, AnnouncementState.ANNOUNCED, SourceName.HUGGING_FACE),
        (12, AnnouncementState.ANNOUNCED, SourceName.HUGGING_FACE),
        (12, AnnouncementState.ANNOUNCED, SourceName.ARXIV),
        (13, AnnouncementState.NONE_TODAY, SourceName.HUGGING_FACE),
    ]
    assert {each.origin for each in announcements} == {Origin.REPLAY}
    assert announcements[1].fetched_at == datetime(2026, 5, 12, 17, 6, tzinfo=UTC)
    assert announcements[2].fetched_at == datetime(2026, 5, 13, 1, 30, tzinfo=UTC), "21:30 in New York"


@pytest.mark.parametrize(
    ("suffix", "mode"), [(".tar", "w"), (".tar.xz", "w:xz"), (".tar.gz", "w:gz"), (".tgz", "w:gz")]
)
def test_an_archive_is_streamed(tmp_path, suffix, mode):
    files = {"days/2026-05-12.json": DAY, "days/notes.txt": b"x", "days/2026-05-13.json": b"[]"}
    announcements = replay(write_tar(tmp_path / f"days{suffix}", files, mode))
    assert [(each.announced_on.day, len(each.listings)) for each in announcements] == [(12, 3), (13, 0)]


def test_an_archive_cut_off_gives_its_first_days(tmp_path):
    path = write_tar(tmp_path / "days.tar", {"2026-05-12.json": DAY, "2026-05-13.json": b"[]" * 3000}, "w")
    path.write_bytes(path.read_bytes()[: 512 + 4096 + 1024])
    days = open_replay(path, default_day=DEFAULT, now=NOW)
    assert len(next(days).listings) == 3
    with pytest.raises(BadReplay, match="cannot be read any further"):
        list(days)


@pytest.mark.parametrize("is_packed", [False, True])
def test_lines_of_every_form_are_taken_and_a_bad_one_is_refused(tmp_path, is_packed):
    body = (GOLDEN / "papers.jsonl").read_bytes()
    path = tmp_path / ("papers.jsonl.gz" if is_packed else "papers.jsonl")
    path.write_bytes(gzip.compress(body) if is_packed else body)
    announcements = replay(path)
    by_day = {(each.source, each.announced_on): each.listings for each in announcements}
    assert [each.id for each in by_day[SourceName.FILE, date(2026, 5, 8)]] == ["arxiv:2605.00031"]
    assert [each.id for each in by_day[SourceName.HUGGING_FACE, date(2026, 5, 12)]] == ["arxiv:2605.00011"]
    others = by_day[SourceName.FILE, DEFAULT]
    assert [each.id.partition(":")[0] for each in others] == ["title", "title", "doi"]
    assert others[1].authors == ("Ben Muster", "Carol Sample")
    refused = [each for announcement in announcements for each in announcement.refused]
    assert [each.place for each in refused] == ["line 4", "line 5"]


def test_many_lines_come_in_batches(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text("".join(f'{{"title": "Paper {number}"}}\n' for number in range(LARGEST_BATCH + 5)))
    assert [len(each.listings) for each in replay(path)] == [LARGEST_BATCH, 5]


def test_lines_of_many_days_are_held_within_bounds(tmp_path):
    path = tmp_path / "papers.jsonl"
    with path.open("w") as file:
        for number in range(30_000):
            row = {
                "title": f"Paper {number}",
                "date": str(date.fromordinal(738_000 + number % 700)),
                "abstract": "x" * 500,
            }
            file.write(json.dumps(row) + "\n")
    tracemalloc.start()
    total = sum(len(each.listings) for each in open_replay(path, default_day=DEFAULT, now=NOW))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 30_000
    assert peak < 40_000_000


def test_a_list_that_calls_itself_json_may_be_lines(tmp_path):
    (tmp_path / "papers.json").write_bytes(b'{"title": "One"}\n{"title": "Two"}\n')
    assert [len(each.listings) for each in replay(tmp_path / "papers.json")] == [2]


@pytest.mark.parametrize(
    ("name", "body"),
    [("a.exe", b"x"), ("a.tar.xz", b"no archive"), ("a.jsonl.gz", b"no gzip"), ("a.jsonl", b""), ("a.tar", b"")],
)
def test_what_cannot_be_replayed_is_told(tmp_path, name, body):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(BadReplay):
        replay(tmp_path / name)


def test_a_path_that_is_missing_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(BadReplay, match="no file or folder"):
        open_replay(tmp_path / "none", default_day=DEFAULT, now=NOW)
    with pytest.raises(BadReplay, match="holds no recorded day"):
        replay(tmp_path)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: no recorded days")
def test_all_recorded_days_are_taken():
    path = SHARED / "hf_daily" / "days_2024-05-27_2026-05-29.tar.xz"
    papers, days = 0, 0
    for announcement in open_replay(path, default_day=DEFAULT, now=NOW):
        assert announcement.state is AnnouncementState.ANNOUNCED
        assert announcement.refused == ()
        days += 1
        papers += len(announcement.listings)
    assert (days, papers) == (499, 8207)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent: no recorded days")
@pytest.mark.parametrize(("path", "papers"), [("seed/papers.jsonl", 145), ("hf_daily/sample_days", 296)])
def test_the_small_recordings_are_taken(path, papers):
    announcements = replay(SHARED / path)
    assert sum(len(each.listings) for each in announcements) == papers
    assert not any(each.refused for each in announcements)
