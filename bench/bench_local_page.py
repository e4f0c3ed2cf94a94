"""How fast a long channel opens, and what open windows cost, on the running server.

    python bench/bench_local_page.py [--json] [--windows N]

The server is `broadsheet run` itself with its sources out of reach. Three channels hold 2,000 cards each: a message a
card, forty cards in the thread of each message, and lists of forty. *Opening* is the time from the request to the last
byte of the page on a warm server (median of the runs); *the floor* is the same number of bytes as a static file from
the same server: the ratio says what composing the page costs. *Scrolling* asks for every earlier page to the first
message. *Windows* is what the server's memory grows by when so many pages are open with their live streams, and each
has heard one message.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CARDS, A_MESSAGE = 2_000, 40
RUNS = 15
NOWHERE = "http://127.0.0.1:9"
START = datetime(2026, 5, 1, 9, tzinfo=UTC)
EARLIER = re.compile(r'href="(/c/[^"]*\?before=[^"]+)"')


async def fill(folder: Path) -> None:
    """Three channels of 2,000 cards each, straight into the store."""
    from bot.model import Channel, Platform  # noqa: PLC0415 - after the path is set
    from bot.ports import PostedMessage  # noqa: PLC0415
    from bot.services.local_workspace import HOME, local_ref  # noqa: PLC0415
    from store import SqlTimeline, open_store  # noqa: PLC0415

    store = await open_store(f"sqlite:///{folder / 'broadsheet.sqlite3'}")
    timeline = SqlTimeline(store)
    async with store.write() as tx:
        await tx.channels.add_workspace(HOME, Platform.LOCAL, START)
        for name in ("cards", "threads", "lists"):
            await tx.channels.add(Channel(ref=local_ref(name), name=name, created_at=START))
    number = 0

    async def post(channel: str, cards: Sequence[int], reply_to: str | None = None) -> str:
        nonlocal number
        number += 1
        message = PostedMessage(
            id=f"{number:08d}",
            channel=local_ref(channel),
            key=f"{channel}-{number}",
            document=document(cards),
            posted_at=START + timedelta(seconds=number),
            reply_to=reply_to,
        )
        await timeline.add(message)
        return message.id

    for card in range(CARDS):
        await post("cards", [card])
    for first in range(0, CARDS, A_MESSAGE):
        await post("lists", range(first, first + A_MESSAGE))
        parent = await post("threads", [])
        for card in range(first, first + A_MESSAGE):
            await post("threads", [card], parent)
    await store.close()


def document(cards: Sequence[int]) -> Any:  # noqa: ANN401 - the core is imported late
    """A message as a digest has it."""
    from bot.compose.cards import card  # noqa: PLC0415
    from bot.document import Audience, Document, Heading  # noqa: PLC0415
    from bot.merging import paper_of  # noqa: PLC0415
    from bot.model import Facts, Listing, PaperId, SourceName  # noqa: PLC0415

    drawn = [
        card(
            paper_of(
                Listing(
                    id=PaperId(f"arxiv:2605.{number:05d}"),
                    title=f"Speculative decoding of long documents with {number} experts",
                    abstract="We study how models read. " * 40,
                    authors=tuple(f"Author {each}" for each in range(12)),
                    categories=("cs.CL", "cs.LG"),
                    facts=Facts(upvotes=number, stars=12, ai_summary="A method that reads faster than others do."),
                ),
                SourceName.HUGGING_FACE,
                START,
            ),
            why="matched decoding in the title · cs.CL · 34 upvotes (3.6) + freshness (2.0) = 5.6",
        )
        for number in cards
    ]
    return Document((Heading("kv · Monday 11 May 2026"), *drawn), Audience.EVERYONE)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[tuple[int, str]]:
    """The server's process id and address."""
    environ = {**os.environ, "BROADSHEET_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}  # noqa: TID251 - not the application
    environ |= dict.fromkeys(
        ("BROADSHEET_HF_URL", "BROADSHEET_ARXIV_API_URL", "BROADSHEET_ARXIV_FEED_URL"), NOWHERE
    ) | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--port", "0",
        cwd=folder, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        line = (await process.stdout.readline()).decode()
        yield process.pid, line.split()[3]
    finally:
        process.terminate()
        await process.wait()


async def timed(session: aiohttp.ClientSession, path: str) -> tuple[float, str]:
    """Milliseconds to the last byte, and the page."""
    began = time.perf_counter()
    async with session.get(path) as response:
        text = await response.text()
        response.raise_for_status()
    return (time.perf_counter() - began) * 1_000, text


async def opening(session: aiohttp.ClientSession, channel: str) -> dict[str, Any]:
    """Opening the channel, then scrolling to its first message."""
    _, text = await timed(session, f"/c/{channel}")
    times = [(await timed(session, f"/c/{channel}"))[0] for _ in range(RUNS)]
    slowest, cards, pages, page = 0.0, text.count("data-paper="), 1, text
    while found := EARLIER.search(page):
        took, page = await timed(session, found[1])
        slowest, pages, cards = max(slowest, took), pages + 1, cards + page.count("data-paper=")
    return {
        "opens_ms": round(statistics.median(times), 1),
        "worst_ms": round(max(times), 1),
        "bytes": len(text.encode()),
        "pages": pages,
        "slowest_earlier_page_ms": round(slowest, 1),
    }


async def windows(session: aiohttp.ClientSession, pid: int, count: int) -> dict[str, Any]:
    """What so many open pages cost the server in memory."""
    before = resident(pid)
    async with AsyncExitStack() as stack:
        for _ in range(count):
            await timed(session, "/c/cards")
            response = await stack.enter_async_context(session.get("/c/cards/events?since=2026-05-01T09:00:00%2B00:00"))
            await response.content.readany()
        await asyncio.sleep(2)
        async with session.post("/c/cards/command", data={"text": "subscribe quantization as bench"}) as answer:
            await answer.read()
        await asyncio.sleep(2)
        after = resident(pid)
    return {"windows": count, "before_mb": before, "after_mb": after, "grown_mb": round(after - before, 1)}


def resident(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return round(int(found[1]) / 1024, 1) if found else 0.0


async def floor(session: aiohttp.ClientSession) -> float:
    """Milliseconds of the server's own largest static file: what sending bytes costs here."""
    times = [(await timed(session, "/static/htmx.min.js"))[0] for _ in range(RUNS)]
    return round(statistics.median(times), 2)


async def measure(count: int) -> dict[str, Any]:
    """All figures of one server."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        await fill(folder)
        timeout = aiohttp.ClientTimeout(total=60)
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            serving(folder) as (pid, url),
            aiohttp.ClientSession(url, timeout=timeout, connector=connector) as client,
        ):
            found: dict[str, Any] = {each: await opening(client, each) for each in ("cards", "threads", "lists")}
            found["static_file_ms"] = await floor(client)
            return found | {"memory": await windows(client, pid, count)}


def main() -> None:
    """Print the figures; the ratio last."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--windows", type=int, default=50)
    options = parser.parse_args()
    found = asyncio.run(measure(options.windows))
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for name in ("cards", "threads", "lists"):
        print(f"{name:8} " + ", ".join(f"{key} {value}" for key, value in found[name].items()))
    print("memory   " + ", ".join(f"{key} {value}" for key, value in found["memory"].items()))
    slowest = max(found[name]["opens_ms"] for name in ("cards", "threads", "lists"))
    print(
        f"opening the slowest channel: {slowest / found['static_file_ms']:.1f} times a static file of the same server"
    )


if __name__ == "__main__":
    main()
