"""What `/healthz` says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Health:
    """How the process is: `parts` names each part and says in a few words how it is."""

    healthy: bool
    parts: Mapping[str, str] = field(default_factory=dict)


HealthCheck = Callable[[], Awaitable[Health]]


async def always_healthy() -> Health:
    """The check of a server to which none was given: it answers, so it runs."""
    return Health(healthy=True)


def health_response(health: Health, version: str, *, detailed: bool) -> web.Response:
    """200 or 503 with a small JSON body; the parts only for those who may see the pages."""
    body: dict[str, object] = {"status": "ok" if health.healthy else "failing", "version": version}
    if detailed:
        body["parts"] = dict(health.parts)
    return web.json_response(body, status=200 if health.healthy else 503)
