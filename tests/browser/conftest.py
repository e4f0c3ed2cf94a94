"""The application itself on the sample edition, and a real browser that looks at it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.browser.house import WIDE, open_house
from tests.standins.chromium import MISSING, Watch, browsing, find_chromium


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory):
    async with open_house(tmp_path_factory.mktemp("data")) as opened_house:
        yield opened_house


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
