"""SqlTimeline: what stands in the local platform's channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, select, update
from sqlalchemy.engine import RowMapping

from bot.document import Document
from bot.ledger import MessageRef
from bot.model import ChannelRef
from bot.ports import PostedMessage
from store.channels import ADDRESS, address_is, channel_id, find_channel_id
from store.rows import to_channel_ref
from store.sql_store import SqlStore
from store.statements import chunks, insert
from store.tables import channels, messages

_documents = TypeAdapter(Document)
"""Blocks are told apart by their `kind`, so that the JSON outlives the classes' order in the union."""


class SqlTimeline:
    """`bot.ports.Timeline` over the store's database. Messages stand in the order in which they were added."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def add(self, message: PostedMessage) -> PostedMessage:
        """Keep a message; where its key, or its id, is known in the channel, return the first one instead.

        Raises ChannelNotFound.
        """
        async with self._store.write() as transaction:
            channel = await channel_id(transaction.connection, message.channel)
            row = {
                "channel_id": channel,
                "id": message.id,
                "key": message.key or None,
                "document": _documents.dump_json(message.document).decode(),
                "posted_at": message.posted_at,
                "edited_at": message.edited_at,
                "reply_to": message.reply_to,
            }
            statement = insert(transaction.connection, messages).on_conflict_do_nothing().returning(messages.c.seq)
            if (await transaction.connection.execute(statement, row)).scalar() is not None:
                return message
            same = messages.c.key == message.key if message.key else messages.c.id == message.id
            query = _joined().where(messages.c.channel_id == channel, same)
            return _to_message((await transaction.connection.execute(query)).mappings().one())

    async def replace(self, ref: MessageRef, document: Document, edited_at: datetime) -> bool:
        """Replace a message's document; False when it does not exist."""
        async with self._store.write() as transaction:
            channel = await find_channel_id(transaction.connection, ref.channel)
            statement = (
                update(messages)
                .where(messages.c.channel_id == channel, messages.c.id == ref.id)
                .values(document=_documents.dump_json(document).decode(), edited_at=edited_at)
            )
            return (await transaction.connection.execute(statement)).rowcount > 0

    async def find(self, channel: ChannelRef, key: str) -> PostedMessage | None:
        """The message with this delivery key; lines without a key are never found."""
        found = await self._all(_joined().where(*address_is(channel), messages.c.key == key))
        return found[0] if found else None

    async def latest(self, channel: ChannelRef, *, limit: int, before: str | None = None) -> Sequence[PostedMessage]:
        """Top-level messages, oldest first, the `limit` newest ones added before message id `before`."""
        query = _joined().where(*address_is(channel), messages.c.reply_to.is_(None))
        if before is not None:
            mark = select(messages.c.seq).join(channels).where(*address_is(channel), messages.c.id == before)
            query = query.where(messages.c.seq < mark.correlate(None).scalar_subquery())
        return (await self._all(query.order_by(messages.c.seq.desc()).limit(limit)))[::-1]

    async def replies(self, channel: ChannelRef, parents: Collection[str]) -> Mapping[str, Sequence[PostedMessage]]:
        """The threads of these messages, each oldest first; a message without replies is absent."""
        threads: dict[str, list[PostedMessage]] = {}
        for chunk in chunks(parents):
            query = _joined().where(*address_is(channel), messages.c.reply_to.in_(chunk)).order_by(messages.c.seq)
            for message in await self._all(query):
                threads.setdefault(message.reply_to or "", []).append(message)
        return threads

    async def _all(self, query: Select[Any]) -> list[PostedMessage]:
        async with self._store.read() as transaction:
            rows = await transaction.connection.execute(query)
            return [_to_message(row) for row in rows.mappings()]


def _joined() -> Select[Any]:
    return select(messages, *ADDRESS).join(channels, channels.c.id == messages.c.channel_id)


def _to_message(row: RowMapping) -> PostedMessage:
    return PostedMessage(
        id=row["id"],
        channel=to_channel_ref(row),
        key=row["key"] or "",
        document=_documents.validate_json(row["document"]),
        posted_at=row["posted_at"],
        edited_at=row["edited_at"],
        reply_to=row["reply_to"],
    )
