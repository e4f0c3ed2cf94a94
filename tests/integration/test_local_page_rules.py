"""The rules that the web server lays on every route."""

from __future__ import annotations

import errno
import re
from html import unescape

import aiohttp
import pytest

from adapters.web.health import Health
from adapters.web.server import WebServer
from tests.fakes.local_page import LocalPage, serving

pytestmark = pytest.mark.integration

TOKEN = "correct horse battery staple"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what the rules are about


@pytest.fixture
def house():
    return LocalPage()


@pytest.fixture
async def client(house):
    async with serving(house) as session:
        yield session


# --- the rules of the server ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("GET", "/c/papers", 200),
        ("GET", "/c/papers/events", 200),
        ("GET", "/c/nowhere", 404),
        ("POST", "/c/papers/command", 200),
        ("PUT", "/c/papers", 405),
        ("GET", "/static/page.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/static/..%2Fapp.py", 404),
        ("GET", "/healthz", 200),
        ("GET", "/web.css", 200),
    ],
)
async def test_every_answer_carries_the_headers(client, method, path, status):
    async with client.request(method, path, allow_redirects=False) as response:
        assert response.status == status
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert response.headers["Server"] == "Broadsheet"
        assert response.headers["Cache-Control"] == (
            "no-cache" if path in {"/static/page.css", "/web.css"} else "no-store"
        )


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.2", "", "[", "a@127.0.0.1@evil"])
async def test_foreign_hosts_are_refused(client, host):
    async with client.get("/c/papers", headers={"Host": host}) as response:
        assert response.status == 421


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:80", "[::1]:8000", "LOCALHOST"])
async def test_the_names_of_loopback_are_welcome(client, host):
    async with client.get("/c/papers", headers={"Host": host}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_posts_from_other_sites_are_refused(house, client, headers):
    async with client.post("/c/papers/command", data={"text": "today"}, headers=headers) as response:
        assert response.status == 403
    assert house.asked == []


async def test_posts_from_the_page_itself_are_taken(house, client):
    origin = str(client._base_url).rstrip("/")
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    async with client.post("/c/papers/command", data={"text": "today"}, headers=headers) as response:
        assert response.status == 200
    assert len(house.asked) == 1


async def test_a_large_body_is_refused(house, client):
    async with client.post("/c/papers/command", data={"text": "x" * 70_000}) as response:
        assert response.status == 413
    assert house.asked == []


async def test_a_failure_tells_an_incident_and_nothing_else(client, caplog):
    async with client.post("/c/papers/command", data={"text": "fail"}) as response:
        text = await response.text()
        assert response.status == 500
        incident = response.headers["X-Incident"]
    assert incident in text
    assert "Traceback" not in text
    assert "secret" not in text
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert incident in record.getMessage()
    assert record.exc_info


async def test_a_locked_store_is_said_as_such(client):
    async with client.post("/c/papers/command", data={"text": "no store"}) as response:
        assert response.status == 503
        assert "The database is locked." in await response.text()


# --- the look of the server's own pages ---


def links(text):
    return re.findall(r'(?:href|src|action)="([^"]*)"', text)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/c/nowhere", {}, 404),
        ("PUT", "/c/papers", {}, 405),
        ("POST", "/c/papers/command", {"Origin": "http://evil.example"}, 403),
        ("GET", "/c/papers", {"Host": "evil.example"}, 421),
    ],
)
async def test_an_error_is_a_page_in_the_products_look(client, method, path, headers, status):
    async with client.request(method, path, headers=headers) as response:
        text = await response.text()
        assert response.status == status
        assert response.content_type == "text/html"
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert re.search(r"<title>[A-Z][a-z ]+ · Broadsheet</title>", text)
    assert text.count("<main>") == text.count("<h1>") == 1
    assert f"Error {status}" in text
    assert "<script" not in text
    assert "style=" not in text
    assert set(links(text)) == ({"/web.css"} if status == 421 else {"/web.css", "/"})


async def test_a_failure_has_the_same_look_and_a_way_home(client):
    for command, status in (("fail", 500), ("no store", 503)):
        async with client.post("/c/papers/command", data={"text": command}) as response:
            assert response.status == status
            assert links(await response.text()) == ["/web.css", "/", "/"]


async def test_the_look_is_there_for_everybody(house):
    async with serving(house, token=TOKEN) as client:
        for headers in ({}, {"Host": "evil.example"}):
            async with client.get("/web.css", headers=headers) as response:
                assert response.status == 200
                assert response.content_type == "text/css"
                assert "prefers-color-scheme: dark" in await response.text()


async def test_health_tells_status_version_and_parts(house):
    async def sick():
        return Health(healthy=False, parts={"store": "locked"})

    async with serving(house, health=sick) as client, client.get("/healthz") as response:
        assert response.status == 503
        assert await response.json() == {"status": "failing", "version": "1.2.3", "parts": {"store": "locked"}}


# --- the token ---


async def test_beyond_loopback_a_token_is_demanded(house):
    for host in (EVERYWHERE, "192.168.1.5", "papers.lab", ""):
        with pytest.raises(ValueError, match="token"):
            WebServer(house.app.routes(), host=host, port=0)


async def test_without_the_token_there_is_only_health(house):
    async with serving(house, token=TOKEN) as client:
        for path in ("/", "/c/papers", "/c/papers/events", "/static/page.css", "/c/papers?token=wrong", "/?token="):
            async with client.get(path) as response:
                assert response.status == 401
                assert "token" in await response.text()
                assert "Set-Cookie" not in response.headers
        async with client.post(f"/c/papers/command?token={TOKEN}", data={"text": "today"}) as response:
            assert response.status == 401
        async with client.get("/healthz") as response:
            assert await response.json() == {"status": "ok", "version": "1.2.3"}
    assert house.asked == []


async def test_the_token_logs_in_and_leaves_the_address(house):
    async with serving(house, token=TOKEN) as client:
        async with client.get("/c/papers", params={"token": TOKEN, "before": "x"}, allow_redirects=False) as response:
            assert response.status == 303
            assert response.headers["Location"] == "/c/papers?before=x"
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        async with client.get("/c/papers") as response:
            assert response.status == 200
        async with client.post("/c/papers/command", data={"text": "today"}) as response:
            assert response.status == 200
        async with client.get("/healthz") as response:
            assert "parts" in await response.json()


async def test_a_login_from_another_site_moves_on_by_itself(house):
    async with serving(house, token=TOKEN) as client:
        headers = {"Sec-Fetch-Site": "cross-site"}
        async with client.get("/c/papers", params={"token": TOKEN}, headers=headers) as response:
            assert response.status == 200
            assert 'content="0;url=/c/papers"' in await response.text()
        async with client.get("/c/papers") as response:
            assert response.status == 200


async def test_a_login_never_leads_away(house):
    async with serving(house, token=TOKEN) as client:
        url = f"{client._base_url}/evil.example/?token={TOKEN}".replace(" ", "%20")
        async with client.get(url, allow_redirects=False) as response:
            assert response.headers["Location"].startswith("/evil.example")


async def test_every_interface_takes_addresses_but_not_names(house):
    async with serving(house, host=EVERYWHERE, token=TOKEN, allowed_hosts=["papers.lab"]) as client:
        for host, status in (("192.168.1.5:80", 401), ("papers.lab", 401), ("localhost", 401), ("evil.example", 421)):
            async with client.get("/", headers={"Host": host}) as response:
                assert response.status == status, host


# --- the login form ---


def next_of(text):
    [target] = re.findall(r'name="next" value="([^"]*)"', text)
    return unescape(target)


async def test_without_the_token_a_form_asks_for_it_and_says_where_it_is(house):
    address = "/c/two%20words?before=a&x=%22%3E%3Cb%3E"
    async with serving(house, token=TOKEN) as client, client.get(address) as response:
        assert response.status == 401
        text = await response.text()
    assert '<form method="post" action="/login">' in text
    assert {"BROADSHEET_TOKEN", "BROADSHEET_TOKEN_FILE", "token"} <= set(re.findall(r"<code>([^<]*)</code>", text))
    assert "<b>" not in text
    assert "not the token" not in text
    assert next_of(text).startswith("/c/two%20words?before=a&x=")


async def test_the_form_logs_in_and_leads_to_what_was_asked_for(house, caplog):
    async with serving(house, token=TOKEN) as client:
        origin = {"Origin": str(client._base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        form = {"token": f" {TOKEN}\n", "next": "/c/papers?before=x"}
        async with client.post("/login", data=form, headers=origin, allow_redirects=False) as response:
            assert response.status == 303
            assert response.headers["Location"] == "/c/papers?before=x"
            cookie = response.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert TOKEN not in cookie
        async with client.get("/c/papers") as response:
            assert response.status == 200
        async with client.get("/login", allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/")
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "form",
    [
        {"token": "wrong"},
        {"token": ""},
        {},
        {"token": "\ud7ff\u00e9"},
        {"token": TOKEN.upper()},
        b"\xff=%ff&token=%ff",
    ],
)
async def test_a_wrong_token_brings_the_form_back(house, form, caplog):
    async with serving(house, token=TOKEN) as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        async with client.post("/login", data=form, headers=headers, allow_redirects=False) as response:
            text = await response.text()
            assert response.status == (400 if isinstance(form, bytes) else 401)
            assert "Set-Cookie" not in response.headers
        if not isinstance(form, bytes):
            assert "That is not the token" in text
            assert 'aria-invalid="true"' in text
            assert "wrong token from 127.0.0.1" in caplog.text
        async with client.get("/c/papers") as response:
            assert response.status == 401


async def test_a_file_in_place_of_the_token_is_a_wrong_token(house):
    async with serving(house, token=TOKEN) as client:
        form = aiohttp.FormData()
        form.add_field("token", TOKEN.encode(), filename="token")
        form.add_field("next", b"/x", filename="next")
        async with client.post("/login", data=form) as response:
            assert response.status == 401
            assert next_of(await response.text()) == "/"


async def test_a_wrong_token_in_the_address_is_said_and_not_kept(house):
    async with serving(house, token=TOKEN) as client, client.get("/c/papers?token=wrong&before=x") as response:
        text = await response.text()
    assert "That is not the token" in text
    assert next_of(text) == "/c/papers?before=x"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "/login",
        "/" + "x" * 3_000,
        "evil.example",
        "",
    ],
)
async def test_the_form_leads_nowhere_else(house, target):
    async with serving(house, token=TOKEN) as client:
        form = {"token": TOKEN, "next": target}
        async with client.post("/login", data=form, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/")


async def test_another_site_cannot_log_a_browser_in(house):
    async with serving(house, token=TOKEN) as client:
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            async with client.post("/login", data={"token": TOKEN}, headers=headers) as response:
                assert response.status == 403
                assert "Set-Cookie" not in response.headers


async def test_a_login_is_no_page_where_no_token_is_asked_for(client):
    async with client.get("/login") as response:
        assert response.status == 404


# --- starting ---


async def test_a_busy_port_is_said_in_a_sentence(house):
    first = WebServer(house.app.routes(), host="127.0.0.1", port=0)
    await first.start()
    second = WebServer(house.app.routes(), host="127.0.0.1", port=first.port)
    with pytest.raises(OSError, match="already in use") as caught:
        await second.start()
    assert caught.value.errno == errno.EADDRINUSE
    assert str(first.port) in caught.value.strerror
    await second.stop()
    await first.stop()


async def test_the_server_tells_where_it_is(house):
    server = WebServer(house.app.routes(), host="127.0.0.1", port=0)
    await server.start()
    assert server.url == f"http://127.0.0.1:{server.port}/"
    assert server.port > 0
    await server.stop()
    anywhere = WebServer(house.app.routes(), host=EVERYWHERE, port=8000, token=TOKEN)
    assert anywhere.url == "http://localhost:8000/"
    assert WebServer(house.app.routes(), host="::1", port=8000).url == "http://[::1]:8000/"
