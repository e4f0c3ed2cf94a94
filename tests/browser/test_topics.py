"""Topics on the page: previews with their bars, a paper's way through its stages, a new topic before it is saved."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.house import PHONE, WIDE
from tests.browser.test_channel import ask, is_wider_than_its_window


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_a_preview_draws_its_days_and_shows_the_best_and_the_near_misses(house, opened, viewport):
    page = await opened(await house.channel(f"preview-{viewport['width']}"), viewport=viewport)
    await ask(page, "preview agents upvotes:>=40")
    answer = page.locator(".answer").last
    chart = answer.get_by_role("img", name=re.compile(r"\w{3} \d+: \d+; "))
    await expect(chart).to_be_visible()
    await expect(answer.get_by_role("heading", name="The best of them")).to_be_visible()
    await expect(answer.get_by_role("heading", name="Nearly matched")).to_be_visible()
    await expect(answer.locator(".why").last).to_contain_text("left out:")
    assert await chart.locator("rect").count() >= 1
    assert not await is_wider_than_its_window(page)


async def test_a_preview_can_become_a_subscription_and_a_longer_look(house, opened):
    channel = await house.channel("preview-on")
    page = await opened(channel)
    await ask(page, 'preview "language model"')
    await page.get_by_role("button", name="Look at a month").click()
    await expect(page.locator(".answer").last.locator("figcaption")).to_contain_text("Papers a day")
    await page.get_by_role("button", name="Subscribe to it").last.click()
    await expect(page.locator(".answer").last).to_contain_text("Subscribed #")


async def test_a_card_tells_why_it_is_here_stage_by_stage(house, opened):
    channel = await house.channel("why")
    await house.says(channel, "subscribe agents as agents")
    page = await opened(channel)
    await ask(page, "today")
    await page.locator(".answer").get_by_role("button", name="Why?").first.click()
    answer = page.locator(".answer").last
    await expect(answer.get_by_role("heading", name="Why this paper is here, or is not")).to_be_visible()
    await expect(answer.locator("dt").first).to_have_text("✓ Announced")


async def test_a_new_topic_shows_what_it_would_change_before_the_form_saves_it(house, opened):
    channel = await house.channel("compare")
    await house.says(channel, "subscribe agents as words")
    page = await opened(channel)
    await ask(page, "edit words topic agents OR diffusion")
    answer = page.locator(".answer").last
    await expect(answer).to_contain_text("nothing is changed yet")
    await expect(answer).to_contain_text("papers before")
    form = answer.locator("form.form")
    await form.get_by_role("textbox", name="Topic").fill("agents OR video")
    await expect(form.get_by_role("status")).to_contain_text("Of the last 30 days")
    await form.get_by_role("button", name="Edit").click()
    await expect(page.get_by_text("changed the subscription “words”", exact=False).last).to_be_visible()
