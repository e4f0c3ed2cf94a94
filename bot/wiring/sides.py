"""Joining the platforms: one entry for each in `open_sides`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.command_table import COMMANDS
from bot.document import Entry
from bot.health import Finding
from bot.model import PaperId, Platform
from bot.ports import Clock, Messenger, Store, Vault
from bot.services.answering import Answering
from bot.services.local_workspace import LocalWorkspace
from bot.settings import Settings

if TYPE_CHECKING:
    from adapters.local.thumbnails import Thumbnails


async def _nothing_to_start(answering: Answering) -> None:
    """What starts where routes are enough."""
    del answering


async def _nothing_to_stop() -> None:
    """What stops there."""


async def _nothing_to_check() -> Sequence[Finding]:
    """What is said of a platform that needs nothing from outside."""
    return ()


@dataclass(frozen=True, slots=True)
class Side:
    """What a platform brings: its way to post, and the routes that it wants mounted on the one web server."""

    messenger: Messenger
    routes: Callable[[Answering], list[Any]]
    close: Callable[[], None]
    start: Callable[[Answering], Awaitable[None]] = _nothing_to_start
    """Begins to listen where the platform does not come to our routes; called once the routes are served."""
    stop: Callable[[], Awaitable[None]] = _nothing_to_stop
    check: Callable[[], Awaitable[Sequence[Finding]]] = _nothing_to_check
    """For `broadsheet check`: asks the platform, and posts nothing."""
    open_prefixes: tuple[str, ...] = ()
    """Begin the paths of its routes that need no token, as the side knows by other means who asks."""


async def open_sides(  # noqa: PLR0913 - what sides are made of
    settings: Settings, clock: Clock, store: Store, local: LocalWorkspace, stack: AsyncExitStack, *, offline: bool
) -> dict[Platform, Side]:
    """The sides that are configured. `offline`: nothing is fetched from anywhere, and no chat is joined."""
    from store import SqlTimeline

    thumbnails = None if offline or not settings.thumbnails else await _thumbnails(settings, clock, store, stack)
    sides = {Platform.LOCAL: _local_side(SqlTimeline(store), clock, local, thumbnails)}  # type: ignore[arg-type]
    if settings.has_slack and not offline:
        sides[Platform.SLACK] = await _slack_side(settings, clock, store, stack)
    if settings.has_discord and not offline:
        sides[Platform.DISCORD] = _discord_side(settings, clock, store, stack)
    return sides


def _discord_side(settings: Settings, clock: Clock, store: Store, stack: AsyncExitStack) -> Side:
    from adapters.discord.app import DiscordSide

    discord = DiscordSide(settings, clock, store)
    stack.push_async_callback(discord.close)
    return Side(discord.messenger, lambda _: [], lambda: None, discord.start, discord.stop, discord.check)


def open_vault(settings: Settings) -> Vault:
    """What seals the tokens of installations: with the keys of the settings, else with those of the data folder."""
    from adapters.vault import FernetVault, read_keys

    return FernetVault(read_keys(settings))


async def _slack_side(settings: Settings, clock: Clock, store: Store, stack: AsyncExitStack) -> Side:
    from adapters.slack.app import open_slack

    slack = await open_slack(settings, clock, store, open_vault(settings))
    stack.push_async_callback(slack.close)
    return Side(slack.messenger, slack.routes, lambda: None, slack.start, slack.stop, slack.check, ("/slack/",))


async def _thumbnails(settings: Settings, clock: Clock, store: Store, stack: AsyncExitStack) -> Thumbnails:
    """The pictures of cards, over a client with a picture's limits."""
    from adapters.http import HttpClient
    from adapters.local.pictures import PictureFolder
    from adapters.local.thumbnails import Thumbnails
    from adapters.sources.thumbnails import PICTURE_LIMITS, PictureFetcher

    async def url_of(paper_id: PaperId) -> str | None:
        async with store.read() as tx:
            paper = await tx.papers.get(paper_id)
        return None if paper is None else paper.facts.thumbnail_url

    http = await stack.enter_async_context(HttpClient(clock, contact=settings.contact, limits=PICTURE_LIMITS))
    folder = PictureFolder(settings.data_dir / "thumbnails")
    return Thumbnails(url_of=url_of, fetch=PictureFetcher(http), folder=folder, clock=clock, home=settings.hf_url)


def _local_side(
    timeline: Any,  # noqa: ANN401 - the store's own class
    clock: Clock,
    local: LocalWorkspace,
    thumbnails: Thumbnails | None,
) -> Side:
    from adapters.local.app import LocalApp
    from adapters.local.live import Live
    from adapters.local.messenger import LocalMessenger

    live = Live()

    def routes(answering: Answering) -> list[Any]:
        page = LocalApp(
            timeline=timeline,
            live=live,
            answer=answering,
            submit=answering.submit,
            form=answering.form,
            preview=answering.preview,
            marks=answering.marking.of,
            channels=local.channels,
            member=local.member,
            members=local.members,
            completions=[Entry(spec.verb, spec.summary) for spec in COMMANDS],
            notices=local.notices,
            thumbnails=thumbnails is not None,
        )
        return [*page.routes(), *(thumbnails.routes() if thumbnails else ())]

    def close() -> None:
        live.close()
        if thumbnails is not None:
            thumbnails.close()

    return Side(LocalMessenger(timeline=timeline, live=live, clock=clock), routes, close)
