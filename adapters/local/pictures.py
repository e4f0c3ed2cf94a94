"""Pictures as bytes: what kind they are, and a folder on disk that keeps them within a limit."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_log = logging.getLogger(__name__)

FOLDER_LIMIT = 100_000_000
"""Bytes of all pictures together."""

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def picture_kind(content: bytes) -> str | None:
    """The media type that the first bytes tell; None for whatever is no PNG, JPEG, WebP or GIF.

    What the sender claims does not count: an SVG or a page called `image/png` would be served from our own address.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


class PictureFolder:
    """Keeps pictures by the address they came from. Its methods block: call them in a thread.

    The names are hashes, so nothing that a stranger chose becomes a path. A file's modification time is when it was
    last used; beyond the limit those unused for longest go.
    """

    def __init__(self, path: Path, *, limit: int = FOLDER_LIMIT) -> None:
        self._path = path
        self._limit = limit

    def read(self, url: str) -> bytes | None:
        """The picture of this address, which counts as a use of it; None where it is not kept."""
        path = self._place(url)
        try:
            content = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("a kept picture cannot be read: %s", error.strerror)
            return None
        return content if picture_kind(content) is not None else None  # a damaged file counts as none

    def keep(self, url: str, content: bytes) -> None:
        """Write it, whole or not at all. A full or read-only disk costs a line in the log, not the picture."""
        path = self._place(url)
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            made.write_bytes(content)
            made.replace(path)
            self._trim()
        except OSError as error:
            _log.warning("a picture cannot be kept in %s: %s", self._path, error.strerror)

    def _place(self, url: str) -> Path:
        return self._path / sha256(url.encode("utf-8", "replace")).hexdigest()

    def _trim(self) -> None:
        files = sorted(self._files(), reverse=True)
        room = self._limit
        for _, size, path in files:
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[int, int, Path]]:
        """When each file was used last, its size and path; what a kill left half-written is among them."""
        with os.scandir(self._path) as entries:
            for entry in entries:
                try:
                    stat = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # another thread trims at the same time
                yield stat.st_mtime_ns, stat.st_size, Path(entry.path)
