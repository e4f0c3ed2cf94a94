"""The application itself on the sample edition, and a real browser that looks at it."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack
from datetime import date

import pytest
import pytest_asyncio

from bot.commands import Today
from bot.model import Role
from bot.services.local_workspace import local_ref
from bot.settings import Settings
from bot.wiring import open_app
from tests.standins.chromium import MISSING, Watch, browsing, find_chromium

NOWHERE = "http://127.0.0.1:9"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            if find_chromium() is None:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser():
    async with browsing() as started:
        yield started


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
        from bot.model import Delivery, Platform

        delivery = Delivery(key=key, edition_id=0, part=0, channel=local_ref(channel))
        messenger = self.app.sides[Platform.LOCAL].messenger
        outcome = await messenger.post(delivery, document, reply_to=reply_to)
        return outcome.ref


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory):
    """`broadsheet run` in this process, its sources out of reach: the sample edition stands in the first channel."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
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


@pytest_asyncio.fixture(loop_scope="session")
async def opened(browser, house):
    """Opens a channel in a window of its own; no window may complain, break, or ask another machine."""
    watch = Watch()
    async with AsyncExitStack() as stack:

        async def open_window(channel="papers", *, who=None, **options):
            context = await browser.new_context(**{"viewport": WIDE, **options})
            stack.push_async_callback(context.close)
            if who:
                await context.add_cookies([{"name": "me", "value": who, "url": house.url}])
            page = await context.new_page()
            page.set_default_timeout(10_000)
            watch.over(page)
            await page.goto(f"{house.url}/c/{channel}")
            return page

        yield open_window
    assert watch.problems == []
