"""The plain pages of the server itself: errors, the login, and the step after it."""

from __future__ import annotations

import logging
import secrets
from html import escape
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.errors import StoreUnavailable

_log = logging.getLogger(__name__)

_FIRST_ERROR = 400
_LOGIN_NEEDED = 401
STYLESHEET = "/web.css"
LOGIN = "/login"
_STATIC = Path(__file__).parent / "static"

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="{stylesheet}">{head}
<title>{title} · Broadsheet</title></head>
<body>
<header class="masthead">{masthead}</header>
<main>
{kicker}<h1>{title}</h1>
<p class="lead">{text}</p>
{more}
</main>
</body>
</html>
"""
_HOME = '<p class="onward"><a href="/">To the front page</a></p>'
_LOGIN = """<form method="post" action="{action}">
<input type="hidden" name="next" value="{target}">
<label for="token">Token</label>
<div class="field"><input id="token" name="token" type="password" autocomplete="current-password" autocapitalize="none"
 spellcheck="false" required autofocus{invalid}><button>Open the page</button></div>
{wrong}</form>
<h2>Where to find it</h2>
<ul>
<li>In the address that Broadsheet printed when it started.</li>
<li>In the file <code>token</code> of the data folder; with Docker:
 <code>docker compose exec bot cat /data/token</code>.</li>
<li>In <code>BROADSHEET_TOKEN</code>, or the file that <code>BROADSHEET_TOKEN_FILE</code> names, where one of them is
 set.</li>
</ul>"""
_WRONG = '<p class="wrong" id="wrong" role="alert">That is not the token; copy it whole.</p>\n'

SENTENCES = {
    400: ("Not understood", "The request could not be read."),
    401: ("A token is needed", "Other machines can reach this page, so it asks for its token once for each browser."),
    403: ("Refused", "The request came from another site's page."),
    404: ("Not found", "There is nothing at this address."),
    405: ("Not allowed", "This address does not take that kind of request."),
    413: ("Too long", "The request is larger than 64 KB."),
    421: ("Wrong address", "This server does not answer under that host name."),
}
_WITHOUT_A_WAY_HOME = frozenset({401, 421})
"""There the front page would refuse the reader as well."""


def page(status: int, title: str, text: str, *, head: str = "", more: str = "") -> web.Response:
    """A page without script. `head` and `more` are trusted markup."""
    has_home = status not in _WITHOUT_A_WAY_HOME
    kicker = "Login" if status == _LOGIN_NEEDED else f"Error {status}" if status >= _FIRST_ERROR else ""
    body = _PAGE.format(
        stylesheet=STYLESHEET,
        head=head,
        masthead='<a href="/">Broadsheet</a>' if has_home else "Broadsheet",
        kicker=f'<p class="kicker">{kicker}</p>\n' if kicker else "",
        title=escape(title),
        text=escape(text),
        more=more or (_HOME if has_home else ""),
    )
    return web.Response(status=status, text=body, content_type="text/html", charset="utf-8")


def moved_page(target: str) -> web.Response:
    """A page that sends the browser on to `target`, a path of this server."""
    onward = f'<p class="onward"><a href="{escape(target)}">Go on</a></p>'
    return page(
        200, "Welcome", "One moment…", head=f'<meta http-equiv="refresh" content="0;url={escape(target)}">', more=onward
    )


def login_page(target: str, *, is_wrong: bool) -> web.Response:
    """The page that asks for the token and then leads to `target`, a path of this server."""
    title, text = SENTENCES[_LOGIN_NEEDED]
    invalid = ' aria-invalid="true" aria-describedby="wrong"' if is_wrong else ""
    form = _LOGIN.format(action=LOGIN, target=escape(target), invalid=invalid, wrong=_WRONG if is_wrong else "")
    return page(401, title, text, more=form)


async def stylesheet(request: web.Request) -> web.FileResponse:
    """The look of these pages."""
    del request
    return web.FileResponse(_STATIC / "web.css")


@web.middleware
async def plain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a page that tells the reader enough and a stranger nothing."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < _FIRST_ERROR:
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
