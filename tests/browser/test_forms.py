"""Subscribing and editing in a form that says what it would do."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.browser.test_channel import ask


def dialog(page):
    return page.get_by_role("dialog")


def topic(page):
    return dialog(page).get_by_role("textbox", name="Topic")


async def open_form(page):
    await page.locator("header.top").get_by_text("Subscribe", exact=True).click()
    await expect(dialog(page)).to_be_visible()


async def test_a_topic_is_said_back_while_it_is_typed_and_subscribed_to(house, opened):
    channel = await house.channel("form")
    page, other = await opened(channel), await opened(channel)
    await open_form(page)
    await topic(page).press_sequentially("cs.CL")
    await expect(dialog(page).get_by_role("status")).to_contain_text("Papers in cs.CL.")
    await expect(dialog(page).get_by_role("status")).to_contain_text("a day")
    await dialog(page).get_by_label("Name").fill("words")
    await dialog(page).get_by_role("button", name="Subscribe").click()
    await expect(dialog(page)).to_be_hidden()
    await expect(page.locator(".answer")).to_contain_text("Subscribed #")
    await expect(other.get_by_text("subscribed this channel, as “words”", exact=False)).to_be_visible()


async def test_an_error_stands_at_its_field_while_it_is_typed_and_when_it_is_sent(house, opened):
    page = await opened(await house.channel("errors"))
    await open_form(page)
    await topic(page).press_sequentially("cs.XL")
    await expect(topic(page)).to_have_attribute("aria-invalid", "true")
    described = await topic(page).get_attribute("aria-describedby")
    assert any(["cs.XL" in (await page.locator(f"#{each}").inner_text()) for each in described.split()])
    await dialog(page).get_by_role("button", name="Subscribe").click()
    await expect(dialog(page)).to_contain_text("“cs.XL” is no arXiv category")
    await topic(page).fill("cs.CL")
    await expect(topic(page)).not_to_have_attribute("aria-invalid", "true")
    await page.keyboard.press("Escape")
    await expect(dialog(page)).to_be_hidden()


async def test_what_is_typed_while_a_form_is_on_its_way_is_kept(house, opened):
    page = await opened(await house.channel("on-its-way"))
    await open_form(page)
    answered = asyncio.Event()

    async def hold(route):
        await answered.wait()
        await route.continue_()

    await page.route("**/command", hold)
    await topic(page).fill("cs.XL")
    async with page.expect_response("**/command"):
        await dialog(page).get_by_role("button", name="Subscribe").click()
        await topic(page).fill("cs.CL")
        answered.set()
    await expect(dialog(page).get_by_role("status")).to_contain_text("Papers in cs.CL.")
    await expect(topic(page)).to_have_value("cs.CL")
    await expect(topic(page)).not_to_have_attribute("aria-invalid", "true")


async def test_a_subscription_is_edited_in_the_same_form(house, opened):
    channel = await house.channel("edit")
    await house.says(channel, "subscribe cs.CL as words at 9am")
    page = await opened(channel)
    await ask(page, "list")
    await page.get_by_role("button", name="Edit words").click()
    form = page.locator("form.form").last
    await expect(form.get_by_role("textbox", name="Topic")).to_have_value("cs.CL")
    await form.get_by_role("textbox", name="Topic").fill("cs.RO grasping")
    await expect(form.get_by_role("status")).to_contain_text("Papers in cs.RO that mention grasping.")
    await form.get_by_role("button", name="Edit").click()
    await expect(page.get_by_text("changed the subscription “words”", exact=False).last).to_be_visible()
