"""Thumbnails as the page asks for them, with the remote side on loopback."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest

from adapters.http import HttpClient, HttpLimits
from adapters.local.pictures import PictureFolder
from adapters.local.thumbnails import AT_ONCE, MOST_WAITING, Thumbnails
from adapters.sources.thumbnails import PICTURE_LIMITS, PictureFetcher
from adapters.web.server import WebServer
from bot.model import Facts
from bot.settings import Settings
from bot.wiring import open_app
from tests.contract.samples import paper
from tests.fakes.clock import FrozenClock
from tests.standins.sources import Reply, endless_body, never_answers, slow_loris, stand_in

pytestmark = pytest.mark.integration

RECORDED = Path(__file__).parents[1] / "golden" / "sources" / "papers.jsonl"
PNG = b"\x89PNG\r\n\x1a\n" + b"." * 1_000
JPEG = b"\xff\xd8\xff\xe0" + b"." * 1_000
FEW = HttpLimits(total=timedelta(seconds=0.3), body=20_000)


class House:
    """The page's server with the thumbnails' route. `urls` is what the store knows."""

    def __init__(self, folder, remote, *, limits=FEW, patience=5.0):
        self.remote = remote
        self.clock = FrozenClock()
        self.urls = {}
        self.http = HttpClient(self.clock, limits=limits)
        self.thumbnails = Thumbnails(
            url_of=self.url_of,
            fetch=PictureFetcher(self.http),
            folder=folder,
            clock=self.clock,
            home=remote.url,
            patience=timedelta(seconds=patience),
        )

    async def url_of(self, paper_id):
        return self.urls.get(paper_id)

    async def get(self, paper_id):
        async with self.session.get(f"thumbnails/{quote(paper_id, safe='')}") as response:
            return response, await response.read()

    async def status(self, paper_id):
        response, body = await self.get(paper_id)
        assert response.ok or body == b""
        return response.status


@asynccontextmanager
async def house_of(folder, *replies, behaviour=None, **options):
    async with stand_in(*replies, behaviour=behaviour) as remote:
        house = House(folder, remote, **options)
        house.urls["arxiv:2605.00001"] = f"{remote.url}/1.png"
        server = WebServer(house.thumbnails.routes(), host="127.0.0.1", port=0)
        await server.start()
        try:
            async with house.http, aiohttp.ClientSession(server.url) as house.session:
                yield house
        finally:
            house.thumbnails.close()
            await server.stop()


@pytest.fixture
def folder(tmp_path):
    return PictureFolder(tmp_path / "thumbnails")


def kept(tmp_path):
    return sorted(path.name for path in (tmp_path / "thumbnails").glob("*"))


# --- what is shown ---


async def test_a_picture_is_fetched_once_and_then_kept(folder, tmp_path):
    async with house_of(folder, Reply(PNG, headers={"Content-Type": "text/html"})) as house:
        for _ in range(3):
            response, body = await house.get("arxiv:2605.00001")
            assert body == PNG
            assert response.status == 200
            assert response.headers["Content-Type"] == "image/png"
            assert response.headers["Cache-Control"] == "private, max-age=86400"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert [asked.target for asked in house.remote.asked] == ["/1.png"]
    [name] = kept(tmp_path)
    assert len(name) == 64


async def test_what_is_kept_outlives_the_process(folder):
    async with house_of(folder, Reply(JPEG)) as house:
        assert await house.status("arxiv:2605.00001") == 200
        url = house.urls["arxiv:2605.00001"]
    assert folder.read(url) == JPEG


async def test_a_paper_may_have_any_kind_of_id(folder):
    async with house_of(folder, Reply(PNG)) as house:
        for paper_id in ("arxiv:hep-th/9901001", "doi:10.1145/3292500.3330701", "doi:10.1/a%2Fb?c#d", "title:abc"):
            house.urls[paper_id] = f"{house.remote.url}/{quote(paper_id, safe='')}"
            assert await house.status(paper_id) == 200, paper_id


async def test_the_request_never_names_the_address(folder):
    async with house_of(folder, Reply(PNG)) as house:
        for wrong in (
            f"{house.remote.url}/1.png",
            "arxiv:2605.99999",
            "../../etc/passwd",
            "x" * 501,
            "arxiv:\0",
            "é\n",
        ):
            assert await house.status(wrong) == 404, wrong
        assert house.remote.connections == 0


async def test_a_paper_without_a_picture_has_none(folder):
    async with house_of(folder, Reply(PNG)) as house:
        house.urls["arxiv:2605.00001"] = None
        response, body = await house.get("arxiv:2605.00001")
        assert (response.status, body) == (404, b"")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/1.png",
        "https://evil.example/1.png",
        "https://127.0.0.1/1.png",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "no address",
    ],
)
async def test_a_source_cannot_make_the_server_ask_elsewhere(tmp_path, url):
    asked = []

    async def fetch(target):
        asked.append(target)
        return PNG

    async with house_of(PictureFolder(tmp_path)) as house:
        house.urls["arxiv:2605.00001"] = url
        house.thumbnails._fetch = fetch
        assert await house.status("arxiv:2605.00001") == 404
    assert asked == []


# --- what the remote side may do ---


@pytest.mark.parametrize(
    "reply",
    [
        Reply(PNG, status=404),
        Reply(PNG + b"x" * 20_000),
        Reply(PNG + b"x" * 20_000, without_length=True),
        Reply(PNG, declared_length=9_000_000),
        Reply(b"<svg xmlns='http://www.w3.org/2000/svg'/>", headers={"Content-Type": "image/svg+xml"}),
        Reply(b"<!doctype html><script>1</script>", headers={"Content-Type": "image/png"}),
        Reply(b""),
    ],
    ids=["absent", "large", "large undeclared", "declared large", "svg", "html as png", "empty"],
)
async def test_what_is_no_small_picture_is_neither_shown_nor_kept(folder, tmp_path, reply):
    async with house_of(folder, reply) as house:
        assert await house.status("arxiv:2605.00001") == 404
    assert kept(tmp_path) == []


@pytest.mark.parametrize("behaviour", [slow_loris, never_answers, endless_body])
async def test_a_slow_or_endless_answer_is_cut_off(folder, tmp_path, behaviour):
    async with house_of(folder, behaviour=behaviour) as house:
        async with asyncio.timeout(3):
            assert await house.status("arxiv:2605.00001") == 404
    assert kept(tmp_path) == []


async def test_a_redirect_leads_nowhere_else(folder):
    async with stand_in(Reply(PNG)) as other:
        async with house_of(folder, Reply(status=302, headers={"Location": f"{other.url}/1.png"})) as house:
            assert await house.status("arxiv:2605.00001") == 404
        assert other.connections == 0


async def test_a_redirect_at_home_is_followed(folder):
    async with house_of(folder, Reply(status=302, headers={"Location": "/2.png"}), Reply(PNG)) as house:
        assert await house.status("arxiv:2605.00001") == 200
        assert [asked.target for asked in house.remote.asked] == ["/1.png", "/2.png"]


async def test_the_client_that_is_meant_for_pictures_has_their_limits():
    assert (PICTURE_LIMITS.total, PICTURE_LIMITS.body) == (timedelta(seconds=10), 2_000_000)


# --- how often, and how many at once ---


async def test_those_who_ask_together_share_one_fetch(folder):
    async with house_of(folder, Reply(PNG)) as house:
        statuses = await asyncio.gather(*(house.status("arxiv:2605.00001") for _ in range(20)))
        assert statuses == [200] * 20
        assert len(house.remote.asked) == 1


async def test_a_failure_is_remembered_for_ten_minutes(folder):
    async with house_of(folder, Reply(status=503), Reply(PNG)) as house:
        assert await house.status("arxiv:2605.00001") == 404
        house.clock.move(timedelta(minutes=9))
        assert await house.status("arxiv:2605.00001") == 404
        assert len(house.remote.asked) == 1
        house.clock.move(timedelta(minutes=1))
        assert await house.status("arxiv:2605.00001") == 200
        assert len(house.remote.asked) == 2


async def test_the_memory_of_failures_is_bounded(folder, monkeypatch):
    monkeypatch.setattr("adapters.local.thumbnails.MOST_FAILURES", 3)
    async with house_of(folder, Reply(status=404)) as house:
        for number in range(10):
            house.urls["arxiv:2605.00001"] = f"{house.remote.url}/{number}"
            assert await house.status("arxiv:2605.00001") == 404
        assert len(house.thumbnails._failed) == 3
        assert f"{house.remote.url}/9" in house.thumbnails._failed


async def test_few_are_fetched_at_once_and_not_too_many_wait(tmp_path):
    running, most, release = 0, 0, asyncio.Event()

    async def fetch(_url):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1
        return PNG

    async with house_of(PictureFolder(tmp_path), patience=0.05) as house:
        house.thumbnails._fetch = fetch
        for number in range(MOST_WAITING + 10):
            house.urls[f"arxiv:{number}"] = f"{house.remote.url}/{number}"
        async with asyncio.timeout(10):
            statuses = await asyncio.gather(*(house.status(paper_id) for paper_id in house.urls))
        assert set(statuses) == {404}
        assert len(house.thumbnails._under_way) == MOST_WAITING
        assert most == AT_ONCE
        release.set()


async def test_a_picture_that_came_late_is_there_at_the_next_look(folder):
    release = asyncio.Event()

    async def fetch(_url):
        await release.wait()
        return PNG

    async with house_of(folder, patience=0.05) as house:
        house.thumbnails._fetch = fetch
        assert await house.status("arxiv:2605.00001") == 404
        [task] = house.thumbnails._under_way.values()
        release.set()
        await task
        assert await house.status("arxiv:2605.00001") == 200


async def test_closing_gives_up_what_is_being_fetched(folder):
    limits = HttpLimits(total=timedelta(seconds=60))
    async with asyncio.timeout(5), house_of(folder, behaviour=never_answers, limits=limits, patience=60) as house:
        asking = asyncio.create_task(house.status("arxiv:2605.00001"))
        await asyncio.wait({asking}, timeout=0.3)
        assert house.remote.asked
        house.thumbnails.close()
        assert await asking == 404


# --- the folder ---


def test_beyond_its_limit_the_folder_drops_what_was_unused_for_longest(tmp_path):
    folder = PictureFolder(tmp_path, limit=3 * len(PNG))
    for age, url in enumerate(("c", "b", "a")):
        folder.keep(url, PNG)
        os.utime(folder._place(url), (1_000 - age, 1_000 - age))
    assert folder.read("a") == PNG  # used now: the oldest is b
    folder.keep("d", PNG)
    assert [url for url in "abcd" if folder.read(url)] == ["a", "c", "d"]


def test_what_a_kill_left_half_written_goes_in_its_turn(tmp_path):
    folder = PictureFolder(tmp_path, limit=2 * len(PNG))
    left = tmp_path / "0.part"
    left.write_bytes(b"." * len(PNG))
    os.utime(left, (1, 1))
    folder.keep("a", PNG)
    folder.keep("b", PNG)
    assert not left.exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_file_counts_as_none(tmp_path):
    folder = PictureFolder(tmp_path)
    folder.keep("a", PNG)
    folder._place("a").write_bytes(b"")
    assert folder.read("a") is None


async def test_a_disk_that_cannot_be_written_costs_no_picture(tmp_path, caplog):
    (tmp_path / "thumbnails").write_text("a file where the folder should be")
    async with house_of(PictureFolder(tmp_path / "thumbnails"), Reply(PNG)) as house:
        assert await house.status("arxiv:2605.00001") == 200
    assert "cannot be kept" in caplog.text


# --- in the program ---


@asynccontextmanager
async def program(data, remote, **options):
    """The application's own server, with one paper whose picture is at `remote`."""
    replay = options.pop("replay", None)
    settings = Settings(data_dir=data, port=0, hf_url=remote.url, **options)
    async with open_app(settings, replay=replay) as app:
        known = paper(1, facts=Facts(thumbnail_url=f"{remote.url}/1.png"))
        async with app.store.write() as tx:
            await tx.papers.save([known], {known.id: known.id})
        async with app.serving() as url, aiohttp.ClientSession() as session:
            yield url, session


async def test_the_program_serves_the_pictures_of_its_papers(tmp_path):
    async with stand_in(Reply(PNG)) as remote, program(tmp_path, remote) as (url, session):
        for _ in range(2):
            async with session.get(f"{url}thumbnails/arxiv%3A2605.00001") as response:
                assert await response.read() == PNG
        async with session.get(f"{url}thumbnails/arxiv%3A2605.00002") as response:
            assert response.status == 404
        assert len(remote.asked) == 1
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("how", ["off", "replay"])
async def test_turned_off_or_replayed_it_asks_nobody(tmp_path, how):
    options = {"thumbnails": False} if how == "off" else {"replay": RECORDED}
    async with stand_in(Reply(PNG)) as remote, program(tmp_path, remote, **options) as (url, session):
        async with session.get(f"{url}thumbnails/arxiv%3A2605.00001") as response:
            assert response.status == 404
        assert remote.connections == 0


async def test_a_name_in_the_settings_is_answered_and_asked_for_the_token(tmp_path):
    async with stand_in() as remote, program(tmp_path, remote, allowed_hosts="papers.lab") as (url, session):
        assert "?token=" in url
        address = url.partition("?")[0]
        for host, status in (("papers.lab", 401), ("evil.example", 421)):
            async with session.get(address, headers={"Host": host}) as response:
                assert response.status == status
