"""What the page asks of the core: one function type a need, and what stands for those that are not wired."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from bot.commands import Caller
from bot.document import Document, FormPreview, Note, Reply, Tone
from bot.model import Channel, Mark, Member, MemberId, PaperId

Channels = Callable[[], Awaitable[Sequence[Channel]]]
"""The channels to show, in the order of the list."""

MemberOf = Callable[[MemberId | None, str | None], Awaitable[Member]]
"""The member of the id that the browser states (None: the default one), with the browser's zone where it told one."""

Members = Callable[[], Awaitable[Sequence[Member]]]
"""Whom a browser may speak as."""

Answering = Callable[[Caller, str], Awaitable[Reply]]
"""Runs the words after `/papers` and posts any public line; never raises for what a member can get wrong."""

Submitting = Callable[[Caller, str, Mapping[str, str]], Awaitable[Reply]]
"""The same for a form: verb and values by field name."""

Forms = Callable[[Caller, str, str], Awaitable[Reply]]
"""The form of a verb, filled in for the subscription of this name; empty for a new one."""

Previews = Callable[[Caller, str, Mapping[str, str]], Awaitable[FormPreview]]
"""Looks ahead while a form is filled in; changes nothing."""

Marks = Callable[[Member, Collection[PaperId]], Awaitable[Mapping[PaperId, Mark]]]
"""How these papers stand with the team and the member; papers that nobody marked may be absent."""

Notices = Callable[[], Awaitable[Sequence[Note]]]
"""What stands above all messages: the sample edition is shown, a source is down."""

NO_FORMS = Reply(Document((Note("Forms are not available here. Type the command in the box.", Tone.WARNING),)))


async def no_notices() -> Sequence[Note]:
    """Nothing to announce."""
    return ()


async def no_members() -> Sequence[Member]:
    """Nobody to choose from."""
    return ()


async def no_marks(member: Member, papers: Collection[PaperId]) -> Mapping[PaperId, Mark]:
    """Nobody marked anything."""
    del member, papers
    return {}


async def no_submit(caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
    """The answer to a form where none is wired."""
    del caller, verb, values
    return NO_FORMS


async def no_form(caller: Caller, verb: str, name: str) -> Reply:
    """The same where one is asked for."""
    del caller, verb, name
    return NO_FORMS


async def no_preview(caller: Caller, verb: str, values: Mapping[str, str]) -> FormPreview:
    """Nothing is known of a form where none is wired."""
    del caller, verb, values
    return FormPreview()
