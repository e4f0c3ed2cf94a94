"""Votes and saved papers on the card, in every open window at once."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.test_channel import ask


def vote(page, card=0):
    return page.locator("#log .card").nth(card).get_by_role("button", name=re.compile("^(▲ )?Vote"))


def save(page, card=0):
    return page.locator("#log .card").nth(card).get_by_role("button", name=re.compile("^Save"))


async def with_cards(house, name):
    channel = await house.channel(name)
    await house.says(channel, "subscribe as everything layout cards")
    return channel


async def test_a_vote_is_counted_in_every_window_and_taken_back(house, opened):
    channel = await with_cards(house, "votes")
    ada, grace = await opened(channel), await opened(channel, who="grace")
    await expect(vote(ada)).to_have_attribute("aria-pressed", "false")

    await vote(ada).click()
    await expect(vote(ada)).to_have_attribute("aria-pressed", "true")
    await expect(vote(grace)).to_contain_text("1")
    await expect(vote(grace)).to_have_attribute("aria-pressed", "false")
    await vote(grace).click()
    await expect(vote(ada)).to_contain_text("2")
    await expect(vote(grace)).to_have_attribute("aria-pressed", "true")
    await ada.reload()
    await expect(vote(ada)).to_have_attribute("aria-pressed", "true")
    await vote(ada).click()
    await expect(vote(grace)).to_contain_text("1")
    await expect(vote(ada)).to_have_attribute("aria-pressed", "false")


async def test_a_vote_keeps_the_keyboard_where_it_was(house, opened):
    page = await opened(await with_cards(house, "focus"))
    await vote(page).focus()
    await page.keyboard.press("Enter")
    await expect(vote(page)).to_have_attribute("aria-pressed", "true")
    await expect(vote(page)).to_be_focused()
    await page.keyboard.press("Space")
    await expect(vote(page)).to_have_attribute("aria-pressed", "false")


async def test_saving_is_seen_in_the_members_own_windows_only(house, opened):
    channel = await with_cards(house, "saves")
    mine, also_mine, graces = await opened(channel), await opened(channel), await opened(channel, who="grace")

    await save(mine, 1).click()

    for page in (mine, also_mine):
        await expect(save(page, 1)).to_have_attribute("aria-pressed", "true")
    await expect(save(graces, 1)).to_have_attribute("aria-pressed", "false")
    await ask(mine, "saved")
    await expect(mine.locator(".answer")).to_contain_text("Your saved papers")
    await save(mine, 1).click()
    await expect(save(also_mine, 1)).to_have_attribute("aria-pressed", "false")


async def test_the_member_is_chosen_at_the_side_and_permissions_follow(house, opened):
    channel = await house.channel("roles")
    page = await opened(channel)
    await house.says(channel, "settings allow admins")
    await page.get_by_label("You are").select_option("grace")
    await page.wait_for_url("**")
    await expect(page.get_by_label("You are")).to_have_value("grace")
    await ask(page, "subscribe cs.CL")
    await expect(page.get_by_role("alert")).to_contain_text("not-allowed")
    await house.says(channel, "settings allow anyone")
    await ask(page, "subscribe cs.CL as words")
    await expect(page.locator(".answer").last).to_contain_text("Subscribed #")
