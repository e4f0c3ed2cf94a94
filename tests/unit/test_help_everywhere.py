"""`/papers help` says the same words in the same order on every platform; only each platform's own signs differ."""

from __future__ import annotations

import html
import re

import pytest

from adapters.discord.render import messages as discord_messages
from adapters.local.render import document_html
from adapters.slack.render import messages as slack_messages
from bot.command_table import COMMANDS
from bot.compose.help import help_document
from bot.document import Document, Form
from tests.contract.test_messenger import discord_texts, slack_texts

pytestmark = pytest.mark.unit


def on_discord(document):
    bodies = [each.body() for each in discord_messages(document)]
    return "\n".join(text for body in bodies for text in discord_texts({"content": "", "embeds": [], **body}))


def on_slack(document):
    return "\n".join(text for each in slack_messages(document) for text in slack_texts(each.blocks))


def on_the_page(document):
    return html.unescape(re.sub(r"<[^>]+>", " ", str(document_html(document, "/c/x"))))


def words(text):
    """What is said, without the signs by which a platform draws it."""
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("verb", [None, *(spec.verb for spec in COMMANDS)])
def test_help_says_the_same_words_everywhere(verb):
    # A form is a button on chat platforms, and stands open on the page.
    document = Document(tuple(each for each in help_document(verb) if not isinstance(each, Form)))
    page = words(on_the_page(document))
    assert page
    assert words(on_slack(document)) == page
    assert words(on_discord(document)) == page
