"""Documents as the bodies of Discord's messages: pure. Every message keeps to `adapters.discord.limits`.

Whatever a text holds, nobody is pinged: every body says so itself, as the default of a plain message is everyone
(resources/message.mdx, allowed mentions). A delivery's key goes along as the fragment of an address, as Discord keeps
no nonce in its history.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.discord import limits
from adapters.discord.cards import BRAND, NOWHERE, keyed, told_apart, with_key
from adapters.discord.components import distinct
from adapters.discord.drafts import EmbedDraft, LayoutDraft, packed
from adapters.discord.layout import text_display, texts_of
from adapters.discord.pieces import Style, pieces
from adapters.discord.texts import literal, plain, web_url
from bot.compose.lines import text_lines
from bot.document import CardStyle, Document, Heading, PaperCard
from bot.text.cut import utf16_length

SUPPRESS_NOTIFICATIONS = 1 << 12
IS_COMPONENTS_V2 = 1 << 15
WEEK = 10_080
"""Minutes after which a quiet forum post is put away: the longest that Discord has."""
_SAID_MORE = "-# The rest did not fit into a message."
_FRAGMENT = re.compile(r"#([A-Za-z0-9-]+)", re.ASCII)
_ROLE = re.compile(r"[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Message:
    """The part of a request's body that a document decides; `mention` is the one role that it rings for."""

    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    flags: int
    mention: str

    def body(self) -> dict[str, Any]:
        """As `POST /channels/{id}/messages` takes it."""
        made: dict[str, Any] = {"allowed_mentions": self.allowed_mentions}
        made |= {"content": self.content} if self.content else {}
        made |= {"embeds": self.embeds} if self.embeds else {}
        made |= {"components": self.components} if self.components else {}
        return made | ({"flags": self.flags} if self.flags else {})

    @property
    def allowed_mentions(self) -> dict[str, Any]:
        """Nobody, or the one role that the document is for."""
        return {"parse": []} | ({"roles": [self.mention]} if self.mention else {})

    @property
    def is_layout(self) -> bool:
        """True for Components V2, which a message stays for ever."""
        return bool(self.flags & IS_COMPONENTS_V2)


def messages(document: Document, *, style: Style = Style.EMBEDS, key: str = "") -> list[Message]:
    """The document as one message, or several where it is too long for one; the first rings and carries the key."""
    if style is Style.COMPONENTS and any(isinstance(each, PaperCard) for each in document.blocks):
        made = _layouts(document, key)
        if not key or carries(made[0].body(), key):
            return made
    return _embedded(document, key)


def message(document: Document, *, style: Style = Style.EMBEDS, key: str = "") -> Message:
    """The document as one message; what does not fit is left out, and the message says so."""
    first, *rest = messages(document, style=style, key=key)
    if not rest:
        return first
    if first.is_layout:
        return replace(first, components=[*first.components, text_display(_SAID_MORE)])
    return replace(first, content=f"{first.content}\n{_SAID_MORE}".lstrip())


def request_body(
    document: Document, channel: str, key: str, thread: str | None, *, style: Style = Style.EMBEDS
) -> dict[str, Any]:
    """The body of the post; where it goes is the request's address. A key is its nonce too, so that a resend is one."""
    del channel, thread
    body = message(document, style=style, key=key).body()
    return body | ({"nonce": key, "enforce_nonce": True} if key else {})


def forum_body(
    document: Document, key: str, *, style: Style = Style.EMBEDS, tags: Sequence[str] = ()
) -> dict[str, Any]:
    """The body of a new post in a forum, which takes no nonce: only read-back tells whether it is there."""
    name, left = _named(document)
    return {
        "name": name,
        "auto_archive_duration": WEEK,
        "applied_tags": list(tags)[: limits.TAGS],
        "message": message(left, style=style, key=key).body(),
    }


def edit_body(document: Document, style: Style = Style.EMBEDS, key: str = "") -> dict[str, Any]:
    """The body of an edit, which names everything: what is left out of it would stay as it was."""
    made = message(document, style=style, key=key)
    body = {
        "content": made.content or None,
        "embeds": made.embeds,
        "components": made.components,
        "allowed_mentions": made.allowed_mentions,
    }
    return body | ({"flags": IS_COMPONENTS_V2} if made.is_layout else {})


def plain_body(document: Document, key: str = "") -> dict[str, Any]:
    """The same without embeds and components, for when Discord refuses those; nothing in it is read as markup."""
    lines = [line for block in document.blocks for line in text_lines(block) if line.strip()]
    url = next((each.url for each in document.blocks if isinstance(each, PaperCard) and web_url(each.url)), NOWHERE)
    end = f"\n[open](<{with_key(url, key)}>)" if key or url != NOWHERE else ""
    text = literal("\n".join(lines), limits.CONTENT - utf16_length(end)) or "–"
    mention = _role(document)
    head = f"<@&{mention}>\n" if mention else ""
    content = f"{head}{text}{end}"
    return Message(content, [], [], _flags(document), mention).body()


def carries(message: Mapping[str, Any], key: str) -> bool:
    """Whether a message, as Discord gives it back, is the one of this delivery."""
    return key in keys_in(message)


def keys_in(message: Mapping[str, Any]) -> frozenset[str]:
    """What stands in a message where a key would: the fragments of its addresses, and whatever looks like one."""
    places = [str(message.get("content") or ""), *texts_of(list(message.get("components") or ()))]
    places += [str(each.get("url") or "") for each in message.get("embeds") or ()]
    return frozenset(found for each in places for found in _FRAGMENT.findall(each))


def _embedded(document: Document, key: str) -> list[Message]:
    drafts = packed(pieces(document, Style.EMBEDS), EmbedDraft())
    drafts[0] = _with_embed(drafts[0]) if key else drafts[0]
    made = []
    for place, draft in enumerate(drafts):
        embeds = [dict(each) for each in draft.embeds]
        if key and not place:
            keyed(embeds, key)
        told_apart(embeds)
        mention = _role(document) if not place else ""
        lines = [f"<@&{mention}>"] if mention else []
        content = "\n".join([*lines, *draft.content])
        rows = distinct(draft.rows)
        made.append(Message(content or ("" if embeds else "–"), embeds, rows, _flags(document), mention))
    return made


def _with_embed(draft: EmbedDraft) -> EmbedDraft:
    """With an embed to carry the key: the notes of a message that has none, under its heading."""
    if draft.embeds:
        return draft
    head, rest = draft.content[:1], draft.content[1:]
    text = "\n".join(rest or head) or "–"
    return replace(draft, content=head if rest else (), embeds=({"description": text, "color": BRAND},))


def _layouts(document: Document, key: str) -> list[Message]:
    drafts = packed(pieces(document, Style.COMPONENTS, key), LayoutDraft())
    made = []
    for place, draft in enumerate(drafts):
        mention = _role(document) if not place else ""
        head = [text_display(f"<@&{mention}>")] if mention else []
        components = distinct([*head, *draft.components])
        made.append(Message("", [], components, _flags(document) | IS_COMPONENTS_V2, mention))
    return made


def _flags(document: Document) -> int:
    return SUPPRESS_NOTIFICATIONS if document.is_silent else 0


def _role(document: Document) -> str:
    return document.mention if _ROLE.fullmatch(document.mention) else ""


def _named(document: Document) -> tuple[str, Document]:
    """What a post is called: its one paper, else its heading, which then need not be said again below."""
    cards = [each for each in document.blocks if isinstance(each, PaperCard)]
    heading = next((each for each in document.blocks if isinstance(each, Heading)), None)
    if heading is None or (len(cards) == 1 and cards[0].style is CardStyle.FULL):
        named = (name for each in cards for name in (each.title, each.paper_id))
        found = next((name for each in named if (name := plain(each, limits.THREAD_NAME))), "")
        return found or plain(document.label, limits.THREAD_NAME) or "Papers", document
    rest = tuple(each for each in document.blocks if each is not heading)
    left = replace(document, blocks=rest) if rest else document
    return plain(heading.text, limits.THREAD_NAME) or "Papers", left
