"""What members may not do, and what they are told when something breaks. Discord is simcord, all else is real."""

from __future__ import annotations

import json
from types import SimpleNamespace

import discord
import pytest

from adapters.discord.faults import UNKNOWN_GUILD
from adapters.discord.rest import Answer
from bot.model import Platform, WorkspaceId
from tests.e2e.discord_house import discord_house
from tests.e2e.test_discord_members import ids, said, subscribed, subscriptions

pytestmark = pytest.mark.e2e


@pytest.fixture
async def house(tmp_path):
    async with discord_house(tmp_path / "data") as made:
        yield made


@pytest.mark.parametrize("named", ["{}", "@{}", "<@{}>", "ben"])
async def test_an_editor_is_one_from_the_appointment_to_the_dismissal_however_they_are_named(house, named):
    assert "not-allowed" in said(await house.ben.slash(house.channel, "papers subscribe", topic="cs.CV", name="one"))
    who = named.format(house.ben.id)
    assert "now an editor" in said(await house.ada.slash(house.channel, "papers settings", editor=who))
    assert "Subscribed" in said(await house.ben.slash(house.channel, "papers subscribe", topic="cs.CV", name="one"))
    assert "no editor any more" in said(await house.ada.slash(house.channel, "papers settings", member=who))
    assert "not-allowed" in said(await house.ben.slash(house.channel, "papers subscribe", topic="cs.RO", name="two"))
    assert len(await subscriptions(house)) == 1


def broken(house, monkeypatch):
    """The store cannot be asked who it is."""

    async def fails(*_):
        raise RuntimeError("the store is locked")

    monkeypatch.setattr(house.side._directory, "caller", fails)


async def test_whoever_asks_while_the_store_is_broken_is_told_so(house, monkeypatch):
    await subscribed(house, topic="*", top="1", name="all", layout="cards")
    card = house.channel.history()[-1]
    [vote] = [each for each in ids([each.to_dict() for each in card.components]) if each.startswith("vote ")]
    broken(house, monkeypatch)
    for verb in ("status", "form", "edit"):
        options = {"subscription": "all"} if verb == "edit" else {}
        result = await house.ben.slash(house.channel, f"papers {verb}", **options)
        assert "Something went wrong" in said(result), verb
        assert result.ephemeral
    voted = await house.ben.click(card, custom_id=vote)
    assert "Something went wrong" in json.dumps(voted.followups[0].content)
    assert house.channel.history()[-1].embeds, "the card is still there"
    assert await house.ada.autocomplete(house.channel, "papers unsubscribe", "name", "al") == []


async def test_what_another_process_has_acknowledged_is_not_done_again(house, monkeypatch):
    async def acknowledged(*_, **__):
        answer = SimpleNamespace(status=400, reason="Bad Request")
        raise discord.HTTPException(answer, {"code": 40060, "message": "Interaction has already been acknowledged."})

    monkeypatch.setattr(house.side._rest, "put_off", acknowledged)
    await house.ada.slash(house.channel, "papers subscribe", topic="cs.CV", name="one")
    assert await subscriptions(house) == []


async def test_a_text_full_of_mentions_costs_no_calls(house, monkeypatch):
    asked = []

    async def known(_asked, user):
        asked.append(user)

    monkeypatch.setattr(house.side._directory, "known", known)
    many = " ".join(f"<@{number}>" for number in range(200_000_000_000, 200_000_000_100))
    await house.ben.slash(house.channel, "papers search", text=many)
    await house.ben.slash(house.channel, "papers settings", editor=many)
    assert len(asked) <= 5


async def test_a_proxy_that_refuses_us_is_no_word_of_discords_that_a_server_is_gone(house, monkeypatch):
    await subscribed(house, topic="cs.CV", name="vision")
    answers = [Answer(403), Answer(404), Answer(403, 40333), Answer(503)]

    async def call(*_, **__):
        return answers.pop(0)

    monkeypatch.setattr(house.side._rest, "call", call)
    for _ in range(4):
        await house.side.client.listener.reconcile(frozenset())
        assert len(await subscriptions(house)) == 1
    answers.append(Answer(404, UNKNOWN_GUILD))
    await house.side.client.listener.reconcile(frozenset())
    async with house.app.store.read() as tx:
        assert WorkspaceId(f"discord:{house.guild.id}") not in await tx.channels.workspaces(Platform.DISCORD)
