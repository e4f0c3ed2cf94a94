"""The composition root: builds the application from its settings, importing only the sides that are configured."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.errors import CannotListen
from bot.journal import set_up_logging
from bot.model import Platform, SourceName
from bot.ports import Clock, Messenger, PaperLookup, PaperVectors, Source, Store
from bot.services.answering import Answering
from bot.services.auditing import Auditing
from bot.services.backfilling import Backfilling
from bot.services.checking import Checking
from bot.services.completing import Completing
from bot.services.delivery import Deliver
from bot.services.digest import PlanDigests
from bot.services.enrichment import Enrichment
from bot.services.explaining import Explaining
from bot.services.filling import Filling
from bot.services.forecasting import Forecasting
from bot.services.indexing import Indexing
from bot.services.intake import Intake
from bot.services.local_workspace import LocalWorkspace
from bot.services.marking import Marking
from bot.services.matching import Matching
from bot.services.pausing import Pausing
from bot.services.permission import Permission
from bot.services.pools import Pools
from bot.services.previewing import Previewing
from bot.services.reading import Reading
from bot.services.refreshing import Refresh
from bot.services.replaying import Replaying
from bot.services.rescheduling import Reschedule
from bot.services.retrieval import Retrieval
from bot.services.running import Running
from bot.services.searching import Searching
from bot.services.status import Status
from bot.services.subscriptions import Subscribing
from bot.services.topic_entry import TopicEntry
from bot.settings import Settings
from bot.wiring.sides import Side, open_sides
from bot.wiring.sources import bulk, open_meaning_of, open_network, recordings, sample_edition


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The application, ready to be used by one command of the command line."""

    settings: Settings
    store: Store
    reading: Reading
    answering: Answering
    matching: Matching
    local: LocalWorkspace
    intake: Intake
    deliver: Deliver
    checking: Checking
    backfilling: Backfilling
    replaying: Replaying
    searching: Searching
    indexing: Indexing
    running: Running
    sides: Mapping[Platform, Side]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Serve the page; yields its URL. Raises CannotListen where the address cannot be had."""
        from adapters.web.server import WebServer
        from adapters.web.tokens import access_token

        token = access_token(self.settings)
        routes = [route for side in self.sides.values() for route in side.routes(self.answering)]
        server = WebServer(
            routes,
            host=self.settings.host,
            port=self.settings.port,
            token=token,
            version=release(),
            health=self._health,
            allowed_hosts=self.settings.known_hosts,
            open_prefixes=[each for side in self.sides.values() for each in side.open_prefixes],
        )
        try:
            await server.start()
        except OSError as error:
            raise CannotListen(error.strerror or str(error)) from error
        try:
            for side in self.sides.values():
                await side.start(self.answering)
            yield f"{server.url}?token={quote(token)}" if token else server.url
        finally:
            for side in self.sides.values():
                await side.stop()
                side.close()
            await server.stop()

    async def _health(self) -> Any:  # noqa: ANN401 - adapters.web's own value
        from adapters.system import zone_data_version
        from adapters.web.health import Health

        async with self.store.read() as tx:
            latest = await tx.announcements.latest(limit=20)
        sources: dict[str, str] = {}
        for record in latest:
            sources.setdefault(record.source.value, f"{record.state}, {record.fetched_at:%Y-%m-%d %H:%M} UTC")
        return Health(healthy=True, parts={"store": "ok", "time zones": zone_data_version(), **sources})


@asynccontextmanager
async def open_app(
    settings: Settings, *, replay: Path | None = None, quiet: bool = True, clock: Clock | None = None
) -> AsyncIterator[App]:
    """Open the store, bring its schema up to date, and join all parts; everything is closed on leaving.

    `replay` stands in for the network: its days are taken in first and no source is asked. Raises StoreUnavailable
    or BadReplay.
    """
    from adapters.system import SystemClock, collect_seldom, use_bundled_zones
    from store import open_store

    use_bundled_zones()
    collect_seldom()
    set_up_logging("warning" if quiet and settings.log_level != "debug" else settings.log_level)
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        store = await open_store(settings.store_url)
        stack.push_async_callback(store.close)
        sources, lookup = ({}, None) if replay else await open_network(settings, clock, store, stack)
        meaning, vectors = open_meaning_of(settings)
        pools = Pools(store=store, weights=settings.weights, meaning=meaning)
        entry = TopicEntry(store, has_meaning=pools.meaning is not None)
        reading = Reading(store=store, clock=clock, lookup=lookup, entry=entry, pools=pools)
        searching, indexing = _search(settings, clock, pools, vectors, reading, stack)
        local = LocalWorkspace(store, clock, reading)
        sides = await open_sides(settings, clock, store, local, stack, offline=replay is not None)
        app = _joined(settings, clock, pools, entry, reading, searching, indexing, local, sources, lookup, sides)
        if replay is not None:
            async for _ in app.intake(None, None, replay):
                pass
        yield app


def _joined(  # noqa: PLR0913, PLR0917 - this is where all parts meet
    settings: Settings,
    clock: Clock,
    pools: Pools,
    entry: TopicEntry,
    reading: Reading,
    searching: Searching,
    indexing: Indexing,
    local: LocalWorkspace,
    sources: Mapping[SourceName, Source],
    lookup: PaperLookup | None,
    sides: Mapping[Platform, Side],
) -> App:
    from adapters.scheduler import Ticker
    from adapters.system import zone_data_version

    awake, store = asyncio.Event(), pools.store
    messengers = {platform: side.messenger for platform, side in sides.items()}
    enrichment = Enrichment(store=store, clock=clock, lookup=lookup) if lookup else None
    categories = settings.arxiv_categories
    refresh = Refresh(store=store, clock=clock, sources=sources, categories=categories)
    subscribing = Subscribing(
        store=store, clock=clock, categories=refresh.categories, zone=settings.zone, entry=entry, pools=pools
    )
    intake = Intake(store, clock, sources, refresh, recordings(clock), sample_edition(clock))
    deliver = Deliver(store=store, clock=clock, messengers=messengers, owner=secrets.token_hex(8))
    plan = PlanDigests(store=store, clock=clock, wake=awake.set, pools=pools, grace=settings.grace)
    reschedule = Reschedule(store, clock, zone_data_version())
    return App(
        settings=settings,
        store=store,
        reading=reading,
        answering=_answering(settings, clock, pools, entry, reading, searching, subscribing, messengers, awake),
        matching=Matching(pools=pools, entry=entry),
        local=local,
        intake=intake,
        deliver=deliver,
        checking=Checking(store, clock, sources, categories),
        backfilling=Backfilling(store, clock, sources, bulk, indexing),
        replaying=Replaying(store),
        searching=searching,
        indexing=indexing,
        running=Running(
            intake, refresh, plan, deliver, local, Ticker(), enrichment or _nothing, reschedule, awake, indexing
        ),
        sides=sides,
    )


def _answering(  # noqa: PLR0913, PLR0917 - what answers commands needs nearly everything
    settings: Settings,
    clock: Clock,
    pools: Pools,
    entry: TopicEntry,
    reading: Reading,
    searching: Searching,
    subscribing: Subscribing,
    messengers: Mapping[Platform, Messenger],
    awake: asyncio.Event,
) -> Answering:
    store, forecasting = pools.store, Forecasting(store=pools.store, pools=pools)
    previewing = Previewing(forecasting, entry, pools)
    return Answering(
        reading=reading,
        subscribing=subscribing,
        clock=clock,
        messengers=messengers,
        wake=awake.set,
        weights=settings.weights,
        zone=settings.zone,
        marking=Marking(store, clock, reading),
        permission=Permission(store),
        filling=Filling(subscribing, entry, forecasting, previewing, settings.zone),
        entry=entry,
        previewing=previewing,
        explaining=Explaining(store, clock, reading, pools),
        pausing=Pausing(store, clock),
        status=Status(store, clock),
        searching=searching,
        auditing=Auditing(store, clock),
        completing=Completing(store, clock, settings.zone, settings.weights),
    )


def _search(  # noqa: PLR0913, PLR0917 - as above
    settings: Settings,
    clock: Clock,
    pools: Pools,
    vectors: PaperVectors | None,
    reading: Reading,
    stack: AsyncExitStack,
) -> tuple[Searching, Indexing]:
    """The search index of this data folder, and with a model of meaning the vectors beside it."""
    from store.search.search_index import TantivyIndex

    index = TantivyIndex(settings.index_dir, memory_mb=settings.index_memory_mb)
    stack.callback(index.close)
    retrieval = Retrieval(
        store=pools.store, index=index, weights=settings.search_weights, meaning=pools.meaning, vectors=vectors
    )
    searching = Searching(store=pools.store, clock=clock, index=index, retrieval=retrieval, reading=reading)
    return searching, Indexing(pools.store, index, vectors)


async def _nothing() -> None:
    """What enriches where there is nobody to ask."""


def clock_and_zones() -> tuple[Clock, str]:
    """The system's clock, and the version of the bundled time zone data, which are in force from now on."""
    from adapters.system import SystemClock, use_bundled_zones, zone_data_version

    use_bundled_zones()
    return SystemClock(), zone_data_version()


def release() -> str:
    """The installed version."""
    try:
        return version("broadsheet")
    except PackageNotFoundError:
        return "unreleased"
