"""What members do in Discord: commands, buttons, menus, forms, restarts. Discord is simcord, all else is real."""

from __future__ import annotations

import json
from datetime import date

import discord
import pytest

from bot.compose.help import help_document
from bot.document import Entries, Heading, Note
from bot.model import ChannelRef, Platform, WorkspaceId
from bot.services.ingest import take
from tests.e2e.discord_house import discord_house
from tests.fakes.vocabulary import announcement, listing

pytestmark = pytest.mark.e2e


@pytest.fixture
async def house(tmp_path):
    async with discord_house(tmp_path / "data") as made:
        yield made


def said(result):
    """All that an answer shows, as one text."""
    message = result.response
    return message.content + json.dumps([each.to_dict() for each in message.embeds], ensure_ascii=False)


def ids(components):
    """The `custom_id`s of all buttons, in order."""
    if isinstance(components, dict):
        own = [components["custom_id"]] if components.get("type") == 2 and "custom_id" in components else []
        return own + ids(components.get("components", []))
    return [each for component in components for each in ids(component)]


async def subscriptions(house):
    ref = ChannelRef(Platform.DISCORD, WorkspaceId(f"discord:{house.guild.id}"), str(house.channel.id))
    async with house.app.store.read() as tx:
        return await tx.subscriptions.of(ref)


async def subscribed(house, **options):
    result = await house.ada.slash(house.channel, "papers subscribe", **options)
    assert "Subscribed #papers" in said(result), said(result)
    await house.deliver()


async def test_every_command_is_answered_to_the_caller_alone(house):
    for verb in ("today", "trending", "list", "status", "settings", "log", "saved", "help"):
        result = await house.ben.slash(house.channel, f"papers {verb}")
        assert result.ephemeral, verb
        assert said(result), verb
    assert not house.channel.history()


async def test_a_long_list_is_paged_in_place(house):
    later = announcement(*(listing(number) for number in range(1, 41)), announced_on=date(2026, 6, 1))
    await take(house.app.store, later)
    first = await house.ben.slash(house.channel, "papers today")
    [older] = [each for each in ids(first.response.components) if " page 2" in each]
    was = said(first)
    second = await house.ben.click(first.response, custom_id=older)
    assert second.response.id == first.response.id
    assert said(second) != was
    [newer] = [each for each in ids(second.response.components) if " page 1" in each]
    assert newer


async def test_a_sample_is_a_list_with_its_cards_in_a_thread(house):
    await subscribed(house, topic="*", top="3", name="all", layout="thread")
    public, parent = house.channel.history()[:2]
    assert "ada subscribed this channel" in json.dumps([each.to_dict() for each in public.embeds])
    assert "a sample of the newest days" in parent.content
    [thread] = house.channel.threads
    assert thread.id == parent.id
    assert len(thread.history()) == 3


async def test_where_the_bot_may_not_post_subscribing_says_what_to_grant(house):
    muted = discord.PermissionOverwrite(send_messages=False, embed_links=False)
    closed = house.guild.create_text_channel("closed", overwrites={house.guild.default_role: muted})
    refused = await house.ada.slash(closed, "papers subscribe", topic="cs.CV")
    assert "grant: Send Messages, Embed Links" in said(refused)
    assert "cannot-post" in said(refused)


async def test_a_change_is_for_those_who_manage_until_an_admin_says_otherwise(house):
    refused = await house.ben.slash(house.channel, "papers subscribe", topic="cs.CL")
    assert "not-allowed" in said(refused)
    assert await subscriptions(house) == []
    await house.ada.slash(house.channel, "papers settings", allow="anyone")
    assert "Subscribed" in said(await house.ben.slash(house.channel, "papers subscribe", topic="cs.CL"))


async def test_an_editor_that_an_admin_named_may_change_subscriptions(house):
    await house.ben.slash(house.channel, "papers help")
    named = await house.ada.slash(house.channel, "papers settings", editor=f"<@{house.ben.id}>")
    assert "ben is now an editor" in said(named)
    assert "Subscribed" in said(await house.ben.slash(house.channel, "papers subscribe", topic="cs.CL"))


async def test_the_form_subscribes_and_shows_what_is_wrong_with_what_was_filled_in(house):
    opened = await house.ada.slash(house.channel, "papers form")
    assert opened.modal is not None
    wrong = await house.ada.submit_modal(opened, {"topic": "cat:cs.NOPE", "at": "9am"})
    assert "cs.NOPE" in said(wrong)
    again = await house.ada.click(wrong.response, label="Open the form")
    assert again.modal is not None
    assert "cat:cs.NOPE" in json.dumps(again.modal)
    done = await house.ada.submit_modal(again, {"topic": "cs.CV", "at": "8:30 Berlin", "top": "2"})
    assert "Subscribed #papers" in said(done)
    [standing] = await subscriptions(house)
    assert (standing.topic, standing.size, standing.schedule.zone) == ("cs.CV", 2, "Europe/Berlin")


async def test_a_new_topic_is_compared_first_and_saved_from_the_form(house):
    await subscribed(house, topic="cs.CV", name="vision")
    compared = await house.ada.slash(house.channel, "papers edit", subscription="vision", topic="cs.RO")
    assert "nothing is changed yet" in said(compared)
    opened = await house.ada.click(compared.response, label="Open the form")
    await house.ada.submit_modal(opened, {"topic": "cs.RO"})
    [standing] = await subscriptions(house)
    assert standing.topic == "cs.RO"


async def test_votes_are_counted_on_the_card_and_buttons_outlive_a_restart(house):
    await subscribed(house, topic="*", top="1", name="all", layout="cards")
    card = house.channel.history()[-1]
    [vote] = [each for each in ids([each.to_dict() for each in card.components]) if each.startswith("vote ")]
    await house.restart()
    voted = await house.ben.click(card, custom_id=vote)
    assert "You voted for" in voted.followups[0].content
    assert voted.followups[0].ephemeral
    labels = json.dumps([each.to_dict() for each in house.channel.history()[-1].components], ensure_ascii=False)
    assert "▲ 1" in labels
    saved = await house.ben.click(card, custom_id=vote.replace("vote", "save"))
    assert "Saved" in said(saved)
    assert "1, the newest first" in said(await house.ben.slash(house.channel, "papers saved"))


async def test_a_paper_in_a_colleagues_message_is_saved_from_its_menu(house):
    reference = (await house.ben.slash(house.channel, "papers today")).response.embeds[0].url.rpartition("/")[2]
    message = await house.ada.send(house.channel, f"look: https://arxiv.org/abs/{reference}")
    assert "Saved" in said(await house.ben.context_menu(house.channel, "Save paper", message))
    nothing = await house.ada.send(house.channel, "good morning")
    assert "I find no paper" in said(await house.ben.context_menu(house.channel, "Save paper", nothing))


async def test_options_are_completed_while_they_are_typed(house):
    await subscribed(house, topic="cs.CV", name="vision")
    found = await house.ada.autocomplete(house.channel, "papers unsubscribe", "name", "vis")
    assert [each["value"] for each in found] == ["vision"]
    zones = await house.ada.autocomplete(house.channel, "papers subscribe", "at", "17:30 berl")
    assert "17:30 Europe/Berlin" in [each["value"] for each in zones]
    categories = await house.ada.autocomplete(house.channel, "papers subscribe", "topic", "cs.C")
    assert 1 <= len(categories) <= 25


async def test_a_role_is_mentioned_for_an_admin_and_that_role_alone(house):
    role = house.guild.create_role("Readers", mentionable=True)
    await house.ada.slash(house.channel, "papers settings", allow="anyone")
    refused = await house.ben.slash(house.channel, "papers subscribe", topic="cs.CV", notify=f"<@&{role.id}>")
    assert "not-allowed" in said(refused)
    taken = await house.ada.slash(house.channel, "papers subscribe", topic="cs.CV", notify=f"<@&{role.id}>")
    assert "mentioning a role" in said(taken)


async def test_help_says_the_same_as_on_every_platform(house):
    result = await house.ben.slash(house.channel, "papers help", verb="subscribe")
    text = said(result).replace("\\\\", "").replace("\\", "")
    for block in help_document("subscribe"):
        match block:
            case Heading(words) | Note(text=words):
                assert words.replace('"', "")[:60] in text.replace('"', "")
            case Entries(items):
                assert all(each.term.split()[0] in text for each in items)
            case _:
                pass


async def test_a_server_that_removes_the_bot_is_forgotten_and_one_with_an_outage_is_not(house):
    await subscribed(house, topic="cs.CV", name="vision")
    workspace = WorkspaceId(f"discord:{house.guild.id}")
    gateway = house.side.client
    gateway.dispatch("guild_unavailable", gateway.get_guild(house.guild.id))
    assert len(await subscriptions(house)) == 1
    await gateway.listener.left(str(house.guild.id))
    async with house.app.store.read() as tx:
        assert workspace not in await tx.channels.workspaces(Platform.DISCORD)


async def test_nothing_that_was_sent_could_ping_anybody(house):
    await subscribed(house, topic="*", top="3", name="@everyone", layout="list")
    assert all(not each.mention_everyone for each in house.channel.history())
