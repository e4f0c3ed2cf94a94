"""What is kept of a workspace besides its channels: how its platform lets us in, and who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import ChannelRef, MemberId, Platform, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A workspace that installed the bot. Its token is sealed (`bot.ports.Vault`)."""

    workspace: WorkspaceId
    platform: Platform
    name: str
    """What the workspace is called."""
    sealed_token: str
    bot_id: str
    """The platform's id of the bot as the author of messages."""
    bot_user: str
    """The platform's id of the bot as a member."""
    scopes: tuple[str, ...]
    """What was granted, as the platform spells it."""
    installed_by: MemberId
    installed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One change, as the channel's public line told it."""

    channel: ChannelRef
    member: MemberId
    at: datetime
    text: str
