"""The process itself: `broadsheet run` from its first line to its end, with the sources on loopback or out of reach."""

import asyncio
import json
import re
import signal
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
NOWHERE = "http://127.0.0.1:9"


def daily(number, title, upvotes):
    return {
        "paper": {
            "id": f"2605.{number:05d}",
            "title": title,
            "summary": "An abstract.",
            "authors": [{"name": "Ada Lovelace"}],
            "publishedAt": "2026-05-10T00:00:00.000Z",
            "upvotes": upvotes,
        },
        "title": title,
        "numComments": 0,
    }


@asynccontextmanager
async def sources():
    """Hugging Face's API on loopback: the same two papers on every day that is asked for; arXiv's feeds are empty."""
    asked = []

    async def papers(request):
        asked.append(request.query["date"])
        return web.json_response([daily(1, "Sleeping <script>agents", 30), daily(2, "Quantised M$^3$ViT", 5)])

    async def elsewhere(_):
        return web.Response(status=404, text="not here")

    app = web.Application()
    app.add_routes([web.get("/api/daily_papers", papers), web.get("/{rest:.*}", elsewhere)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running(data, *arguments, source=NOWHERE):
    """The process, and the URL that its first line names."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "BROADSHEET_DATA_DIR": str(data),
        "BROADSHEET_HF_URL": source,
        "BROADSHEET_ARXIV_API_URL": source,
        "BROADSHEET_ARXIV_FEED_URL": source,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "run",
        "--port",
        "0",
        *arguments,
        cwd=data.parent,
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def seen(session, url, wanted, *, cards=1, channel="papers"):
    """The page once it shows `wanted` and so many cards; what is posted arrives on the page's own live stream."""
    async with session.get(f"{url}c/{channel}/events") as stream:
        async with asyncio.timeout(40):
            while True:
                async with session.get(f"{url}c/{channel}") as page:
                    text = await page.text()
                if wanted in text and len(posted(text)) >= cards:
                    return text
                await stream.content.readany()


def posted(page):
    return re.findall(r'<section[^>]* data-paper="([^"]+)"', page)


async def test_from_the_first_minute_to_the_end_and_again_without_repeats(tmp_path):
    data = tmp_path / "data"
    async with sources() as (source, asked), aiohttp.ClientSession() as session:
        async with running(data, source=source) as (process, url):
            page = await seen(session, url, "Quantised M³ViT", cards=2)
            assert posted(page) == ["arxiv:2605.00001", "arxiv:2605.00002"]
            assert "Sleeping &lt;script&gt;agents" in page
            assert "Sample edition" not in page
            today = datetime.now(UTC).date().year  # noqa: TID251 - the process under test has the real clock
            assert len(set(asked)) >= 8
            assert all(day.startswith((str(today), str(today - 1))) for day in asked)
            form = {"text": "subscribe agents at 9am layout cards", "zone": "Europe/Berlin"}
            async with session.post(f"{url}c/papers/command", data=form) as answer:
                said = await answer.text()
            assert "Subscribed #papers to papers that mention agents; weekdays at 09:00, Europe/Berlin" in said
            page = await seen(session, url, "a sample of the newest days", cards=3)
            async with session.get(f"{url}healthz") as health:
                assert (await health.json())["status"] == "ok"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0
        async with running(data, source=source) as (process, url):
            again = await seen(session, url, "a sample of the newest days", cards=3)
            assert sorted(posted(again)) == sorted([*posted(page)])


async def test_without_a_network_the_sample_edition_is_shown_and_said(tmp_path):
    async with aiohttp.ClientSession() as session, running(tmp_path / "data") as (_, url):
        page = await seen(session, url, "data-paper")
        page = await seen(session, url, "Sample edition")
        assert len(posted(page)) >= 1


async def test_a_page_beyond_loopback_asks_for_its_token(tmp_path):
    data = tmp_path / "data"
    jar = aiohttp.CookieJar(unsafe=True)  # “unsafe” is its word for cookies of addresses without a name
    async with aiohttp.ClientSession(cookie_jar=jar) as session, running(data, "--host", "0.0.0.0") as (_, url):  # noqa: S104
        assert "token=" in url
        kept = data / "token"
        assert kept.read_text() in url
        assert kept.stat().st_mode & 0o077 == 0
        port = re.search(r":(\d+)/", url)[1]
        address = f"http://127.0.0.1:{port}/"
        async with session.get(f"{address}c/papers") as refused:
            assert refused.status == 401
        async with session.get(f"{address}healthz") as health:
            assert set(json.loads(await health.text())) == {"status", "version"}
        async with session.get(f"{address}c/papers", params={"token": kept.read_text()}) as welcome:
            assert welcome.status == 200
            assert "token" not in str(welcome.url)


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path):
    async with running(tmp_path / "data") as (_, url):
        port = re.search(r":(\d+)/", url)[1]
        second = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            "--port",
            port,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "BROADSHEET_DATA_DIR": str(tmp_path / "other")},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            _, errors = await second.communicate()
        assert second.returncode == 1
        assert "is already in use" in errors.decode()
        assert "Traceback" not in errors.decode()
