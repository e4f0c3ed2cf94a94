"""Changing the key that seals the tokens of installations."""

from __future__ import annotations

from dataclasses import replace

from bot.ports import Store
from bot.settings import Settings
from bot.wiring.sides import open_vault


def fresh_key() -> str:
    """A key that nobody has."""
    from adapters.vault import new_key

    return new_key()


async def rotated(settings: Settings, store: Store) -> int:
    """Seal every token with the newest key, in one transaction; return how many. Raises BadSettings.

    In the data folder a new key is made first, and the older ones are dropped once nothing is sealed with them. A kill
    in between leaves old and new keys there: both open.
    """
    from adapters.vault import add_key, keep_only_newest

    if settings.secret_keys is None:
        add_key(settings)
    vault = open_vault(settings)
    async with store.write() as tx:
        found = await tx.installations.all()
        for each in found:
            await tx.installations.put(replace(each, sealed_token=vault.seal(vault.open(each.sealed_token))))
    keep_only_newest(settings)
    return len(found)
