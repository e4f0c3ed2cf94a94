"""Threads open at the side, on a phone over the page."""

from __future__ import annotations

import re

from playwright.async_api import expect

from bot.document import Audience, Document, Note
from tests.browser.house import PHONE


def opener(page):
    return page.locator("#log").get_by_role("link", name=re.compile(r"\d+ repl"))


def side(page):
    return page.get_by_role("complementary", name="Thread")


async def with_thread(house, name):
    channel = await house.channel(name)
    parent = await house.posts(channel, Document((Note("The list"),), Audience.EVERYONE))
    for number in range(3):
        await house.posts(channel, Document((Note(f"reply {number}"),), Audience.EVERYONE), reply_to=parent)
    return channel, parent


async def test_a_thread_opens_at_the_side_and_gives_the_keyboard_back(house, opened):
    channel, _ = await with_thread(house, "thread")
    page = await opened(channel)
    await opener(page).focus()
    await page.keyboard.press("Enter")
    await expect(side(page)).to_be_visible()
    await expect(side(page)).to_contain_text("reply 2")
    assert await page.evaluate("document.activeElement.closest('aside[aria-label=Thread]') !== null")
    await page.keyboard.press("Escape")
    await expect(side(page)).to_be_hidden()
    await expect(opener(page)).to_be_focused()


async def test_replies_arrive_in_the_open_thread(house, opened):
    channel, parent = await with_thread(house, "live-thread")
    page, other = await opened(channel), await opened(channel)
    await opener(page).click()
    await expect(side(page)).to_contain_text("reply 0")
    await house.posts(channel, Document((Note("a late reply"),), Audience.EVERYONE), reply_to=parent)
    await expect(side(page)).to_contain_text("a late reply")
    await expect(opener(other)).to_contain_text("4")


async def test_on_a_phone_a_thread_covers_the_page(house, opened):
    channel, _ = await with_thread(house, "phone-thread")
    page = await opened(channel, viewport=PHONE)
    await opener(page).click()
    await expect(side(page)).to_be_visible()
    covered = await side(page).bounding_box()
    assert covered["width"] >= PHONE["width"] - 1
    assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    await side(page).get_by_text("Close").click()
    await expect(side(page)).to_be_hidden()
