"""The HTTP client against servers that break the rules: always an Answer, bounded in time, memory and reach."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.http import Body, Broken, HttpClient, HttpLimits, NotModified, Refused, retry_after, user_agent
from bot.model import Validators
from tests.fakes.clock import FrozenClock
from tests.standins import sources as standins
from tests.standins.sources import Reply, stand_in

NOW = datetime(2026, 1, 6, 12, 0, tzinfo=UTC)
CLOCK = FrozenClock(NOW)


def client(*, body: int = 1_000_000, total: float = 0.5) -> HttpClient:
    limits = HttpLimits(connect=timedelta(seconds=0.2), total=timedelta(seconds=total), body=body)
    return HttpClient(CLOCK, contact="papers@example.org", limits=limits)


async def get(*replies: Reply, behaviour=None, **options):
    async with client(**options) as http, stand_in(*replies, behaviour=behaviour) as server:
        return await http.get(server.url)


async def test_a_body_comes_with_its_validators_and_we_name_ourselves():
    reply = Reply(b"hello", headers={"ETag": '"a"', "Last-Modified": "Tue, 06 Jan 2026 05:00:00 GMT"})
    async with client() as http, stand_in(reply) as server:
        answer = await http.get(f"{server.url}/x?a=1", params={"b": "2"})
    assert isinstance(answer, Body)
    assert answer.content == b"hello"
    assert answer.validators == Validators('"a"', "Tue, 06 Jan 2026 05:00:00 GMT")
    assert server.asked[0].target == "/x?a=1&b=2"
    assert server.asked[0].headers["user-agent"].startswith("Broadsheet/")
    assert server.asked[0].headers["user-agent"].endswith("(+papers@example.org)")


async def test_validators_make_the_request_conditional():
    async with client() as http, stand_in(Reply(status=304)) as server:
        answer = await http.get(server.url, validators=Validators('"a"', None))
    assert answer == NotModified()
    assert server.asked[0].headers["if-none-match"] == '"a"'
    assert "if-modified-since" not in server.asked[0].headers


@pytest.mark.parametrize(
    "packed", [gzip.compress(b"hello"), gzip.compress(b"hel") + gzip.compress(b"lo")], ids=["one", "two"]
)
async def test_gzip_is_unpacked_also_in_several_members(packed):
    answer = await get(Reply(packed, headers={"Content-Encoding": "gzip"}))
    assert isinstance(answer, Body)
    assert answer.content == b"hello"


@pytest.mark.parametrize("packed", [zlib.compress(b"hello"), zlib.compress(b"hello")[2:-4]])
async def test_deflate_is_unpacked_with_and_without_its_header(packed):
    answer = await get(Reply(packed, headers={"Content-Encoding": "deflate"}))
    assert isinstance(answer, Body)
    assert answer.content == b"hello"


async def test_a_gzip_bomb_is_stopped_while_it_unpacks():
    bomb = gzip.compress(b"\0" * 100_000_000)
    tracemalloc.start()
    answer = await get(Reply(bomb, headers={"Content-Encoding": "gzip"}), body=2_000_000, total=5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(answer, Broken)
    assert "longer than" in answer.detail
    assert peak < 12_000_000


@pytest.mark.parametrize(
    ("reply", "partial"),
    [
        pytest.param(Reply(b"hel", declared_length=5), b"hel", id="shorter than declared"),
        pytest.param(Reply(b"hello", declared_length=10**11), b"", id="absurd length"),
        pytest.param(Reply(b"hello", headers={"Content-Length": "99999999999999999999"}), b"", id="no such length"),
        pytest.param(Reply(b"hello", headers={"Content-Encoding": "gzip"}), b"", id="not gzip at all"),
        pytest.param(Reply(gzip.compress(b"hello")[:-9], headers={"Content-Encoding": "gzip"}), None, id="gzip cut"),
        pytest.param(Reply(b"hello", headers={"Content-Encoding": "br"}), b"", id="unknown encoding"),
        pytest.param(Reply(b"x" * 2_000_000, without_length=True), b"", id="too long, undeclared"),
        pytest.param(
            Reply(b"5\r\nhello\r\nZZ\r\n", headers={"Transfer-Encoding": "chunked"}, without_length=True),
            None,
            id="broken chunks",
        ),
    ],
)
async def test_a_lying_answer_is_broken_and_keeps_what_came(reply, partial):
    answer = await get(reply)
    assert isinstance(answer, Broken)
    assert answer.detail
    assert partial is None or answer.partial == partial


@pytest.mark.parametrize(
    "behaviour",
    [
        standins.tls_garbage,
        standins.http09,
        standins.rst_after_headers,
        standins.slow_loris,
        standins.never_answers,
        standins.closes_at_once,
        standins.endless_body,
        standins.endless_headers,
    ],
)
async def test_a_server_that_misbehaves_is_broken_in_time(behaviour):
    started = time.monotonic()
    answer = await get(behaviour=behaviour)
    assert isinstance(answer, Broken)
    assert time.monotonic() - started < 2


async def test_what_came_before_the_deadline_is_kept():
    answer = await get(Reply(b"<feed>", declared_length=9_000), behaviour=_stalls)
    assert isinstance(answer, Broken)
    assert answer.partial == b"<feed>"


async def _stalls(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n<feed>")
    await writer.drain()
    await reader.read()


async def test_nobody_listening_is_broken():
    async with stand_in() as server:
        url = server.url
    async with client() as http:
        assert isinstance(await http.get(url), Broken)


@pytest.mark.parametrize("url", ["", "no url", "http://", "file:///etc/passwd", "http://[::1", "gopher://127.0.0.1/"])
async def test_what_is_no_http_url_is_broken(url):
    async with client() as http:
        assert isinstance(await http.get(url), Broken)


async def test_a_redirect_within_the_origin_is_followed():
    moved = Reply(status=301, headers={"Location": "/there"})
    async with client() as http, stand_in(moved, Reply(b"hello")) as server:
        answer = await http.get(server.url)
    assert isinstance(answer, Body)
    assert [each.target for each in server.asked] == ["/", "/there"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://localhost:{port}/"])
async def test_a_redirect_to_another_host_or_port_is_not_followed(target):
    async with client() as http, stand_in() as canary:
        moved = Reply(status=302, headers={"Location": target.format(port=canary.port)})
        async with stand_in(moved) as server:
            answer = await http.get(server.url)
    assert isinstance(answer, Refused)
    assert canary.connections == 0


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://user@127.0.0.1/", "http://[bad", ""])
async def test_a_senseless_redirect_is_no_crash(target):
    answer = await get(Reply(status=302, headers={"Location": target}))
    assert isinstance(answer, Refused | Broken)


async def test_redirects_in_a_circle_end():
    answer = await get(Reply(status=302, headers={"Location": "/"}))
    assert answer == Broken("redirected more than 3 times")


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", timedelta(seconds=7)),
        (" 120 ", timedelta(minutes=2)),
        ("0", timedelta(0)),
        ("-5", None),
        ("abc", None),
        ("1.5", timedelta(seconds=1.5)),
        ("٧", None),
        ("", None),
        (None, None),
        ("9" * 400, timedelta(days=1)),
        (format_datetime(NOW + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        (format_datetime(NOW - timedelta(hours=3), usegmt=True), timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=1)),
        ("Tue, 99 Jan 2026 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_or_ignored(header, wait):
    assert retry_after(header, NOW) == wait


async def test_a_refusal_carries_its_wait_and_the_head_of_its_page():
    answer = await get(Reply(b"<html>tired</html>", status=503, headers={"Retry-After": "3"}))
    assert answer == Refused(503, timedelta(seconds=3), "HTTP 503", b"<html>tired</html>")


def test_a_contact_cannot_forge_a_header():
    assert "\n" not in user_agent("me\r\nX-Evil: 1")


async def test_closing_twice_is_harmless():
    http = client()
    await http.close()
    await http.close()
