"""What opens beside the local page's channel, and what stands on its cards: threads, forms, members, marks."""

from __future__ import annotations

import json

import pytest

from bot.model import Mark, PaperId
from tests.fakes.local_page import LocalPage, read_event, serving

pytestmark = pytest.mark.integration

HTMX = {"HX-Request": "true"}


@pytest.fixture
def house():
    return LocalPage()


@pytest.fixture
async def client(house):
    async with serving(house) as session:
        yield session


# --- threads ---


async def test_a_thread_opens_as_a_part_and_as_a_page(house, client):
    parent = await house.post("the list")
    await house.post("a reply", reply_to=parent)
    for number in range(60):
        await house.post(f"[{number}]")
    async with client.get(f"/c/papers/thread/{parent.id}", headers=HTMX) as response:
        part = await response.text()
    assert "<html" not in part
    assert "a reply" in part
    assert f'data-thread="m-{parent.id}"' in part
    async with client.get(f"/c/papers/thread/{parent.id}") as response:
        text = await response.text()
    aside = text.split('<aside class="thread"')[1]
    assert 'role="complementary" aria-label="Thread">' in aside
    assert "a reply" in aside
    assert "[59]" in text


@pytest.mark.parametrize("message", ["nothing", "..", "%00"])
async def test_a_thread_of_no_message_is_not_found(house, client, message):
    await house.post("the list")
    async with client.get(f"/c/papers/thread/{message}") as response:
        assert response.status == 404


# --- marks ---


async def test_a_click_on_the_marks_is_answered_with_the_marks(house, client):
    await house.post_cards(1)
    form = {"card": "p0", "text": "vote p0"}
    async with client.post("/c/papers/command", data=form, headers=HTMX) as response:
        text = await response.text()
    assert text.strip().startswith('<form class="marks"')
    assert 'value="unvote p0" aria-pressed="true"' in text
    assert 'value="save p0" aria-pressed="false"' in text
    assert "HX-Retarget" not in response.headers
    async with client.get("/c/papers") as response:
        assert 'value="unvote p0" aria-pressed="true"' in await response.text()
    async with client.get("/c/papers", cookies={"me": "grace"}) as response:
        assert 'value="vote p0" aria-pressed="false"' in await response.text()


async def test_a_typed_vote_is_answered_in_words(client):
    async with client.post("/c/papers/command", data={"text": "vote p0"}, headers=HTMX) as response:
        assert "You asked: vote" in await response.text()
        assert response.headers["HX-Retarget"] == "#log"


async def test_a_mark_that_failed_is_answered_in_the_log(client):
    form = {"card": "unknown", "text": "vote unknown"}
    async with client.post("/c/papers/command", data=form, headers=HTMX) as response:
        assert "No such paper." in await response.text()
        assert (response.headers["HX-Retarget"], response.headers["HX-Reswap"]) == ("#log", "beforeend")


async def test_every_window_hears_of_a_mark_and_only_the_members_own_of_what_is_saved(client):
    mine = client.get("/c/papers/events")
    elsewhere = client.get("/c/two%20words/events", cookies={"me": "grace"})
    async with mine as first, elsewhere as second:
        async with client.post("/c/papers/command", data={"text": "vote p0"}, cookies={"me": "owner"}):
            pass
        assert json.loads(await read_event(first)) == {
            "paper": "p0",
            "votes": 1,
            "mine": True,
            "voted": True,
            "saved": False,
        }
        assert json.loads(await read_event(second)) == {"paper": "p0", "votes": 1, "mine": False}


async def test_messages_arrive_with_the_members_marks(house, client):
    house.marks_now["owner", "p0"] = Mark(PaperId("p0"), votes=2, saved=True)
    async with client.get("/c/papers/events") as response:
        await house.post_cards(1)
        event = await read_event(response)
    assert 'value="unsave p0" aria-pressed="true"' in event
    assert 'data-votes="2"' in event


# --- forms and members ---


@pytest.mark.parametrize("way", ["subscribe", "edit?name=quantum"])
async def test_a_form_opens_in_the_dialog_and_as_a_page(client, way):
    async with client.get(f"/c/papers/form/{way}", headers=HTMX) as response:
        part = await response.text()
    assert "<html" not in part
    assert 'name="place" value="dialog"' in part
    assert ('value="quantum"' in part) == ("quantum" in way)
    async with client.get(f"/c/papers/form/{way}") as response:
        text = await response.text()
    assert 'name="place"' not in text
    assert 'name="field.topic"' in text


async def test_other_verbs_have_no_form(client):
    async with client.get("/c/papers/form/unsubscribe") as response:
        assert response.status == 404


async def test_a_preview_says_what_a_form_would_do(house, client):
    form = {"form": "subscribe", "field.topic": "wrong"}
    async with client.post("/c/papers/preview", data=form, headers=HTMX) as response:
        told = await response.json()
    assert house.previewed == [("subscribe", {"topic": "wrong"})]
    assert "Everything in &lt;wrong&gt;" in told["notes"]
    assert told["errors"] == {"topic": "No such category."}
    assert house.submitted == []
    async with client.post("/c/papers/preview", data={"text": "today"}) as response:
        assert response.status == 400


async def test_errors_come_back_in_the_dialog_and_an_answer_closes_it(client):
    form = {"form": "subscribe", "place": "dialog", "field.topic": "wrong"}
    async with client.post("/c/papers/command", data=form, headers=HTMX) as response:
        text = await response.text()
        assert response.headers["HX-Retarget"] == "#dialog-body"
    assert 'aria-invalid="true"' in text
    assert "No such category." in text
    assert 'name="place" value="dialog"' in text
    async with client.post("/c/papers/command", data={**form, "field.topic": "cs.CL"}, headers=HTMX) as response:
        assert "Taken" in await response.text()
        assert response.headers["HX-Retarget"] == "#log"
        assert response.headers["HX-Trigger"] == "close-dialog"


async def test_a_button_that_leads_to_a_form_opens_it(client):
    async with client.post("/c/papers/command", data={"text": "edit x", "place": "dialog"}, headers=HTMX) as response:
        assert response.headers["HX-Retarget"] == "#dialog-body"
        assert 'value="x"' in await response.text()
    async with client.post("/c/papers/command", data={"text": "edit x"}, headers=HTMX) as response:
        assert response.headers["HX-Retarget"] == "#log"
        assert "only you see this" in await response.text()


async def test_a_browser_may_speak_as_another_member(house, client):
    form = {"member": "grace", "back": "/c/two%20words"}
    async with client.post("/me", data=form, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/c/two%20words")
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("me=grace;")
    assert "HttpOnly" in cookie
    assert "Path=/" in cookie
    assert "SameSite=Strict" in cookie
    async with client.post("/c/papers/command", data={"text": "today"}):
        pass
    assert house.asked[0][0].member.id == "grace"


@pytest.mark.parametrize("member", ["", "nobody", "x" * 10_000, "grace\r\nSet-Cookie: a=b"])
async def test_nobody_speaks_as_a_member_who_is_not_there(client, member):
    async with client.post("/me", data={"member": member, "back": "/"}, allow_redirects=False) as response:
        assert response.status == 400
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "back", ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "c"]
)
async def test_the_way_back_leads_to_no_other_server(client, back):
    async with client.post("/me", data={"member": "grace", "back": back}, allow_redirects=False) as response:
        assert response.headers["Location"] == "/"
