"""The web server: mounts the sides' routes behind one set of rules."""

from __future__ import annotations

import errno
import logging
from collections.abc import Collection, Sequence

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from adapters.web.health import HealthCheck, always_healthy, health_response
from adapters.web.pages import STYLESHEET, plain_errors, stylesheet
from adapters.web.security import TokenGate, add_headers, check_host, check_origin, is_loopback

BODY_LIMIT = 64 * 1024
SHUTDOWN_SECONDS = 1.0
"""How long open streams are waited for; they are endless, so waiting longer gains nothing."""


class WebServer:
    """Owns the aiohttp application. `port` 0 takes a free one; `port` and `url` tell it after `start`."""

    def __init__(  # noqa: PLR0913 - all but the routes are the listener's own settings
        self,
        routes: Sequence[web.AbstractRouteDef],
        *,
        host: str,
        port: int,
        token: str | None = None,
        version: str = "",
        health: HealthCheck = always_healthy,
        allowed_hosts: Collection[str] = (),
        open_prefixes: Sequence[str] = (),
    ) -> None:
        if not token and not is_loopback(host):
            raise ValueError(f"binding to {host} makes the page reachable from other machines: it needs a token")
        self._host = host
        self._port = port
        self._version = version
        self._health = health
        self._gate = TokenGate(token, tuple(open_prefixes)) if token else None
        self._runner: web.AppRunner | None = None
        self._app = web.Application(client_max_size=BODY_LIMIT, middlewares=self._middlewares(allowed_hosts))
        self._app.on_response_prepare.append(add_headers)
        self._app.add_routes([web.get("/healthz", self._healthz), web.get(STYLESHEET, stylesheet), *routes])

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the server."""
        host = "localhost" if self._host in {"0.0.0.0", "::", ""} else self._host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self._port}/" if ":" in host else f"http://{host}:{self._port}/"

    async def start(self) -> None:
        """Listen. Raises OSError with a whole sentence as its `strerror` when the address cannot be had."""
        # No access log: it would hold the token of a login and what members type.
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, logger=_server_log())
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise OSError(error.errno, _cannot_listen(error, self._host, self._port)) from error
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the listener and the connections; harmless when it is not running."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _middlewares(self, allowed_hosts: Collection[str]) -> list[Middleware]:
        """In the order in which a request meets them."""
        rules: list[Middleware] = [plain_errors, check_host(self._host, allowed_hosts), check_origin]
        if self._gate is not None:
            rules.append(self._gate.check)
        return rules

    async def _healthz(self, request: web.Request) -> web.Response:
        detailed = self._gate is None or self._gate.admits(request)
        return health_response(await self._health(), self._version, detailed=detailed)


def _server_log() -> logging.Logger:
    """Aiohttp writes a traceback, and a part of the request, for bytes that are no HTTP: those are passed over."""
    logger = logging.getLogger("broadsheet.web")
    if not logger.filters:
        logger.addFilter(lambda record: not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError)))
    return logger


def _cannot_listen(error: OSError, host: str, port: int) -> str:
    """What happened and what to do about it."""
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is already in use: stop the program that holds it, or choose another port."
        case errno.EACCES:
            return f"Port {port} on {host} may not be used by this user: choose one above 1023."
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this machine: bind to 127.0.0.1 or to one of its own addresses."
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror or error}."
