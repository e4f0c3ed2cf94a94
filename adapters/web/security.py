"""Who may ask the server what: hosts, origins, the token, and the headers that every answer carries."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.pages import LOGIN, STYLESHEET, login_page, moved_page

_log = logging.getLogger(__name__)

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset({"/healthz", STYLESHEET})
"""Answered without the token: a container's health check needs no secret, nor does the look of the login."""

LONGEST_TARGET = 2_000

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers then say `Origin: null` of our own forms too (https://fetch.spec.whatwg.org/#origin-header),
    # which `check_origin` must refuse. Other sites learn as little by this one.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FILE_FOUND = frozenset({200, 206, 304})
ONE_YEAR = 365 * 24 * 3600


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """`on_response_prepare` signal: it sees every answer, streams and errors included, where a middleware does not."""
    del request
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # The library would name itself and its version.
    response.headers["Server"] = "Broadsheet"
    # Static files may be kept when the server confirms them; pages hold what members read and must not be.
    kept = "no-cache" if isinstance(response, web.FileResponse) and response.status in FILE_FOUND else "no-store"
    response.headers.setdefault("Cache-Control", kept)


def is_loopback(host: str) -> bool:
    """True for an address or name that only this machine reaches."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _host_name(host_header: str) -> str:
    """The name in a Host header without its port; empty where it cannot be read."""
    try:
        return urlsplit(f"//{host_header}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def check_host(bound: str, extra: Collection[str]) -> Middleware:
    """Refuse foreign Host headers: against DNS rebinding, where a stranger's name points at this machine."""
    allowed = (LOOPBACK_NAMES | {bound.lower()} | {name.lower() for name in extra}) - {""}
    # Rebinding needs a name. A server bound to every interface cannot list its addresses, but may accept any of them.
    any_address = not is_loopback(bound)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = request.headers.getall("Host", [])
        name = _host_name(headers[0]) if len(headers) == 1 else ""
        # The page that refuses a name has a look; it is the same for everybody.
        if name in allowed or (any_address and _is_address(name)) or request.path == STYLESHEET:
            return await handler(request)
        raise web.HTTPMisdirectedRequest

    return middleware


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse unsafe requests that another site's page sent.

    Browsers state Origin or Sec-Fetch-Site on every such request; programs (curl, webhooks) state neither and hold no
    cookies that a stranger could borrow.
    """
    if request.method not in SAFE_METHODS:
        origin = request.headers.get("Origin")
        if origin is not None and not _same_site(origin, request.headers.get("Host", "")):
            raise web.HTTPForbidden(text="cross-origin")
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise web.HTTPForbidden(text="cross-origin")
    return await handler(request)


def _same_site(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


class TokenGate:
    """Demands the token once, in the address or in a form, then a cookie made from it."""

    def __init__(self, token: str, open_prefixes: tuple[str, ...] = ()) -> None:
        """`open_prefixes` begin the paths of sides that know by other means who asks."""
        self._open_prefixes = open_prefixes
        self._token = token.encode()
        # The cookie is not the token: who reads a browser's cookies learns nothing that works elsewhere.
        self._cookie = hmac.new(self._token, b"broadsheet page", hashlib.sha256).hexdigest()

    def admits(self, request: web.Request) -> bool:
        """True when the request carries the cookie."""
        shown = request.cookies.get(_cookie_name(request), "")
        return hmac.compare_digest(shown.encode(), self._cookie.encode())

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let those with the cookie pass, log in those with the token, ask the others for it."""
        if request.path == LOGIN and request.method == "POST":
            return await self._take_form(request)
        shown = request.query.get("token") if request.method == "GET" else None
        if shown is not None and self._is_token(shown):
            return self._logged_in_by_address(request)
        if request.path == LOGIN and self.admits(request):
            return web.Response(status=303, headers={"Location": "/"})
        if request.path in OPEN_PATHS or request.path.startswith(self._open_prefixes or "//") or self.admits(request):
            return await handler(request)
        if shown is not None:
            _warn(request)
        wanted = str(request.rel_url.without_query_params("token")) if request.method == "GET" else "/"
        return login_page(local_path(wanted), is_wrong=shown is not None)

    async def _take_form(self, request: web.Request) -> web.Response:
        try:
            form = await request.post()
        except (ValueError, LookupError) as error:
            raise web.HTTPBadRequest from error  # bytes that are not in the encoding they claim
        shown, wanted = form.get("token"), form.get("next")
        target = local_path(wanted if isinstance(wanted, str) else "/")
        if isinstance(shown, str) and (self._is_token(shown) or self._is_token(shown.strip())):
            return self._with_cookie(request, web.Response(status=303, headers={"Location": target}))
        _warn(request)
        return login_page(target, is_wrong=True)

    def _is_token(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode("utf-8", "replace"), self._token)

    def _logged_in_by_address(self, request: web.Request) -> web.Response:
        # One slash: a path that begins with two would name another host.
        target = "/" + str(request.rel_url.without_query_params("token")).lstrip("/")
        if request.headers.get("Sec-Fetch-Site") == "cross-site":
            # A link in a web mailer: browsers withhold a SameSite=Strict cookie from a redirect that another site
            # began, so the page itself moves on.
            return self._with_cookie(request, moved_page(target))
        return self._with_cookie(request, web.Response(status=303, headers={"Location": target}))

    def _with_cookie(self, request: web.Request, response: web.Response) -> web.Response:
        response.set_cookie(
            _cookie_name(request),
            self._cookie,
            max_age=ONE_YEAR,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return response


def local_path(wanted: str) -> str:
    """`wanted` where it is a path of this server that a login may lead to, else the front page."""
    # Browsers read a backslash as a slash and drop tabs, so that such a text could name another host.
    is_plain = all("!" <= char <= "~" and char != "\\" for char in wanted) and len(wanted) <= LONGEST_TARGET
    leads_away = not wanted.startswith("/") or wanted.startswith("//")
    return wanted if is_plain and not leads_away and wanted.partition("?")[0] != LOGIN else "/"


def _warn(request: web.Request) -> None:
    _log.warning("login refused: wrong token from %s", request.remote)


def _cookie_name(request: web.Request) -> str:
    """Browsers share cookies among the ports of a host; two servers on one machine must not log each other out."""
    try:
        port = urlsplit(f"//{request.headers.get('Host', '')}").port
    except ValueError:
        port = None
    return f"broadsheet_{port or 80}"
