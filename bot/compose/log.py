"""The log of a channel's changes as a reply."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import ShowLog
from bot.document import Actions, Block, Button, Entries, Entry, Heading, Note, Tone
from bot.model import say_channel
from bot.tenancy import AuditLine

LOG_LINES = 20
"""Lines of a page."""


def log_blocks(channel_name: str, lines: Sequence[AuditLine], command: ShowLog) -> list[Block]:
    """A page of changes, the newest first; a line beyond the page means that there are older ones."""
    if not lines:
        what = "There is no such page" if command.page > 1 else "Nothing was changed here yet"
        return [Heading(f"Changes in {say_channel(channel_name)}"), Note(f"{what}.", Tone.QUIET)]
    entries = tuple(Entry(f"{line.at:%Y-%m-%d %H:%M} UTC", line.text) for line in lines[:LOG_LINES])
    blocks: list[Block] = [Heading(f"Changes in {say_channel(channel_name)}"), Entries(entries)]
    buttons = []
    if command.page > 1:
        buttons.append(Button("Newer", f"log page {command.page - 1}"))
    if len(lines) > LOG_LINES:
        buttons.append(Button("Older", f"log page {command.page + 1}"))
    return [*blocks, Actions(tuple(buttons))] if buttons else blocks
