"""Replaying a day: what did not reach its channel goes back to the ledger, under the keys that it had."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from bot.ledger import Account, DeliveryState
from bot.ports import Store


@dataclass(frozen=True, slots=True)
class Replayed:
    """All editions of one local date, and the keys of the messages that go out again (or would)."""

    on: date
    dry_run: bool
    accounts: Sequence[Account]
    again: Collection[str]


@dataclass(frozen=True, slots=True)
class Replaying:
    """For operators, after a platform or a channel was out of order.

    Only what was refused goes out again. A message in doubt may stand in its channel: that is for its members to see,
    and `doubts never-lost` is their choice. Skipped dates stay skipped: their papers were candidates for the next one.
    """

    store: Store

    async def __call__(self, on: date, *, dry_run: bool) -> Replayed:
        """Reopen the refused deliveries of this local date, or only tell which ones."""
        async with self.store.write() as tx:
            accounts = await tx.editions.of_day(on)
            refused = {
                each.key
                for account in accounts
                for each in account.deliveries
                if each.state is DeliveryState.REFUSED and not _has_doubtful_parent(account)
            }
            if not dry_run:
                await tx.deliveries.reopen(refused)
        return Replayed(on, dry_run, accounts, refused)


def _has_doubtful_parent(account: Account) -> bool:
    """Its replies have no message that they could stand under."""
    return any(each.part == 0 and each.state is DeliveryState.MISSED for each in account.deliveries)
