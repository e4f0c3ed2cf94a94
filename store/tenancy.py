"""SqlInstallations and SqlAudit: how workspaces let us in, and who changed what in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelRef, MemberId, Platform, WorkspaceId
from bot.tenancy import AuditLine, Installation
from store.statements import upsert
from store.tables import audit_lines, installations


class SqlInstallations:
    """`bot.ports.Installations` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, installation: Installation) -> None:
        """Insert or replace."""
        row = {
            "workspace": installation.workspace,
            "platform": installation.platform.value,
            "name": installation.name,
            "sealed_token": installation.sealed_token,
            "bot_id": installation.bot_id,
            "bot_user": installation.bot_user,
            "scopes": " ".join(installation.scopes),
            "installed_by": installation.installed_by,
            "installed_at": installation.installed_at,
        }
        await self._connection.execute(upsert(self._connection, installations), row)

    async def get(self, workspace: WorkspaceId) -> Installation | None:
        """The workspace's installation."""
        query = select(installations).where(installations.c.workspace == workspace)
        row = (await self._connection.execute(query)).mappings().first()
        return _to_installation(row) if row else None

    async def all(self) -> Sequence[Installation]:
        """Every installation, by workspace."""
        query = select(installations).order_by(installations.c.workspace)
        return [_to_installation(row) for row in (await self._connection.execute(query)).mappings()]

    async def remove(self, workspace: WorkspaceId) -> bool:
        """Forget the installation; False when there was none."""
        statement = delete(installations).where(installations.c.workspace == workspace)
        return (await self._connection.execute(statement)).rowcount > 0


class SqlAudit:
    """`bot.ports.Audit` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, line: AuditLine) -> None:
        """Keep a line."""
        row: dict[str, Any] = {
            "workspace": line.channel.workspace,
            "platform": line.channel.platform.value,
            "address": line.channel.address,
            "member_id": line.member,
            "at": line.at,
            "text": line.text,
        }
        await self._connection.execute(audit_lines.insert(), row)

    async def of(self, channel: ChannelRef, *, limit: int, offset: int = 0) -> Sequence[AuditLine]:
        """The channel's newest lines, the newest first."""
        here = audit_lines.c
        query = (
            select(audit_lines)
            .where(
                here.workspace == channel.workspace,
                here.platform == channel.platform.value,
                here.address == channel.address,
            )
            .order_by(here.id.desc())
            .limit(limit)
            .offset(offset)
        )
        rows = (await self._connection.execute(query)).mappings()
        return [
            AuditLine(channel=channel, member=MemberId(row["member_id"]), at=row["at"], text=row["text"])
            for row in rows
        ]


def _to_installation(row: RowMapping) -> Installation:
    return Installation(
        workspace=WorkspaceId(row["workspace"]),
        platform=Platform(row["platform"]),
        name=row["name"],
        sealed_token=row["sealed_token"],
        bot_id=row["bot_id"],
        bot_user=row["bot_user"],
        scopes=tuple(row["scopes"].split()),
        installed_by=MemberId(row["installed_by"]),
        installed_at=row["installed_at"],
    )
