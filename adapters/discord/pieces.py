"""The blocks of a document as pieces: what must stay together when a document is too long for one message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Literal, assert_never

from adapters.discord import limits
from adapters.discord.cards import AIRY, BRAND, Embed, card_embed, described, list_embeds, weight
from adapters.discord.components import Component, buttons, card_row, in_order, menus, rows
from adapters.discord.layout import card_container, container, list_container, text_displays
from adapters.discord.texts import apart, as_roomy_as_fits, bold, code, fenced, literal, one_line, paragraphs, quiet
from bot.compose.bars import bars_text
from bot.compose.forms import open_button
from bot.document import (
    Actions,
    Bars,
    Block,
    CardStyle,
    Document,
    Entries,
    Entry,
    Form,
    Heading,
    Note,
    PaperCard,
    Tone,
)

_SIGNS = {Tone.GOOD: "✓ ", Tone.WARNING: "⚠ ", Tone.ERROR: "⚠ "}
_SIZES = (1.0, 0.6, 0.4, 0.25)
EMBEDS_ROOM = limits.EMBEDS_TEXT - 100
LAYOUT_ROOM = limits.LAYOUT_TEXT - limits.LAYOUT_HEAD
_BRIEF_TEXT = 100
"""Meanings of at most so many characters are facts beside a term, longer ones are what there is to read."""


class Style(StrEnum):
    """How documents look: embeds, or the framed layouts of Components V2."""

    EMBEDS = "embeds"
    COMPONENTS = "components"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message. A piece has a text, or embeds, or frames; and rows of what can be pressed."""

    text: str = ""
    embeds: tuple[Embed, ...] = ()
    frames: tuple[Component, ...] = ()
    rows: tuple[Component, ...] = ()


def pieces(document: Document, style: Style, key: str = "") -> Iterator[Piece]:
    """The document in order, as embeds or as a layout, where the first paper's link carries the key."""
    is_layout = style is Style.COMPONENTS
    others = sum(isinstance(each, Actions | Form) for each in document.blocks)
    for kind, found in groupby(document.blocks, key=_kind):
        blocks = list(found)
        if kind == "block":
            yield from (piece for each in blocks for piece in _of_block(each, is_layout=is_layout))
            continue
        cards = [each for each in blocks if isinstance(each, PaperCard)]
        if is_layout:
            yield from _frames(cards, key, is_list=kind == "brief")
            key = ""
        elif kind == "brief":
            yield from _lists(cards)
        elif len(cards) + others > limits.ROWS:
            yield from _galleries(cards)
        else:
            yield from _apart(cards)


def _kind(block: Block) -> Literal["brief", "full", "block"]:
    if not isinstance(block, PaperCard):
        return "block"
    return "brief" if block.style is CardStyle.BRIEF else "full"


def _lists(cards: Sequence[PaperCard]) -> Iterator[Piece]:
    """Papers shown briefly."""
    for listed in _chunks(cards, limits.LIST):
        pressed = card_row(listed[0])[0] if len(listed) == 1 else menus(listed)
        yield Piece(embeds=tuple(list_embeds(listed)), rows=tuple(pressed))


def _apart(cards: Sequence[PaperCard]) -> Iterator[Piece]:
    """Each paper with its own buttons; among others it has a number, as all buttons stand below all papers."""
    for place, each in enumerate(cards, start=1):
        number = place if len(cards) > 1 else 0
        pressed, links = card_row(each, number=number)
        yield Piece(embeds=(card_embed(each, links, number=number),), rows=tuple(pressed[:1] if number else pressed))


def _galleries(cards: Sequence[PaperCard]) -> Iterator[Piece]:
    """Too many papers for rows of their own: one menu for each thing that can be done with them."""
    for shown in _chunks(cards, limits.EMBEDS):
        embeds = next(
            (made for size in _SIZES if weight(made := _embeds(shown, size)).text <= limits.EMBEDS_TEXT),
            None,
        )
        if embeds is None:
            yield from _galleries(shown[: len(shown) // 2])
            yield from _galleries(shown[len(shown) // 2 :])
        else:
            yield Piece(embeds=embeds, rows=tuple(menus(shown)))


def _embeds(cards: Sequence[PaperCard], size: float) -> tuple[Embed, ...]:
    return tuple(card_embed(each, in_order(each)[1], size=size) for each in cards)


def _frames(cards: Sequence[PaperCard], key: str, *, is_list: bool) -> Iterator[Piece]:
    """Papers of a layout."""
    keys = [key, *[""] * len(cards)]
    if is_list:
        for listed, carried in zip(_chunks(cards, limits.LIST), keys, strict=False):
            yield Piece(frames=(list_container(listed, carried),))
    else:
        for card, carried in zip(cards, keys, strict=False):
            yield Piece(frames=(card_container(card, carried),))


def _chunks(cards: Sequence[PaperCard], size: int) -> Iterator[Sequence[PaperCard]]:
    return (cards[at : at + size] for at in range(0, len(cards), size))


def _of_block(block: Block, *, is_layout: bool) -> Iterator[Piece]:
    """One block that is no paper."""
    match block:
        case Heading(text):
            yield Piece(text=f"## {literal(one_line(text), limits.TITLE) or '–'}")
        case Note():
            yield from (Piece(text=each) for each in _note(block, is_layout=is_layout))
        case Entries(items):
            lines = _entries(items, LAYOUT_ROOM if is_layout else EMBEDS_ROOM)
            yield _framed(lines, is_layout=is_layout)
        case Bars():
            yield _framed([fenced(bars_text(block), limits.DISPLAY)], is_layout=is_layout)
        case Actions(items):
            yield from (Piece(rows=(each,)) for each in rows(buttons(items)))
        case Form():
            yield Piece(rows=tuple(rows(buttons([open_button(block)]))))
        case PaperCard():
            pass
        case _:
            assert_never(block)


def _framed(lines: Sequence[str], *, is_layout: bool) -> Piece:
    if is_layout:
        return Piece(frames=(container(text_displays(lines), BRAND),))
    return Piece(embeds=tuple(described(lines)))


def _note(note: Note, *, is_layout: bool) -> list[str]:
    """A paragraph; a layout takes a long one in parts."""
    room, most = (limits.DISPLAY, 2) if is_layout else (LAYOUT_ROOM, 1)
    if note.tone is Tone.QUIET:
        return [quiet(note.text, room)]
    said = paragraphs(f"{_SIGNS.get(note.tone, '')}{note.text}", room - limits.FIELD_HINT, most)
    return [*said[:-1], f"{' '.join(said[-1:])} ({code(note.code, limits.FIELD_HINT - 3)})"] if note.code else said


def _entries(items: Sequence[Entry], room: int) -> list[str]:
    """Terms in bold, or as code where they are typed; a short meaning small below its term, a long one in full."""
    are_facts = all(len(each.text) <= _BRIEF_TEXT for each in items)
    airy = len(items) <= AIRY and not any(each.literal for each in items)

    def lines(size: float) -> list[str]:
        return apart([_entry(each, size, are_facts=are_facts) for each in items], airy=airy)

    return as_roomy_as_fits(lines, room)


def _entry(entry: Entry, size: float, *, are_facts: bool) -> str:
    if entry.literal:
        text = literal(one_line(entry.text), int(300 * size))
        return f"{code(entry.term, int(200 * size)) or '–'}{f'  {text}' if text else ''}"
    term = bold(entry.term, int(250 * size)) or "–"
    text = quiet(one_line(entry.text), int(150 * size)) if are_facts else literal(entry.text, int(900 * size))
    return f"{term}\n{text}" if text else term
