"""Finding a message again by the delivery key in it: through the history of a channel, a thread, or a forum's posts."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.discord.faults import MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, fault_of
from adapters.discord.render import carries, keys_in
from adapters.discord.rest import Answer, Rest
from bot.ledger import MessageRef
from bot.model import ChannelRef, Platform, WorkspaceId
from bot.outcome import Absent, CannotTell, Finding, RefusedForNow, Sent

_EPOCH_MS = 1_420_070_400_000  # 2015, where Discord's ids begin to count
_PAGE = 100
_MOST_PAGES = 40
_MOST_POSTS = 20_000
_SIDE_BY_SIDE = 10
_NONE: frozenset[str] = frozenset()
_NEVER = frozenset({MISSING_ACCESS, MISSING_PERMISSIONS, UNKNOWN_CHANNEL})


def snowflake_at(instant: datetime) -> int:
    """The least id that something may have that was made at this instant."""
    return max(int(instant.timestamp() * 1000) - _EPOCH_MS, 0) << 22


def instant_of(snowflake: str) -> datetime:
    """When an id was given."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _EPOCH_MS) / 1000, UTC)


class Readback:
    """Looks; a Sent names the message in a channel of its own, which the caller replaces by the delivery's."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._first_keys: OrderedDict[str, frozenset[str]] = OrderedDict()

    def _is_by_us(self, message: Mapping[str, Any]) -> bool:
        """Whoever copies a link copies the key in it."""
        return str((message.get("author") or {}).get("id")) == self._rest.me

    async def in_thread(self, key: str, since: datetime, thread: str) -> Finding:
        """In a thread; a thread that was never opened holds nothing."""
        found = await self.in_channel(key, since, thread)
        match found:
            case Sent(ref):
                return _sent(thread, f"{thread}/{ref.id}")
            case CannotTell(code) if code == str(UNKNOWN_CHANNEL):
                return Absent()
            case _:
                return found

    async def in_channel(self, key: str, since: datetime, address: str) -> Finding:
        """In the history of a channel."""
        after, seen = snowflake_at(since), 0
        for _ in range(_MOST_PAGES):
            query = {"after": str(after), "limit": _PAGE}
            answer = await self._rest.call("GET", f"/channels/{address}/messages", query=query)
            if not answer.ok:
                return _unasked(answer)
            page = list(answer.data)
            for each in page:
                if self._is_by_us(each) and carries(each, key):
                    return _sent(address, str(each["id"]))
            seen += len(page)
            if len(page) < _PAGE:
                return Absent() if seen else await self._emptiness(address, snowflake_at(since))
            after = max(int(each["id"]) for each in page)
        return RefusedForNow("too-long", f"the channel has more than {_MOST_PAGES * _PAGE:,} messages since then")

    async def _emptiness(self, address: str, since: int) -> Finding:
        """Whoever may not read the history is shown an empty one: is it empty?"""
        answer = await self._rest.call("GET", f"/channels/{address}")
        if not answer.ok:
            return _unasked(answer)
        last = answer.get("last_message_id")
        if not last or int(last) <= since:
            return Absent()
        return CannotTell(
            str(MISSING_PERMISSIONS), "the bot may not read this channel's history (Read Message History)"
        )

    async def in_forum(self, key: str, since: datetime, forum: str, guild: str) -> Finding:
        """Among the bot's posts of a forum that were opened since then, the newest first: the first message of each."""
        async for answer in self._lists(forum, guild):
            if not answer.ok:
                return _unasked(answer)
            opened = self._opened(answer.data.get("threads", ()), forum, snowflake_at(since))
            for at in range(0, len(opened), _SIDE_BY_SIDE):
                some = opened[at : at + _SIDE_BY_SIDE]
                for thread, keys in zip(some, await asyncio.gather(*map(self._keys, some)), strict=True):
                    if isinstance(keys, Answer):
                        return _unasked(keys)
                    if key in keys:
                        return _sent(thread, thread)
        return Absent()

    async def _keys(self, thread: str) -> frozenset[str] | Answer:
        """The keys in the first message of a post; asked for once, so that a look that was cut off gets further."""
        if (known := self._first_keys.get(thread)) is not None:
            return known
        answer = await self._rest.call("GET", f"/channels/{thread}/messages/{thread}")
        if not answer.ok and answer.code != UNKNOWN_MESSAGE:
            return answer
        self._first_keys[thread] = keys = keys_in(answer.data) if answer.ok and self._is_by_us(answer.data) else _NONE
        if len(self._first_keys) > _MOST_POSTS:
            self._first_keys.popitem(last=False)
        return keys

    def _opened(self, threads: Iterable[Mapping[str, Any]], forum: str, since: int) -> list[str]:
        mine = [each for each in threads if str(each.get("owner_id") or self._rest.me) == self._rest.me]
        there = [int(each["id"]) for each in mine if str(each.get("parent_id")) == forum]
        return [str(each) for each in sorted(there, reverse=True) if each >= since]

    async def _lists(self, forum: str, guild: str) -> AsyncIterator[Answer]:
        yield await self._rest.call("GET", f"/guilds/{guild}/threads/active")
        yield await self._rest.call("GET", f"/channels/{forum}/threads/archived/public", query={"limit": _PAGE})


def _sent(address: str, posted: str) -> Sent:
    return Sent(MessageRef(ChannelRef(Platform.DISCORD, WorkspaceId(""), address), posted))


def _unasked(answer: Answer) -> Finding:
    fault = fault_of(answer.status, answer.code)
    if answer.code in _NEVER:
        return CannotTell(str(answer.code), fault.meaning)
    return RefusedForNow(str(answer.code or f"HTTP {answer.status}"), "Discord could not be asked")
