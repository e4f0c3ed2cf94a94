"""What one message of the page may hold, and how a document is made to fit."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.document import (
    Action,
    Actions,
    Bars,
    Block,
    Button,
    Document,
    Entries,
    Entry,
    Form,
    Heading,
    Limits,
    Link,
    Note,
    PaperCard,
)
from bot.text.cut import ELLIPSIS, cut

LIMITS = Limits(title=600, summary=1000, text=4000, cards=50, actions=10)
"""In characters as shown. A page could hold more; nobody would read it."""

LABEL = 80
BYLINE = 200

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def fit(document: Document, limits: Limits) -> Document:
    """The document with every text cut to the limits, cards and buttons beyond them left out."""
    blocks: list[Block] = []
    cards = 0
    for block in document.blocks:
        cards += isinstance(block, PaperCard)
        if not isinstance(block, PaperCard) or cards <= limits.cards:
            blocks.append(_fit_block(block, limits))
    return replace(document, blocks=tuple(blocks))


def _cut(text: str, limit: int) -> str:
    """Cut, and made writable: half a surrogate pair can be neither stored nor sent."""
    return cut(_HALF_PAIR.sub("\N{REPLACEMENT CHARACTER}", text), limit)


def _fit_block(block: Block, limits: Limits) -> Block:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Heading():
            return replace(block, text=_cut(block.text, limits.title))
        case Note():
            return replace(block, text=_cut(block.text, limits.text))
        case Entries():
            return replace(block, items=tuple(_fit_entry(item, limits) for item in block.items))
        case Bars():
            bars = tuple(replace(bar, label=_cut(bar.label, limits.title)) for bar in block.items)
            return replace(block, title=_cut(block.title, limits.title), items=bars)
        case PaperCard():
            return _fit_card(block, limits)
        case Actions():
            return replace(block, items=_fit_actions(block.items, limits))
        case Form():
            return block


def _fit_entry(entry: Entry, limits: Limits) -> Entry:
    return replace(entry, term=_cut(entry.term, limits.title), text=_cut(entry.text, limits.summary))


def _fit_card(card: PaperCard, limits: Limits) -> PaperCard:
    # A card without a name could not be opened or spoken of: its id is the least it shows.
    title = _cut(card.title, limits.title) if card.title.strip() else card.paper_id
    summary = _cut(card.summary, limits.summary)
    return replace(
        card,
        title=title,
        title_marks=_kept(card.title_marks, card.title, title),
        summary_marks=_kept(card.summary_marks, card.summary, summary),
        byline=_cut(card.byline, BYLINE),
        organization=_cut(card.organization, BYLINE),
        venue=_cut(card.venue, BYLINE),
        categories=tuple(_cut(name, LABEL) for name in card.categories),
        summary=summary,
        why=_cut(card.why, limits.summary),
        actions=_fit_actions(card.actions, limits),
    )


def _kept(marks: tuple[tuple[int, int], ...], text: str, shown: str) -> tuple[tuple[int, int], ...]:
    """The marks that stand whole in what is shown of a text."""
    whole = len(shown) if shown == text else len(shown) - len(ELLIPSIS)
    return tuple((start, end) for start, end in marks if end <= whole)


def _fit_actions(actions: tuple[Action, ...], limits: Limits) -> tuple[Action, ...]:
    return tuple(_fit_action(action) for action in actions[: limits.actions])


def _fit_action(action: Action) -> Action:
    match action:
        case Link() | Button():
            return replace(action, label=_cut(action.label, LABEL))
