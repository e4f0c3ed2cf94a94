"""Commands, clicks and forms on their way through the core. Everything is acknowledged at once, and answered alone.

A form can only be the first response to an interaction, within three seconds: what may end in one is asked for first,
and where that takes too long the form comes behind a button.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

import discord
import structlog

from adapters.discord.directory import Directory
from adapters.discord.forms import modal, read_form_id, read_values
from adapters.discord.parse import (
    Asked,
    mentioned,
    papers_in,
    read_asked,
    read_command,
    read_component,
    read_focused,
)
from adapters.discord.pieces import Style
from adapters.discord.places import Places
from adapters.discord.render import messages
from adapters.discord.rest import NoAnswer, Rest
from adapters.discord.votes import with_votes
from bot.commands import Caller
from bot.compose.forms import open_button
from bot.compose.marks import which_blocks
from bot.document import Actions, Block, Document, Form, Note, Reply, Tone
from bot.identity import bare_arxiv_id
from bot.services.answering import Answering

_log = structlog.get_logger(__name__)
_EPHEMERAL, _COMPONENTS = 1 << 6, 1 << 15
_MESSAGE, _FORM, _CHOICES = 4, 9, 8
_MESSAGE_COMMAND = 3
_FORM_SECONDS = 1.6
_CHOICE_SECONDS = 2.0
_MOST_MESSAGES = 5
"""Messages of one answer: Discord takes no more where the bot is a guest."""
_MOST_DRAFTS = 1_000
_DRAFT = "form:"
_LONGEST_ID = 100
_WENT_WRONG = "Something went wrong on my side; try again in a minute. It is in my log as {incident}."
_MOST_NAMED = 5
_ENDS_IN_FORM = frozenset({"form", "edit"})
_SETTINGS = "settings"
_VOTES = frozenset({"vote", "unvote"})


class Conversations:
    """What members ask, answered to them alone."""

    def __init__(
        self, rest: Rest, places: Places, directory: Directory, answering: Answering, *, style: Style = Style.EMBEDS
    ) -> None:
        self._rest = rest
        self._places = places
        self._directory = directory
        self._answering = answering
        self._style = style
        self._drafts: OrderedDict[str, Form] = OrderedDict()
        """Forms that stand behind a button. After a restart the button opens the form as it is then."""

    async def __call__(self, interaction: discord.Interaction[Any]) -> None:
        """One interaction, whatever it is; whatever happens, it is answered or logged."""
        try:
            match interaction.type:
                case discord.InteractionType.application_command:
                    await self._commanded(interaction)
                case discord.InteractionType.autocomplete:
                    await self._completed(interaction)
                case discord.InteractionType.component:
                    await self._clicked(interaction)
                case discord.InteractionType.modal_submit:
                    await self._submitted(interaction)
                case _:
                    _log.debug("an interaction of no kind that we know", kind=int(interaction.type.value))
        except discord.HTTPException as error:
            _log.warning("an interaction could not be answered", status=error.status, code=error.code)
        except NoAnswer as error:
            _log.warning("Discord was not reached", error=str(error))
        except Exception:  # noqa: BLE001 - the last resort: whoever asked is told at least that
            incident = secrets.token_hex(4)
            _log.exception("an interaction failed", incident=incident)
            await self._apologised(interaction, incident)

    async def _apologised(self, interaction: discord.Interaction[Any], incident: str) -> None:
        sorry = Document((Note(_WENT_WRONG.format(incident=incident), Tone.ERROR, "internal"),))
        [body] = self._bodies(sorry)
        try:
            match interaction.response.type:
                case None if interaction.type is discord.InteractionType.autocomplete:
                    await self._rest.respond(interaction, _CHOICES, {"choices": []})
                case None:
                    await self._rest.respond(interaction, _MESSAGE, body)
                case discord.InteractionResponseType.deferred_message_update:
                    await self._rest.follow(interaction, body)
                case _:
                    await self._rest.revise(interaction, _filling(body))
        except (discord.HTTPException, NoAnswer) as error:
            _log.warning("nobody could be told of it", error=type(error).__name__)

    # --- what members do ---

    async def _commanded(self, interaction: discord.Interaction[Any]) -> None:
        data: Mapping[str, Any] = interaction.data or {}
        if data.get("type") == _MESSAGE_COMMAND:
            await self._kept(interaction, data)
            return
        verb, values = read_command(data)
        answer = self._filled(read_asked(interaction), verb, values)
        if verb in _ENDS_IN_FORM:
            await self._answered_soon(interaction, answer)
        else:
            await self._answered(interaction, answer)

    async def _completed(self, interaction: discord.Interaction[Any]) -> None:
        """What could be meant by what is being typed; nothing where that takes too long."""
        verb, name, typed, filled = read_focused(interaction.data or {})
        choices: list[dict[str, str]] = []
        try:
            async with asyncio.timeout(_CHOICE_SECONDS):
                caller = await self._directory.caller(read_asked(interaction))
                found = await self._answering.complete(caller, verb, name, typed, filled)
                choices = [{"name": each.label, "value": each.value} for each in found]
        except TimeoutError:
            _log.warning("choices took too long", verb=verb, option=name)
        await self._rest.respond(interaction, _CHOICES, {"choices": choices})

    async def _clicked(self, interaction: discord.Interaction[Any]) -> None:
        command = read_component(interaction.data or {})
        if command.startswith(_DRAFT):
            _, token, name = command.split(":", 2)
            if (form := self._drafts.get(token)) is not None:
                await self._rest.respond(interaction, _FORM, modal(form))
                return
            command = f"form {name}".strip()
        verb = command.split(" ", 1)[0]
        answer = self._typed(read_asked(interaction), command)
        if verb in _VOTES:
            await self._voted(interaction, answer)
        elif " page " in command and _is_ours_alone(interaction):
            await self._put_off(interaction, answer, in_place=True)
            await self._say(interaction, (await answer).document)
        elif verb in _ENDS_IN_FORM:
            await self._answered_soon(interaction, answer)
        else:
            await self._answered(interaction, answer)

    async def _voted(self, interaction: discord.Interaction[Any], answer: Awaitable[Reply]) -> None:
        """The count stands on the card's button, in place."""
        await self._put_off(interaction, answer, in_place=True)
        reply = await answer
        if reply.mark is not None and interaction.message is not None:
            drawn = [each.to_dict() for each in interaction.message.components]
            changed = with_votes(drawn, reply.mark)
            if changed is not None:
                await self._rest.revise(interaction, {"components": changed, "allowed_mentions": {"parse": []}})
        for body in self._bodies(reply.document):
            await self._rest.follow(interaction, body)

    async def _submitted(self, interaction: discord.Interaction[Any]) -> None:
        """A form: what is wrong in it is said, and a button opens it again with what was filled in."""
        data: Mapping[str, Any] = interaction.data or {}
        verb, subscription = read_form_id(str(data.get("custom_id", "")))
        values = read_values(data) | ({"subscription": subscription} if subscription else {})

        async def answer() -> Reply:
            caller = await self._directory.caller(read_asked(interaction))
            return await self._answering.submit(caller, verb, values)

        await self._answered(interaction, answer())

    async def _kept(self, interaction: discord.Interaction[Any], data: Mapping[str, Any]) -> None:
        """“Save paper” on a message."""
        resolved = (data.get("resolved") or {}).get("messages") or {}
        papers = papers_in(resolved.get(str(data.get("target_id"))) or {})
        if len(papers) == 1:
            reference = bare_arxiv_id(papers[0]) or papers[0]
            await self._answered(interaction, self._typed(read_asked(interaction), f"save {reference}"))
            return
        await self._rest.put_off(interaction)
        await self._say(interaction, Document(tuple(which_blocks(papers))))

    # --- through the core ---

    async def _typed(self, asked: Asked, command: str) -> Reply:
        return await self._answering(await self._caller(asked), command)

    async def _filled(self, asked: Asked, verb: str, values: Mapping[str, str]) -> Reply:
        caller = await self._caller(asked)
        if verb != _SETTINGS:
            return await self._answering.filled(caller, verb, values)
        for user in [user for value in values.values() for user in mentioned(value)][:_MOST_NAMED]:
            await self._directory.known(asked, user)
        reply = await self._answering.filled(caller, verb, values)
        self._directory.forget_members(asked.workspace)
        return reply

    async def _caller(self, asked: Asked) -> Caller:
        if asked.guild:
            self._places.note(asked.channel, asked.bot_permissions)
        return await self._directory.caller(asked)

    # --- answers ---

    async def _answered(self, interaction: discord.Interaction[Any], answer: Awaitable[Reply]) -> None:
        """Acknowledged at once, answered when it is known."""
        await self._put_off(interaction, answer)
        await self._say(interaction, (await answer).document)

    async def _put_off(
        self, interaction: discord.Interaction[Any], answer: Awaitable[Reply], *, in_place: bool = False
    ) -> None:
        """Acknowledge it before anything is done: whoever cannot has come too late, or second, and does nothing."""
        try:
            await self._rest.put_off(interaction, in_place=in_place)
        except BaseException:
            asyncio.ensure_future(answer).cancel()
            raise

    async def _answered_soon(self, interaction: discord.Interaction[Any], answer: Awaitable[Reply]) -> None:
        """As `_answered`, but a reply that is a form and comes in time opens at once."""
        work = asyncio.ensure_future(answer)
        await asyncio.wait({work}, timeout=_FORM_SECONDS)
        if not work.done():
            await self._answered(interaction, work)
            return
        document = work.result().document
        match document.blocks:
            case (Form() as form,):
                await self._rest.respond(interaction, _FORM, modal(form))
            case _:
                first, *rest = self._bodies(document)
                await self._rest.respond(interaction, _MESSAGE, first)
                for body in rest:
                    await self._rest.follow(interaction, body)

    async def _say(self, interaction: discord.Interaction[Any], document: Document) -> None:
        first, *rest = self._bodies(document)
        await self._rest.revise(interaction, _filling(first))
        for body in rest:
            await self._rest.follow(interaction, body)

    def _bodies(self, document: Document) -> list[dict[str, Any]]:
        """The messages of an answer; a form becomes a button that opens it."""
        blocks = tuple(each for block in document.blocks for each in self._openable(block))
        found = []
        for made in messages(replace(document, blocks=blocks), style=self._style)[:_MOST_MESSAGES]:
            body = made.body()
            found.append({**body, "flags": body.get("flags", 0) | _EPHEMERAL})
        return found

    def _openable(self, block: Block) -> tuple[Block, ...]:
        if not isinstance(block, Form):
            return (block,)
        token = secrets.token_hex(4)
        self._drafts[token] = block
        if len(self._drafts) > _MOST_DRAFTS:
            self._drafts.popitem(last=False)
        wrong = tuple(Note(f"{each.label}: {each.error}", Tone.ERROR) for each in block.fields if each.error)
        button = open_button(block)
        name = button.command.removeprefix("form").strip()
        return (*wrong, Actions((replace(button, command=f"{_DRAFT}{token}:{name}"[:_LONGEST_ID]),)))


def _is_ours_alone(interaction: discord.Interaction[Any]) -> bool:
    """True for a button of an answer that only the member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def _filling(body: Mapping[str, Any]) -> dict[str, Any]:
    """The message as it fills in a response that was put off, which is for one pair of eyes already."""
    kept = {name: value for name, value in body.items() if name != "flags"}
    flag = int(body.get("flags", 0)) & _COMPONENTS
    return {**kept, "flags": flag} if flag else kept
