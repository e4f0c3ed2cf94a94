"""Papers to draw for Discord, and the bodies of requests with nothing in them that Discord would refuse."""

from __future__ import annotations

import json
import pathlib
import runpy

from adapters.discord.layout import texts_of
from adapters.discord.pieces import Style
from adapters.discord.render import (
    IS_COMPONENTS_V2,
    carries,
    edit_body,
    forum_body,
    messages,
    plain_body,
    request_body,
)
from bot.document import Button, Document, Link, PaperCard
from bot.model import PaperId
from tests.fakes.discord_client import read, seen
from tests.schema.discord.discord_contract import check
from tests.standins.discord_rules import carelessness, message_problems

SHARED = pathlib.Path(__file__).parents[2].parent / "shared" / "hostile"
LOADED = runpy.run_path(str(SHARED / "load.py")) if (SHARED / "text.jsonl").exists() else None
CHECKS = runpy.run_path(str(SHARED / "checks.py")) if LOADED else None

KEY = "abcdefghij234567abcdefghi"
POST = "/channels/100/messages"
URL = "https://arxiv.org/abs/2402.18789"
ACTIONS = (
    Link("PDF", "https://arxiv.org/pdf/2402.18789"),
    Link("Abstract", URL),
    Link("Code", "https://github.com/a/b"),
    Button("Why?", "why 2402.18789"),
    Button("Similar", "similar 2402.18789"),
    Button("Vote", "vote 2402.18789"),
    Button("Save", "save 2402.18789"),
)


def paper(number: int = 18789, **changes) -> PaperCard:
    of_another = [
        Button(each.label, f"{each.command.split()[0]} 2402.{number:05}") if isinstance(each, Button) else each
        for each in ACTIONS
    ]
    given_ = {"title": "A title", "url": f"https://arxiv.org/abs/2402.{number:05}", "actions": tuple(of_another)}
    return PaperCard(paper_id=PaperId(f"arxiv:2402.{number:05}"), **(given_ | changes))


def sound(body: dict, document: Document) -> dict:
    """A body with nothing that Discord would refuse and nobody that it would ping."""
    json.dumps(body, ensure_ascii=False).encode()
    is_layout = bool(body.get("flags", 0) & IS_COMPONENTS_V2)
    assert not message_problems("POST", POST, body, body, v2=is_layout)
    assert not carelessness(body)
    assert body["allowed_mentions"]["parse"] == []
    assert is_layout or body.get("content") or body.get("embeds")
    if CHECKS and not document.mention:
        assert not CHECKS["discord"](body)
        assert not [found for text in texts_of(body.get("components")) for found in CHECKS["common"](text, "text")]
    return body


def posted(document: Document, style: Style = Style.EMBEDS, key: str = KEY) -> dict:
    """The body of the post, with nothing wrong in it and its key where read-back finds it."""
    body = sound(request_body(document, "100", key, None, style=style), document)
    assert not key or carries(body, key)
    return body


def checked(document: Document, style: Style = Style.EMBEDS, key: str = KEY) -> dict:
    """The body of the post; whatever else may be sent of the same document is sound, too."""
    for each in messages(document, style=style):
        sound(each.body(), document)
    plain = sound(plain_body(document, key), document)
    assert not check("PATCH", "/channels/100/messages/1", edit_body(document, style))
    forum = forum_body(document, key, style=style, tags=["1"] * 9)
    assert not check("POST", "/channels/100/threads", forum)
    for each in (plain, sound(forum["message"], document)):
        assert not key or carries(each, key)
        assert not carries(each, "z" * 25)
    return posted(document, style, key)


def buttons_of(body) -> list[dict]:
    """What can be pressed, in order."""
    if isinstance(body, list):
        return [each for one in body for each in buttons_of(one)]
    inner = body.get("components") or ()
    return [body] if body.get("type") in {2, 3} else [each for one in inner for each in buttons_of(one)]


def titles_of(body: dict) -> list[str]:
    """The titles of papers, as they are seen: an embed's own, and what is bold, large or a link in a text."""
    found = [seen(each["title"]) for each in body.get("embeds", ()) if "title" in each]
    for text in [*texts_of(body.get("components")), *(each.get("description", "") for each in body.get("embeds", ()))]:
        for line in text.split("\n"):
            runs = [each for each in read(line) if each.looks & {"bold", "heading", "link"}]
            found += [text := "".join(each.text for each in runs), text.removesuffix("open").rstrip(" ")]
    return found
