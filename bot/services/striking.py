"""Striking: a channel that refuses for good is paused after three editions, and its workspace is told once."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.compose.digest import parts
from bot.ledger import Delivery, DeliveryState, LedgerEntry
from bot.model import Edition, EditionKind, Layout, Pause, Subscription
from bot.ports import Transaction
from bot.schedule import local_date

_log = structlog.get_logger(__name__)
STRIKES = 3


async def strike(tx: Transaction, delivery: Delivery, entry: LedgerEntry) -> None:
    """Count a refusal for good, one an edition; the third in a row pauses the subscription. Nothing is deleted."""
    others = (await tx.deliveries.by_edition([delivery.edition_id]))[delivery.edition_id]
    refused = [each for each in others if each.state is DeliveryState.REFUSED and each.key != delivery.key]
    if any(each.part < delivery.part for each in refused):
        return  # this edition has its strike
    subscription = await tx.subscriptions.strike(delivery.edition_id)
    if subscription is None or subscription.strikes < STRIKES or subscription.pause is not None:
        return
    why = f"paused after {subscription.strikes} refusals ({entry.detail})"
    await tx.subscriptions.replace(replace(subscription, pause=Pause(entry.at, why)))
    _log.warning("subscription paused", subscription=subscription.id, why=why)
    await _tell(tx, subscription, entry)


async def _tell(tx: Transaction, subscription: Subscription, entry: LedgerEntry) -> None:
    channel = await tx.channels.get(subscription.channel)
    contact = await tx.channels.contact(subscription.channel.workspace)
    if contact is None or channel is None or contact.ref == subscription.channel:
        return  # `status` and the log say it
    line = (
        f"“{subscription.name}” in #{channel.name} is paused: the last {subscription.strikes} digests could not be "
        f"posted there ({entry.detail}). Nothing is deleted. When the channel can be posted to again: "
        f"/papers resume {subscription.name}"
    )
    notice = Edition(
        channel=contact.ref,
        kind=EditionKind.NOTICE,
        local_on=local_date(entry.at, subscription.schedule.zone),
        due_at=entry.at,
        cut_until_at=entry.at,
        subscription_id=subscription.id,
        layout=Layout.LIST,
        name="Broadsheet",
        notes=(line,),
    )
    await tx.editions.add(notice, parts(notice))
