"""The plain pages of the server itself: errors, the login, and the step after it."""

from __future__ import annotations

import logging
import secrets
from html import escape

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import StoreUnavailable

_log = logging.getLogger(__name__)

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">{head}<title>{title} · Broadsheet</title></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""

SENTENCES = {
    400: ("Not understood", "The request could not be read."),
    401: ("A token is needed", "Open the address with the token that the server printed or wrote when it started."),
    403: ("Refused", "The request came from another site's page."),
    404: ("Not found", "There is nothing at this address."),
    405: ("Not allowed", "This address does not take that kind of request."),
    413: ("Too long", "The request is larger than 64 KB."),
    421: ("Wrong address", "This server does not answer under that host name."),
}


def page(status: int, title: str, text: str, *, head: str = "") -> web.Response:
    """A page without style or script. `head` is trusted markup."""
    body = _PAGE.format(title=escape(title), text=escape(text), head=head)
    return web.Response(status=status, text=body, content_type="text/html", charset="utf-8")


def moved_page(target: str) -> web.Response:
    """A page that sends the browser on to `target`, a path of this server."""
    return page(200, "Welcome", "One moment…", head=f'<meta http-equiv="refresh" content="0;url={escape(target)}">')


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a page that tells the reader enough and a stranger nothing."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - the first status that is an error
            raise
        title, text = SENTENCES.get(error.status, (error.reason, "The request was refused."))
        response = page(error.status, title, text)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except StoreUnavailable as error:
        _log.warning("store unavailable at %s: %s", request.path, error.user_message)
        return page(503, "Not just now", error.user_message)
    except ConnectionError:
        # The reader has gone in the middle of an answer: nobody is there to be told.
        raise
    except Exception:  # noqa: BLE001 - the last barrier: it logs, and tells the reader an incident id
        incident = secrets.token_hex(4)
        # The path only: a query may hold what is nobody's business.
        _log.exception("request failed, incident %s: %s %s", incident, request.method, request.path)
        text = f"Something went wrong on the server. Its log has the details under incident {incident}."
        response = page(500, "Something went wrong", text)
        response.headers["X-Incident"] = incident
        return response
