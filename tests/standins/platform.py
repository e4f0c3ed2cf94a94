"""A chat platform in its own process: it keeps what is posted, enforces limits, misbehaves on demand, and counts.

    python -m tests.standins.platform --mode key|readback|neither [--platform-rate N/SECONDS] …

It prints its port and serves until it is killed. `GET /log` is the judge of every soak: what stands in the channels,
and every call with its time and answer. What it does wrong on demand is told with `POST /control`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from adapters.system import SystemClock


def now() -> float:
    """Seconds since 1970."""
    return SystemClock().now().timestamp()


@dataclass(slots=True)
class Window:
    """At most `calls` in any `per` seconds, as a sliding window."""

    calls: int
    per: float
    accepted: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, key: str, at: float) -> float:
        """Seconds until the next call would be accepted; 0: now."""
        found = self.accepted[key]
        while found and found[0] <= at - self.per:
            found.popleft()
        return found[0] + self.per - at if len(found) >= self.calls else 0.0

    def take(self, key: str, at: float) -> None:
        """Count an accepted call."""
        self.accepted[key].append(at)


class ChatPlatform:
    """Channels by name; a message stands once for each time it was accepted."""

    def __init__(
        self, *, mode: str, key_window: float, late: float, limits: dict[str, Window], log_calls: bool = True
    ) -> None:
        self.mode = mode
        self.key_window = key_window
        self.late = late
        self.limits = limits
        self.log_calls = log_calls
        self.standing: list[dict[str, Any]] = []
        self.by_key: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[dict[str, Any]] = []
        self.counts: dict[int, int] = defaultdict(int)
        self.faults: deque[dict[str, Any]] = deque()

    def app(self) -> web.Application:
        """The routes."""
        made = web.Application()
        made.router.add_post("/post", self.post)
        made.router.add_get("/find", self.find)
        made.router.add_get("/log", self.log)
        made.router.add_get("/counts", self.tally)
        made.router.add_post("/control", self.control)
        return made

    async def control(self, request: web.Request) -> web.Response:
        """`{"times": 3, "status": 429, "retry_after": "1", "scope": "channel", "lands": false, "cut": false}`"""
        asked = await request.json()
        self.faults.extend([asked] * asked.get("times", 1))
        return web.json_response({})

    async def tally(self, request: web.Request) -> web.Response:  # noqa: ARG002 - a handler's
        """How many calls were answered with which status: quick, for whoever watches."""
        return web.json_response(self.counts)

    async def log(self, request: web.Request) -> web.Response:
        """What stands, and how it came about."""
        calls = self.calls if "calls" in request.query else []
        return web.json_response({"standing": self.standing, "calls": calls, "counts": self.counts})

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Keep a message, unless a limit or a fault is in the way."""
        body = await request.json()
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and not fault.get("lands"):
            return self._answer(request, body, fault["status"], headers=_headers(fault))
        if (refusal := self._limited(body, time.monotonic())) is not None:
            return self._answer(request, body, 429, headers=refusal)
        if self.late and random.random() < 0.2:  # noqa: S311 - some requests take their time
            await asyncio.shield(asyncio.sleep(random.uniform(0, self.late)))  # noqa: S311
        message = self._keep(body)
        if fault is not None and fault.get("cut"):
            self._note(body, 0)
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        if fault is not None:
            return self._answer(request, body, fault["status"], headers=_headers(fault))
        return self._answer(request, body, 200, {"id": message["id"]})

    def _limited(self, body: dict[str, Any], at: float) -> dict[str, str] | None:
        keys = {"platform": "", "workspace": body["workspace"], "channel": f"{body['workspace']}/{body['channel']}"}
        for scope, window in self.limits.items():
            if (wait := window.wait(keys[scope], at)) > 0:
                return {"Retry-After": f"{wait:.3f}", "X-Scope": scope}
        for scope, window in self.limits.items():
            window.take(keys[scope], at)
        return None

    def _keep(self, body: dict[str, Any]) -> dict[str, Any]:
        place = (body["channel"], body["key"])
        known = self.by_key.get(place)
        if known is not None and self.mode == "key" and now() - known["at"] < self.key_window:
            return known
        message = {
            "id": f"m{len(self.standing) + 1}",
            "channel": body["channel"],
            "key": body["key"],
            "reply_to": body.get("reply_to"),
            "at": now(),
        }
        self.standing.append(message)
        self.by_key.setdefault(place, message)
        return message

    async def find(self, request: web.Request) -> web.Response:
        """The message of a key, where this platform can be asked."""
        if self.mode != "readback":
            return web.json_response({"error": "missing scope"}, status=403)
        found = self.by_key.get((request.query["channel"], request.query["key"]))
        stands = found is not None and found["at"] >= float(request.query["since"])
        return web.json_response({"id": found["id"] if found is not None and stands else None})

    def _answer(
        self,
        request: web.Request,  # noqa: ARG002 - for whoever watches
        body: dict[str, Any],
        status: int,
        payload: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> web.Response:
        self._note(body, status)
        return web.json_response(payload or {"error": status}, status=status, headers=headers)

    def _note(self, body: dict[str, Any], status: int) -> None:
        self.counts[status] += 1
        if self.log_calls:
            self.calls.append({"key": body["key"], "channel": body["channel"], "at": now(), "status": status})


def _headers(fault: dict[str, Any]) -> dict[str, str]:
    found = {"X-Scope": fault.get("scope", "message")}
    return found | ({"Retry-After": fault["retry_after"]} if "retry_after" in fault else {})


def _window(text: str) -> Window:
    calls, _, per = text.partition("/")
    return Window(int(calls), float(per or 1))


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["key", "readback", "neither"], required=True)
    parser.add_argument("--key-window", type=float, default=120.0)
    parser.add_argument("--late", type=float, default=0.0, help="Seconds that some posts take to land, at the most.")
    for scope in ("platform", "workspace", "channel"):
        parser.add_argument(f"--{scope}-rate", type=_window, help="CALLS/SECONDS, a sliding window.")
    parser.add_argument("--no-calls", action="store_true", help="Count calls, but keep no list of them.")
    asked = parser.parse_args()
    limits = {
        scope: window for scope in ("channel", "workspace", "platform") if (window := vars(asked)[f"{scope}_rate"])
    }
    platform = ChatPlatform(
        mode=asked.mode, key_window=asked.key_window, late=asked.late, limits=limits, log_calls=not asked.no_calls
    )

    async def serve() -> None:
        runner = web.AppRunner(platform.app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        print(runner.addresses[0][1], flush=True)  # noqa: T201 - whoever starts it reads the port
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
