"""The unusual has a look of its own: a very long title, right to left, a quiet day, the sample, a source down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from playwright.async_api import expect

from bot.document import Audience, Document, PaperCard
from bot.model import Announcement, AnnouncementState, Listing, Origin, PaperId, SourceName
from bot.services.ingest import take
from tests.browser.house import PHONE, open_house
from tests.browser.test_channel import ask

LONG = ("A study of very long titles " * 22)[:600]
LISTING = Listing(id=PaperId("arxiv:2611.00001"), title="A paper of today")
ARABIC = "دراسة في التعلم العميق للغة العربية"


def card(title):
    return PaperCard(
        paper_id=PaperId("look"),
        title=title,
        url="https://arxiv.org/abs/1",
        venue="arXiv",
        announced_on=date(2026, 5, 12),
    )


async def channel_with(house, title):
    channel = await house.channel("look")
    await house.posts(channel, Document((card(title),), Audience.EVERYONE))
    return channel


async def test_a_title_of_600_characters_folds_and_can_be_unfolded(house, opened):
    page = await opened(await channel_with(house, LONG), viewport=PHONE)
    title = page.locator(".card .title")
    folded = (await title.bounding_box())["height"]
    await page.get_by_text("Show all").click()
    assert (await title.bounding_box())["height"] > 2 * folded
    await expect(title).to_contain_text(LONG.strip()[-40:])


async def test_a_card_in_arabic_begins_at_the_right(house, opened):
    page = await opened(await channel_with(house, ARABIC))
    card_box = await page.locator(".card").bounding_box()
    for part in (".fact >> nth=0", "form.marks button >> nth=0"):
        box = await page.locator(f".card {part}").bounding_box()
        assert card_box["x"] + card_box["width"] - (box["x"] + box["width"]) < 24, part


async def test_a_day_without_papers_is_drawn_and_leads_to_the_newest(house, opened):
    page = await opened(await house.channel("quiet"))
    await ask(page, "today 2001-01-07")
    answer = page.locator(".answer").last
    await expect(answer).to_contain_text("Nothing on Sunday 7 January 2001")
    await expect(answer.locator("svg")).to_be_visible()
    await answer.get_by_role("button", name="The newest day").click()
    await expect(page.locator(".answer").last.locator(".card").first).to_be_visible()


async def test_the_sample_and_a_source_that_is_down_are_said_above_the_messages(browser, tmp_path):
    async with open_house(tmp_path) as house:
        page = await (await browser.new_context()).new_page()
        await page.goto(f"{house.url}/c/papers")
        await expect(page.locator(".banner")).to_contain_text("Sample edition")
        now = datetime.now(UTC)  # noqa: TID251 - the application under test has the real clock
        day = Announcement(
            source=SourceName.HUGGING_FACE,
            announced_on=now.date(),
            state=AnnouncementState.ANNOUNCED,
            fetched_at=now,
            origin=Origin.LIVE,
            listings=(LISTING,),
        )
        await take(house.app.store, day)
        down = replace(
            day, source=SourceName.ARXIV, state=AnnouncementState.SOURCE_DOWN, listings=(), detail="HTTP 503"
        )
        await take(house.app.store, down)
        await page.reload()
        await expect(page.locator(".banner-warning")).to_contain_text("arXiv could not be read: HTTP 503")
        await expect(page.get_by_text("Sample edition")).to_have_count(0)
        await page.context.close()
