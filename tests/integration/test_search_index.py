"""The index on disk: damaged, of another format, shared by processes, killed; search goes on and ends up whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.index_query import EVERY_PAPER, HasTerms, IndexField, SortBy
from bot.services.indexing import Indexing
from store import open_store
from store.search import generation
from store.search.search_index import TantivyIndex
from tests.contract.samples import paper

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def store(tmp_path: Path):
    opened = await open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    async with opened.write() as tx:
        await tx.papers.save([paper(number, title=f"Glacier {number}") for number in range(50)], {})
    yield opened
    await opened.close()


def opened(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex(tmp_path / "index", memory_mb=15)


def found(index: TantivyIndex) -> int:
    return len(index.sorted(HasTerms(IndexField.TEXT, ("glacier",)), by=SortBy.NEWEST, limit=1_000))


async def test_an_index_follows_the_store_and_goes_on_where_it_stood(store, tmp_path: Path) -> None:
    first = opened(tmp_path)
    assert await Indexing(store, first).follow() == 50
    assert await Indexing(store, first).follow() == 0
    first.close()
    async with store.write() as tx:
        await tx.papers.save([paper(99, title="Glacier 99")], {})
    again = opened(tmp_path)
    assert await Indexing(store, again).follow() == 1
    assert (found(again), again.is_whole) == (51, True)
    again.close()


async def test_a_damaged_index_is_noticed_and_built_anew_while_it_is_searched(store, tmp_path: Path) -> None:
    index = opened(tmp_path)
    indexing = Indexing(store, index)
    await indexing.follow()
    index.close()
    [damaged, *_] = sorted((tmp_path / "index").glob("g-*/*.pos"))
    content = bytearray(damaged.read_bytes())
    content[len(content) // 3] ^= 0xFF
    damaged.write_bytes(content)
    index = opened(tmp_path)
    indexing = Indexing(store, index)
    assert index.open()
    assert not index.check()
    assert "checksum" in index.trouble
    assert [found(index) async for _ in indexing.rebuild()] == [50]
    assert (index.trouble, index.check(), found(index)) == ("", True, 50)
    assert len(list((tmp_path / "index").glob("g-*"))) == 1
    index.close()


@pytest.mark.parametrize("harm", ["other format", "no state", "cut off", "no segments", "not a folder of ours"])
async def test_what_cannot_be_opened_is_left_aside_and_built_from_the_store(
    store, tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = opened(tmp_path)
    await Indexing(store, index).follow()
    index.close()
    [folder] = (tmp_path / "index").glob("g-*")
    match harm:
        case "other format":
            monkeypatch.setattr(generation, "FORMAT", generation.FORMAT + 1)
        case "no state":
            (folder / "broadsheet.json").unlink()
        case "cut off":
            (folder / "meta.json").write_text('{"segments": [', encoding="utf-8")
        case "no segments":
            for path in folder.glob("*.idx"):
                path.unlink()
        case _:
            (tmp_path / "index" / "CURRENT").write_text("elsewhere", encoding="utf-8")
    index = opened(tmp_path)
    await Indexing(store, index).look_after()
    assert (found(index), index.is_whole, index.trouble) == (50, True, "")
    index.close()


async def test_two_processes_on_one_folder_one_writes_and_both_search(store, tmp_path: Path) -> None:
    """Locks are held by open files, so two indexes of one process stand for two processes."""
    writer, reader = opened(tmp_path), opened(tmp_path)
    await Indexing(store, writer).follow()
    assert await Indexing(store, reader).follow() == 0
    assert found(reader) == 50
    async with store.write() as tx:
        await tx.papers.save([paper(77, title="Glacier 77")], {})
    await Indexing(store, writer).follow()
    await Indexing(store, reader).follow()
    assert found(reader) == 51
    writer.close()
    async with store.write() as tx:
        await tx.papers.save([paper(78, title="Glacier 78")], {})
    assert await Indexing(store, reader).follow() == 1
    assert found(reader) == 52
    reader.close()


async def test_an_index_that_is_rebuilt_elsewhere_is_taken_over_by_who_keeps_it(store, tmp_path: Path) -> None:
    keeper, other = opened(tmp_path), opened(tmp_path)
    keeping = Indexing(store, keeper)
    await keeping.follow()
    async for progress in Indexing(store, other).rebuild():
        assert (progress.done, progress.total) == (50, 50)
    async with store.write() as tx:
        await tx.papers.save([paper(77, title="Glacier 77")], {})
    assert await keeping.follow() == 1
    assert found(keeper) == 51
    assert len(list((tmp_path / "index").glob("g-*"))) == 1
    building = keeper.build()
    with pytest.raises(BlockingIOError):
        await anext(Indexing(store, other).rebuild())
    building.abandon()
    keeper.close()
    other.close()


async def test_an_index_that_is_deleted_under_a_running_process_is_made_again(store, tmp_path: Path) -> None:
    index = opened(tmp_path)
    indexing = Indexing(store, index)
    await indexing.follow()
    shutil.rmtree(tmp_path / "index")
    async with store.write() as tx:
        await tx.papers.save([paper(77, title="Glacier 77")], {})
    for _ in range(3):
        await indexing.follow()
    assert (found(index), index.is_whole) == (51, True)
    index.close()


def test_an_empty_or_unopened_index_finds_nothing(tmp_path: Path) -> None:
    index = opened(tmp_path)
    assert index.sorted(EVERY_PAPER, by=SortBy.NEWEST, limit=5) == []
    assert (index.size, index.position, index.is_whole) == (0, 0, False)
    assert index.open()
    assert index.sorted(EVERY_PAPER, by=SortBy.NEWEST, limit=5) == []
    index.close()


def test_whoever_is_killed_while_indexing_every_paper_is_found() -> None:
    command = [sys.executable, "-m", "tests.soak.index_kill", "--kills", "12"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603
    assert ended.returncode == 0, ended.stderr
    assert "12 kills" in ended.stdout.splitlines()[-1]
    assert ended.stdout.splitlines()[-1].endswith(" 0 not found")


def test_the_state_of_an_index_is_plain_json(tmp_path: Path) -> None:
    index = opened(tmp_path)
    index.open()
    [state] = (tmp_path / "index").glob("g-*/broadsheet.json")
    assert json.loads(state.read_text(encoding="utf-8"))["format"] == generation.FORMAT
    index.close()
