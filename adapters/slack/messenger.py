"""SlackMessenger: one `chat.postMessage` a delivery, found again by the key in its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from adapters.slack.cards import Blocks
from adapters.slack.faults import FAULTS, fault_of, to_outcome
from adapters.slack.installations import Answer, NoAnswer, NotInstalled, Workspaces
from adapters.slack.limits import LIMITS, PACE
from adapters.slack.render import message, plain_body, request_body
from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.faults import Kind
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, CannotTell, Finding, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from bot.pacing import Pace
from bot.ports import Clock

_log = structlog.get_logger(__name__)
CAPABILITIES = Capabilities(key_holds=None, can_find=True)
"""Slack knows no idempotency key; whether it can be asked depends on the workspace's scopes: CannotTell."""

PAGE = 15
"""Messages a page of history: more is not given to apps that are sold outside the Marketplace."""
_MOST_PAGES = 40
_MOST_LOOKS = 10_000
_HISTORY = {"C": "channels:history", "G": "groups:history", "D": "im:history"}
_NEVER = frozenset({Kind.PERMANENT, Kind.REVOKED})
_WRONG = RefusedForGood("wrong-platform", "The channel is not one of Slack.")
_OUT = RefusedForGood("not-installed", "The workspace has not installed the bot, or took its token back.")
_PUBLIC = "C"


class SlackMessenger:
    """`bot.ports.Messenger` over the Web API."""

    def __init__(self, workspaces: Workspaces, clock: Clock, *, pace: Pace = PACE) -> None:
        self._workspaces = workspaces
        self._clock = clock
        self._pace = pace
        self._looked_until: dict[str, str] = {}
        """Where a search was stopped by a rate limit: apps that get one page a minute would never reach the end."""
        self.sent_plain = 0
        """How many messages Slack refused for their blocks, and got as plain text."""

    @property
    def platform(self) -> Platform:
        """Whose channels it can reach."""
        return Platform.SLACK

    @property
    def limits(self) -> Limits:
        """What one message may hold."""
        return LIMITS

    @property
    def pace(self) -> Pace:
        """A message a second and channel."""
        return self._pace

    @property
    def capabilities(self) -> Capabilities:
        """Read-back, where the workspace granted it."""
        return CAPABILITIES

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        """Post once; a message whose blocks Slack refuses goes out as plain text."""
        channel = delivery.channel
        if channel.platform is not Platform.SLACK:
            return _WRONG
        body = request_body(document, channel.address, delivery.key, reply_to.id if reply_to else None)
        # The ledger waits for its deliveries; for a line that is none of them nobody else does.
        call = self._workspaces.call if delivery.edition_id else self._workspaces.insist
        try:
            answer = await call(channel.workspace, "chat.postMessage", **body)
            if not answer.ok and fault_of(answer.code).kind is Kind.PAYLOAD:
                self.sent_plain += 1
                _log.warning(
                    "blocks refused, sent as plain text", code=answer.code, key=delivery.key, so_far=self.sent_plain
                )
                answer = await call(channel.workspace, "chat.postMessage", **plain_body(body))
        except NotInstalled:
            return _OUT
        except NoAnswer as error:
            return Unknown(str(error)) if error.sent else RefusedForNow("connect", str(error))
        return self._outcome(channel, answer)

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        """Replace a message; its metadata stays."""
        made = message(document)
        return await self.replace(ref, made.text, made.blocks)

    async def replace(self, ref: MessageRef, text: str, blocks: Blocks) -> Outcome:
        """Replace the text and the blocks of a message."""
        if ref.channel.platform is not Platform.SLACK:
            return _WRONG
        body: dict[str, Any] = {"channel": ref.channel.address, "ts": ref.id, "text": text, "blocks": blocks}
        try:
            answer = await self._workspaces.insist(ref.channel.workspace, "chat.update", **body)
        except NotInstalled:
            return _OUT
        except NoAnswer as error:
            return Unknown(str(error))
        return self._outcome(ref.channel, answer)

    async def find_posted(
        self, key: str, since: datetime, channel: ChannelRef, *, reply_to: MessageRef | None
    ) -> Finding:
        """Look through the channel, or the thread, from `since` on for our own message with this key."""
        try:
            access = await self._workspaces.access(channel.workspace)
            scope = _HISTORY.get(channel.address[:1], "channels:history")
            if not access.may(scope):
                return CannotTell("missing_scope", f"the workspace did not grant {scope}")
            return await self._look(key, since, channel, reply_to, access.installation.bot_id)
        except NotInstalled:
            return CannotTell("not-installed", "the workspace took its token back")
        except NoAnswer as error:
            return RefusedForNow("no-answer", str(error))

    async def _look(
        self, key: str, since: datetime, channel: ChannelRef, reply_to: MessageRef | None, bot_id: str
    ) -> Finding:
        query: dict[str, Any] = {"channel": channel.address, "limit": PAGE, "include_all_metadata": True}
        query["oldest"] = f"{since.timestamp():.6f}"
        method = "conversations.history"
        if reply_to is not None:
            method, query["ts"] = "conversations.replies", reply_to.id
        if cursor := self._looked_until.pop(key, ""):
            query["cursor"] = cursor
        for _ in range(_MOST_PAGES):
            answer = await self._workspaces.call(channel.workspace, method, **query)
            if not answer.ok:
                if answer.retry_after is not None and "cursor" in query and len(self._looked_until) < _MOST_LOOKS:
                    self._looked_until[key] = query["cursor"]
                return self._unasked(answer)
            for each in answer.data.get("messages", ()):
                if _key(each) == key and each.get("bot_id", bot_id) == bot_id:
                    return Sent(MessageRef(channel, str(each["ts"])))
            cursor = answer.data.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return Absent()
            query["cursor"] = cursor
        return RefusedForNow("too-long", f"the channel has more than {_MOST_PAGES * PAGE} messages since then")

    def _unasked(self, answer: Answer) -> Finding:
        if answer.code in FAULTS and fault_of(answer.code).kind in _NEVER:
            return CannotTell(answer.code, fault_of(answer.code).meaning)
        retry_at = self._clock.now() + answer.retry_after if answer.retry_after else None
        return RefusedForNow(answer.code or f"HTTP {answer.status}", "Slack could not be asked", retry_at)

    async def prepare(self, channel: ChannelRef) -> str:  # noqa: PLR0911 - one for each answer
        """Join a public channel: only members can read messages back, and some workspaces let only them post."""
        if not channel.address.startswith(_PUBLIC):
            return await self._seen(channel)
        try:
            answer = await self._workspaces.call(channel.workspace, "conversations.join", channel=channel.address)
        except NotInstalled:
            return "Broadsheet is not installed in this workspace any more; install it again."
        except NoAnswer:
            return "Slack cannot be reached at this moment; try again in a minute."
        if answer.ok:
            return ""
        if answer.code == "missing_scope":
            return "I may not join channels by myself here. Type /invite @Broadsheet, or have the app installed again."
        if answer.code in {"method_not_supported_for_channel_type", "channel_not_found"}:
            return await self._seen(channel)
        return f"Slack does not let me post here: {fault_of(answer.code).meaning}"

    async def _seen(self, channel: ChannelRef) -> str:
        """A private channel or a direct message: only a member can bring the bot in."""
        try:
            answer = await self._workspaces.call(channel.workspace, "conversations.info", channel=channel.address)
        except (NotInstalled, NoAnswer):
            return "Slack cannot be reached at this moment; try again in a minute."
        found: Mapping[str, Any] = answer.data.get("channel", {})
        if answer.ok and (found.get("is_im") or found.get("is_member")):
            return ""
        return "I am not in this channel, so I could not post to it. Type /invite @Broadsheet, then try again."

    def _outcome(self, channel: ChannelRef, answer: Answer) -> Outcome:
        if answer.ok and answer.data.get("ts"):
            return Sent(MessageRef(channel, str(answer.data["ts"])))
        if answer.ok:
            return Unknown("Slack answered without a timestamp")
        return to_outcome(answer.status, answer.code, self._clock.now(), answer.retry_after)


def _key(found: Mapping[str, Any]) -> str:
    payload = (found.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("delivery_key", ""))
