"""What the read-only use cases find: the papers of a day, what trends, and what a digest would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.commands import Window
from bot.model import Origin, Paper, PaperId, Pick, Stage
from bot.ports import AnnouncementRecord
from bot.ranking import Score
from bot.trending import Trend


@dataclass(frozen=True, slots=True)
class Day:
    """The papers of one day, best first, and how the sources reported it."""

    on: date | None
    papers: Sequence[tuple[Paper, Score]]
    records: Sequence[AnnouncementRecord]
    newest_on: date | None

    @property
    def is_sample(self) -> bool:
        """True where the day comes from the bundled sample edition."""
        return bool(self.records) and all(each.origin is Origin.SAMPLE for each in self.records)


@dataclass(frozen=True, slots=True)
class Trends:
    """What trends, fastest first, in the window that ends at `until`."""

    window: Window
    until: datetime | None
    ranked: Sequence[tuple[Paper, Trend]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPreview:
    """What a digest on a topic would hold of one day's papers, and under which stage every other one left."""

    topic: str
    plain: str
    on: date | None
    picks: Sequence[Pick]
    left_out: Mapping[Stage, Sequence[PaperId]]
    papers: Mapping[PaperId, Paper]


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page of a member's saved papers, the newest first; `total` counts the whole list, `size` a full page."""

    papers: Sequence[Paper]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a topic would have brought in the seven days up to `until`."""

    papers: int
    days: int
    """On how many of these days anything was announced at all."""
    until: date
    examples: Sequence[str]
    """The titles of the best."""
