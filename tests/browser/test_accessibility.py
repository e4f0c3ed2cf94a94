"""axe-core finds no serious fault on any view, wide or narrow, by day or night."""

from __future__ import annotations

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.house import PHONE, WIDE
from tests.browser.test_channel import ask

SERIOUS = {"serious", "critical"}
VIEWS = ["", "help", "help subscribe", "today", "saved", "subscribe cs.XL", "list", "settings"]


async def faults(page):
    found = (await Axe().run(page)).response["violations"]
    return [
        (each["id"], node["html"][:160], node["failureSummary"])
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_no_view_has_a_serious_fault(house, opened, viewport, scheme):
    page = await opened(viewport=viewport, color_scheme=scheme)
    await expect(page.locator(".card").first).to_be_attached()
    assert await faults(page) == []
    for view in filter(None, VIEWS):
        await ask(page, view)
        await expect(page.locator(".answer").last).to_contain_text(f"/papers {view}")
    assert await faults(page) == []
    await page.goto(f"{house.url}/c/{await house.channel('empty')}")
    assert await faults(page) == []
