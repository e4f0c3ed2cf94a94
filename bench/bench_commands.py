"""Signed slash commands at a steady rate: the bot on one core beside raw Bolt with an empty handler, in the same run.

    python bench/bench_commands.py [--rate 300] [--seconds 60] [--quick]

Each command is a POST as Slack signs it, sent at its own instant whether or not earlier ones were answered. Measured is
the acknowledgement, which Slack waits for; and when the last answer had reached its `response_url`. The bot runs
`broadsheet run` over HTTP with its own guard, store, index and replies; the yardstick is slack-bolt's AsyncApp behind
aiohttp, which verifies signatures and acknowledges. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.standins.slack_process import SECRET, TEAM, TOKEN, slack_stand_in

MIX = (
    ("search attention", 15),
    ("search quantization sort newest", 10),
    ("today", 10),
    ("trending", 5),
    ("show {paper}", 10),
    ("vote {paper}", 10),
    ("save {paper}", 10),
    ("saved", 5),
    ("list", 10),
    ("status", 5),
    ("why {paper}", 3),
    ("help subscribe", 5),
    ("subscribe cs.NOPE", 2),
)
CORES = sorted(os.sched_getaffinity(0))
RAW = """
import sys
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.authorization import AuthorizeResult

async def authorize(team_id, enterprise_id):
    return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_id="B0BOT", bot_user_id="U0BOT", bot_token="xoxb-1")

app = AsyncApp(signing_secret=sys.argv[1], authorize=authorize)

@app.command("/papers")
async def papers(ack):
    await ack()

async def handle(request):
    return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

web_app = web.Application()
web_app.router.add_post("/slack/events", handle)
web.run_app(web_app, host="127.0.0.1", port=int(sys.argv[2]), access_log=None, print=lambda *_: None)
"""


def pinned(core):
    """What a child does first: stay on one core."""
    return lambda: os.sched_setaffinity(0, {CORES[core % len(CORES)]})


@contextmanager
def process(command, environ=None, wait_for=None):
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=pinned(0)
    ) as running:
        try:
            if wait_for:
                assert wait_for in running.stdout.readline()
            yield running
        finally:
            running.terminate()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def the_bot(server):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": os.environ["PATH"],
            "BROADSHEET_DATA_DIR": folder,
            "BROADSHEET_PORT": str(port),
            "BROADSHEET_LOG_LEVEL": "error",
            "BROADSHEET_THUMBNAILS": "false",
            "BROADSHEET_SLACK_API_URL": server.api_url,
            "BROADSHEET_SLACK_CLIENT_ID": "1.2",
            "BROADSHEET_SLACK_CLIENT_SECRET": "client-secret",
            "BROADSHEET_SLACK_SIGNING_SECRET": SECRET,
            "BROADSHEET_PUBLIC_URL": f"http://127.0.0.1:{port}",
            **{f"BROADSHEET_{name}_URL": "http://127.0.0.1:9" for name in ("HF", "ARXIV_API", "ARXIV_FEED")},
        }
        with process([sys.executable, "-m", "bot", "run"], environ, wait_for="Broadsheet is at"):
            yield f"http://127.0.0.1:{port}", Path(folder)


@contextmanager
def raw_bolt():
    port = free_port()
    with process([sys.executable, "-c", RAW, SECRET, str(port)]):
        yield f"http://127.0.0.1:{port}"


async def install(url):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(f"{url}/slack/install") as page:
            link = (await page.text()).split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
        async with session.get(link) as done:
            assert done.status == 200, await done.text()


def request(number, chance, papers, responses):
    text = chance.choices([each for each, _ in MIX], [weight for _, weight in MIX])[0].format(
        paper=chance.choice(papers)
    )
    fields = {
        "command": "/papers",
        "text": text,
        "team_id": TEAM,
        "user_id": f"U{number % 200:04d}",
        "user_name": "x",
        "channel_id": f"C{number % 50:04d}",
        "channel_name": f"channel-{number % 50}",
        "trigger_id": f"{number}",
        "response_url": f"{responses}/response/R{number}",
    }
    return urlencode(fields).encode()


async def load(url, rate, seconds, papers, responses, first=0):
    """Latencies in milliseconds of what was answered with 200, and how many were not."""
    chance, latencies, failed = random.Random(0), [], []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:

        async def one(body):
            stamp = str(int(time.time()))
            seal = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
            headers = {
                "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": f"v0={seal}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            began = time.perf_counter()
            try:
                async with session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
                    await answer.read()
                    (latencies if answer.status == 200 else failed).append((time.perf_counter() - began) * 1000)
            except (aiohttp.ClientError, TimeoutError):
                failed.append((time.perf_counter() - began) * 1000)

        async with asyncio.TaskGroup() as group:
            began = time.perf_counter()
            for number in range(int(rate * seconds)):
                due = began + number / rate
                if (wait := due - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                group.create_task(one(request(first + number, chance, papers, responses)))
    return sorted(latencies), len(failed)


def told(name, latencies, failed):
    at = lambda share: round(latencies[min(int(len(latencies) * share), len(latencies) - 1)], 1)  # noqa: E731
    found = {
        "answered": len(latencies),
        "errors": failed,
        "p50_ms": at(0.5),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
        "most_ms": at(1),
        "over_2500_ms": sum(each > 2500 for each in latencies),
    }
    print(f"{name}: {found}", file=sys.stderr, flush=True)
    return found


async def measure(asked):
    users = {f"U{number:04d}": {"profile": {"display_name": f"Member {number}"}} for number in range(200)}
    channels = {f"C{number:04d}": {"name": f"channel-{number}", "is_member": True} for number in range(50)}
    with ExitStack() as stack:
        server = stack.enter_context(slack_stand_in("--no-calls", "--lax"))
        server.tell(
            "team", id=TEAM, token=TOKEN, scopes=[], users=users | {"U0ADMIN": {"is_admin": True}}, channels=channels
        )
        with raw_bolt() as url:
            await asyncio.sleep(2)
            await load(url, 100, 2, ["1"], server.url)
            raw = told("raw Bolt", *await load(url, asked.rate, asked.seconds, ["1"], server.url))
        url, folder = stack.enter_context(the_bot(server))
        await install(url)
        while len(papers := sample_papers(folder)) < 10:
            await asyncio.sleep(0.2)
        await load(url, 50, 5, papers, server.url, first=10_000_000)  # members are looked up, pools are made
        bot = told("broadsheet", *await load(url, asked.rate, asked.seconds, papers, server.url))
        began = time.perf_counter()
        wanted = int(asked.rate * asked.seconds)
        while (replies := answered(server)) < wanted and time.perf_counter() - began < 60:
            await asyncio.sleep(0.5)
        return {
            "rate": asked.rate,
            "seconds": asked.seconds,
            "raw_bolt": raw,
            "broadsheet": bot,
            "replies": replies,
            "replies_of_failure": failures(server),
            "last_reply_after_s": round(time.perf_counter() - began, 1),
            "p95_ratio": round(bot["p95_ms"] / raw["p95_ms"], 2),
        }


def sample_papers(folder):
    import sqlite3

    with sqlite3.connect(folder / "broadsheet.sqlite3") as connection:
        rows = connection.execute("SELECT id FROM papers WHERE id LIKE 'arxiv:%'").fetchall()
    return [id_.removeprefix("arxiv:") for (id_,) in rows]


def answered(server):
    return sum(1 for name in server.state()["responses"] if int(name[1:]) < 10_000_000)


def failures(server):
    """Replies that say that something went wrong on the bot's side."""
    bodies = [body for each in server.state()["responses"].values() for body in each["bodies"]]
    return sum("in my log as" in body["text"] for body in bodies)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--quick", action="store_true", help="Ten seconds.")
    asked = parser.parse_args()
    if asked.quick:
        asked.seconds = 10
    os.sched_setaffinity(0, {CORES[-1]})  # the load and the stand-in share the other core
    print(json.dumps(asyncio.run(measure(asked))))


if __name__ == "__main__":
    main()
