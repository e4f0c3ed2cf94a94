"""A block as lines of plain text: for notifications, for people who hear messages, and where nothing else is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bot.compose.bars import bars_text
from bot.document import Actions, Bars, Block, Entries, Form, Heading, Note, PaperCard


def text_lines(block: Block) -> Sequence[str]:
    """What the block says; what can only be pressed says nothing. A line may be empty."""
    match block:
        case Heading(text) | Note(text=text):
            return [text]
        case Entries(items):
            return [f"{each.term}: {each.text}" if each.text else each.term for each in items]
        case Bars():
            return bars_text(block)
        case PaperCard():
            line = " · ".join(each for each in (block.byline, block.summary) if each)
            return [block.title or block.paper_id, line, block.url]
        case Actions() | Form():
            return []
        case _:
            assert_never(block)
