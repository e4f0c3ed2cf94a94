"""Discord's rate limits: a bucket per route and channel, told in headers; a global one; and what is counted of them."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from tests.standins.discord_rules import Refused

INVALID = {401, 403, 429}
"""10,000 of these in ten minutes, and Cloudflare shuts the door; a 429 of the scope `shared` is not one."""


class Limited(Refused):
    """429, with the headers that go with it."""

    def __init__(self, wait: float, scope: str, headers: dict[str, str]) -> None:
        super().__init__(429, 0, "You are being rate limited.", retry_after=wait)
        self.answer["global"] = scope == "global"
        self.headers = {**headers, "Retry-After": str(math.ceil(wait)), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
        if scope == "global":
            self.headers["X-RateLimit-Global"] = "true"


@dataclass
class Limits:
    """`bucket` messages in `seconds` for a channel, `rate` requests in `window` seconds for all; 0 is no limit."""

    bucket: int = 0
    seconds: float = 5.0
    rate: int = 0
    window: float = 1.0
    crossposts: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=deque)
    _published: dict[str, deque[float]] = field(default_factory=dict)

    def take_global(self, now: float) -> None:
        """Raises Limited."""
        while self._recent and self._recent[0] <= now - self.window:
            self._recent.popleft()
        if self.rate and len(self._recent) >= self.rate:
            raise Limited(round(self._recent[0] + self.window - now, 3), "global", {})
        self._recent.append(now)

    def take(self, route: str, major: str, now: float, at: float) -> dict[str, str]:
        """The headers of an answer. Raises Limited."""
        if not self.bucket or route != "POST /channels/{id}/messages":
            return {}
        began, used = self._windows.get((route, major), (now, 0))
        if now >= began + self.seconds:
            began, used = now, 0
        wait = round(began + self.seconds - now, 3)
        left = self.bucket - used - 1
        headers = {
            "X-RateLimit-Limit": str(self.bucket),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": f"{at + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
        }
        if left < 0:
            raise Limited(wait, "user", headers)
        self._windows[route, major] = began, used + 1
        return headers

    def publish(self, channel: str, now: float) -> None:
        """Raises Limited after so many crossposts in an hour."""
        kept = self._published.setdefault(channel, deque())
        while kept and kept[0] <= now - 3600:
            kept.popleft()
        if self.crossposts and len(kept) >= self.crossposts:
            raise Limited(round(kept[0] + 3600 - now, 3), "shared", {})
        kept.append(now)

    def note(self, status: int, headers: Any = None) -> None:
        """Count an answer."""
        self.counts["requests"] += 1
        self.counts[str(status)] += 1
        scope = (headers or {}).get("X-RateLimit-Scope")
        if status == 429:
            self.counts[f"429 {scope or 'without scope'}"] += 1
        if status in INVALID and scope != "shared":
            self.counts["invalid"] += 1
