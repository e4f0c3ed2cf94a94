"""Recorded days in place of the network: `open_replay` streams Announcements out of a folder, an archive or a file.

The very parse functions that read live answers read recorded ones. Memory does not grow with the number of days.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from adapters.sources.arxiv_announcement import parse_feed
from adapters.sources.fields import Unreadable
from adapters.sources.huggingface import recorded_day
from adapters.sources.huggingface_day import parse_day
from adapters.sources.replay_lines import read_lines, read_papers
from bot.errors import BadReplay
from bot.model import Announcement, AnnouncementState, Origin, SourceName
from bot.ports import BulkRow
from bot.refresh import closed_at

LARGEST_FILE = 50_000_000
"""Bytes of one recorded day."""
_DATED = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)(?:.*?recorded_(\d{4}-\d{2}-\d{2}T\d{4}))?")
_ARCHIVES = (".tar", ".tar.xz", ".txz", ".tar.gz", ".tgz", ".tar.bz2")
_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_FEEDS = (".xml", ".rss", ".atom")
_UNREADABLE = (OSError, EOFError, tarfile.TarError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True, slots=True)
class _Context:
    """What every recorded file is read with."""

    default_day: date
    now: datetime
    origin: Origin


def open_replay(
    path: Path, *, default_day: date, now: datetime, origin: Origin = Origin.REPLAY
) -> Iterator[Announcement]:
    """The recorded announcements, in the order of their days (an archive: in its own order).

    `path` is a folder or a tar archive of Hugging Face days (`2024-05-27.json`, `…__recorded_2024-06-12T1706.json`) and
    arXiv feeds (`.xml`), one such file, or JSON lines. Rows and files that carry no day belong to `default_day`. Raises
    BadReplay at once when the path cannot be used, and while iterating when it breaks off or held nothing.
    """
    if not path.exists():
        raise BadReplay(f"There is no file or folder at {path}. Give the path of a recording.")
    if not path.is_dir() and not path.name.lower().endswith((*_ARCHIVES, *_LINES, *_FEEDS, ".json")):
        raise BadReplay(f"{path.name} is no recording: a folder, a tar archive, .json, .jsonl or .xml is read.")
    try:
        if not path.is_dir():
            path.open("rb").close()
    except OSError as error:
        raise BadReplay(f"{path} cannot be read: {error.strerror or error}.") from error
    return _guarded(path, _Context(default_day, now, origin))


def open_bulk(path: Path, *, skip: int, default_day: date) -> Iterator[BulkRow]:
    """The papers of a bulk file of JSON lines, perhaps packed (.gz), from the line after `skip` on.

    Raises BadReplay at once when it cannot be read, and while iterating when it breaks off.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise BadReplay(f"{path} cannot be read: {error.strerror or error}.") from error
    return _papers(path, skip, default_day)


def _papers(path: Path, skip: int, default_day: date) -> Iterator[BulkRow]:
    with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as lines:
        try:
            yield from read_papers(lines, skip=skip, default_day=default_day)
        except _UNREADABLE as error:
            raise BadReplay(
                f"{path.name} cannot be read any further: {error}. What came before it was taken."
            ) from error


def _guarded(path: Path, context: _Context) -> Iterator[Announcement]:
    is_empty = True
    try:
        for announcement in _announcements(path, context):
            is_empty = False
            yield announcement
    except _UNREADABLE as error:
        raise BadReplay(f"{path.name} cannot be read any further: {error}. What came before it was taken.") from error
    if is_empty:
        raise BadReplay(f"{path} holds no recorded day and no paper.")


def _announcements(path: Path, context: _Context) -> Iterator[Announcement]:
    name = path.name.lower()
    if path.is_dir():
        files = (each for each in path.rglob("*") if each.is_file() and _is_recording(each.name))
        for each in sorted(files, key=lambda file: (_day_and_time(file.name), str(file))):
            yield from _announcements(each, context)
    elif name.endswith(_ARCHIVES):
        yield from _from_archive(path, context)
    elif name.endswith(_LINES):
        with gzip.open(path, "rb") if name.endswith(".gz") else path.open("rb") as lines:
            yield from read_lines(lines, default_day=context.default_day, now=context.now, origin=context.origin)
    else:
        with path.open("rb") as file:
            yield from _from_file(path.name, file.read(LARGEST_FILE + 1), context)


def _from_archive(path: Path, context: _Context) -> Iterator[Announcement]:
    # As a stream: the archive is unpacked once, in its own order, and never lies in memory.
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if member.isfile() and _is_recording(name) and (file := archive.extractfile(member)):
                yield from _from_file(name, file.read(LARGEST_FILE + 1), context)
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile remembers every member it has seen


def _from_file(name: str, body: bytes, context: _Context) -> Iterator[Announcement]:
    if name.lower().endswith(_LINES):
        is_packed = name.lower().endswith(".gz")
        lines = gzip.GzipFile(fileobj=io.BytesIO(body)) if is_packed else io.BytesIO(body)
        yield from read_lines(lines, default_day=context.default_day, now=context.now, origin=context.origin)
    elif len(body) > LARGEST_FILE:
        yield _down(name, f"{name} is larger than {LARGEST_FILE} bytes", context)
    elif name.lower().endswith(_FEEDS):
        yield _feed(name, body, context)
    elif body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and b'"no_data"' not in body[:200]:
        lines = io.BytesIO(body)
        yield from read_lines(lines, default_day=context.default_day, now=context.now, origin=context.origin)
    else:
        yield _day(name, body, context)


def _day(name: str, body: bytes, context: _Context) -> Announcement:
    day = parse_day(body)
    if isinstance(day, Unreadable):
        return _down(name, day.reason, context)
    on, fetched_at = _when(name, context)
    return recorded_day(day, on, fetched_at=fetched_at, origin=context.origin)


def _feed(name: str, body: bytes, context: _Context) -> Announcement:
    feed = parse_feed(body)
    if isinstance(feed, Unreadable):
        return _down(name, feed.reason, context, source=SourceName.ARXIV)
    on, fetched_at = _when(name, context)
    state = AnnouncementState.ANNOUNCED if feed.listings else AnnouncementState.NONE_TODAY
    return Announcement(
        source=SourceName.ARXIV,
        announced_on=feed.announced_on or on,
        state=AnnouncementState.PARTIAL if feed.is_cut_off else state,
        fetched_at=fetched_at,
        origin=context.origin,
        listings=feed.listings,
        refused=feed.refused,
        detail=feed.note,
    )


def _down(name: str, detail: str, context: _Context, *, source: SourceName = SourceName.HUGGING_FACE) -> Announcement:
    on, fetched_at = _when(name, context)
    return Announcement(
        source=source,
        announced_on=on,
        state=AnnouncementState.SOURCE_DOWN,
        fetched_at=fetched_at,
        origin=context.origin,
        detail=detail,
    )


def _is_recording(name: str) -> bool:
    return name.lower().endswith((".json", *_LINES, *_FEEDS)) and not name.startswith(".")


def _day_and_time(name: str) -> tuple[str, str]:
    found = _DATED.search(name)
    return (found[1], found[2] or "~") if found else ("~", "~")


def _when(name: str, context: _Context) -> tuple[date, datetime]:
    """Which day a file is of and when it was fetched; a recording cannot be of the future."""
    written, recorded = _day_and_time(name)
    try:
        on = date.fromisoformat(written)
    except ValueError:
        return context.default_day, context.now
    try:
        fetched_at = datetime.strptime(recorded, "%Y-%m-%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        fetched_at = closed_at(on)
    return on, min(fetched_at, context.now)
