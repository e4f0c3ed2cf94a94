"""DiscordMessenger: one message a delivery, with the delivery's key as its nonce and in its first link.

Discord answers a second message with the same nonce by the first one for “a few minutes”. It keeps no nonces in its
history, so that what is read back later is the key in the message itself. Posts of a forum know no nonce: a second
attempt there looks first.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import structlog

from adapters.discord.faults import (
    ALREADY_CROSSPOSTED,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    THREAD_EXISTS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    fault_of,
    is_about_payload,
    to_outcome,
)
from adapters.discord.limits import LIMITS, PACE
from adapters.discord.permissions import say_missing
from adapters.discord.pieces import Style
from adapters.discord.places import Kind, Place, Places, chosen_tags
from adapters.discord.readback import Readback, instant_of
from adapters.discord.render import edit_body, forum_body, message, plain_body
from adapters.discord.rest import Answer, NoAnswer, NotTold, Rest
from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.faults import Kind as FaultKind
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, CannotTell, Finding, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from bot.pacing import Pace
from bot.ports import Clock

_log = structlog.get_logger(__name__)
_Told = TypeVar("_Told")
CAPABILITIES = Capabilities(key_holds=timedelta(minutes=2), can_find=True)
"""“Checked for uniqueness in the past few minutes” (resources/message): two of them are surely a few."""

_WRONG = RefusedForGood("wrong-platform", "The channel is not one of Discord.")
_GONE = RefusedForGood(str(UNKNOWN_CHANNEL), "Unknown channel, or one that the bot may not see.")
_NO_LINES = RefusedForGood("no-lines", "A forum has posts only: a line on a change would be one of them.")
_MOST_THREADS = 20_000
_ARCHIVE_MINUTES = 4_320  # a thread is folded away after three days without a word
_SKEW = timedelta(hours=1)
_CLAIMED = timedelta(seconds=30)
"""A doubt is older: it is not looked into before."""
_PUBLISHING_SECONDS = 3.0
_THREAD_NAME = 100
_NO_RIGHT = frozenset({MISSING_ACCESS, MISSING_PERMISSIONS})
_NO_ROOM = frozenset({160006, 160007})
"""As many threads are open as may be."""


class DiscordMessenger:
    """`bot.ports.Messenger` over the API."""

    def __init__(
        self, rest: Rest, places: Places, clock: Clock, *, pace: Pace = PACE, style: Style = Style.EMBEDS
    ) -> None:
        self._rest = rest
        self._places = places
        self._clock = clock
        self._pace = pace
        self._styles = tuple(dict.fromkeys((style, Style.EMBEDS)))
        self._readback = Readback(rest)
        self._threads: OrderedDict[str, bool] = OrderedDict()
        """Messages that have their thread (True), or cannot have one (False)."""
        self.sent_plain = 0
        """How often Discord refused how a message was drawn, and got it more plainly."""

    @property
    def platform(self) -> Platform:
        """Whose channels it can reach."""
        return Platform.DISCORD

    @property
    def limits(self) -> Limits:
        """What one message may hold."""
        return LIMITS

    @property
    def pace(self) -> Pace:
        """Five messages in five seconds a channel, fifty calls a second in all."""
        return self._pace

    @property
    def capabilities(self) -> Capabilities:
        """Nonces for some minutes, then reading back."""
        return CAPABILITIES

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        """Post once, into the channel, the thread of its parent, or as a post of a forum."""
        if delivery.channel.platform is not Platform.DISCORD:
            return _WRONG
        try:
            return await self._post(delivery, document, reply_to)
        except NoAnswer as error:
            return Unknown(str(error)) if error.sent else RefusedForNow("connect", str(error))
        except NotTold as error:
            return self._not_yet(error.answer)

    async def _post(self, delivery: Delivery, document: Document, reply_to: MessageRef | None) -> Outcome:
        place = await self._before(self._places.of(delivery.channel.address))
        if place is None:
            return _GONE
        if place.kind is Kind.FORUM and reply_to is None:
            if not delivery.edition_id:
                return _NO_LINES
            return await self._post_to_forum(delivery, document, place)
        if reply_to is None:
            return await self._post_to_channel(delivery, document, place)
        return await self._post_reply(delivery, document, place, reply_to)

    @staticmethod
    async def _before(asked: Awaitable[_Told]) -> _Told:
        """What is asked before a message: that it broke says nothing of the message, of which nothing was sent."""
        try:
            return await asked
        except NoAnswer as error:
            raise NoAnswer(str(error), sent=False) from error

    def _not_yet(self, answer: Answer) -> RefusedForNow:
        """Something before the message failed: of the message nothing was sent."""
        outcome = to_outcome(answer.status, answer.code, self._clock.now(), answer.retry_after, answer.scope)
        if isinstance(outcome, RefusedForNow):
            return outcome
        return RefusedForNow(str(answer.code or f"HTTP {answer.status}"), "Discord did not say what is there")

    async def _post_to_channel(self, delivery: Delivery, document: Document, place: Place) -> Outcome:
        address = delivery.channel.address
        answer = await self._send(address, delivery.key, document)
        if answer.ok and place.kind is Kind.ANNOUNCEMENT and delivery.key:
            await self._publish(address, answer.get("id"))
        return self._outcome(delivery.channel, answer, answer.get("id"))

    async def _post_reply(self, delivery: Delivery, document: Document, place: Place, reply_to: MessageRef) -> Outcome:
        """Under its parent: in the parent's thread, or where there can be none, as a reply to it."""
        parent = reply_to.id.rpartition("/")[2]
        if place.kind is Kind.FORUM or (place.kind.has_threads and await self._has_thread(delivery, document, parent)):
            answer = await self._send(parent, delivery.key, document)
            return self._outcome(delivery.channel, answer, f"{parent}/{answer.get('id')}")
        reference = {"message_reference": {"message_id": parent, "fail_if_not_exists": False}}
        answer = await self._send(delivery.channel.address, delivery.key, document, reference)
        return self._outcome(delivery.channel, answer, answer.get("id"))

    async def _has_thread(self, delivery: Delivery, document: Document, parent: str) -> bool:
        """Make sure of it; asking twice does no harm. False where none can be opened. Raises NoAnswer or NotTold."""
        if (known := self._threads.get(parent)) is not None:
            return known
        opened_on = instant_of(parent).date()
        name = f"{document.label or 'Papers'} · {opened_on.day} {opened_on:%B}"
        body = {"name": name[-_THREAD_NAME:], "auto_archive_duration": _ARCHIVE_MINUTES}
        path = f"/channels/{delivery.channel.address}/messages/{parent}/threads"
        answer = await self._before(self._rest.call("POST", path, body))
        if not answer.ok and answer.code != THREAD_EXISTS and answer.code not in _NO_RIGHT:
            return self._may_have_thread(answer)
        self._threads[parent] = found = answer.code not in _NO_RIGHT
        if len(self._threads) > _MOST_THREADS:
            self._threads.popitem(last=False)
        return found

    @staticmethod
    def _may_have_thread(answer: Answer) -> bool:
        """Whether there may be one that could not be opened now. Raises NotTold where that is to be asked again."""
        kind = fault_of(answer.status, answer.code).kind
        is_passing = answer.status == HTTPStatus.TOO_MANY_REQUESTS or kind in {FaultKind.TEMPORARY, FaultKind.UNKNOWN}
        if is_passing and answer.code not in _NO_ROOM:
            raise NotTold(answer)
        return answer.code == UNKNOWN_MESSAGE  # a thread outlives the message that it was opened on

    async def _send(self, address: str, key: str, document: Document, more: dict[str, Any] | None = None) -> Answer:
        """One message under its nonce."""
        always = ({"nonce": key, "enforce_nonce": True} if key else {}) | (more or {})
        drawn = (message(document, style=each, key=key).body() for each in self._styles)
        bodies = [body | always for body in (*drawn, plain_body(document, key))]
        return await self._taken(f"/channels/{address}/messages", bodies)

    async def _taken(self, path: str, bodies: Sequence[dict[str, Any]], *, is_repeatable: bool = True) -> Answer:
        """What Discord refuses for how it is drawn is drawn more plainly: as embeds, and then as text."""
        answer = await self._rest.call("POST", path, bodies[0], is_repeatable=is_repeatable)
        for body in bodies[1:]:
            if answer.ok or not is_about_payload(answer.status, answer.code):
                break
            self.sent_plain += 1
            _log.warning("message refused, sent more plainly", code=answer.code, so_far=self.sent_plain)
            answer = await self._rest.call("POST", path, body, is_repeatable=is_repeatable)
        return answer

    async def _post_to_forum(self, delivery: Delivery, document: Document, place: Place) -> Outcome:
        """A post of its own. There is no nonce: whoever comes a second time looks whether the first one landed."""
        channel = delivery.channel
        if delivery.attempt > 1:
            since = (delivery.tried_at or self._clock.now()) - _SKEW
            match await self._readback.in_forum(delivery.key, since, channel.address, place.guild):
                case Sent(ref):
                    return Sent(MessageRef(channel, ref.id))
                case CannotTell() if self._is_first(delivery):
                    pass
                case CannotTell(code, why) | RefusedForNow(code, why):
                    return Unknown(f"{code}: {why}")
                case Absent():
                    pass
        tags = chosen_tags(place, document.label)
        drawn = [forum_body(document, delivery.key, style=each, tags=tags) for each in self._styles]
        bodies = [*drawn, {**drawn[-1], "message": plain_body(document, delivery.key)}]
        answer = await self._taken(f"/channels/{channel.address}/threads", bodies, is_repeatable=False)
        return self._outcome(channel, answer, answer.get("id"))

    def _is_first(self, delivery: Delivery) -> bool:
        """True where no attempt before this one can have landed, so that nothing need be looked for."""
        return delivery.tried_at is not None and self._clock.now() - delivery.tried_at < _CLAIMED

    async def _publish(self, address: str, posted: str) -> None:
        """Hand it on to the servers that follow the channel: at most ten an hour, and never at the message's cost."""
        path = f"/channels/{address}/messages/{posted}/crosspost"
        try:
            async with asyncio.timeout(_PUBLISHING_SECONDS):
                answer = await self._rest.call("POST", path, is_repeatable=False)
        except (NoAnswer, TimeoutError) as error:
            _log.warning("not known whether it was published", message=posted, error=type(error).__name__)
            return
        if not answer.ok and answer.code != ALREADY_CROSSPOSTED:
            _log.warning("not published", message=posted, status=answer.status, code=answer.code)

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        """Replace a message."""
        return await self.replace(ref, edit_body(document, self._styles[0]))

    async def replace(self, ref: MessageRef, body: Mapping[str, Any]) -> Outcome:
        """Replace parts of a message."""
        if ref.channel.platform is not Platform.DISCORD:
            return _WRONG
        thread, _, posted = ref.id.rpartition("/")
        if not posted.isdecimal():
            return _GONE
        try:
            place = await self._before(self._places.of(ref.channel.address))
            is_post = place is not None and place.kind is Kind.FORUM
            address = thread or (posted if is_post else ref.channel.address)
            answer = await self._rest.call("PATCH", f"/channels/{address}/messages/{posted}", body)
        except NoAnswer as error:
            return Unknown(str(error)) if error.sent else RefusedForNow("connect", str(error))
        except NotTold as error:
            return self._not_yet(error.answer)
        return self._outcome(ref.channel, answer, ref.id)

    async def find_posted(
        self, key: str, since: datetime, channel: ChannelRef, *, reply_to: MessageRef | None
    ) -> Finding:
        """Look through the channel, the thread or the forum, from `since` on for our own message with this key."""
        try:
            place = await self._places.of(channel.address)
            if place is None:
                return CannotTell(str(UNKNOWN_CHANNEL), _GONE.detail)
            found = await self._look(key, since, channel, place, reply_to)
        except (NoAnswer, NotTold) as error:
            return RefusedForNow("no-answer", str(error))
        return Sent(MessageRef(channel, found.ref.id)) if isinstance(found, Sent) else found

    async def _look(
        self, key: str, since: datetime, channel: ChannelRef, place: Place, reply_to: MessageRef | None
    ) -> Finding:
        if reply_to is None:
            if place.kind is Kind.FORUM:
                return await self._readback.in_forum(key, since, channel.address, place.guild)
            return await self._readback.in_channel(key, since, channel.address)
        parent = reply_to.id.rpartition("/")[2]
        if place.kind is Kind.FLAT:
            return await self._readback.in_channel(key, since, channel.address)
        found = await self._readback.in_thread(key, since, parent)
        if place.kind.has_threads and isinstance(found, Absent):
            return await self._readback.in_channel(key, since, channel.address)  # where no thread could be opened
        return found

    async def prepare(self, channel: ChannelRef) -> str:
        """What a member has to grant; an interaction has told what is granted."""
        try:
            place = await self._places.of(channel.address)
        except (NoAnswer, NotTold):
            return "Discord cannot be reached at this moment; try again in a minute."
        if place is None:
            return "I cannot see this channel. Grant Broadsheet View Channel in it, then try again."
        granted = self._places.permissions(channel.address)
        return say_missing(granted, place) if granted is not None and place.guild else ""

    def _outcome(self, channel: ChannelRef, answer: Answer, posted: str) -> Outcome:
        if answer.ok and posted.rpartition("/")[2]:
            return Sent(MessageRef(channel, posted))
        if answer.ok:
            return Unknown("Discord answered without the message")
        if answer.code == UNKNOWN_CHANNEL:
            self._places.forget(channel.address)
        return to_outcome(answer.status, answer.code, self._clock.now(), answer.retry_after, answer.scope)
