"""The local page over a real server on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from adapters.local.live import BACKLOG, Live
from adapters.local.looks import Looks
from adapters.local.messenger import LocalMessenger
from adapters.local.windows import that_fit
from bot.document import Document, Note, PaperCard, Tone
from bot.errors import StoreUnavailable
from bot.ledger import Delivery
from bot.model import PaperId
from bot.outcome import RefusedForNow
from bot.ports import PostedMessage
from tests.fakes.clock import FrozenClock
from tests.fakes.local_page import NOON, LocalPage, read_event, ref, serving
from tests.fakes.store import MemoryTimeline

pytestmark = pytest.mark.integration

STATIC_FILES = (
    *("page.js", "view.js", "live.js", "composer.js", "marks.js", "thread.js", "forms.js", "htmx.min.js"),
    *("page.css", "messages.css", "cards.css", "panels.css", "icon.svg"),
)
HTMX = {"HX-Request": "true"}
XSS = '<script>alert(1)</script><img src=x onerror=alert(1)>" onload="alert(1)'


@pytest.fixture
def house():
    return LocalPage()


@pytest.fixture
async def client(house):
    async with serving(house) as session:
        yield session


# --- the page ---


async def test_the_front_door_leads_to_the_first_channel(client):
    async with client.get("/") as response:
        assert response.url.path == "/c/papers"
        text = await response.text()
    assert "<h1>" in text
    assert "Nothing here yet" in text
    assert 'href="/c/two%20words"' in text


async def test_a_channel_shows_its_messages_and_not_its_neighbours(house, client):
    parent = await house.post("the list")
    await house.post("a reply", reply_to=parent)
    await house.post("elsewhere", channel="two words")
    async with client.get("/c/papers") as response:
        text = await response.text()
    assert "the list" in text
    assert '<span class="number">1</span> <span class="word">reply</span>' in text
    assert "a reply" not in text
    assert "elsewhere" not in text
    async with client.get("/c/two%20words") as response:
        assert "elsewhere" in await response.text()


async def test_old_messages_stand_on_earlier_pages(house, client):
    for number in range(60):
        await house.post(f"[{number}]")
    async with client.get("/c/papers") as response:
        text = await response.text()
    assert "[9]" not in text
    assert "[10]" in text
    assert "[59]" in text
    earlier = text.split('href="/c/papers?before=')[1].split('"')[0]
    async with client.get(f"/c/papers?before={earlier}") as response:
        text = await response.text()
    assert "[9]" in text
    assert "[10]" not in text
    assert "?before=" not in text


async def test_notices_stand_above_the_messages(house, client):
    house.notices_now = (Note("This is the sample edition.", Tone.WARNING),)
    async with client.get("/c/papers") as response:
        assert "This is the sample edition." in await response.text()


async def test_an_unknown_channel_is_a_plain_page(client):
    async with client.get("/c/nowhere") as response:
        assert response.status == 404
        assert "There is nothing at this address." in await response.text()


async def test_stranger_text_is_inert_on_the_page_and_in_the_stream(house, client):
    card = PaperCard(paper_id=PaperId("x"), title=XSS, url="javascript:alert(1)", byline=XSS, summary=XSS)
    delivery = Delivery(key="k", edition_id=1, part=0, channel=ref("papers"))
    await house.messenger.post(delivery, Document((card,)), reply_to=None)
    async with client.get("/c/papers") as response:
        page = await response.text()
    async with client.get("/c/papers/events") as response:
        event = await read_event(response)
    async with client.post("/c/papers/command", data={"text": XSS}, headers=HTMX) as response:
        answer = await response.text()
    for html in (page, event, answer):
        assert "&lt;script&gt;alert(1)" in html
        assert "<script>alert" not in html
        assert "<img" not in html
        assert '" onload="' not in html
        assert "javascript:" not in html


async def test_the_page_asks_nobody_else_for_anything(client):
    async with client.get("/c/papers") as response:
        text = await response.text()
    for attribute in ("src=", "href="):
        for reference in text.split(attribute)[1:]:
            assert reference.startswith(('"/', '"#')), reference[:60]
    for name in STATIC_FILES:
        async with client.get(f"/static/{name}") as response:
            assert response.status == 200
            if name != "htmx.min.js":
                assert "http://" not in (await response.text()).replace("http://www.w3.org/2000/svg", "")


async def test_a_page_draws_only_so_many_cards(house, client):
    for number in range(8):
        await house.post_cards(40, first=number * 40)
    async with client.get("/c/papers") as response:
        text = await response.text()
    assert text.count('class="card card-full"') == 120
    assert "Title 200." in text
    assert "Title 199." not in text
    earlier = text.split('href="/c/papers?before=')[1].split('"')[0]
    async with client.get(f"/c/papers?before={earlier}") as response:
        text = await response.text()
    assert "Title 199." in text
    assert "Title 80." in text
    assert "Title 200." not in text


def test_a_message_with_too_many_cards_is_shown_alone():
    def message(number, cards):
        card = PaperCard(paper_id=PaperId("x"), title="x", url="")
        return PostedMessage(
            id=str(number), channel=ref("papers"), key="", document=Document((card,) * cards), posted_at=NOON
        )

    def fitting(*counts):
        return [each.id for each in that_fit([message(*each) for each in enumerate(counts)])]

    assert fitting(1, 151) == ["1"]
    assert fitting(1, 100, 50) == ["1", "2"]
    assert fitting(100, 51, 0) == ["1", "2"]
    assert fitting() == []


# --- commands ---


async def test_a_command_makes_its_way_there_and_back(house, client):
    form = {"text": "/papers  today ", "zone": "Europe/Berlin"}
    async with client.post("/c/papers/command", data=form, headers=HTMX) as response:
        text = await response.text()
    [(caller, asked)] = house.asked
    assert asked == "today"
    assert (caller.channel, caller.channel_name) == (ref("papers"), "papers")
    assert (caller.member.id, caller.member.zone) == ("owner", "Europe/Berlin")
    assert "You asked: today" in text
    assert "only you see this" in text
    assert "<html" not in text


async def test_without_script_the_answer_is_a_whole_page(house, client):
    await house.post("already there")
    async with client.post("/c/papers/command", data={"text": "today"}) as response:
        text = await response.text()
    assert text.startswith("<!doctype html>")
    assert "already there" in text
    assert "You asked: today" in text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "", "\x00"])
async def test_a_zone_that_is_none_is_not_believed(house, client, zone):
    async with client.post("/c/papers/command", data={"text": "today", "zone": zone}, headers=HTMX):
        pass
    assert house.asked[0][0].member.zone is None


async def test_the_member_of_the_cookie_asks(house, client):
    async with client.post("/c/papers/command", data={"text": "today"}, cookies={"me": "grace"}):
        pass
    assert house.asked[0][0].member.id == "grace"


async def test_a_form_arrives_as_verb_and_values(house, client):
    form = {"form": "subscribe", "field.topic": "cs.CL", "field.top": "5", "zone": "UTC"}
    async with client.post("/c/papers/command", data=form, headers=HTMX) as response:
        assert "Taken" in await response.text()
    assert house.submitted == [("subscribe", {"topic": "cs.CL", "top": "5"})]


async def test_a_file_in_place_of_text_counts_as_nothing(house, client):
    data = aiohttp.FormData()
    data.add_field("text", b"today", filename="x.txt")
    async with client.post("/c/papers/command", data=data) as response:
        assert response.status == 200
    assert house.asked[0][1] == ""


# --- live ---


async def test_a_posted_message_reaches_every_open_page(house, client):
    async with client.get("/c/papers/events") as first, client.get("/c/papers/events") as second:
        assert first.headers["Content-Type"] == "text/event-stream"
        parent = await house.post("hello")
        for response in (first, second):
            assert "hello" in await read_event(response)
        await house.post("a reply", reply_to=parent)
        for response in (first, second):
            assert f'data-parent="m-{parent.id}"' in await read_event(response)
        await house.messenger.edit(parent, Document((Note("changed"),)))
        for response in (first, second):
            event = await read_event(response)
            assert "changed" in event
            assert f'id="m-{parent.id}"' in event


async def test_other_channels_are_not_heard(house, client):
    async with client.get("/c/papers/events") as response:
        await house.post("elsewhere", channel="two words")
        await house.post("here")
        assert "here" in await read_event(response)


async def test_a_page_that_comes_back_is_told_what_it_missed(house, client):
    await house.post("old")
    house.clock.move(timedelta(minutes=1))
    missed = house.clock.now()
    await house.post("missed")
    async with client.get("/c/papers/events", headers={"Last-Event-ID": missed.isoformat()}) as response:
        assert "missed" in await read_event(response)
    async with client.get("/c/papers/events", params={"since": NOON.isoformat()}) as response:
        assert "old" in await read_event(response)
        assert "missed" in await read_event(response)


async def test_what_another_process_posted_is_found_by_looking():
    house = LocalPage(beat_seconds=0.05)
    async with serving(house) as client, client.get("/c/papers/events") as response:
        other = LocalMessenger(timeline=house.timeline, live=Live(), clock=house.clock)
        delivery = Delivery(key="k", edition_id=1, part=0, channel=ref("papers"))
        await other.post(delivery, Document((Note("from the command line"),)), reply_to=None)
        assert "from the command line" in await read_event(response)
        await house.post("next")
        assert "next" in await read_event(response)


class CountedTimeline(MemoryTimeline):
    looks = 0

    async def latest(self, channel, *, limit, before=None):
        self.looks += 1
        return await super().latest(channel, limit=limit, before=before)


async def test_many_windows_share_one_look():
    timeline, live = CountedTimeline(), Live()
    looks = Looks(timeline, live)
    first, *others = await asyncio.gather(*(looks.at(ref("papers"), fresh_seconds=60) for _ in range(50)))
    assert timeline.looks == 1
    assert all(each is first for each in others)
    messenger = LocalMessenger(timeline=timeline, live=live, clock=FrozenClock(NOON))
    delivery = Delivery(key="k", edition_id=1, part=0, channel=ref("papers"))
    await messenger.post(delivery, Document((Note("x"),)), reply_to=None)
    assert len((await looks.at(ref("papers"), fresh_seconds=60)).messages) == 1
    second = await looks.at(ref("papers"), fresh_seconds=-1)
    assert second is await looks.at(ref("papers"), fresh_seconds=-1), "nothing happened between"
    assert timeline.looks == 4
    looks.forget_unheard()
    await looks.at(ref("papers"), fresh_seconds=60)
    assert timeline.looks == 5


async def test_a_page_that_was_closed_is_forgotten():
    house = LocalPage(beat_seconds=0.02)
    async with serving(house) as client:
        async with client.get("/c/papers/events"):
            assert house.live.listeners == 1
        async with asyncio.timeout(5):
            while house.live.listeners:  # noqa: ASYNC110 - nothing tells when a stream has ended
                await asyncio.sleep(0.01)


async def test_a_page_that_cannot_keep_up_is_sent_away_to_catch_up(house):
    with house.live.listen(ref("papers")) as slow:
        for number in range(BACKLOG + 1):
            await house.post(str(number))
        assert slow.closed
    await house.post("nobody listens")


async def test_stopping_does_not_wait_for_open_pages(house):
    async with asyncio.timeout(3), serving(house) as client, client.get("/c/papers/events"):
        pass


# --- the messenger ---


class LockedTimeline(MemoryTimeline):
    async def add(self, message):
        del message
        raise StoreUnavailable("The database is locked.")


async def test_a_locked_store_makes_a_post_wait():
    messenger = LocalMessenger(timeline=LockedTimeline(), live=Live(), clock=FrozenClock(NOON))
    delivery = Delivery(key="k", edition_id=1, part=0, channel=ref("papers"))
    outcome = await messenger.post(delivery, Document((Note("x"),)), reply_to=None)
    assert isinstance(outcome, RefusedForNow)
    assert outcome.retry_at > NOON
