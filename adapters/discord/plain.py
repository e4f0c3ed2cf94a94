"""A document as a message of nothing but text, for when Discord refuses how it was drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.discord import limits
from adapters.discord.cards import NOWHERE, with_key
from adapters.discord.render import message
from adapters.discord.texts import literal, one_line, web_url
from bot.document import Document, Entries, Heading, Note, PaperCard

_SUPPRESS_EMBEDS = 1 << 2
_LINE = 200


def plain_body(document: Document, key: str) -> dict[str, Any]:
    """The body of the post: headings, notes and titles with their addresses, as many as fit; the key in a last link."""
    sign = f"-# [·](<{with_key(NOWHERE, key)}>)" if key else ""
    made = message(document).body()
    room, lines = limits.CONTENT - len(sign), []
    for line in filter(None, _lines(document)):
        if len(line) + 1 > room:
            break
        room -= len(line) + 1
        lines.append(line)
    content = "\n".join([*lines, sign]).strip() or "–"
    flags = int(made.get("flags", 0)) | _SUPPRESS_EMBEDS
    return {"content": content, "allowed_mentions": {"parse": []}, "flags": flags}


def _lines(document: Document) -> Iterator[str]:
    for block in document.blocks:
        match block:
            case Heading(text) | Note(text=text):
                yield literal(text, _LINE * 2)
            case Entries(items):
                yield from (literal(one_line(f"{each.term} {each.text}"), _LINE) for each in items)
            case PaperCard():
                url = web_url(block.url)
                title = literal(one_line(block.title), _LINE) or block.paper_id
                yield f"{title} <{url}>" if url else title
            case _:
                pass
