"""`make screenshots`: the pictures of docs/images, of the sample edition in a real browser."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.async_api import expect

from bot.commands import Today
from tests.browser.house import PHONE, WIDE, open_house
from tests.standins.chromium import MISSING, browsing, find_chromium

IMAGES = Path(__file__).parents[2] / "docs" / "images"


async def main():
    """Draw them all."""
    with tempfile.TemporaryDirectory() as folder:
        async with browsing() as browser, open_house(Path(folder)) as house:
            await draw(Studio(browser, house))
            await draw_topics(Studio(browser, house))
            await draw_search(Studio(browser, house))


class Studio:
    """Opens windows and keeps what they show."""

    def __init__(self, browser, house):
        self._browser = browser
        self._house = house
        self.house = house

    async def window(self, channel, **options):
        """A window of its own on a channel, once its fonts and cards are there."""
        context = await self._browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
        page = await context.new_page()
        await page.goto(f"{self._house.url}/c/{channel}")
        await page.wait_for_load_state("load")
        return page

    async def keep(self, page, name):
        """Write the picture and say so."""
        path = IMAGES / f"{name}.png"
        await page.screenshot(path=path)
        print(f"{path.name:12} {path.stat().st_size // 1024:4} KB")  # noqa: T201 - it is a command's output
        await page.context.close()


async def draw(studio):
    """Each view that the README and docs/local.md show."""
    house = studio.house
    await house.says("papers", "subscribe cs.CV as vision at 9am layout cards")
    await house.says("papers", "vote 2605.29801")
    page = await studio.window("papers")
    await page.locator(".card").nth(-2).scroll_into_view_if_needed()
    await studio.keep(page, "page")
    await studio.keep(await studio.window("papers", color_scheme="dark"), "dark")
    phone = {"viewport": PHONE, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
    await studio.keep(await studio.window("papers", **phone), "phone")
    reading = (await house.app.local.open_channel("reading-group")).name
    await house.says(reading, "subscribe as everything at 8:30 layout thread")
    page = await studio.window(reading)
    await page.locator("#log").get_by_role("link", name="replies").first.click()
    await expect(page.get_by_role("complementary", name="Thread")).to_be_visible()
    await studio.keep(page, "thread")
    page = await studio.window(reading)
    await page.locator("header.top").get_by_text("Subscribe", exact=True).click()
    await page.get_by_role("dialog").get_by_role("textbox", name="Topic").press_sequentially("cs.CV video")
    await expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("Papers in cs.CV")
    await studio.keep(page, "form")
    quiet = (await house.app.local.open_channel("quiet")).name
    newest = (await house.app.reading.today(Today())).on
    sunday = newest - timedelta(days=newest.weekday() + 1)
    page = await studio.window(quiet)
    await page.get_by_role("combobox", name="/papers").fill(f"today {sunday}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer")).to_contain_text("Nothing on Sunday")
    await studio.keep(page, "empty")


async def draw_search(studio):
    """What docs/search.md shows."""
    await studio.house.app.indexing.follow()
    page = await studio.window("papers")
    await page.get_by_role("combobox", name="/papers").fill("search video generation models")
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer mark").first).to_be_visible()
    await page.locator(".answer").last.evaluate("each => each.scrollIntoView({block: 'start'})")
    await studio.keep(page, "search")


async def draw_topics(studio):
    """What docs/topics.md shows: a preview, and a paper's way through its stages."""
    room = (await studio.house.app.local.open_channel("agents")).name
    await studio.house.says(room, "subscribe agents -survey as agents layout list")
    for name, asked, shown in (
        ("preview", "preview (agents OR reasoning) -survey upvotes:>=30", "The best of them"),
        ("why", "why 2605.29801", "In time"),
    ):
        page = await studio.window(room)
        await page.get_by_role("combobox", name="/papers").fill(asked)
        await page.keyboard.press("Enter")
        answer = page.locator(".answer").last
        await expect(answer).to_contain_text(shown)
        await answer.evaluate("each => each.scrollIntoView({block: 'start'})")
        await studio.keep(page, name)


if __name__ == "__main__":
    if find_chromium() is None:
        sys.exit(MISSING)
    asyncio.run(main())
