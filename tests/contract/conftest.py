"""The store of each kind, for the suite that all of them pass."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.ports import Store, Timeline
from store import SqlStore, SqlTimeline, open_store
from tests.contract.databases import empty_tables, fresh_database, postgres_server
from tests.contract.samples import HOME, NOON, channel
from tests.fakes.store import MemoryStore, MemoryTimeline

MEMORY = "memory"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "store.db"


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    with fresh_database(postgres_server()) as url:
        yield url


@pytest.fixture
async def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated file of this test's own."""
    if not sqlite_template.exists():  # noqa: ASYNC240 - nothing else runs meanwhile
        await (await open_store(f"sqlite:///{sqlite_template}")).close()
    shutil.copy(sqlite_template, tmp_path / "store.db")
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
async def postgres_url(postgres_database: str) -> str:
    """The run's database, migrated and emptied."""
    await (await open_store(postgres_database)).close()
    empty_tables(postgres_database)
    return postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each real database."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=[MEMORY, "sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Each kind of store."""
    return MEMORY if request.param == MEMORY else request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An empty store."""
    opened = MemoryStore() if store_url == MEMORY else await open_store(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def other_store(store: Store, store_url: str) -> AsyncIterator[Store]:
    """The same data through another engine, as a second process has it."""
    opened = store if store_url == MEMORY else await open_store(store_url)
    yield opened
    await opened.close()


@pytest.fixture
async def timeline(store: Store) -> Timeline:
    """The local platform's memory over the store."""
    if isinstance(store, SqlStore):
        return SqlTimeline(store)
    assert isinstance(store, MemoryStore)
    return MemoryTimeline(store)


@pytest.fixture
async def home(store: Store) -> None:
    """The channel that most tests use, with its workspace."""
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add(channel())
