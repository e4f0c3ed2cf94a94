"""The routes of the local page. It renders what it is given; deciding and posting are the core's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from aiohttp import web

from adapters.local.events import BEAT_SECONDS, EventStream
from adapters.local.limits import LIMITS, fit
from adapters.local.live import Live
from adapters.local.parse import Asked, Submitted, read_instant, read_member, read_request, read_zone
from adapters.local.render import Answer, Page, Thread, answer_html, channel_path, page_html
from bot.commands import Caller
from bot.document import Document, Entry, Note, Reply, Tone
from bot.model import Channel, Member, MemberId
from bot.ports import Timeline

STATIC = Path(__file__).parent / "static"
PAGE_SIZE = 50

Channels = Callable[[], Awaitable[Sequence[Channel]]]
"""The channels to show, in the order of the list."""

Members = Callable[[MemberId | None, str | None], Awaitable[Member]]
"""The member of the id that the browser states (None: the default one), with the browser's zone where it told one."""

Answering = Callable[[Caller, str], Awaitable[Reply]]
"""Runs the words after `/papers` and posts any public line; never raises for what a member can get wrong."""

Submitting = Callable[[Caller, str, Mapping[str, str]], Awaitable[Reply]]
"""The same for a form: verb and values by field name."""

Notices = Callable[[], Awaitable[Sequence[Note]]]
"""What stands above all messages: the sample edition is shown, a source is down."""

NO_FORMS = Reply(Document((Note("Forms are not available here. Type the command in the box.", Tone.WARNING),)))


async def no_notices() -> Sequence[Note]:
    """Nothing to announce."""
    return ()


async def no_forms(caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
    """The answer to a form where none is wired."""
    del caller, verb, values
    return NO_FORMS


class LocalApp:
    """The page's routes, to be mounted by the web server."""

    def __init__(  # noqa: PLR0913 - the seam to the core: one function a need
        self,
        *,
        timeline: Timeline,
        live: Live,
        answer: Answering,
        channels: Channels,
        member: Members,
        completions: Sequence[Entry] = (),
        submit: Submitting = no_forms,
        notices: Notices = no_notices,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._timeline = timeline
        self._live = live
        self._answer = answer
        self._channels = channels
        self._member = member
        self._completions = tuple(completions)
        self._submit = submit
        self._notices = notices
        self._beat_seconds = beat_seconds

    def routes(self) -> list[web.AbstractRouteDef]:
        """What to mount."""
        return [
            web.get("/", self._index),
            web.get("/c/{channel}", self._page),
            web.post("/c/{channel}/command", self._command),
            web.get("/c/{channel}/events", self._events),
            web.static("/static", STATIC),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        del request
        channels = await self._channels()
        if not channels:
            raise web.HTTPNotFound
        return web.Response(status=303, headers={"Location": channel_path(channels[0].ref.address)})

    async def _page(self, request: web.Request) -> web.Response:
        channel = await self._channel(request)
        member = await self._member(read_member(request.cookies), None)
        return _html(await self._view(channel, member, before=request.query.get("before")))

    async def _command(self, request: web.Request) -> web.Response:
        channel = await self._channel(request)
        form = await request.post()
        member = await self._member(read_member(request.cookies), read_zone(form))
        answer = await self._ask(read_request(form, channel, member))
        if "HX-Request" in request.headers:
            return _html(answer_html(answer, channel_path(channel.ref.address)))
        # Without script the answer comes as a page of its own.
        return _html(await self._view(channel, member, answer=answer))

    async def _ask(self, request: Asked | Submitted) -> Answer:
        match request:
            case Asked(caller, text):
                return _answer(text, await self._answer(caller, text))
            case Submitted(caller, verb, values):
                return _answer(verb, await self._submit(caller, verb, values))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        channel = await self._channel(request)
        since = read_instant(request.headers.get("Last-Event-ID") or request.query.get("since", ""))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        stream = EventStream(self._timeline, self._live, channel.ref, beat_seconds=self._beat_seconds)
        try:
            await stream.run(response, since)
        except ConnectionError:
            # The reader closed the page: how every stream ends.
            return response
        return response

    async def _channel(self, request: web.Request) -> Channel:
        address = request.match_info["channel"]
        for channel in await self._channels():
            if channel.ref.address == address:
                return channel
        raise web.HTTPNotFound

    async def _view(
        self, channel: Channel, member: Member, *, before: str | None = None, answer: Answer | None = None
    ) -> str:
        # One more than is shown tells whether there are earlier ones.
        found = await self._timeline.latest(channel.ref, limit=PAGE_SIZE + 1, before=before)
        shown = found[-PAGE_SIZE:]
        replies = await self._timeline.replies(channel.ref, [message.id for message in shown])
        page = Page(
            channels=await self._channels(),
            channel=channel,
            member=member,
            threads=[Thread(message, replies.get(message.id, ())) for message in shown],
            completions=self._completions,
            notices=await self._notices(),
            answer=answer,
            earlier=shown[0].id if len(found) > PAGE_SIZE else None,
            live=before is None,
        )
        return page_html(page)


def _answer(command: str, reply: Reply) -> Answer:
    return Answer(command, fit(reply.document, LIMITS))


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8")
