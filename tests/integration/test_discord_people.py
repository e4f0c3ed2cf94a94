"""What people do in the Discord stand-in, answered by the real discord.py: commands, completion, forms, buttons."""

from __future__ import annotations

import asyncio

import discord
import pytest
from discord import app_commands

from tests.standins.discord_listener import Bot, connected, hurried, said, told
from tests.standins.discord_process import ADMIN, GUILD, MEMBER, NEWS, PAPERS, NotPossible, discord_stand_in

pytestmark = pytest.mark.integration


@pytest.fixture
def server(monkeypatch):
    hurried(monkeypatch)
    with discord_stand_in() as made:
        made.guild()
        yield made


def commands(bot):
    """`/papers subscribe topic days`, with completion, a form, a button, and a command on a message."""
    papers = app_commands.Group(name="papers", description="Papers", default_permissions=None)

    @papers.command(name="subscribe", description="Subscribe")
    async def subscribe(interaction: discord.Interaction, topic: str, days: int = 1):
        await interaction.response.defer(ephemeral=True)
        view = discord.ui.View(timeout=None).add_item(discord.ui.Button(label="Vote", custom_id="vote:1"))
        await interaction.followup.send(f"{topic} {days} {interaction.app_permissions.send_messages}", view=view)

    @subscribe.autocomplete("topic")
    async def complete(_interaction: discord.Interaction, current: str):
        return [app_commands.Choice(name=current.upper(), value=current)]

    @papers.command(name="edit", description="Edit")
    async def edit(interaction: discord.Interaction):
        form = discord.ui.Modal(title="Edit", custom_id="edit:1")
        form.add_item(discord.ui.TextInput(label="Topic", custom_id="topic", default="nlp"))
        await interaction.response.send_modal(form)

    @bot.tree.context_menu(name="Save paper")
    async def save(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_message(f"saved {message.id}", ephemeral=True)

    bot.tree.add_command(papers)

    @bot.event
    async def on_interaction(interaction: discord.Interaction):
        if interaction.type is discord.InteractionType.component:
            await interaction.response.edit_message(content=f"voted {interaction.data['custom_id']}")
        elif interaction.type is discord.InteractionType.modal_submit:
            await interaction.response.send_message(interaction.data["components"][0]["components"][0]["value"])


async def test_people_give_commands_click_and_fill_in_forms(server, monkeypatch):
    bot = Bot()
    commands(bot)
    async with connected(server, monkeypatch, bot):
        with pytest.raises(NotPossible):
            await said(server, path="papers subscribe", options={"topic": "nlp"})
        await bot.tree.sync()
        with pytest.raises(NotPossible):
            await said(server, path="papers subscribe", options={"days": 2})

        asked = await said(server, path="papers subscribe", options={"topic": "nlp", "days": 2})
        assert (asked["heard"], asked["response"]["type"]) == (1, 5)
        kept = await until(server, asked["id"], "content")
        assert (kept["content"], kept["flags"]) == ("nlp 2 True", 64)
        assert server.messages() == [], "only one person sees it"

        guess = await said(server, "autocomplete", path="papers subscribe", options={"topic": "nl"}, focused="topic")
        assert guess["response"]["data"]["choices"] == [{"name": "NL", "value": "nl"}]

        clicked = await said(server, "component", message=kept["id"], custom_id="vote:1")
        assert (clicked["response"]["type"], clicked["original"]["content"]) == (7, "voted vote:1")
        with pytest.raises(NotPossible):
            await said(server, "component", message=kept["id"], custom_id="vote:2")

        form = await said(server, path="papers edit", user=ADMIN)
        sent = await said(server, "modal", modal=form["id"], user=ADMIN, fields={"topic": "robots"})
        assert sent["original"]["content"] == "robots"

        posted = await bot.get_channel(int(PAPERS)).send("A paper")
        saved = await said(server, "message command", path="Save paper", target=str(posted.id))
        assert saved["original"]["content"] == f"saved {posted.id}"
        direct = await said(server, path="papers edit", direct=True, install="guild")
        assert direct["response"]["type"] == 9
    assert server.state()["problems"] == []


async def test_a_late_or_second_answer_is_refused(server, monkeypatch):
    bot = Bot()
    codes = []

    @bot.tree.command(name="slow", description="Slow")
    async def slow(interaction: discord.Interaction, late: str):
        if late == "yes":
            await told(server, "clock", ahead=3.1)
        for _ in range(2):
            try:
                await bot.http.request(
                    discord.http.Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"),
                    json={"type": 5},
                )
            except discord.HTTPException as error:
                codes.append(error.code)

    async with connected(server, monkeypatch, bot):
        await bot.tree.sync()
        assert (await said(server, path="slow", options={"late": "no"}, user=MEMBER))["response"]["type"] == 5
        assert (await said(server, path="slow", options={"late": "yes"}, wait=0.5))["response"] is None
    assert codes == [40060, 10062, 10062]


async def test_an_app_of_a_person_answers_where_the_bot_is_not(server, monkeypatch):
    bot = Bot()
    ended, done = [], asyncio.Event()

    @bot.tree.command(name="talk", description="Talk")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def talk(interaction: discord.Interaction):
        await interaction.response.send_message("0")
        try:
            for number in range(1, 9):
                await interaction.followup.send(f"{number}", ephemeral=number == 2)
        except discord.HTTPException as error:
            ended.append(error.code)
        await told(server, "clock", ahead=901)
        try:
            await interaction.edit_original_response(content="too late")
        except discord.HTTPException as error:
            ended.append(error.code)
        done.set()

    async with connected(server, monkeypatch, bot):
        await bot.tree.sync()
        await told(server, "change", guild=GUILD, removed=True)
        with pytest.raises(NotPossible):
            await said(server, path="talk")
        asked = await said(server, path="talk", install="user")
        async with asyncio.timeout(5):
            await done.wait()
    assert ended == [40094, 50027]
    kept = server.interaction(asked["id"])
    assert [each["flags"] for each in kept["followups"]] == [0, 64, 0, 0, 0]


async def test_the_global_limit_spares_interactions(server, monkeypatch):
    bot = Bot()

    @bot.tree.command(name="hello", description="Hello")
    async def hello(interaction: discord.Interaction):
        for number in range(4):
            await (interaction.followup.send if number else interaction.response.send_message)(f"{number}")

    async with connected(server, monkeypatch, bot):
        await bot.tree.sync()
        await told(server, "limits", rate=2, window=0.2)
        await said(server, path="hello")
        channel = bot.get_channel(int(PAPERS))
        await asyncio.gather(channel.send("a"), channel.send("b"), bot.get_channel(int(NEWS)).send("c"))
        counts = server.ask("counts")
    assert counts["429"] == counts["429 global"] >= 1
    assert sorted(each["content"] for each in server.messages() + server.messages(NEWS))[-3:] == ["a", "b", "c"]


async def until(server, id_, field):
    """The original answer, once it has this."""
    async with asyncio.timeout(5):
        while True:
            original = (await asyncio.to_thread(server.interaction, id_))["original"]
            if original and original[field]:
                return original
