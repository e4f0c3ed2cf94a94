"""Messages while they are filled with pieces, and whether they still keep to Discord's limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from adapters.discord import limits
from adapters.discord.cards import BRAND, Embed, weight
from adapters.discord.components import Component
from adapters.discord.layout import TEXT, number_of, text_displays, texts_of
from adapters.discord.pieces import Piece
from bot.text.cut import utf16_length


@dataclass(frozen=True, slots=True)
class EmbedDraft:
    """Content, embeds under it, and rows under them. What is said after an embed is an embed too, to stay in order."""

    content: tuple[str, ...] = ()
    embeds: tuple[Embed, ...] = ()
    rows: tuple[Component, ...] = ()
    is_open: bool = False
    """True where the last embed is a text that goes on with the next one."""

    def plus(self, piece: Piece) -> EmbedDraft:
        """With one piece more."""
        made = self
        if piece.text and not self.embeds and utf16_length("\n".join([*self.content, piece.text])) <= limits.CONTENT:
            made = replace(made, content=(*made.content, piece.text))
        elif piece.text:
            made = _said(made, piece.text)
        if piece.embeds:
            made = replace(made, embeds=(*made.embeds, *piece.embeds), is_open=False)
        return replace(made, rows=(*made.rows, *piece.rows))

    @property
    def fits(self) -> bool:
        """Whether Discord takes it."""
        found = weight(self.embeds)
        return found.number <= limits.EMBEDS and found.text <= limits.EMBEDS_TEXT and len(self.rows) <= limits.ROWS


def _said(draft: EmbedDraft, text: str) -> EmbedDraft:
    """With a text after the embeds: an embed of its own, or more of the one before."""
    if draft.is_open:
        longer = f"{draft.embeds[-1]['description']}\n{text}"
        if utf16_length(longer) <= limits.DESCRIPTION:
            return replace(draft, embeds=(*draft.embeds[:-1], {**draft.embeds[-1], "description": longer}))
    return replace(draft, embeds=(*draft.embeds, {"description": text, "color": BRAND}), is_open=True)


@dataclass(frozen=True, slots=True)
class LayoutDraft:
    """Texts, frames and rows in the order of the document."""

    components: tuple[Component, ...] = ()

    def plus(self, piece: Piece) -> LayoutDraft:
        """With one piece more; texts in a row are one component."""
        made = list(self.components)
        if piece.text:
            before = [str(made.pop()["content"])] if made and made[-1]["type"] == TEXT else []
            made += text_displays([*before, piece.text])
        return LayoutDraft((*made, *piece.frames, *piece.rows))

    @property
    def fits(self) -> bool:
        """Whether Discord takes it."""
        texts = texts_of(list(self.components))
        return (
            number_of(list(self.components)) <= limits.COMPONENTS
            and sum(map(utf16_length, texts)) <= limits.LAYOUT_TEXT
            and sum(len(each.encode("utf-8", "replace")) + 12 for each in texts) <= limits.LAYOUT_BYTES
        )


_Draft = TypeVar("_Draft", EmbedDraft, LayoutDraft)


def packed(found: Iterable[Piece], empty: _Draft) -> list[_Draft]:
    """The pieces in as few messages as hold them."""
    drafts = [empty]
    for piece in found:
        more = drafts[-1].plus(piece)
        if more.fits or drafts[-1] == empty:
            drafts[-1] = more
        else:
            drafts.append(empty.plus(piece))
    return drafts
