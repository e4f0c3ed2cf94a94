"""`make slack-pictures`: the card, list, thread, modal and App Home of docs/slack.md, drawn by slack-blocks-to-jsx.

Needs Chromium, Node.js and a registry of Node packages; nothing else of Broadsheet does.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.slack.render import message
from adapters.slack.views import home, modal, preview_blocks
from bot.commands import Today
from bot.compose.digest import compose_part, parts
from bot.compose.home import home_sections
from bot.document import Form
from bot.findings import HomePage
from bot.model import Channel, ChannelRef, Layout, Platform, WorkspaceId
from bot.settings import Settings
from bot.wiring import open_app
from tests.browser.sample_edition import TILE, edition_of, with_thumbnail
from tests.fakes.clock import FrozenClock
from tests.standins.chromium import MISSING, browsing, find_chromium

FONTS = ("--loader:.woff2=dataurl", "--loader:.woff=empty")
HERE = Path(__file__).parent
NOW = datetime(2026, 5, 29, 7, tzinfo=UTC)
"""The day of the sample edition."""
IMAGES = HERE.parents[1] / "docs" / "images"
PACKAGES = ("slack-blocks-to-jsx@1.1.1", "@fontsource/noto-emoji@5", "react@19", "react-dom@19", "esbuild@0.25")
STYLE = """
  body { margin: 0; padding: 16px; font: 15px Lato, "Noto Sans", "Noto Emoji", sans-serif; }
  #root * { font-family: Lato, "Noto Sans", "Noto Emoji", sans-serif !important }
  body.light { background: #fff; color: #1d1c1d } body.dark { background: #1a1d21; color: #d1d2d3 }
  #root { width: 680px }
  .panel { padding: 6px 0 } .reply { margin-left: 32px; padding-left: 12px; border-left: 2px solid #8884 }
  .modal { border: 1px solid #8886; border-radius: 8px; padding: 0 16px 12px; width: 520px }
  .modal .bar, .home .bar { font-weight: 900; font-size: 18px; padding: 12px 0; border-bottom: 1px solid #8883 }
  .modal textarea { height: 40px !important; min-height: 0 !important; resize: none }
  .modal .text-small > p { display: none }  /* it says “enter” of every field */
  .foot { text-align: right; padding-top: 12px } .foot button { padding: 8px 14px; margin-left: 8px; font-weight: 700;
    border: 1px solid #8886; border-radius: 4px; background: none; color: inherit }
  .foot .primary { background: #007a5a; color: #fff }
"""


async def panels(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What stands in each picture: the sample edition through the product's own composing and rendering."""
    settings = Settings(data_dir=folder, hf_url="http://127.0.0.1:9", arxiv_feed_url="http://127.0.0.1:9")
    async with open_app(settings, clock=FrozenClock(NOW)) as app:
        await app.intake.take_sample()
        day = await app.reading.today(Today())
        best = day.papers[:4]
        papers = {paper.id: with_thumbnail(paper) for paper, _ in best}
        caller = await app.local.caller("papers", "admin")
        subscribed = await app.answering(caller, "subscribe cs.CV as vision at 9am Europe/Berlin")
        assert subscribed.public
        await app.answering(caller, f"save {best[0][0].id}")
        form = (await app.answering.form(caller, "subscribe")).document.blocks[0]
        assert isinstance(form, Form)
        preview = await app.answering.preview(caller, "subscribe", {"topic": "diffusion OR video", "at": "9am"})
        standing = await app.answering.subscribing.of(caller)
    edition = edition_of(best, day.on, ChannelRef(Platform.SLACK, WorkspaceId("slack:T1"), "C1"))

    def drawn(layout: Layout) -> list[dict[str, Any]]:
        laid = replace(edition, layout=layout)
        made = [(part, message(compose_part(laid, part, papers)).blocks) for part, _ in parts(laid)]
        return [
            {"kind": "reply" if part and layout.is_threaded else "", "blocks": pictured(each)} for part, each in made
        ]

    view = modal(form, (), {})
    blocks = []
    for block in view["blocks"]:
        blocks += preview_blocks(preview.notes) if block.get("block_id") == "preview" else [filled(block)]
    channel = Channel(ref=edition.channel, name="vision-papers", created_at=edition.due_at)
    page = HomePage([(channel, standing)], 1, [best[0][0]], 1)
    return {
        "slack-card": drawn(Layout.CARDS)[:1],
        "slack-list": drawn(Layout.LIST),
        "slack-thread": drawn(Layout.THREAD)[:3],
        "slack-modal": [{"kind": "modal", "title": "Subscribe", "submit": "Subscribe", "blocks": blocks}],
        "slack-home": [{"kind": "home", "title": "Broadsheet", "blocks": home(home_sections(page))["blocks"]}],
    }


def filled(block: dict[str, Any]) -> dict[str, Any]:
    """The field of the topic as somebody has filled it in."""
    if block.get("block_id") != "field:topic":
        return block
    return {**block, "element": {**block["element"], "initial_value": "diffusion OR video"}}


def pictured(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A drawn page in place of each thumbnail: nothing is fetched from anywhere."""
    return [
        {**each, "accessory": {**each["accessory"], "image_url": TILE}}
        if each.get("accessory", {}).get("type") == "image"
        else each
        for each in blocks
    ]


def bundle(folder: Path) -> tuple[str, str]:
    """The drawing library with its page, as one script and one style sheet."""
    shutil.copy(HERE / "slack_pictures.jsx", folder / "entry.jsx")
    install = ["npm", "install", "--ignore-scripts", "--silent", *PACKAGES]
    bundled = ["npx", "esbuild", "entry.jsx", "--bundle", "--log-level=error", "--outfile=out.js", *FONTS]
    for command in (["npm", "init", "-y"], install, bundled):
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return (folder / "out.js").read_text("utf-8"), (folder / "out.css").read_text("utf-8")


async def main() -> None:
    """Draw them all, light and dark."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        script, style = await asyncio.to_thread(bundle, Path(one))
        found = await panels(Path(two))
        async with browsing() as browser:
            for name, drawn in found.items():
                for theme in ("light", "dark"):
                    page = await browser.new_page(viewport={"width": 712, "height": 40}, device_scale_factor=2)
                    await page.set_content(
                        f'<style>{style}{STYLE}</style><body class="{theme}"><div id="root"></div></body>'
                    )
                    await page.add_script_tag(content=script)
                    await page.evaluate(f"draw({json.dumps(drawn)}, '{theme}')")
                    await page.wait_for_timeout(500)
                    path = IMAGES / f"{name}-{theme}.png"
                    await page.screenshot(path=path, full_page=True)
                    print(f"{path.name:24} {path.stat().st_size // 1024:4} KB")  # noqa: T201 - a command's output
                    await page.close()


if __name__ == "__main__":
    if find_chromium() is None:
        sys.exit(MISSING)
    asyncio.run(main())
