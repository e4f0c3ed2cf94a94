"""Joining what brings papers in: the sources over one HTTP client, recordings, and what knows meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from pathlib import Path

from bot.model import Announcement, Origin, SourceName
from bot.ports import BulkRow, Clock, Meaning, PaperLookup, PaperVectors, Source, Store
from bot.settings import Settings


async def open_network(
    settings: Settings, clock: Clock, store: Store, stack: AsyncExitStack
) -> tuple[dict[SourceName, Source], PaperLookup]:
    """The sources, over the one HTTP client; arXiv's silence is kept over a restart."""
    from adapters.http import HttpClient
    from adapters.sources.arxiv_api import ArxivApi
    from adapters.sources.arxiv_feed import ArxivFeed
    from adapters.sources.arxiv_gate import ArxivGate
    from adapters.sources.huggingface import HuggingFaceDaily

    http = await stack.enter_async_context(HttpClient(clock, contact=settings.contact))
    gate = ArxivGate(http, clock)
    async with store.read() as tx:
        silent_until = await tx.announcements.silent_until(SourceName.ARXIV)
    if silent_until is not None:
        gate.hush(silent_until)
    sources: dict[SourceName, Source] = {
        SourceName.HUGGING_FACE: HuggingFaceDaily(http, clock, settings.hf_url),
        SourceName.ARXIV: ArxivFeed(gate, clock, settings.arxiv_feed_url),
    }
    return sources, ArxivApi(gate, settings.arxiv_api_url)


def recordings(clock: Clock) -> Callable[[Path, date], Iterator[Announcement]]:
    """What opens recorded days."""
    from adapters.sources.replay import open_replay

    return lambda path, day: open_replay(path, default_day=day, now=clock.now())


def bulk(path: Path, skip: int, default_day: date) -> Iterator[BulkRow]:
    """The papers of a file in bulk."""
    from adapters.sources.replay import open_bulk

    return open_bulk(path, skip=skip, default_day=default_day)


def sample_edition(clock: Clock) -> Callable[[], Iterator[Announcement]]:
    """What opens the bundled edition."""
    from adapters.sources.replay import open_replay
    from bot.sample import edition_path

    def sample() -> Iterator[Announcement]:
        now = clock.now()
        with edition_path() as path:
            yield from open_replay(path, default_day=(now - timedelta(days=1)).date(), now=now, origin=Origin.SAMPLE)

    return sample


def open_meaning_of(settings: Settings) -> tuple[Meaning, PaperVectors] | tuple[None, None]:
    """What answers `about:`, where a model of meaning is set. Raises BadSettings where it cannot be loaded."""
    if not settings.semantic_model:
        return None, None
    from adapters.meaning import open_meaning
    from adapters.paper_vectors import VectorFile

    meaning = open_meaning(settings.semantic_model)
    return meaning, VectorFile(settings.index_dir, meaning.embed, model=settings.semantic_model)
