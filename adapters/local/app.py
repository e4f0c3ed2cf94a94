"""The routes of the local page. It renders what it is given; deciding and posting are the core's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from adapters.local.events import BEAT_SECONDS, EventStream, Window
from adapters.local.limits import LIMITS, fit
from adapters.local.live import Live, Marked
from adapters.local.looks import Looks
from adapters.local.parse import (
    MEMBER_COOKIE,
    Asked,
    Submitted,
    read_choice,
    read_instant,
    read_member,
    read_request,
    read_way_back,
    read_zone,
)
from adapters.local.render import (
    Answer,
    Overlay,
    Page,
    Thread,
    answer_html,
    cards_of,
    channel_path,
    dialog_html,
    marks_html,
    page_html,
    thread_html,
)
from adapters.local.seams import (
    Answering,
    Channels,
    Forms,
    Marks,
    MemberOf,
    Members,
    Notices,
    Previews,
    Submitting,
    no_form,
    no_marks,
    no_members,
    no_notices,
    no_preview,
    no_submit,
)
from adapters.local.windows import find_thread, newest, with_replies
from bot.commands import Caller
from bot.document import Document, Entry, Form, Note, Reply
from bot.model import Channel, Member
from bot.ports import Timeline

STATIC = Path(__file__).parent / "static"
_TO_LOG = {"HX-Retarget": "#log", "HX-Reswap": "beforeend"}
_TO_DIALOG = {"HX-Retarget": "#dialog-body", "HX-Reswap": "innerHTML"}
_CLOSES = {"HX-Trigger": "close-dialog"}
_NAME_KEPT = 365 * 24 * 3600


class LocalApp:
    """The page's routes, to be mounted by the web server."""

    def __init__(  # noqa: PLR0913 - the seam to the core: one function a need
        self,
        *,
        timeline: Timeline,
        live: Live,
        answer: Answering,
        channels: Channels,
        member: MemberOf,
        completions: Sequence[Entry] = (),
        submit: Submitting = no_submit,
        form: Forms = no_form,
        preview: Previews = no_preview,
        marks: Marks = no_marks,
        members: Members = no_members,
        notices: Notices = no_notices,
        thumbnails: bool = False,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._timeline = timeline
        self._live = live
        self._looks = Looks(timeline, live)
        self._answer = answer
        self._channels = channels
        self._member = member
        self._completions = tuple(completions)
        self._submit = submit
        self._form = form
        self._preview = preview
        self._marks = marks
        self._members = members
        self._notices = notices
        self._thumbnails = thumbnails
        self._beat_seconds = beat_seconds

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to mount."""
        return [
            web.get("/", self._index),
            web.post("/me", self._switch),
            web.get("/c/{channel}", self._page),
            web.get("/c/{channel}/thread/{message}", self._thread),
            web.get("/c/{channel}/form/{verb:subscribe|edit}", self._open_form),
            web.post("/c/{channel}/preview", self._foresee),
            web.post("/c/{channel}/command", self._command),
            web.get("/c/{channel}/events", self._events),
            web.static("/static", STATIC),
        ]

    # --- pages ---

    async def _index(self, request: web.Request) -> web.Response:
        del request
        channels = await self._channels()
        if not channels:
            raise web.HTTPNotFound
        return web.Response(status=303, headers={"Location": channel_path(channels[0].ref.address)})

    async def _switch(self, request: web.Request) -> web.Response:
        form = await request.post()
        chosen = read_choice(form)
        if chosen is None or chosen not in {member.id for member in await self._members()}:
            raise web.HTTPBadRequest
        response = web.Response(status=303, headers={"Location": read_way_back(form)})
        response.set_cookie(MEMBER_COOKIE, chosen, max_age=_NAME_KEPT, path="/", httponly=True, samesite="Strict")
        return response

    async def _page(self, request: web.Request) -> web.Response:
        channel, member = await self._where(request)
        return _html(await self._view(channel, member, before=request.query.get("before")))

    async def _thread(self, request: web.Request) -> web.Response:
        channel, member = await self._where(request)
        thread = await find_thread(self._timeline, channel.ref, request.match_info["message"])
        if thread is None:
            raise web.HTTPNotFound
        if not _by_script(request):
            return _html(await self._view(channel, member, thread=thread))
        documents = [thread.message.document, *(reply.document for reply in thread.replies)]
        overlay = await self._overlay(member, documents)
        return _html(str(thread_html(thread, channel_path(channel.ref.address), overlay)))

    async def _open_form(self, request: web.Request) -> web.Response:
        channel, member = await self._where(request)
        verb = request.match_info["verb"]
        caller = Caller(channel=channel.ref, channel_name=channel.name, member=member)
        reply = await self._form(caller, verb, request.query.get("name", ""))
        if _by_script(request):
            return _html(str(dialog_html(fit(reply.document, LIMITS), channel_path(channel.ref.address))))
        return _html(await self._view(channel, member, answer=_answer(verb, reply)))

    async def _foresee(self, request: web.Request) -> web.Response:
        channel, member = await self._where(request)
        asked = read_request(await request.post(), channel, member)
        if not isinstance(asked, Submitted):
            raise web.HTTPBadRequest
        found = await self._preview(asked.caller, asked.verb, asked.values)
        notes = dialog_html(fit(Document(found.notes), LIMITS), channel_path(channel.ref.address))
        return web.json_response({"notes": str(notes), "errors": dict(found.errors)})

    # --- commands ---

    async def _command(self, request: web.Request) -> web.Response:
        channel = await self._channel(request)
        form = await request.post()
        member = await self._member(read_member(request.cookies), read_zone(form))
        asked = read_request(form, channel, member)
        command, reply = await self._ask(asked)
        if reply.mark is not None:
            self._live.publish(Marked(channel.ref.workspace, member.id, reply.mark))
        if not _by_script(request):
            # Without script the answer comes as a page of its own.
            return _html(await self._view(channel, member, answer=_answer(command, reply)))
        path = channel_path(channel.ref.address)
        match asked:
            case Asked(card=card) if card and reply.mark is not None:
                return _html(str(marks_html(reply.mark, card, path)))
            case Submitted(in_dialog=True) if _asks_again(reply):
                return _html(str(dialog_html(fit(reply.document, LIMITS), path)), _TO_DIALOG)
            case Asked(in_dialog=True) if _is_form(reply):
                return _html(str(dialog_html(fit(reply.document, LIMITS), path)), _TO_DIALOG)
        overlay = await self._overlay(member, [reply.document])
        closes = _CLOSES if isinstance(asked, Submitted) and asked.in_dialog else {}
        return _html(str(answer_html(_answer(command, reply), path, overlay)), {**_TO_LOG, **closes})

    async def _ask(self, request: Asked | Submitted) -> tuple[str, Reply]:
        match request:
            case Asked(caller, text):
                return text, await self._answer(caller, text)
            case Submitted(caller, verb, values):
                return verb, await self._submit(caller, verb, values)

    # --- live ---

    async def _events(self, request: web.Request) -> web.StreamResponse:
        channel, member = await self._where(request)
        since = read_instant(request.headers.get("Last-Event-ID") or request.query.get("since", ""))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        window = Window(channel.ref, member, since)
        stream = EventStream(self._looks, self._live, window, self._overlay, beat_seconds=self._beat_seconds)
        try:
            await stream.run(response)
        except ConnectionError:
            # The reader closed the page: how every stream ends.
            return response
        finally:
            self._looks.forget_unheard()
        return response

    # --- what they share ---

    async def _where(self, request: web.Request) -> tuple[Channel, Member]:
        return await self._channel(request), await self._member(read_member(request.cookies), None)

    async def _channel(self, request: web.Request) -> Channel:
        address = request.match_info["channel"]
        for channel in await self._channels():
            if channel.ref.address == address:
                return channel
        raise web.HTTPNotFound

    async def _overlay(self, member: Member, documents: Sequence[Document]) -> Overlay:
        papers = {card.paper_id for document in documents for card in cards_of(document)}
        return Overlay(await self._marks(member, papers) if papers else {}, self._thumbnails)

    async def _view(
        self,
        channel: Channel,
        member: Member,
        *,
        before: str | None = None,
        answer: Answer | None = None,
        thread: Thread | None = None,
    ) -> str:
        shown, earlier = await newest(self._timeline, channel.ref, before)
        documents = [message.document for message in shown]
        documents += [answer.document] if answer else []
        documents += [each.document for each in (thread.message, *thread.replies)] if thread else []
        page = Page(
            channels=await self._channels(),
            channel=channel,
            member=member,
            members=await self._members(),
            threads=await with_replies(self._timeline, channel.ref, shown),
            completions=self._completions,
            notices=await self._notices(),
            answer=answer,
            thread=thread,
            overlay=await self._overlay(member, documents),
            earlier=earlier,
            live=before is None,
        )
        return page_html(page)


def _by_script(request: web.Request) -> bool:
    return "HX-Request" in request.headers


def _asks_again(reply: Reply) -> bool:
    return any(isinstance(block, Form) for block in reply.document.blocks)


def _is_form(reply: Reply) -> bool:
    """True for an answer that is a form and nothing else: one at the end of a page of help is not."""
    return _asks_again(reply) and all(isinstance(block, Form | Note) for block in reply.document.blocks)


def _answer(command: str, reply: Reply) -> Answer:
    return Answer(command, fit(reply.document, LIMITS))


def _html(text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
