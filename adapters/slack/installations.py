"""The workspaces that let us in, and the one client through which each of them is called."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.faults import fault_of
from bot.errors import BadSettings
from bot.faults import Kind
from bot.model import MemberId, Platform, WorkspaceId
from bot.ports import Clock, Store, Vault
from bot.tenancy import Installation

_log = structlog.get_logger(__name__)
_FRESH = timedelta(minutes=1)
_GONE = timedelta(hours=1)
_CONNECT_SECONDS = 5
_TOO_MANY = 429
_MOST_PAUSES = 2
_LONGEST_PAUSE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack answered: `code` is empty for `ok: true`, and for an answer that was no JSON."""

    status: int
    ok: bool
    code: str
    data: Mapping[str, Any]
    retry_after: timedelta | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    """By lower-case name."""


class NoAnswer(Exception):
    """The connection broke: `sent` tells whether the request may have arrived."""

    def __init__(self, detail: str, *, sent: bool) -> None:
        super().__init__(detail)
        self.sent = sent


class NotInstalled(Exception):
    """The workspace does not let us in."""


@dataclass(frozen=True, slots=True)
class Access:
    """An installation with its token in clear, for as long as a call takes."""

    installation: Installation
    token: str

    def may(self, *scopes: str) -> bool:
        """True where all of these were granted."""
        return set(scopes) <= set(self.installation.scopes)


class Workspaces:
    """Installations with their tokens, and calls to the Web API. To be closed.

    Calls are made by slack_sdk's client without any of its retries, which post twice: its default handler repeats a
    POST whose answer was cut off.
    """

    def __init__(self, store: Store, vault: Vault, clock: Clock, *, api_url: str) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._api_url = api_url
        self._known: dict[WorkspaceId, tuple[Access | None, Any]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def session(self) -> aiohttp.ClientSession:
        """The one session."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=15, connect=_CONNECT_SECONDS)
            # Connections are closed before Slack's front ends close them: a post into a dying one is a doubt.
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=10)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session

    def client(self, token: str = "") -> AsyncWebClient:
        """slack_sdk's client: on the one session, with no retries."""
        return AsyncWebClient(token=token or None, base_url=self._api_url, session=self.session(), retry_handlers=[])

    async def access(self, workspace: WorkspaceId) -> Access:
        """The workspace's token. Raises NotInstalled, or NoAnswer where the key that sealed it is missing."""
        found, until = self._known.get(workspace, (None, None))
        now = self._clock.now()
        if until is None or until < now:
            async with self._store.read() as tx:
                installation = await tx.installations.get(workspace)
            found = self._opened(installation) if installation else None
            self._known[workspace] = found, now + _FRESH
        if found is None:
            raise NotInstalled(workspace)
        return found

    def _opened(self, installation: Installation) -> Access:
        try:
            return Access(installation, self._vault.open(installation.sealed_token))
        except BadSettings as error:  # the operator's to mend; until then nothing is refused for good
            _log.exception("a token cannot be opened", workspace=installation.workspace, error=str(error))
            raise NoAnswer(str(error), sent=False) from error

    async def call(self, workspace: WorkspaceId, method: str, **arguments: Any) -> Answer:  # noqa: ANN401 - JSON
        """Call a method of the Web API once. Raises NotInstalled, or NoAnswer where the connection broke."""
        access = await self.access(workspace)
        answer = await self.ask(access.token, method, **arguments)
        if fault_of(answer.code).kind is Kind.REVOKED and answer.code:
            _log.warning("a Slack workspace no longer lets us in", workspace=workspace, code=answer.code)
            await self.forget(workspace)
        return answer

    async def insist(self, workspace: WorkspaceId, method: str, **arguments: Any) -> Answer:  # noqa: ANN401 - JSON
        """As `call`, and again after the pause that Slack asks for, where it is short enough for who waits.

        Only after HTTP 429, which says that nothing was done. Deliveries do not come here: the ledger waits for them.
        """
        for _ in range(_MOST_PAUSES):
            answer = await self.call(workspace, method, **arguments)
            if answer.status != _TOO_MANY or answer.retry_after is None or answer.retry_after > _LONGEST_PAUSE:
                return answer
            await asyncio.sleep(answer.retry_after.total_seconds())
        return await self.call(workspace, method, **arguments)

    async def respond(self, url: str, body: Mapping[str, Any]) -> bool:
        """Use a `response_url`, where there is one; it needs no token, and works for half an hour, five times."""
        if not url:
            return False
        try:
            async with self.session().post(url, json=body) as answer:
                return answer.ok
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            _log.warning("a reply could not be given", error=type(error).__name__)
            return False

    async def ask(self, token: str, method: str, **arguments: Any) -> Answer:  # noqa: ANN401 - JSON
        """As `call`, with a token."""
        return await self._asked(self.client(token).api_call(method, json=arguments))

    async def ask_form(self, method: str, **arguments: str) -> Answer:
        """As `ask`, for the methods that take a form and no token."""
        return await self._asked(self.client().api_call(method, data=arguments))

    async def _asked(self, call: Awaitable[AsyncSlackResponse]) -> Answer:
        try:
            response = await call
        except SlackApiError as error:
            data = error.response.data if isinstance(error.response.data, dict) else {}
            wait = _seconds(error.response.headers.get("Retry-After"))
            return Answer(
                error.response.status_code, ok=False, code=str(data.get("error", "")), data=data, retry_after=wait
            )
        except aiohttp.ClientConnectorError as error:
            raise NoAnswer(f"{type(error).__name__}", sent=False) from error
        except (TimeoutError, aiohttp.ClientError, OSError, SlackRequestError, json.JSONDecodeError) as error:
            raise NoAnswer(f"{type(error).__name__}", sent=True) from error
        data = response.data if isinstance(response.data, dict) else {}
        headers = {str(name).lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, ok=True, code="", data=data, headers=headers)

    async def put(self, *, token: str, auth: Mapping[str, Any], scopes: tuple[str, ...], by: str) -> Installation:
        """Take in a workspace. `auth` is what `auth.test` says; `by` is who installed."""
        workspace = workspace_of(str(auth["team_id"]))
        made = Installation(
            workspace=workspace,
            platform=Platform.SLACK,
            name=str(auth.get("team", "")),
            sealed_token=self._vault.seal(token),
            bot_id=str(auth.get("bot_id", "")),
            bot_user=str(auth.get("user_id", "")),
            scopes=scopes,
            installed_by=MemberId(by),
            installed_at=self._clock.now(),
        )
        async with self._store.write() as tx:
            await tx.channels.add_workspace(workspace, Platform.SLACK, made.installed_at)
            await tx.installations.put(made)
        self._known.pop(workspace, None)
        return made

    async def forget(self, workspace: WorkspaceId) -> None:
        """Drop the token: nothing is called any more until somebody installs again."""
        async with self._store.write() as tx:
            await tx.installations.remove(workspace)
        self._known.pop(workspace, None)

    def dropped(self, workspace: WorkspaceId) -> None:
        """The workspace let us go: nothing is called from this moment on, even while the store still forgets it."""
        self._known[workspace] = None, self._clock.now() + _GONE


def workspace_of(team: str) -> WorkspaceId:
    """The tenant of a Slack team."""
    return WorkspaceId(f"slack:{team}")


def team_of(workspace: WorkspaceId) -> str:
    """The Slack team of a tenant."""
    return workspace.removeprefix("slack:")


def _seconds(text: object) -> timedelta | None:
    try:
        return timedelta(seconds=min(max(float(str(text)), 0.0), 86_400.0))
    except ValueError:
        return None
