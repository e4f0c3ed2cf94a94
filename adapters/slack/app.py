"""Slack's way in: Bolt's listeners, over Socket Mode or over the signed requests that our web server takes."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.conversations import NOT_INSTALLED, WENT_WRONG, Conversations, apology
from adapters.slack.directory import Directory
from adapters.slack.events import Lifecycle
from adapters.slack.faults import fault_of
from adapters.slack.guard import BODY_LIMIT, Genuine, Refused, Repeated, RequestGuard
from adapters.slack.hometab import HomeTab
from adapters.slack.inspection import inspect
from adapters.slack.installations import NoAnswer, NotInstalled, Workspaces, workspace_of
from adapters.slack.manifest import COMMAND, EVENTS, EVENTS_PATH, INSTALL_PATH, SHORTCUT, scopes
from adapters.slack.messenger import SlackMessenger
from adapters.slack.oauth import OAuth
from adapters.slack.parse import read_command, read_mention, read_metadata
from adapters.slack.sockets import Sockets, back_off
from adapters.slack.views import FORM, TYPED
from bot.errors import BadSettings
from bot.faults import Kind
from bot.health import Finding
from bot.ports import Clock, Store, Vault
from bot.services.answering import Answering
from bot.services.home import Home
from bot.services.reachability import Reachability
from bot.settings import Settings

_log = structlog.get_logger(__name__)
_LISTENED = frozenset({"app_home_opened", "app_mention"})
_LONGEST_WORK = 60.0  # seconds
_AT_ONCE = 100
"""Requests that are worked on at a time; in a rush the others wait their turn instead of making all of them slow."""
_AUTHORIZE_SECONDS = 0.5
_NOBODY: Mapping[str, Any] = {}


class SlackSide:
    """Everything of Slack that runs: built by `open_slack`, started and stopped by the composition root."""

    def __init__(self, settings: Settings, clock: Clock, store: Store, workspaces: Workspaces) -> None:
        self._settings = settings
        self._clock = clock
        self._store = store
        self._workspaces = workspaces
        self._directory = Directory(workspaces, store, clock)
        self.messenger = SlackMessenger(workspaces, clock)
        secret = settings.slack_signing_secret
        self._guard = RequestGuard(secret.get_secret_value() if secret else "")
        self._bolt: AsyncApp | None = None
        self._sockets: Sockets | None = None
        self._works: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._is_stopping = asyncio.Event()

    def routes(self, answering: Answering) -> list[web.AbstractRouteDef]:
        """Slack's requests and the pages of an installation, where it runs over HTTP."""
        self._bolt = self._listening(answering)
        if not self._settings.slack_client_id:
            return []
        oauth = OAuth(self._settings, self._workspaces, self._clock)
        return [web.post(EVENTS_PATH, self._requested), *oauth.routes()]

    async def start(self, answering: Answering) -> None:
        """Connect the socket, where there is an app token. Raises BadSettings for a token that Slack does not know."""
        token, app_token = self._settings.slack_bot_token, self._settings.slack_app_token
        if token is None or app_token is None:
            return
        self._bolt = self._bolt or self._listening(answering)
        if not await self._take_in(token.get_secret_value()):
            self._works.add(asyncio.create_task(self._keep_asking(token.get_secret_value())))
        self._sockets = Sockets(
            self._workspaces.client(),
            app_token.get_secret_value(),
            self._dispatch_envelope,
            self._clock,
            is_new_event=lambda payload: self._guard.is_new_event(payload, self._clock.now()),
            forget_event=self._guard.forget_event,
        )
        await self._sockets.start()

    async def stop(self) -> None:
        """Finish what was taken, and take nothing more."""
        if self._sockets is not None:
            await self._sockets.stop()
        self._is_stopping.set()
        if self._works:
            await asyncio.wait(self._works, timeout=5)

    async def check(self) -> Sequence[Finding]:
        """What works, for `broadsheet check`."""
        return await inspect(self._settings, self._workspaces, self._store)

    async def close(self) -> None:
        """Close all connections."""
        await self._workspaces.close()

    async def _keep_asking(self, token: str) -> None:
        """Slack could not be asked whose token it is: the bot runs, and knows the workspace as soon as it is told."""
        failures = 1
        while not self._is_stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(back_off(failures, 1.0)):
                    await self._is_stopping.wait()
                    return
            try:
                if await self._take_in(token):
                    return
            except BadSettings as error:
                _log.error("Slack does not know the bot token", error=error.user_message)
                return
            failures += 1

    async def _take_in(self, token: str) -> bool:
        """The one workspace of Socket Mode, with the scopes that its token has; False where Slack does not say.

        Raises BadSettings for a token that Slack refuses.
        """
        try:
            answer = await self._workspaces.ask(token, "auth.test")
        except NoAnswer as error:
            _log.warning("Slack cannot be reached", error=str(error))
            return False
        if not answer.ok and fault_of(answer.code).kind is Kind.REVOKED:
            raise BadSettings(
                (f"BROADSHEET_SLACK_BOT_TOKEN: Slack refuses it ({answer.code}); copy it again (docs/slack.md)",)
            )
        if not answer.ok:
            _log.warning("Slack does not say whose the bot token is", status=answer.status, code=answer.code)
            return False
        granted = tuple(str(answer.headers.get("x-oauth-scopes", "")).replace(" ", "").split(","))
        wanted = scopes(history=self._settings.slack_history)
        lacking = [each for each in wanted if granted != ("",) and each not in granted]
        if lacking:
            _log.warning("scopes are missing: install the app again from its manifest", missing=lacking)
        await self._workspaces.put(token=token, auth=answer.data, scopes=granted if granted != ("",) else wanted, by="")
        return True

    # --- requests ---

    async def _requested(self, request: web.Request) -> web.Response:
        if request.content_length is not None and request.content_length > BODY_LIMIT:
            return web.Response(status=413)
        body = await _read(request)
        if body is None:
            return web.Response(status=413)
        headers = {name.lower(): request.headers.getall(name) for name in request.headers}
        match self._guard.judge(headers, body, self._clock.now()):
            case Refused(status, reason):
                _log.warning("a request to Slack's address was refused", status=status, reason=reason)
                return web.Response(status=status)
            case Repeated():
                return web.Response(status=200)
            case Genuine(payload) if payload.get("type") == "url_verification":
                return web.Response(text=str(payload.get("challenge", "")), content_type="text/plain")
            case Genuine() as taken:
                flat = {name: values[0] for name, values in headers.items()}
                answer = await self._dispatch(
                    AsyncBoltRequest(body=body.decode("utf-8"), headers=dict(flat), mode="http")
                )
                if answer.status >= 500:  # noqa: PLR2004 - Slack sends events again
                    self._guard.forget(taken)
                kind = next(iter(answer.headers.get("content-type", ())), "text/plain").partition(";")[0]
                return web.Response(status=answer.status, text=answer.body or "", content_type=kind)

    async def _dispatch_envelope(self, kind: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        del kind
        answer = await self._dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        is_json = next(iter(answer.headers.get("content-type", ())), "").startswith("application/json")
        return answer.status, json.loads(answer.body) if answer.body and is_json else None

    async def _dispatch(self, request: AsyncBoltRequest) -> BoltResponse:
        assert self._bolt is not None  # noqa: S101 - routes and start make it
        return await self._bolt.async_dispatch(request)

    # --- listeners ---

    def _listening(self, answering: Answering) -> AsyncApp:  # noqa: C901 - one function a listener
        bolt = self._router()
        home = HomeTab(self._workspaces, self._directory, Home(self._store), self._settings, self._install_url)
        talk = Conversations(self._workspaces, self._directory, self.messenger, answering, home)
        lifecycle = Lifecycle(self._workspaces, self._directory, Reachability(self._store, self._clock))

        async def command(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
            await ack()
            self._begin(talk.typed(read_command(body)), body)

        async def mention(body: dict[str, Any]) -> None:
            if body["event"].get("user") and not body["event"].get("bot_id"):  # bots would answer each other for ever
                self._begin(talk.typed(read_mention(body)))

        async def home_opened(body: dict[str, Any]) -> None:
            if body["event"].get("tab") == "home":
                self._begin(talk.home(body["team_id"], body["event"]["user"]))

        async def happened(body: dict[str, Any]) -> None:
            self._begin(lifecycle(body))

        async def acted(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
            await ack()
            is_form = (body.get("view") or {}).get("type") == "modal"
            is_typed = is_form and body["actions"][0]["action_id"] == TYPED
            self._begin(talk.watched(body) if is_typed else talk.clicked(body), body)

        async def submitted(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
            if errors := await talk.looked_at(body):
                await ack(response_action="errors", errors=errors)
                return
            await ack()
            self._begin(talk.submitted(body), read_metadata(body["view"]), "url")

        async def saved(ack: Callable[..., Awaitable[Any]], body: dict[str, Any]) -> None:
            await ack()
            self._begin(talk.saved(body), body)

        bolt.command(COMMAND)(command)
        bolt.event("app_mention")(mention)
        bolt.event("app_home_opened")(home_opened)
        for name in EVENTS.keys() - _LISTENED:
            bolt.event(name)(happened)
        bolt.action(re.compile(".*"))(acted)
        bolt.view(FORM)(submitted)
        bolt.shortcut(SHORTCUT)(saved)
        return bolt

    def _router(self) -> AsyncApp:
        async def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
            return await self._authorize(team_id, enterprise_id)  # Bolt looks at names, which hides bound methods

        return AsyncApp(
            client=self._workspaces.client(),
            authorize=authorize,
            request_verification_enabled=False,  # the guard did, before Bolt saw anything
            logger=_quiet_logger(),
        )

    async def _authorize(self, team_id: str | None, enterprise_id: str | None = None) -> AuthorizeResult:
        """Bolt asks for every request, before it is acknowledged: the store has half a second to answer.

        Who may ask is decided afterwards, when the work begins; Bolt wants this to know the bot's own events.
        """
        try:
            async with asyncio.timeout(_AUTHORIZE_SECONDS):
                access = await self._workspaces.access(workspace_of(team_id or ""))
        except NotInstalled:
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        except Exception as error:  # noqa: BLE001 - acknowledged all the same: a member would see nothing at all
            _log.warning("a workspace could not be looked up in time", error=type(error).__name__)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)
        found = access.installation
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=found.bot_id,
            bot_user_id=found.bot_user,
            bot_token=access.token,
        )

    def _begin(
        self, work: Coroutine[Any, Any, None], asked: Mapping[str, Any] = _NOBODY, name: str = "response_url"
    ) -> None:
        """Carry out what was acknowledged; what goes wrong is logged without what was asked, and said to who asked."""

        async def carried_out() -> None:
            url = str(asked.get(name) or "")
            try:
                async with self._room, asyncio.timeout(_LONGEST_WORK):
                    await work
            except asyncio.CancelledError:
                work.close()
                raise
            except NotInstalled:
                _log.info("a request of a workspace that is not installed was passed over")
                await self._workspaces.respond(url, apology(NOT_INSTALLED, self._install_url))
            except Exception as error:  # noqa: BLE001 - the last resort; others go on
                incident = secrets.token_hex(4)
                _log.exception("a Slack request failed", error=type(error).__name__, incident=incident)
                await self._workspaces.respond(url, apology(WENT_WRONG.format(incident=incident)))

        task = asyncio.create_task(carried_out())
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    @property
    def _install_url(self) -> str:
        """Where the app is installed again; empty in Socket Mode, where its owner does it in Slack."""
        has_page = bool(self._settings.slack_client_id)
        return f"{self._settings.public_url}{INSTALL_PATH}" if has_page else ""


async def open_slack(settings: Settings, clock: Clock, store: Store, vault: Vault) -> SlackSide:
    """Slack as it is configured; nothing is called yet. To be closed."""
    return SlackSide(settings, clock, store, Workspaces(store, vault, clock, api_url=settings.slack_api_url))


async def _read(request: web.Request) -> bytes | None:
    """The raw body; None where it is longer than a request of Slack's may be."""
    read = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        read += chunk
        if len(read) > BODY_LIMIT:
            return None
    return bytes(read)


def _quiet_logger() -> logging.Logger:
    """Bolt logs the bodies of requests that it does not know."""
    logger = logging.getLogger("broadsheet.slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger
