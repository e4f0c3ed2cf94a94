"""Auditing: who changed what, as the public lines told it, and reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands import Caller, ShowLog
from bot.compose.log import LOG_LINES
from bot.document import Document, Note
from bot.ports import Clock, Store
from bot.tenancy import AuditLine


@dataclass(frozen=True, slots=True)
class Auditing:
    """The channel's log of changes."""

    store: Store
    clock: Clock

    async def note(self, caller: Caller, public: Document) -> None:
        """Keep what the channel is told of a change."""
        text = " ".join(block.text for block in public.blocks if isinstance(block, Note))
        line = AuditLine(channel=caller.channel, member=caller.member.id, at=self.clock.now(), text=text)
        async with self.store.write() as tx:
            await tx.audit.add(line)

    async def of(self, caller: Caller, command: ShowLog) -> Sequence[AuditLine]:
        """A page of the caller's channel, the newest first, and one line more where there are older ones."""
        async with self.store.read() as tx:
            return await tx.audit.of(caller.channel, limit=LOG_LINES + 1, offset=(command.page - 1) * LOG_LINES)
