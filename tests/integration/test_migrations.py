"""Migrations on both databases: they end where `store.tables` is, once, and leave newer schemas alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from bot.errors import StoreUnavailable
from bot.model import NO_ALERT
from store import open_store, schema
from store.engine import parse_url
from store.schema import alembic_config, revisions
from store.tables import metadata
from tests.contract.databases import fresh_database, postgres_server
from tests.contract.samples import DAY, HOME, NOON, channel, edition, subscription

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
    else:
        with fresh_database(postgres_server()) as fresh:
            yield fresh


def ask(url: str, question: Callable[[Connection], object]) -> object:
    """Put a question to the database through a plain engine."""
    parsed = parse_url(url)
    engine = create_engine(parsed.set(drivername=parsed.drivername.replace("+aiosqlite", "")), poolclass=NullPool)
    with engine.begin() as connection:
        return question(connection)


def tables(url: str) -> set[str]:
    return set(ask(url, lambda connection: inspect(connection).get_table_names()))


async def migrate(url: str) -> None:
    await (await open_store(url)).close()


async def test_an_empty_database_is_brought_to_the_tables_that_the_code_uses(url: str) -> None:
    await migrate(url)
    differences = ask(url, lambda connection: compare_metadata(MigrationContext.configure(connection), metadata))
    assert differences == []
    assert tables(url) == {*metadata.tables, "alembic_version"}


async def test_the_indexes_of_the_open_work_are_partial(url: str) -> None:
    await migrate(url)
    catalogue = "SELECT sql FROM sqlite_master" if url.startswith("sqlite") else "SELECT indexdef FROM pg_indexes"
    definitions = ask(url, lambda connection: connection.execute(text(catalogue)).scalars().all())
    for name, predicate in (
        ("ix_deliveries_open", "done_at IS NULL"),
        ("ix_papers_uncategorised", "categorised_at IS"),
    ):
        assert any(each and name in each and predicate in each for each in definitions)


async def test_migrating_again_changes_nothing_and_needs_no_alembic(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await migrate(url)
    monkeypatch.setattr(schema, "_upgrade", lambda _: pytest.fail("it was at head"))
    await migrate(url)


async def test_a_schema_of_a_newer_release_is_refused_and_left_alone(url: str) -> None:
    await migrate(url)
    ask(url, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreUnavailable, match="newer release"):
        await migrate(url)
    assert ask(url, schema.current_revision) == "9999"


async def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def break_down(*arguments: object) -> None:
        upgrade(*arguments)
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", break_down)
    with pytest.raises(RuntimeError, match="power cut"):
        await migrate(url)
    assert tables(url) == set()
    monkeypatch.undo()
    await migrate(url)


async def test_downgrading_to_nothing_leaves_no_table(url: str) -> None:
    await migrate(url)
    ask(url, lambda connection: command.downgrade(alembic_config(connection), "base"))
    assert tables(url) == {"alembic_version"}
    await migrate(url)
    assert tables(url) == {*metadata.tables, "alembic_version"}


async def test_tasks_of_one_process_migrate_at_once(url: str) -> None:
    await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert ask(url, schema.current_revision) == revisions()[-1]


async def test_several_processes_migrate_at_once(url: str) -> None:
    script = (
        "import asyncio, sys; from store import open_store\n"
        "async def main(): await (await open_store(sys.argv[1])).close()\n"
        "asyncio.run(main())"
    )
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", script, url, cwd=ROOT) for _ in range(3)]
    assert [await process.wait() for process in started] == [0, 0, 0]
    assert ask(url, schema.current_revision) == revisions()[-1]


def test_migrations_are_one_line_of_consecutive_numbers(tmp_path: Path) -> None:
    script = ask(
        f"sqlite:///{tmp_path / 'any.db'}",
        lambda connection: ScriptDirectory.from_config(alembic_config(connection)),
    )
    assert script.get_heads() == [revisions()[-1]]
    assert revisions() == [f"{number:04d}" for number in range(1, len(revisions()) + 1)]
    assert sorted(each.revision for each in script.walk_revisions()) == revisions()


async def test_a_doubt_of_an_older_release_is_looked_into_and_its_subscriptions_stay(url: str) -> None:
    """A ledger as revision 0002 left it: one message in doubt, one order standing."""
    store = await open_store(url)
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME.workspace, HOME.platform, NOON)
        await tx.channels.add(channel(HOME))
        order = await tx.subscriptions.add(subscription(alert=NO_ALERT))  # revision 0002 knew of none
        await tx.editions.add(edition(subscription_id=order.id), [(0, "one-0")])
    await store.close()
    ask(url, lambda connection: command.downgrade(alembic_config(connection), "0002"))
    ask(url, lambda connection: connection.execute(text("UPDATE deliveries SET state = 'unknown', attempt = 1")))
    store = await open_store(url)
    async with store.read() as tx:
        assert await tx.deliveries.next_at(after=NOON - DAY) == NOON
        [(doubtful, _)] = await tx.deliveries.doubtful(now=NOON, platforms=[HOME.platform], limit=9)
        assert (doubtful.key, doubtful.tried_at) == ("one-0", NOON)
        assert await tx.subscriptions.of(HOME) == [order]
    await store.close()
