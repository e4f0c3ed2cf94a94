"""`broadsheet check`: tries the store and every source once, and says what to do where one fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.health import Finding
from bot.model import Announcement, AnnouncementState, Origin, SourceName
from bot.ports import Clock, FetchRequest, Source, Store
from bot.refresh import arxiv_day, hugging_face_day

_LABELS = {SourceName.HUGGING_FACE: "Hugging Face", SourceName.ARXIV: "arXiv"}


@dataclass(frozen=True, slots=True)
class Checking:
    """Reads only: what a check fetches is not stored."""

    store: Store
    clock: Clock
    sources: Mapping[SourceName, Source]
    categories: tuple[str, ...]

    async def __call__(self) -> Sequence[Finding]:
        """One finding for the store, and one a source."""
        async with self.store.read() as tx:
            papers = await tx.papers.count()
            newest = await tx.papers.newest_day()
        newest_said = f", the newest announced on {newest}" if newest else ""
        findings = [Finding("store", ok=True, said=f"{papers:,} papers{newest_said}")]
        answers = [await source.fetch(self._request(source.name)) for source in self.sources.values()]
        return [*findings, *map(self._finding, answers)]

    def _request(self, name: SourceName) -> FetchRequest:
        now = self.clock.now()
        if name is SourceName.ARXIV:
            return FetchRequest(on=arxiv_day(now), origin=Origin.LIVE, categories=self.categories[:1])
        return FetchRequest(on=hugging_face_day(now), origin=Origin.LIVE)

    @staticmethod
    def _finding(answer: Announcement) -> Finding:
        part = _LABELS.get(answer.source, answer.source.value)
        match answer.state:
            case AnnouncementState.ANNOUNCED | AnnouncementState.PARTIAL:
                return Finding(part, ok=True, said=f"{len(answer.listings)} papers on {answer.announced_on}")
            case AnnouncementState.NONE_TODAY:
                return Finding(part, ok=True, said=f"answers; nothing announced on {answer.announced_on} yet")
            case AnnouncementState.SOURCE_DOWN:
                remedy = "Check this machine's network and the source's URL in `broadsheet settings`."
                return Finding(part, ok=False, said=answer.detail or "does not answer", remedy=remedy)
