"""`broadsheet run` in this process, its sources out of reach: the sample edition stands in the first channel."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from datetime import date

from bot.commands import Today
from bot.ledger import Delivery
from bot.model import Platform, Role
from bot.services.local_workspace import local_ref
from bot.settings import Settings
from bot.wiring import open_app

NOWHERE = "http://127.0.0.1:9"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


class House:
    """The running application: its parts, its address, and channels made for one test each."""

    def __init__(self, app, url):
        self.app = app
        self.url = url
        self._numbers = itertools.count(1)

    async def channel(self, name="room"):
        made = await self.app.local.open_channel(f"{name}-{next(self._numbers)}")
        return made.name

    async def papers(self):
        """Every paper of the sample edition."""
        async with self.app.store.read() as tx:
            for paper, _ in await tx.papers.announced(since=date(2000, 1, 1), until=date(2100, 1, 1)):
                yield paper

    async def newest(self):
        """How many cards `today` shows on its first page."""
        return min(10, len((await self.app.reading.today(Today())).papers))

    async def says(self, channel, text, who="admin"):
        """What a member types, through the services."""
        caller = await self.app.local.caller(channel, who)
        reply = await self.app.answering(caller, text)
        await self.app.deliver()
        return reply

    async def posts(self, channel, document, *, key="", reply_to=None):
        """A message of the bot."""
        delivery = Delivery(key=key, edition_id=0, part=0, channel=local_ref(channel))
        messenger = self.app.sides[Platform.LOCAL].messenger
        outcome = await messenger.post(delivery, document, reply_to=reply_to)
        return outcome.ref


@asynccontextmanager
async def open_house(folder):
    """The running application over a data folder of its own."""
    settings = Settings(
        data_dir=folder,
        hf_url=NOWHERE,
        arxiv_api_url=NOWHERE,
        arxiv_feed_url=NOWHERE,
        port=0,
        log_level="error",
    )
    async with open_app(settings) as app:
        await app.local.open_channel()
        for name in ("Grace", "Pager"):
            await app.local.add_member(name, Role.MEMBER)
        assert await app.intake.take_sample()
        first = (await app.local.channels())[0]
        await app.local.post_today(first.ref)
        await app.deliver()
        stopped = asyncio.Event()
        async with app.serving() as url:
            running = asyncio.create_task(app.running(stopped))
            yield House(app, url.rstrip("/"))
            stopped.set()
            await running
