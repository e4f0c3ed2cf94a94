"""Installations and the log of changes: kept per workspace, and gone with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Member, MemberId, Platform
from bot.ports import Store
from bot.tenancy import AuditLine, Installation
from tests.contract.samples import AWAY, HOME, NOON, channel

pytestmark = [pytest.mark.contract, pytest.mark.usefixtures("home")]

INSTALLED = Installation(
    workspace=HOME.workspace,
    platform=Platform.LOCAL,
    name="The lab",
    sealed_token="key:sealed",
    bot_id="B1",
    bot_user="U1",
    scopes=("chat:write", "commands"),
    installed_by=MemberId("ada"),
    installed_at=NOON,
)


def line(text: str, ref=HOME) -> AuditLine:
    return AuditLine(channel=ref, member=MemberId("ada"), at=NOON, text=text)


async def test_an_installation_is_kept_replaced_and_forgotten(store: Store) -> None:
    async with store.write() as tx:
        await tx.installations.put(INSTALLED)
        await tx.installations.put(replace(INSTALLED, sealed_token="key:other"))
    async with store.read() as tx:
        assert await tx.installations.get(HOME.workspace) == replace(INSTALLED, sealed_token="key:other")
        assert list(await tx.installations.all()) == [replace(INSTALLED, sealed_token="key:other")]
    async with store.write() as tx:
        assert await tx.installations.remove(HOME.workspace)
        assert not await tx.installations.remove(HOME.workspace)
        assert await tx.installations.get(HOME.workspace) is None


async def test_a_channel_log_is_its_own_and_newest_first(store: Store) -> None:
    async with store.write() as tx:
        for number in range(3):
            await tx.audit.add(line(f"change {number}"))
        assert [each.text for each in await tx.audit.of(HOME, limit=2)] == ["change 2", "change 1"]
        assert [each.text for each in await tx.audit.of(HOME, limit=2, offset=2)] == ["change 0"]
        assert list(await tx.audit.of(replace(HOME, address="another"), limit=5)) == []


async def test_a_renamed_channel_is_found_by_its_new_name(store: Store) -> None:
    async with store.write() as tx:
        await tx.channels.rename(HOME, "Café")
        found = await tx.channels.named(HOME.workspace, "café")
        assert found is not None
        assert found.ref == HOME
        await tx.channels.rename(replace(HOME, address="unknown"), "x")
        assert len(await tx.channels.all(HOME.workspace)) == 1


async def test_a_removed_workspace_leaves_nothing_and_others_whole(store: Store) -> None:
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))
        for ref in (HOME, AWAY):
            await tx.channels.put_member(Member(workspace=ref.workspace, id=MemberId("ada"), name="Ada"))
            await tx.audit.add(line("change", ref))
            await tx.paces.put({f"{ref.platform.value}\x1f{ref.workspace}\x1f{ref.address}": NOON})
        await tx.installations.put(INSTALLED)
    async with store.write() as tx:
        assert await tx.channels.remove_workspace(HOME.workspace)
        assert not await tx.channels.remove_workspace(HOME.workspace)
    async with store.read() as tx:
        assert await tx.channels.get(HOME) is None
        assert list(await tx.channels.members(HOME.workspace)) == []
        assert await tx.installations.get(HOME.workspace) is None
        assert list(await tx.audit.of(HOME, limit=5)) == []
        assert await tx.channels.get(AWAY) is not None
        assert len(await tx.audit.of(AWAY, limit=5)) == 1
        keys = [f"{ref.platform.value}\x1f{ref.workspace}\x1f{ref.address}" for ref in (HOME, AWAY)]
        assert list(await tx.paces.of(keys)) == keys[1:]
