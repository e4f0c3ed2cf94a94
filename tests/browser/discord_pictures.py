"""`make discord-pictures`: the card, list, thread, forum post, layout and modal of docs/discord.md, in Discord's look.

Drawn by discord-components-core from the very bodies that are sent. Needs Chromium, Node.js and a registry of Node
packages; nothing else of Broadsheet does.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from adapters.discord.forms import modal
from adapters.discord.pieces import Style
from adapters.discord.render import forum_body, message
from bot.document import Document
from bot.model import ChannelRef, Layout, Platform, WorkspaceId
from tests.browser.sample_edition import TILE, read_sample
from tests.fakes.discord_client import read, seen
from tests.standins.chromium import MISSING, browsing, find_chromium

HERE = Path(__file__).parent
IMAGES = HERE.parents[1] / "docs" / "images"
PACKAGES = ("@skyra/discord-components-core@4.0.2", "esbuild@0.25")
KEY = "k" * 25


async def panels(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What stands in each picture."""
    sample = await read_sample(folder, ChannelRef(Platform.DISCORD, WorkspaceId("discord:1"), "100"))
    cards, threaded, [listed] = (sample.documents(each) for each in (Layout.CARDS, Layout.THREAD, Layout.LIST))
    post = forum_body(cards[1], KEY, tags=["1"])
    parent = drawn(threaded[0]) | {"thread": {"name": sample.edition.name, "count": len(threaded) - 1}}
    form = modal(sample.form)
    for field in form["components"]:
        if field["component"]["custom_id"] == "topic":
            field["component"]["value"] = "diffusion OR video"
    return {
        "discord-card": [{"messages": [drawn(cards[0])]}],
        "discord-list": [{"messages": [drawn(listed)]}],
        "discord-thread": [
            {"messages": [parent]},
            {"kind": "replies", "messages": [drawn(each) for each in threaded[1:3]]},
        ],
        "discord-forum": [{"title": post["name"], "tags": [sample.edition.name], "messages": [body(post["message"])]}],
        "discord-layout": [{"messages": [drawn(cards[0], Style.COMPONENTS)]}],
        "discord-modal": [{"modal": form}],
    }


def drawn(document: Document, style: Style = Style.EMBEDS) -> dict[str, Any]:
    """A message of ours, ready to draw."""
    return body(message(document, style=style, key=KEY).body())


def body(sent: dict[str, Any]) -> dict[str, Any]:
    """The body of a request with its texts read as Discord reads them, and a drawn page for each thumbnail."""
    return {
        "content": runs(sent.get("content", "")),
        "embeds": [embed(each) for each in sent.get("embeds", ())],
        "components": [component(each) for each in sent.get("components", ())],
    }


def runs(markdown: str) -> list[dict[str, Any]]:
    """A text as stretches that look alike."""
    made: list[dict[str, Any]] = []
    for each in read(markdown):
        one = {"text": each.text, "looks": sorted(each.looks), "target": each.target}
        if made and (made[-1]["looks"], made[-1]["target"]) == (one["looks"], one["target"]) and one["text"] != "\n":
            made[-1]["text"] += one["text"]
        else:
            made.append(one)
    return made


def embed(sent: dict[str, Any]) -> dict[str, Any]:
    """An embed, flat."""
    return {
        "color": f"#{sent['color']:06x}",
        "author": sent.get("author", {}).get("name"),
        "title": seen(sent["title"]) if "title" in sent else None,
        "url": sent.get("url"),
        "thumbnail": TILE if "thumbnail" in sent else None,
        "description": runs(sent["description"]) if "description" in sent else None,
        "fields": [{"name": each["name"], "value": runs(each["value"])} for each in sent.get("fields", ())],
        "footer": sent.get("footer", {}).get("text"),
    }


def component(sent: dict[str, Any]) -> dict[str, Any]:
    """A component with its texts read."""
    made = {**sent, "components": [component(each) for each in sent.get("components", ())]}
    if "content" in sent:
        made["runs"] = runs(sent["content"])
    if "accent_color" in sent:
        made["color"] = f"#{sent['accent_color']:06x}"
    if "accessory" in sent:
        made["accessory"] = {"media": {"url": TILE}}
    return made


def bundle(folder: Path) -> str:
    """The drawing library with its page, as one script."""
    shutil.copy(HERE / "discord_pictures.js", folder / "entry.js")
    install = ["npm", "install", "--ignore-scripts", "--silent", *PACKAGES]
    bundled = ["npx", "esbuild", "entry.js", "--bundle", "--log-level=error", "--outfile=out.js"]
    for command in (["npm", "init", "-y"], install, bundled):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return (folder / "out.js").read_text("utf-8")


async def main() -> None:
    """Draw them all, light and dark."""
    style = (HERE / "discord_pictures.css").read_text("utf-8")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        script = await asyncio.to_thread(bundle, Path(one))
        found = await panels(Path(two))
        async with browsing() as browser:
            for name, each in found.items():
                for theme in ("light", "dark"):
                    page = await browser.new_page(viewport={"width": 660, "height": 40}, device_scale_factor=2)
                    await page.set_content(f'<style>{style}</style><body class="{theme}"><div id="root"></div></body>')
                    await page.add_script_tag(content=script)
                    await page.evaluate(f"draw({json.dumps(each)}, '{theme}')")
                    await page.wait_for_timeout(500)
                    path = IMAGES / f"{name}-{theme}.png"
                    await page.locator("#root").screenshot(path=path)
                    print(f"{path.name:26} {path.stat().st_size // 1024:4} KB")  # noqa: T201 - a command's output
                    await page.close()


if __name__ == "__main__":
    if find_chromium() is None:
        sys.exit(MISSING)
    asyncio.run(main())
