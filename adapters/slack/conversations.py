"""Commands, clicks and forms on their way through the core: everything is acknowledged before it comes here."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from adapters.slack import limits
from adapters.slack.cards import OPEN
from adapters.slack.directory import Directory
from adapters.slack.hometab import HomeTab
from adapters.slack.installations import NoAnswer, NotInstalled, Workspaces
from adapters.slack.messenger import SlackMessenger
from adapters.slack.parse import Asked, mentioned, papers_in, read_action, read_metadata, read_values
from adapters.slack.render import Message, messages
from adapters.slack.texts import plain
from adapters.slack.views import modal, with_preview
from bot.commands import Caller
from bot.compose.marks import which_blocks
from bot.document import Actions, Block, Document, Form, Link, Note, Reply, Tone
from bot.identity import bare_arxiv_id
from bot.ledger import MessageRef
from bot.model import Mark
from bot.services.answering import Answering

_log = structlog.get_logger(__name__)
_MOST_REPLIES = 5
"""How often a `response_url` may be used."""
_PREVIEW_SECONDS = 1.7
"""A form is acknowledged within three seconds: what takes longer to be looked at is looked at afterwards."""
_MOST_MESSAGES = 10
_MOST_FORMS = 1_000
NOT_INSTALLED = "Broadsheet is not installed in this workspace any more. An admin can install it again."
WENT_WRONG = "Something went wrong on my side; try again in a minute. It is in my log as {incident}."
_SHOWN_BELOW = "help"
"""Whoever asks how a command is written gets that, with the form behind a button."""
_VOTE = ("vote ", "unvote ")
_COUNT = re.compile(r"\A▲ [0-9]+ · ")


class Conversations:
    """What members ask, answered to them alone."""

    def __init__(
        self,
        workspaces: Workspaces,
        directory: Directory,
        messenger: SlackMessenger,
        answering: Answering,
        home: HomeTab,
    ) -> None:
        self._workspaces = workspaces
        self._directory = directory
        self._messenger = messenger
        self._answering = answering
        self.home = home
        self._typed_into: dict[str, int] = {}
        self._numbers = itertools.count(1)

    async def typed(self, asked: Asked) -> None:
        """A slash command, or a mention."""
        caller = await self._directory.caller(asked)
        for user in mentioned(asked.text):
            await self._directory.member(caller.channel.workspace, user)
        reply = await self._answering(caller, asked.text)
        if asked.text.split()[:1] == ["settings"]:
            for user in mentioned(asked.text):
                self._directory.forget_member(caller.channel.workspace, user)
        await self._answered(asked, caller, reply)

    async def clicked(self, payload: Mapping[str, Any]) -> None:
        """A button, or a choice of a menu."""
        asked = read_action(payload)
        if not asked.text or asked.text == OPEN:
            return
        if (payload.get("view") or {}).get("type") == "home":
            await self._clicked_at_home(asked)
            return
        caller = await self._directory.caller(asked)
        reply = await self._answering(caller, asked.text)
        message = payload.get("message")
        if reply.mark is not None and asked.text.startswith(_VOTE) and message:
            await self._show_votes(caller, message, reply.mark)
        is_paging = " page " in asked.text and bool((payload.get("container") or {}).get("is_ephemeral"))
        await self._answered(asked, caller, reply, replaces=is_paging)

    async def looked_at(self, payload: Mapping[str, Any]) -> Mapping[str, str]:
        """A form before it is acknowledged: what is wrong with it, by block; not what takes too long."""
        view = payload["view"]
        verb, values = _filled_in(view)
        try:
            async with asyncio.timeout(_PREVIEW_SECONDS):
                caller = await self._directory.caller(self._of_view(payload))
                return _at_fields(view, (await self._answering.preview(caller, verb, values)).errors)
        except NotInstalled:
            return _at_fields(view, {"": NOT_INSTALLED})
        except Exception as error:  # noqa: BLE001 - it is acknowledged, and whoever carries it out meets the error
            _log.warning("a form was not looked at in time", verb=verb, error=type(error).__name__)
            return {}

    async def submitted(self, payload: Mapping[str, Any]) -> None:
        """A form that is acknowledged; what is still wrong with it opens it again."""
        asked = self._of_view(payload)
        verb, values = _filled_in(payload["view"])
        caller = await self._directory.caller(asked)
        await self._answered(asked, caller, await self._answering.submit(caller, verb, values))

    async def watched(self, payload: Mapping[str, Any]) -> None:
        """A field of an open form was typed into: say what it means, and what it would bring."""
        view = payload["view"]
        verb, values = _filled_in(view)
        number = self._typed_into[view["id"]] = next(self._numbers)
        while len(self._typed_into) > _MOST_FORMS:
            self._typed_into.pop(next(iter(self._typed_into)))
        caller = await self._directory.caller(self._of_view(payload))
        found = await self._answering.preview(caller, verb, values)
        if self._typed_into.get(view["id"]) != number:
            return  # more was typed meanwhile; that is answered
        shown = with_preview(view, found.notes, {"topic": found.errors["topic"]} if "topic" in found.errors else {})
        await self._call(caller, "views.update", view_id=view["id"], view=shown)

    async def saved(self, payload: Mapping[str, Any]) -> None:
        """The shortcut “Save paper from this message”."""
        asked = replace(read_action({**payload, "actions": []}), text="saved")
        caller = await self._directory.caller(asked)
        papers = papers_in(payload.get("message") or {})
        if len(papers) == 1:
            reference = bare_arxiv_id(papers[0]) or papers[0]
            await self._answered(asked, caller, await self._answering(caller, f"save {reference}"))
        else:
            await self._say(asked, caller, Document(tuple(which_blocks(papers))))

    # --- answers ---

    async def _answered(self, asked: Asked, caller: Caller, reply: Reply, *, replaces: bool = False) -> None:
        form = next((block for block in reply.document.blocks if isinstance(block, Form)), None)
        if form is not None and asked.trigger and not asked.text.casefold().startswith(_SHOWN_BELOW):
            above = [block for block in reply.document.blocks if not isinstance(block, Form)]
            noted = {"channel": asked.channel, "name": caller.channel_name, "url": asked.response_url}
            answer = await self._call(caller, "views.open", trigger_id=asked.trigger, view=modal(form, above, noted))
            if answer:
                return
        await self._say(asked, caller, reply.document, replaces=replaces)

    async def _say(self, asked: Asked, caller: Caller, document: Document, *, replaces: bool = False) -> None:
        """To the caller alone: where the command came from, else in the channel, else in a direct message."""
        for place, made in enumerate(messages(document)[:_MOST_MESSAGES]):
            if place < _MOST_REPLIES and await self._respond(asked.response_url, made, replaces=replaces):
                continue
            body: dict[str, Any] = {**made.body(), "channel": caller.channel.address, "user": caller.member.id}
            if asked.thread:
                body["thread_ts"] = asked.thread
            if not await self._call(caller, "chat.postEphemeral", **body):
                await self._call(caller, "chat.postMessage", **made.body(), channel=caller.member.id)

    async def _respond(self, url: str, made: Message, *, replaces: bool) -> bool:
        body = {**made.body(), "response_type": "ephemeral", "replace_original": replaces}
        return await self._workspaces.respond(url, body)

    async def _call(self, caller: Caller, method: str, **arguments: Any) -> bool:  # noqa: ANN401 - JSON
        try:
            answer = await self._workspaces.insist(caller.channel.workspace, method, **arguments)
        except (NoAnswer, NotInstalled) as error:
            _log.warning("Slack was not reached", method=method, error=str(error))
            return False
        if not answer.ok:
            _log.warning("Slack refused", method=method, code=answer.code)
        return answer.ok

    async def _show_votes(self, caller: Caller, message: Mapping[str, Any], mark: Mark) -> None:
        """The count on the vote button of the card, in place."""
        blocks = with_votes(list(message.get("blocks", ())), mark)
        if blocks is not None:
            ref = MessageRef(caller.channel, str(message.get("ts", "")))
            await self._messenger.replace(ref, str(message.get("text", "")) or "Broadsheet", blocks)

    async def _clicked_at_home(self, asked: Asked) -> None:
        caller = await self._directory.caller(asked)
        reply = await self._answering(caller, asked.text)
        await self._answered(asked, caller, reply)
        await self.home(asked.team, asked.user)

    @staticmethod
    def _of_view(payload: Mapping[str, Any]) -> Asked:
        noted = read_metadata(payload["view"])
        asked = read_action({**payload, "actions": [], "channel": {"id": noted.get("channel", "")}})
        return replace(asked, channel_name=noted.get("name", ""), response_url=noted.get("url", ""))


def apology(text: str, url: str = "") -> dict[str, Any]:
    """A reply that needs nothing but a `response_url`: for when the store or the workspace cannot be asked."""
    again: tuple[Block, ...] = (Actions((Link("Install again", url),)),) if url else ()
    made = messages(Document((Note(text, Tone.WARNING), *again)))[0]
    return {**made.body(), "response_type": "ephemeral", "replace_original": False}


def _filled_in(view: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The command of a form, and what was filled in, with what stands in no field."""
    noted = read_metadata(view)
    hidden = {"subscription": noted["subscription"]} if "subscription" in noted else {}
    return noted.get("verb", "subscribe"), {**read_values(view), **hidden}


def with_votes(blocks: list[dict[str, Any]], mark: Mark) -> list[dict[str, Any]] | None:
    """The blocks of a message with the count on this paper's vote button, or in its menu; None where it has none."""
    references = {f"vote {bare_arxiv_id(mark.paper_id) or mark.paper_id}", f"vote {mark.paper_id}"}
    changed = False
    made = []
    for block in blocks:
        if block.get("type") != "actions":
            made.append(block)
            continue
        elements = []
        for element in block.get("elements", ()):
            shown = _with_count(element, references, mark.votes)
            changed = changed or shown is not None
            elements.append(shown or element)
        made.append({**block, "elements": elements})
    return made if changed else None


def _with_count(element: dict[str, Any], references: set[str], votes: int) -> dict[str, Any] | None:
    """A button, or a menu over the papers of a list, as it is after a vote; None where it votes for none of these."""
    if element.get("value") in references:
        return {**element, "text": plain(f"▲ {votes}" if votes else "Vote")}
    options: list[dict[str, Any]] = element.get("options") or []
    if not any(each.get("value") in references for each in options):
        return None
    made = []
    for each in options:
        title = _COUNT.sub("", str(each.get("text", {}).get("text", "")))
        text = plain(f"▲ {votes} · {title}" if votes else title, limits.OPTION)
        made.append({**each, "text": text} if each.get("value") in references else each)
    return {**element, "options": made}


def _at_fields(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by block; one whose field is not shown stands at the first field."""
    shown = [str(block["block_id"]) for block in view.get("blocks", ()) if block.get("type") == "input"]
    placed: dict[str, str] = {}
    for name, text in errors.items():
        block = f"field:{name}" if f"field:{name}" in shown else next(iter(shown), "")
        placed[block] = f"{placed[block]} {text}" if block in placed else text
    return placed
