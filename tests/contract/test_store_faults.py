"""What an operator can get wrong with a database: one sentence that says what to do, never a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from store import open_store
from tests.contract.samples import save_papers

pytestmark = pytest.mark.contract


async def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'new' / 'folder' / 'store.db'}")
    await save_papers(store, 1)
    await store.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "cannot be read"),
        ("not a url", "cannot be read"),
        ("mysql://host/database", "mysql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "names no file"),
        ("postgresql://nobody@127.0.0.1:1/nothing", "cannot be used"),
    ],
)
async def test_a_url_that_leads_nowhere_is_named(url: str, says: str) -> None:
    with pytest.raises(StoreUnavailable, match=says):
        await open_store(url)


async def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await open_store("postgresql://nobody:hunter2@127.0.0.1:1/nothing")
    assert "hunter2" not in caught.value.user_message


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        await open_store(f"sqlite:///{tmp_path / 'file' / 'folder' / 'store.db'}")


async def test_a_path_that_is_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="may be written to"):
        await open_store(f"sqlite:///{tmp_path}")


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("dear diary " * 100)
    with pytest.raises(StoreUnavailable, match="not a sound SQLite database"):
        await open_store(f"sqlite:///{file}")
    assert file.read_text() == "dear diary " * 100


async def test_a_database_that_another_program_locks_for_long_is_named(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine._BUSY_TIMEOUT_MS", 50)
    store = await open_store(sqlite_url)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            await save_papers(store, 1)
        other.execute("ROLLBACK")
    await save_papers(store, 1)
    await store.close()
