"""How close delivery through discord.py comes to Discord's limits: 2,000 channels, one message each, all due at once.

    python bench/bench_discord.py [--channels N] [--json]

The real side (gateway, buckets and all) posts to the stand-in, which enforces fifty requests a second for the bot and
five messages in five seconds a channel, as sliding windows, and counts. The peer is the limit itself: *of the ceiling*
is what was accepted a second over what it allows. The bars: 96 %, at most 0.5 % of calls answered 429, nothing lost or
twice, and the event loop never held up for 250 ms.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from adapters.discord.app import DiscordSide  # noqa: E402 - after the path is set
from adapters.discord.parse import workspace_of  # noqa: E402
from adapters.system import SystemClock, collect_seldom  # noqa: E402
from bot.compose.digest import parts  # noqa: E402
from bot.journal import set_up_logging  # noqa: E402
from bot.model import Channel, ChannelRef, Edition, EditionKind, Layout, Paper, PaperId, Pick, Platform  # noqa: E402
from bot.services.delivery import Deliver  # noqa: E402
from bot.settings import Settings  # noqa: E402
from store import SqlStore, open_store  # noqa: E402
from tests.standins.discord_process import TOKEN, DiscordStandIn, channel_id, discord_stand_in, guild_id  # noqa: E402

CHANNELS, IN_A_GUILD, CEILING = 2_000, 500, 50.0
LIMITS = ("--global", "50", "--bucket", "5", "5")
PAPER = PaperId("arxiv:2605.00001")
SECOND = timedelta(seconds=1)


def places(channels: int) -> list[ChannelRef]:
    """The channels, five hundred a server."""
    found = []
    for number in range(channels):
        guild = number // IN_A_GUILD + 1
        address = channel_id(number % IN_A_GUILD + 1, guild)
        found.append(ChannelRef(Platform.DISCORD, workspace_of(guild_id(guild)), address))
    return found


async def seeded(store: SqlStore, refs: list[ChannelRef]) -> None:
    """A digest of one paper for each channel, due now."""
    now = SystemClock().now()
    async with store.write() as tx:
        await tx.papers.save([Paper(id=PAPER, title="A paper", title_key="a paper", abstract="It says something.")], {})
        for ref in refs:
            await tx.channels.add_workspace(ref.workspace, Platform.DISCORD, now)
            await tx.channels.add(Channel(ref=ref, name=ref.address, created_at=now))
        made = [
            Edition(
                channel=ref,
                kind=EditionKind.WELCOME,
                local_on=now.date(),
                due_at=now,
                cut_until_at=now,
                subscription_id=None,
                layout=Layout.LIST,
                picks=(Pick(PAPER, 1.0, "bench"),),
            )
            for ref in refs
        ]
        await tx.editions.add_all([(each, parts(each)) for each in made])


async def connected(side: DiscordSide, channels: int) -> asyncio.Task[None]:
    """Log in and connect, until every channel is known."""
    side.client.at_start = _nothing
    await side.log_in()
    running = asyncio.create_task(side.client.connect())
    while sum(len(guild.channels) for guild in side.client.guilds) < channels:  # noqa: ASYNC110 - discord.py tells of no such moment
        await asyncio.sleep(0.05)
    return running


async def _nothing() -> None:
    """Nothing is to be done at the start."""


async def measured(server: DiscordStandIn, folder: Path, channels: int) -> dict[str, float]:
    """Deliver everything, and let the platform count."""
    clock, refs = SystemClock(), places(channels)
    store = await open_store(f"sqlite:///{folder / 'bench.db'}")
    await seeded(store, refs)
    side = DiscordSide(Settings(data_dir=folder, discord_token=TOKEN, discord_api_url=server.api_url), clock, store)
    gateway = await connected(side, channels)
    lag = await _delivered(store, side, server, channels)
    await side.client.close()
    gateway.cancel()
    await asyncio.gather(gateway, return_exceptions=True)
    await store.close()
    state = await asyncio.to_thread(server.state, calls=True)
    posts = [each for each in state["calls"] if each["route"].startswith("POST /channels/")]
    landed = sorted(each["at"] for each in posts if each["status"] == 200)
    keys = Counter(
        urldefrag(each["embeds"][0]["url"]).fragment for found in state["messages"].values() for each in found
    )
    elapsed = landed[-1] - landed[0] + 1 / CEILING
    return {
        "messages": channels,
        "seconds": elapsed,
        "of_the_ceiling": len(landed) / elapsed / CEILING,
        "answered_429": sum(each["status"] == 429 for each in posts) / len(posts),
        "lost": channels - len(keys),
        "twice": keys.total() - len(keys),
        "worst_lag": lag,
    }


async def _delivered(store: SqlStore, side: DiscordSide, server: DiscordStandIn, channels: int) -> float:
    """Until everything stands; the worst lag of the event loop in seconds."""
    side.lag.start()
    messengers = {Platform.DISCORD: side.messenger}
    worker = Deliver(store=store, clock=SystemClock(), messengers=messengers, owner="bench")
    running = asyncio.create_task(worker.forever(asyncio.Event(), SECOND))
    standing = 0
    while standing < channels and not running.done():
        await asyncio.sleep(1)
        counts: dict[str, Any] = await asyncio.to_thread(server.ask, "counts")
        standing = counts["messages"]
        print(f"\r{standing:,} of {channels:,}  ", end="", file=sys.stderr, flush=True)
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    side.lag.stop()
    return side.lag.worst()


def main() -> int:
    """Measure, and say what the bars say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=CHANNELS)
    parser.add_argument("--quick", action="store_true", help="200 channels.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    set_up_logging("error")
    collect_seldom()
    channels = CHANNELS // 10 if options.quick else options.channels
    with tempfile.TemporaryDirectory() as folder, discord_stand_in(*LIMITS) as server:
        for number in range((channels - 1) // IN_A_GUILD + 1):
            server.guild(number + 1, channels=min(IN_A_GUILD, channels - number * IN_A_GUILD))
        found = asyncio.run(measured(server, Path(folder), channels))
    print(file=sys.stderr)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        print(", ".join(f"{what} {value:,.3f}" for what, value in found.items()))
    print(f"of the ceiling: {found['of_the_ceiling']:.1%}, answered 429: {found['answered_429']:.2%}")
    sound = found["of_the_ceiling"] >= 0.96 and found["answered_429"] <= 0.005 and not found["lost"] + found["twice"]
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
