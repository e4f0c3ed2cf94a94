"""Search on the page: an answer with marked words, paged, and papers that are similar."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.house import PHONE, WIDE
from tests.browser.test_channel import ask, is_wider_than_its_window


async def shown(answer):
    return await answer.locator(".card").evaluate_all("cards => cards.map(each => each.dataset.paper)")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_a_search_marks_its_words_and_pages_without_repeating(house, opened, viewport):
    await house.app.indexing.follow()
    page = await opened(await house.channel(f"search-{viewport['width']}"), viewport=viewport)
    await ask(page, "search video generation models")
    answer = page.locator(".answer").last
    await expect(answer.locator("mark").first).to_be_visible()
    first = await shown(answer)
    await answer.get_by_role("button", name="More").click()
    await expect(page.locator(".answer").last).to_contain_text("11 to")
    second = await shown(page.locator(".answer").last)
    assert len(first) == 10
    assert second
    assert not set(first) & set(second)
    assert not await is_wider_than_its_window(page)


async def test_a_card_leads_to_similar_papers(house, opened):
    await house.app.indexing.follow()
    page = await opened(await house.channel("similar"))
    await ask(page, "search video generation")
    await page.locator(".answer").get_by_role("button", name="Similar").first.click()
    await expect(page.locator(".answer").last.get_by_role("heading").first).to_contain_text("Similar to")
