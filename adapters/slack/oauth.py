"""Installing over OAuth 2: a page with a button, and a state that works once and in one browser only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode

import structlog
from aiohttp import web

from adapters.slack.guard import Memory
from adapters.slack.installations import Answer, NoAnswer, Workspaces
from adapters.slack.manifest import HISTORY_SCOPES, INSTALL_PATH, REDIRECT_PATH, SCOPES, missing, scopes
from bot.ports import Clock
from bot.settings import Settings

_log = structlog.get_logger(__name__)
_COOKIE = "__Host-slack_state"
_PLAIN_COOKIE = "slack_state"
_VALID = timedelta(minutes=10)
AUTHORIZE_URL = "https://slack.com/oauth/v2/authorize"


class OAuth:
    """The two pages of an installation."""

    def __init__(self, settings: Settings, workspaces: Workspaces, clock: Clock) -> None:
        self._settings = settings
        self._workspaces = workspaces
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._used = Memory(_VALID * 2)

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to mount."""
        return [web.get(INSTALL_PATH, self._install), web.get(REDIRECT_PATH, self._redirected)]

    async def _install(self, request: web.Request) -> web.Response:
        browser = secrets.token_urlsafe(24)
        state = self._state(browser)
        query = {
            "client_id": self._settings.slack_client_id,
            "scope": ",".join(scopes(history=self._settings.slack_history)),
            "redirect_uri": f"{self._settings.public_url}{REDIRECT_PATH}",
            "state": state,
        }
        reasons = SCOPES | (HISTORY_SCOPES if self._settings.slack_history else {})
        rows = "".join(f"<dt><code>{escape(name)}</code></dt><dd>{escape(why)}</dd>" for name, why in reasons.items())
        url = escape(f"{_authorize(self._settings)}?{urlencode(query)}", quote=True)
        response = _page(
            "Add Broadsheet to Slack",
            "<p>The day’s research papers, filtered for each channel.</p>"
            f'<p><a class="button" href="{url}">Add to Slack</a></p>'
            f"<h2>What it asks for, and why</h2><dl>{rows}</dl>",
        )
        secure = str(self._settings.public_url).startswith("https://")
        name = _COOKIE if secure else _PLAIN_COOKIE
        age = int(_VALID.total_seconds())
        response.set_cookie(name, browser, max_age=age, path="/", httponly=True, secure=secure, samesite="Lax")
        del request
        return response

    async def _redirected(self, request: web.Request) -> web.Response:
        if request.query.get("error"):
            return _page(
                "Not installed", "<p>Nothing was installed: the request was declined in Slack.</p>", status=400
            )
        browser = request.cookies.get(_COOKIE) or request.cookies.get(_PLAIN_COOKIE) or ""
        state = request.query.get("state", "")
        if not self._is_ours(state, browser) or not self._used.is_new(state, self._clock.now()):
            text = (
                "<p>This link was used before, is older than ten minutes, or began in another browser. "
                f'<a href="{INSTALL_PATH}">Begin again.</a></p>'
            )
            return _page("Not installed", text, status=400)
        answer = await self._exchanged(request.query.get("code", ""))
        if answer is None or not answer.ok:
            _log.warning("Slack refused an installation", code=answer.code if answer else "no answer")
            again = f'<p>Slack did not confirm the installation. <a href="{INSTALL_PATH}">Try again.</a></p>'
            return _page("Not installed", again, status=502)
        return await self._installed(answer.data)

    async def _exchanged(self, code: str) -> Answer | None:
        settings = self._settings
        assert settings.slack_client_secret is not None  # noqa: S101 - the settings are whole
        try:
            return await self._workspaces.ask_form(
                "oauth.v2.access",
                client_id=settings.slack_client_id,
                client_secret=settings.slack_client_secret.get_secret_value(),
                code=code,
                redirect_uri=f"{settings.public_url}{REDIRECT_PATH}",
            )
        except NoAnswer:
            return None

    async def _installed(self, data: Any) -> web.Response:  # noqa: ANN401 - JSON
        team = data.get("team") or {}
        granted = tuple(each for each in str(data.get("scope", "")).split(",") if each)
        token = str(data.get("access_token", ""))
        try:
            told = await self._workspaces.ask(token, "auth.test")
        except NoAnswer:
            return _page("Not installed", "<p>Slack cannot be reached; try again in a minute.</p>", status=502)
        if not told.ok or not told.data.get("team_id"):
            _log.warning("Slack does not know the token that it gave", code=told.code)
            again = f'<p>Slack did not confirm the installation. <a href="{INSTALL_PATH}">Try again.</a></p>'
            return _page("Not installed", again, status=502)
        auth = {"team": team.get("name", ""), **told.data}
        made = await self._workspaces.put(
            token=token, auth=auth, scopes=granted, by=str((data.get("authed_user") or {}).get("id", ""))
        )
        _log.info("installed in a Slack workspace", workspace=made.workspace)
        lacking = missing(granted, history=self._settings.slack_history)
        note = (
            f"<p>Not granted: {', '.join(map(escape, lacking))}. What needs it will say so; "
            f'<a href="{INSTALL_PATH}">install again</a> to grant it.</p>'
            if lacking
            else ""
        )
        text = f"<p>Broadsheet is in {escape(made.name)}. In a channel, type <code>/papers form</code>.</p>{note}"
        return _page("Installed", text)

    def _state(self, browser: str) -> str:
        stamp = f"{int(self._clock.now().timestamp())}.{secrets.token_urlsafe(16)}"
        return f"{stamp}.{self._seal(stamp, browser)}"

    def _is_ours(self, state: str, browser: str) -> bool:
        """Made by this process, for this browser, within the last ten minutes."""
        stamp, _, seal = state.rpartition(".")
        if not browser or not hmac.compare_digest(seal.encode(errors="replace"), self._seal(stamp, browser).encode()):
            return False
        age = self._clock.now().timestamp() - int(stamp.partition(".")[0])
        return 0 <= age <= _VALID.total_seconds()

    def _seal(self, stamp: str, browser: str) -> str:
        return hmac.new(self._key, f"{stamp}\x1f{browser}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _authorize(settings: Settings) -> str:
    """Slack's own page, or that of the server that stands in for it."""
    base = settings.slack_api_url.removesuffix("api/")
    return AUTHORIZE_URL if base == "https://slack.com/" else f"{base}oauth/v2/authorize"


def _page(title: str, body: str, *, status: int = 200) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/web.css">'
        f"</head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return web.Response(text=text, content_type="text/html", status=status)
