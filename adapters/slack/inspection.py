"""What `broadsheet check` says of Slack: whose tokens these are, whether Slack takes them, and what is not granted."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.slack.faults import fault_of
from adapters.slack.installations import Answer, NoAnswer, Workspaces
from adapters.slack.manifest import INSTALL_PATH, missing
from bot.health import Finding
from bot.model import Platform
from bot.ports import Store
from bot.settings import Settings

_UNREACHABLE = "Check this machine's network, and BROADSHEET_SLACK_API_URL where it is set."
_AGAIN = "Install the app again from its manifest (`broadsheet slack manifest`)."


async def inspect(settings: Settings, workspaces: Workspaces, store: Store) -> Sequence[Finding]:
    """Reads only; nobody in Slack sees anything of it."""
    bot, app = settings.slack_bot_token, settings.slack_app_token
    if bot is not None and app is not None:
        told = await _asked(workspaces, bot.get_secret_value(), "auth.test")
        opened = await _asked(workspaces, app.get_secret_value(), "apps.connections.open")
        return [
            _token("Slack, bot token", told) or _granted(told, settings),
            _token("Slack, app token", opened) or Finding("Slack, app token", ok=True, said="opens a socket"),
        ]
    async with store.read() as tx:
        count = sum(each.platform is Platform.SLACK for each in await tx.installations.all())
    said = f"installed in {count} workspace{'' if count == 1 else 's'}; {settings.public_url}{INSTALL_PATH} adds one"
    return [Finding("Slack", ok=True, said=said)]


async def _asked(workspaces: Workspaces, token: str, method: str) -> Answer | None:
    try:
        return await workspaces.ask(token, method)
    except NoAnswer:
        return None


def _token(part: str, answer: Answer | None) -> Finding | None:
    """What is wrong with a token; None where nothing is."""
    if answer is None:
        return Finding(part, ok=False, said="Slack cannot be reached", remedy=_UNREACHABLE)
    if answer.ok:
        return None
    if not answer.code:
        return Finding(part, ok=False, said=f"Slack answers HTTP {answer.status}", remedy="Try again in a minute.")
    remedy = "Copy the token from the app's settings again (docs/slack.md)."
    return Finding(part, ok=False, said=f"{answer.code}: {fault_of(answer.code).meaning}", remedy=remedy)


def _granted(answer: Answer | None, settings: Settings) -> Finding:
    told = answer.data if answer is not None else {}
    named = str(answer.headers.get("x-oauth-scopes", "")) if answer is not None else ""
    lacking = missing(named.replace(" ", "").split(","), history=settings.slack_history) if named else ()
    if lacking:
        return Finding("Slack, bot token", ok=False, said=f"was not granted {', '.join(lacking)}", remedy=_AGAIN)
    return Finding("Slack, bot token", ok=True, said=f"{told.get('team', '')}, as {told.get('user', 'the bot')}")
