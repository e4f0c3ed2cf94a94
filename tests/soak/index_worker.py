"""A process that writes papers and indexes them until it is killed: at a named point, or by whoever started it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from bot.model import Paper, PaperId
from bot.services.indexing import Indexing
from store import open_store
from store.search import generation, search_index
from store.search.search_index import TantivyIndex

POINTS = ("before note", "after note", "before swap", "after swap", "while taking", "any time")
PAPERS = 30


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str, countdown: int) -> None:
    """Die at the `countdown`-th passing of the point."""
    left = [countdown]

    def around(module: object, name: str, *, before: bool) -> None:
        real = getattr(module, name)

        def wrapped(*args: object, **named: object) -> object:
            left[0] -= 1
            if before and left[0] <= 0:
                die()
            result = real(*args, **named)
            if not before and left[0] <= 0:
                die()
            return result

        setattr(module, name, wrapped)

    match point:
        case "before note" | "after note":
            around(generation, "_write_state", before=point.startswith("before"))
        case "before swap" | "after swap":
            around(search_index, "write_whole", before=point.startswith("before"))
        case "while taking":
            around(generation, "_document", before=True)


async def work(folder: Path, seed: int) -> None:
    """Write some papers, follow; now and then build the index anew."""
    chosen = random.Random(seed)  # noqa: S311 - a soak, not a secret
    store = await open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    index = TantivyIndex(folder / "index", memory_mb=15)
    indexing = Indexing(store, index)
    print("ready", flush=True)
    while True:
        numbers = [chosen.randrange(1 << 30) for _ in range(PAPERS)]
        async with store.write() as tx:
            await tx.papers.save([_paper(each) for each in numbers], {})
        await indexing.follow()
        if chosen.random() < 0.5:
            async for _ in indexing.rebuild():
                pass


def _paper(number: int) -> Paper:
    title = f"Paper number n{number}"
    return Paper(id=PaperId(f"title:{number}"), title=title, title_key=title.casefold(), abstract=f"About n{number}.")


if __name__ == "__main__":
    arm(sys.argv[3], int(sys.argv[4]))
    asyncio.run(work(Path(sys.argv[1]), int(sys.argv[2])))
