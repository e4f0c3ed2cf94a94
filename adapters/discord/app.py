"""Discord's way in: one gateway connection a shard; what comes down it is answered by the core."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import discord
import structlog

from adapters.discord.commands import commands, fingerprint
from adapters.discord.conversations import Conversations
from adapters.discord.directory import Directory
from adapters.discord.events import Lifecycle
from adapters.discord.gateway import Gateway, full_jitter
from adapters.discord.inspection import inspect
from adapters.discord.lag import LagWatch
from adapters.discord.messenger import DiscordMessenger
from adapters.discord.pieces import Style
from adapters.discord.places import Places
from adapters.discord.rest import BROKEN, Answer, Rest, use_api
from bot.errors import BadSettings, CannotReach
from bot.health import Finding
from bot.ports import Clock, Store
from bot.services.answering import Answering
from bot.services.reachability import Reachability
from bot.settings import Settings

_log = structlog.get_logger(__name__)
_NOTED = "discord-commands"
_LASTED = timedelta(minutes=10)
"""A connection that stood for so long was a good one: what ends it is no failure to connect."""
_REFUSED = (
    "BROADSHEET_DISCORD_TOKEN: Discord does not know it; make a new one under Bot › Reset Token (docs/discord.md)"
)


class DiscordSide:
    """Everything of Discord that runs: built by the composition root, started and stopped by it."""

    def __init__(self, settings: Settings, clock: Clock, store: Store, *, client: Gateway | None = None) -> None:
        self._clock = clock
        self._store = store
        use_api(settings.discord_api_url)
        self.client = client or Gateway(clock)
        token = settings.discord_token.get_secret_value() if settings.discord_token else ""
        self._rest = Rest(self.client, token)
        self._places = Places(self.client, self._rest)
        self._style = Style(settings.discord_layout)
        self.messenger = DiscordMessenger(self._rest, self._places, clock, style=self._style)
        self._directory = Directory(self._rest, store, clock)
        self._lifecycle = Lifecycle(store, self._rest, self._places, self._directory, Reachability(store, clock))
        self.lag = LagWatch()
        """How far the event loop was behind while it ran."""
        self._task: asyncio.Task[None] | None = None

    def listen(self, answering: Answering) -> None:
        """Answer from now on what comes down the gateway."""
        talk = Conversations(self._rest, self._places, self._directory, answering, style=self._style)
        self.client.listener = _Listening(talk, self._lifecycle)
        self.client.at_start = self.sync

    @property
    def application(self) -> str:
        """The application's id; known once it is logged in."""
        return str(self.client.application_id)

    async def log_in(self) -> None:
        """Raises BadSettings for a token that Discord does not know, CannotReach where it does not answer."""
        try:
            await self._rest.open()
        except discord.LoginFailure as error:
            raise BadSettings((_REFUSED,)) from error
        except BROKEN as error:
            raise CannotReach(f"Discord does not answer ({type(error).__name__}); try again in a minute.") from error

    async def start(self, answering: Answering) -> None:
        """Connect, and stay connected. Raises BadSettings for a token that Discord does not know."""
        self.listen(answering)
        self.lag.start()
        try:
            await self.log_in()
        except CannotReach as error:
            _log.warning("Discord cannot be reached", error=type(error.__cause__).__name__)
        self._task = asyncio.create_task(self._stay())

    async def _stay(self) -> None:
        """Connected as long as it runs. discord.py resumes by itself; this is for what it gives up on."""
        attempt = 0
        while True:
            began_at, unwanted = self._clock.now(), False
            try:
                if attempt:
                    await self._rest.renew()
                await self._rest.open()
                await self.client.connect()
            except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
                _log.error("Discord refuses the bot for good", error=type(error).__name__)
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, the other platforms go on and this one comes back
                unwanted = isinstance(error, discord.ConnectionClosed)
                code = error.code if isinstance(error, discord.ConnectionClosed) else None
                is_away = isinstance(error, BROKEN) and not unwanted
                what = "Discord cannot be reached" if is_away else "the connection to Discord ended"
                _log.warning(what, error=type(error).__name__, code=code)
            attempt = 1 if self._clock.now() - began_at > _LASTED else attempt + 1
            await self._clock.sleep_until(self._clock.now() + full_jitter(attempt, unwanted=unwanted))

    async def stop(self) -> None:
        """Listen no more."""
        self.lag.stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def check(self) -> Sequence[Finding]:
        """What works, for `broadsheet check`."""
        return await inspect(self._rest, self.client)

    async def close(self) -> None:
        """Close all connections; a client that never logged in has none, and cannot be closed."""
        if self._rest.me:
            await self.client.close()

    async def sync(self, *, force: bool = False) -> bool:
        """Tell Discord of the commands where they are not what it was told; True where it was told."""
        application = self.application
        wanted = fingerprint(application)
        async with self._store.read() as tx:
            if await tx.notebook.get(_NOTED) == wanted and not force:
                return False
        answer: Answer = await self._rest.call("PUT", f"/applications/{application}/commands", commands())
        if not answer.ok:
            _log.error("Discord refused the commands", status=answer.status, code=answer.code)
            return False
        async with self._store.write() as tx:
            await tx.notebook.put(_NOTED, wanted)
        _log.info("Discord was told of the commands")
        return True


class _Listening:
    """Who is told of what."""

    def __init__(self, talk: Conversations, lifecycle: Lifecycle) -> None:
        self.left, self.gone = lifecycle.left, lifecycle.gone
        self.renamed, self.reconcile = lifecycle.renamed, lifecycle.reconcile
        self._talk = talk

    async def asked(self, interaction: discord.Interaction[Any]) -> None:
        """Somebody used a command, a button or a form."""
        await self._talk(interaction)
