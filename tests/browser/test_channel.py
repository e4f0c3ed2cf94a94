"""A channel in a real browser: the box, what arrives live, keys, a phone, the dark."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from bot.document import Audience, Document, Note
from tests.browser.house import PHONE


def box(page):
    return page.get_by_role("combobox", name="/papers")


async def ask(page, text):
    await box(page).fill(text)
    await page.keyboard.press("Enter")


async def is_wider_than_its_window(page):
    return await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


async def test_a_topic_is_subscribed_to_in_the_box_and_its_sample_arrives_in_every_window(house, opened):
    channel = await house.channel("box")
    mine, theirs = await opened(channel), await opened(channel)
    await expect(theirs.get_by_text("Nothing here yet")).to_be_visible()

    await ask(mine, "/papers subscribe as everything at 9am")

    await expect(mine.get_by_text("Subscribed #", exact=False)).to_be_visible()
    await expect(theirs.get_by_text("subscribed this channel, as “everything”", exact=False)).to_be_visible()
    await expect(theirs.get_by_text("a sample of the newest days", exact=False)).to_be_visible()
    await expect(theirs.get_by_text("only you see this")).to_have_count(0)
    await expect(box(mine)).to_have_value("")


async def test_a_mistake_is_told_with_what_to_write(house, opened):
    page = await opened(await house.channel("mistake"))
    await ask(page, "subscribe cs.XL")
    await expect(page.get_by_role("alert")).to_contain_text("Did you mean cs.")
    await expect(page.get_by_role("alert")).to_contain_text("bad-topic")


async def test_what_is_sent_while_an_answer_is_on_its_way_is_answered_next(house, opened):
    page = await opened(await house.channel("quick"))
    answered = asyncio.Event()

    async def hold(route):
        await answered.wait()
        await route.continue_()

    await page.route("**/command", hold)
    async with page.expect_request("**/command"):
        await ask(page, "help vote")
    await ask(page, "list")
    answered.set()
    await expect(page.locator(".answer")).to_have_count(2)
    await expect(page.locator(".answer").first).to_contain_text("/papers help vote")
    await expect(page.locator(".answer").last).to_contain_text("/papers list")
    await expect(box(page)).to_have_value("")


async def test_a_long_list_is_paged_by_buttons(house, opened):
    channel = await house.channel("paging")
    papers = [each.id async for each in house.papers()]
    for paper_id in papers[:12]:
        await house.says(channel, f"save {paper_id}", who="pager")
    page = await opened(channel, who="pager")
    await ask(page, "saved")
    await page.locator(".answer").last.get_by_role("button", name="Older").click()
    await expect(page.locator(".answer").last).to_contain_text("11 to 12 of 12")


async def test_older_messages_come_when_they_are_scrolled_to(house, opened):
    channel = await house.channel("long")
    for number in range(120):
        await house.posts(channel, Document((Note(f"message {number:03}"),), Audience.EVERYONE))
    page = await opened(channel)
    await expect(page.get_by_text("message 119")).to_be_visible()
    await expect(page.get_by_text("message 000")).to_have_count(0)
    for oldest in ("message 069", "message 019", "message 000"):
        await page.evaluate("document.getElementById('scroller').scrollTop = 0")
        await expect(page.get_by_text(oldest)).to_have_count(1)
    for number in (0, 19, 20, 69, 70, 119):
        await expect(page.get_by_text(f"message {number:03}")).to_have_count(1)


async def test_everything_can_be_done_with_the_keyboard(house, opened):
    page = await opened(await house.channel("keys"))
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the command box")).to_be_focused()
    await page.keyboard.press("Enter")
    line = box(page)
    await expect(line).to_be_focused()
    await page.keyboard.type("trend")
    await expect(page.locator("#suggestions").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(line).to_have_value("trending ")
    await page.keyboard.press("Enter")
    await expect(page.locator(".answer")).to_contain_text("Trending")
    await page.keyboard.press("ArrowUp")
    await expect(line).to_have_value("trending ")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("/")
    await expect(line).to_be_focused()


async def test_a_phone_shows_cards_without_scrolling_sideways(house, opened):
    page = await opened(viewport=PHONE, has_touch=True, is_mobile=True)
    await expect(page.locator(".card").first).to_be_attached()
    assert not await is_wider_than_its_window(page)
    await ask(page, "today")
    await expect(page.locator(".answer .card")).to_have_count(await house.newest())
    assert not await is_wider_than_its_window(page)
    send = await page.get_by_role("button", name="Send").bounding_box()
    assert send["height"] >= 24
    assert send["x"] + send["width"] <= PHONE["width"]


async def test_at_night_the_page_is_dark(opened):
    day, night = await opened(color_scheme="light"), await opened(color_scheme="dark")
    brightness = (
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    )
    assert await day.evaluate(brightness) > 600
    assert await night.evaluate(brightness) < 150
