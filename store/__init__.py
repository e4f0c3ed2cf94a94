"""SQLAlchemy's side of the core's ports: `open_store(url)` is the front door."""

from __future__ import annotations

from store.sql_store import SqlStore, open_store
from store.timeline import SqlTimeline

__all__ = ["SqlStore", "SqlTimeline", "open_store"]
