"""The ledger: the contract of `bot.ports.Deliveries`."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from bot.ledger import Delivery, DeliveryState, LedgerEntry, WhenInDoubt
from bot.model import Layout, Platform
from bot.ports import Store
from tests.contract.samples import AWAY, HOME, HOUR, NOON, add_edition, channel

pytestmark = [pytest.mark.contract, pytest.mark.usefixtures("home")]

READY, SENDING, SENT = DeliveryState.READY, DeliveryState.SENDING, DeliveryState.SENT
REFUSED, UNKNOWN = DeliveryState.REFUSED, DeliveryState.UNKNOWN


async def claim(store: Store, owner: str = "me", now: datetime = NOON) -> Delivery | None:
    async with store.write() as tx:
        for each in await tx.deliveries.ready(now=now, platforms=[Platform.LOCAL], limit=100):
            lease = {"owner": owner, "now": now, "lease_until": now + HOUR}
            for claimed in await tx.deliveries.claim([each.key], **lease):
                return claimed
    return None


async def record(store: Store, delivery: Delivery, state: DeliveryState, owner: str | None = "me", **said) -> bool:
    async with store.write() as tx:
        entry = LedgerEntry(state=state, at=NOON, **said)
        return await tx.deliveries.record(delivery, owner=owner, entry=entry)


async def taken(store: Store, owner: str = "me", now: datetime = NOON) -> Delivery:
    delivery = await claim(store, owner, now)
    assert delivery is not None
    return delivery


async def states(store: Store, edition_id: int) -> list[DeliveryState]:
    async with store.read() as tx:
        return [each.state for each in (await tx.deliveries.by_edition([edition_id]))[edition_id]]


# --- claiming --------------------------------------------------------------------------------------------------------


async def test_a_claim_takes_the_oldest_ready_delivery(store: Store) -> None:
    first = await add_edition(store, "one", 1)
    await add_edition(store, "two", 1)
    assert await claim(store) == Delivery(
        key="one-0", edition_id=first, part=0, channel=HOME, state=SENDING, attempt=1, owner="me", tried_at=NOON
    )
    assert (await taken(store)).key == "two-0"
    assert await claim(store) is None


async def test_parts_go_out_in_order(store: Store) -> None:
    await add_edition(store, "one", 3, layout=Layout.CARDS)
    first = await taken(store)
    assert await claim(store) is None
    await record(store, first, SENT, message_id="m0")
    second = await taken(store)
    assert second.key == "one-1"
    assert await claim(store) is None
    await record(store, second, REFUSED)
    assert (await taken(store)).key == "one-2"


async def test_another_edition_does_not_wait(store: Store) -> None:
    await add_edition(store, "one", 2)
    await add_edition(store, "two", 2)
    assert [(await taken(store)).key for _ in range(2)] == ["one-0", "two-0"]


async def test_replies_wait_until_their_parent_was_sent(store: Store) -> None:
    await add_edition(store, "one", 2, layout=Layout.THREAD)
    parent = await taken(store)
    await record(store, parent, UNKNOWN)
    assert await claim(store) is None
    assert await record(store, parent, SENT, owner=None, message_id="m0")
    assert (await taken(store)).key == "one-1"


async def test_replies_to_a_refused_parent_are_refused_too(store: Store) -> None:
    thread = await add_edition(store, "one", 3, layout=Layout.THREAD)
    other = await add_edition(store, "two", 2, layout=Layout.THREAD)
    await record(store, await taken(store), REFUSED, detail="channel gone")
    assert await states(store, thread) == [REFUSED, REFUSED, REFUSED]
    assert await states(store, other) == [READY, READY]
    async with store.read() as tx:
        parent, child, _ = (await tx.deliveries.by_edition([thread]))[thread]
        assert (parent.detail, child.detail) == ("channel gone", "the parent is refused")


async def test_replies_to_a_parent_refused_after_a_doubt_are_refused_too(store: Store) -> None:
    thread = await add_edition(store, "one", 2, layout=Layout.THREAD)
    parent = await taken(store)
    await record(store, parent, UNKNOWN)
    await record(store, parent, REFUSED, owner=None)
    assert await states(store, thread) == [REFUSED, REFUSED]


async def test_a_refused_reply_refuses_no_other(store: Store) -> None:
    thread = await add_edition(store, "one", 3, layout=Layout.THREAD)
    await record(store, await taken(store), SENT)
    await record(store, await taken(store), REFUSED)
    assert await states(store, thread) == [SENT, REFUSED, READY]
    assert (await taken(store)).key == "one-2"


async def test_a_delivery_that_was_put_off_waits_until_its_time(store: Store) -> None:
    await add_edition(store, "one", 2)
    await record(store, await taken(store), READY, retry_at=NOON + HOUR, detail="rate limited")
    assert await claim(store, now=NOON + HOUR / 2) is None
    again = await taken(store, now=NOON + HOUR)
    assert (again.key, again.attempt, again.retry_at) == ("one-0", 2, NOON + HOUR)


async def test_two_workers_never_take_the_same_delivery(store: Store, other_store: Store) -> None:
    for number in range(20):
        await add_edition(store, f"e{number}", 1)

    async def work(through: Store, owner: str) -> list[str]:
        keys = []
        while delivery := await claim(through, owner):
            assert delivery.owner == owner
            keys.append(delivery.key)
        return keys

    workers = [
        work(through, f"{name}{number}") for number in range(2) for through, name in ((store, "a"), (other_store, "b"))
    ]
    found = [key for keys in await asyncio.gather(*workers) for key in keys]
    assert sorted(found) == sorted(f"e{number}-0" for number in range(20))


async def test_a_claim_passes_over_what_an_open_transaction_took(
    store: Store, other_store: Store, store_url: str
) -> None:
    if not store_url.startswith("postgres"):
        pytest.skip("one writer at a time: the second claim would wait")
    await add_edition(store, "one", 2)
    await add_edition(store, "two", 1)
    async with store.write() as tx:
        (first,) = await tx.deliveries.claim(["one-0"], owner="a", now=NOON, lease_until=NOON + HOUR)
        second = await taken(other_store, "b")
        assert await claim(other_store, "b") is None
    assert (first.key, second.key) == ("one-0", "two-0")


# --- recording and fencing -------------------------------------------------------------------------------------------


async def test_what_became_of_a_delivery_is_kept(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    assert await record(store, await taken(store), SENT, message_id="m0", detail="posted")
    async with store.read() as tx:
        (kept,) = (await tx.deliveries.by_edition([edition_id]))[edition_id]
    assert (kept.state, kept.message_id, kept.detail, kept.owner, kept.attempt) == (SENT, "m0", "posted", None, 1)
    assert await claim(store) is None


async def test_nobody_but_the_owner_records(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    delivery = await taken(store, "me")
    assert not await record(store, delivery, SENT, owner="somebody else")
    assert not await record(store, delivery, SENT, owner=None)
    assert await states(store, edition_id) == [SENDING]


async def test_an_outcome_is_recorded_once(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    delivery = await taken(store)
    assert await record(store, delivery, SENT)
    assert not await record(store, delivery, REFUSED)
    assert not await record(store, delivery, REFUSED, owner=None)
    assert await states(store, edition_id) == [SENT]


async def test_a_claim_is_no_outcome(store: Store) -> None:
    await add_edition(store, "one", 1)
    delivery = await taken(store)
    with pytest.raises(ValueError, match="claim"):
        await record(store, delivery, SENDING)


async def test_a_worker_whose_lease_ended_can_no_longer_record(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    late = await taken(store)
    async with store.write() as tx:
        assert await tx.deliveries.expire(now=NOON + HOUR) == 1
    assert not await record(store, late, SENT)
    assert await states(store, edition_id) == [UNKNOWN]


async def test_a_stale_attempt_cannot_record_for_the_next_one_of_the_same_worker(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    stale = await taken(store)
    async with store.write() as tx:
        await tx.deliveries.expire(now=NOON + HOUR)
    await record(store, stale, READY, owner=None)
    fresh = await taken(store, now=NOON + HOUR)
    assert not await record(store, stale, REFUSED)
    assert await record(store, fresh, SENT)
    assert await states(store, edition_id) == [SENT]


# --- doubts ----------------------------------------------------------------------------------------------------------


async def test_a_delivery_whose_lease_has_passed_becomes_unknown(store: Store) -> None:
    await add_edition(store, "one", 1)
    await add_edition(store, "two", 1)
    await taken(store, now=NOON)
    await taken(store, now=NOON + HOUR)
    async with store.write() as tx:
        assert await tx.deliveries.expire(now=NOON + HOUR - HOUR / 60) == 0
        assert await tx.deliveries.expire(now=NOON + HOUR) == 1
        assert await tx.deliveries.expire(now=NOON + HOUR) == 0
        ((doubtful, _),) = await tx.deliveries.doubtful(now=NOON + HOUR, platforms=[Platform.LOCAL], limit=10)
    assert (doubtful.key, doubtful.state, doubtful.owner, doubtful.attempt) == ("one-0", UNKNOWN, None, 1)
    assert await claim(store) is None


async def test_a_doubt_is_settled_once(store: Store) -> None:
    edition_id = await add_edition(store, "one", 1)
    await record(store, await taken(store), UNKNOWN, detail="timed out")
    async with store.read() as tx:
        ((doubtful, _),) = await tx.deliveries.doubtful(now=NOON + HOUR, platforms=[Platform.LOCAL], limit=10)
    assert await record(store, doubtful, SENT, owner=None, message_id="m0")
    assert not await record(store, doubtful, READY, owner=None)
    assert await states(store, edition_id) == [SENT]
    async with store.read() as tx:
        assert await tx.deliveries.doubtful(now=NOON, platforms=[Platform.LOCAL], limit=10) == []


async def test_a_delivery_that_comes_back_from_a_doubt_keeps_its_turn(store: Store) -> None:
    await add_edition(store, "one", 2)
    await add_edition(store, "two", 1)
    doubtful = await taken(store)
    await record(store, doubtful, UNKNOWN)
    await record(store, doubtful, READY, owner=None)
    assert [(await taken(store)).key for _ in range(2)] == ["one-0", "two-0"]


async def test_doubts_are_named_oldest_first(store: Store) -> None:
    for name in ("one", "two", "three"):
        await add_edition(store, name, 1)
    for delivery in reversed([await taken(store) for _ in range(3)]):
        await record(store, delivery, UNKNOWN)
    async with store.read() as tx:
        assert [
            each.key for each, _ in await tx.deliveries.doubtful(now=NOON, platforms=[Platform.LOCAL], limit=2)
        ] == ["one-0", "two-0"]


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_the_latest_deliveries_come_newest_first_and_by_channel(store: Store) -> None:
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))
    await add_edition(store, "one", 2)
    await add_edition(store, "two", 1, channel=AWAY)
    async with store.read() as tx:
        assert [each.key for each in await tx.deliveries.latest(channel=None, limit=2)] == ["two-0", "one-1"]
        assert [each.key for each in await tx.deliveries.latest(channel=HOME, limit=9)] == ["one-1", "one-0"]
        assert [each.channel for each in await tx.deliveries.latest(channel=AWAY, limit=9)] == [AWAY]
        assert await tx.deliveries.by_edition([404]) == {}


# --- fairness, pace, and what operators do ---------------------------------------------------------------------------


async def test_the_first_of_each_workspace_comes_before_the_second_of_any(store: Store) -> None:
    async with store.write() as tx:
        await tx.channels.add_workspace(AWAY.workspace, AWAY.platform, NOON)
        await tx.channels.add(channel(AWAY))
    for name in ("one", "two", "three"):
        await add_edition(store, name, 1)
    await add_edition(store, "away", 1, channel=AWAY)
    async with store.read() as tx:
        ready = await tx.deliveries.ready(now=NOON, platforms=[Platform.LOCAL], limit=3)
    assert [each.key for each in ready] == ["one-0", "away-0", "two-0"]


async def test_a_claim_of_many_takes_those_that_are_free_in_the_order_asked_for(store: Store) -> None:
    for name in ("one", "two", "three"):
        await add_edition(store, name, 1)
    lease = {"now": NOON, "lease_until": NOON + HOUR}
    async with store.write() as tx:
        await tx.deliveries.claim(["two-0"], owner="other", **lease)
        claimed = await tx.deliveries.claim(["three-0", "two-0", "one-0", "none"], owner="me", **lease)
    assert [(each.key, each.owner, each.tried_at) for each in claimed] == [
        ("three-0", "me", NOON),
        ("one-0", "me", NOON),
    ]


async def test_the_oldest_open_attempt_is_kept_until_it_is_settled(store: Store) -> None:
    await add_edition(store, "one", 1)
    first = await taken(store)
    await record(store, first, READY, tried_at=NOON)
    again = await taken(store, now=NOON + HOUR)
    assert again.tried_at == NOON
    await record(store, again, READY)
    assert (await taken(store, now=NOON + HOUR)).tried_at == NOON + HOUR


async def test_a_doubt_in_quarantine_is_not_named_and_brings_what_its_channel_prefers(store: Store) -> None:
    await add_edition(store, "one", 1)
    await record(store, await taken(store), UNKNOWN, retry_at=NOON + HOUR)
    async with store.write() as tx:
        assert await tx.deliveries.doubtful(now=NOON, platforms=[Platform.LOCAL], limit=9) == []
        await tx.channels.prefer(HOME, WhenInDoubt.NEVER_LOST)
        [(doubtful, preference)] = await tx.deliveries.doubtful(now=NOON + HOUR, platforms=[Platform.LOCAL], limit=9)
    assert (doubtful.key, preference) == ("one-0", WhenInDoubt.NEVER_LOST)


async def test_the_next_instant_is_the_earliest_lease_retry_or_quarantine(store: Store) -> None:
    for name in ("one", "two", "three", "four"):
        await add_edition(store, name, 1)
    first, second, third, _ = [await taken(store) for _ in range(4)]
    async with store.read() as tx:
        assert await tx.deliveries.next_at(after=NOON) == NOON + HOUR
    await record(store, first, READY, retry_at=NOON + HOUR / 2)
    await record(store, second, UNKNOWN, retry_at=NOON + HOUR / 4)
    await record(store, third, SENT, retry_at=NOON + HOUR / 8)
    async with store.read() as tx:
        assert await tx.deliveries.next_at(after=NOON) == NOON + HOUR / 4
        assert await tx.deliveries.next_at(after=NOON + HOUR / 4) == NOON + HOUR / 2
        assert await tx.deliveries.next_at(after=NOON + HOUR) is None


async def test_only_what_was_refused_is_opened_again(store: Store) -> None:
    edition_id = await add_edition(store, "one", 3, layout=Layout.CARDS)
    await record(store, await taken(store), SENT)
    await record(store, await taken(store), REFUSED)
    await record(store, await taken(store), DeliveryState.MISSED)
    async with store.write() as tx:
        assert await tx.deliveries.reopen(["one-0", "one-1", "one-2", "none"]) == 1
    assert await states(store, edition_id) == [SENT, READY, DeliveryState.MISSED]
    assert (await taken(store)).attempt == 1


async def test_replies_to_a_missed_parent_are_closed_with_it(store: Store) -> None:
    thread = await add_edition(store, "one", 2, layout=Layout.THREAD)
    parent = await taken(store)
    await record(store, parent, UNKNOWN)
    await record(store, parent, DeliveryState.MISSED, owner=None)
    assert await states(store, thread) == [DeliveryState.MISSED, REFUSED]


async def test_deliveries_are_told_by_state(store: Store) -> None:
    await add_edition(store, "one", 1)
    await add_edition(store, "two", 1)
    await record(store, await taken(store), SENT)
    async with store.read() as tx:
        assert [each.key for each in await tx.deliveries.latest(state=SENT, limit=9)] == ["one-0"]
        assert [each.key for each in await tx.deliveries.latest(state=READY, limit=9)] == ["two-0"]


async def test_paces_and_notes_are_kept_and_forgotten(store: Store) -> None:
    async with store.write() as tx:
        await tx.paces.put({"a": NOON, "b": NOON + HOUR})
        await tx.paces.put({"a": NOON + 2 * HOUR})
        await tx.notebook.put("zones", "2026.1")
        await tx.notebook.put("zones", "2026.2")
    async with store.write() as tx:
        assert await tx.paces.of(["a", "b", "c"]) == {"a": NOON + 2 * HOUR, "b": NOON + HOUR}
        await tx.paces.forget(before=NOON + 2 * HOUR)
        assert await tx.paces.of(["a", "b"]) == {"a": NOON + 2 * HOUR}
        assert (await tx.notebook.get("zones"), await tx.notebook.get("none")) == ("2026.2", None)
