"""The sample edition as the pictures of every chat show it: the best papers of its newest day, and a form."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from bot.commands import Today
from bot.compose.digest import compose_part, parts
from bot.document import Document, Form
from bot.model import ChannelRef, Edition, EditionKind, Layout, Paper, PaperId, Pick
from bot.ranking import Score, say_score
from bot.settings import Settings
from bot.wiring import open_app
from tests.fakes.clock import FrozenClock

PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#e5e7eb"/>
<path d="M10 12h44v3H10zM18 19h28v2H18zM10 27h20v2H10zM10 32h20v2H10zM10 37h20v2H10zM10 42h20v2H10zM10 47h20v2H10z"
fill="#6b7280"/><path d="M34 27h20v14H34z" fill="#60a5fa"/><path d="M34 45h20v2H34zM34 50h14v2H34z" fill="#6b7280"/>
</svg>"""
TILE = "data:image/svg+xml;base64," + base64.b64encode(PAGE.encode()).decode()
"""A drawn page in place of each thumbnail: nothing is fetched from anywhere."""


@dataclass(frozen=True)
class Sample:
    """What there is to draw."""

    edition: Edition
    papers: Mapping[PaperId, Paper]
    form: Form

    def documents(self, layout: Layout) -> list[Document]:
        """The parts of the digest in one layout."""
        laid = replace(self.edition, layout=layout)
        return [compose_part(laid, part, self.papers) for part, _ in parts(laid)]


async def read_sample(folder: Path, channel: ChannelRef, *, most: int = 4) -> Sample:
    """The sample edition, taken in and ranked by the product itself."""
    settings = Settings(data_dir=folder, hf_url="http://127.0.0.1:9", arxiv_feed_url="http://127.0.0.1:9")
    async with open_app(settings, clock=FrozenClock()) as app:
        await app.intake.take_sample()
        day = await app.reading.today(Today())
        best = day.papers[:most]
        caller = await app.local.caller("papers", "admin")
        form = (await app.answering.form(caller, "subscribe")).document.blocks[0]
        assert isinstance(form, Form)
    return Sample(edition_of(best, day.on, channel), {paper.id: with_thumbnail(paper) for paper, _ in best}, form)


def edition_of(best: Sequence[tuple[Paper, Score]], on: date | None, channel: ChannelRef) -> Edition:
    """The digest that these papers would have made."""
    return Edition(
        channel=channel,
        kind=EditionKind.DIGEST,
        local_on=on or date(2026, 11, 23),
        due_at=FrozenClock().now() + timedelta(hours=1),
        cut_until_at=FrozenClock().now(),
        subscription_id=1,
        layout=Layout.THREAD,
        name="vision",
        topic="cs.CV",
        picks=tuple(Pick(paper.id, score.total, say_score(paper, score)) for paper, score in best),
        decided=57,
    )


def with_thumbnail(paper: Paper) -> Paper:
    """The papers of the sample carry no thumbnails, most of Hugging Face's do."""
    return replace(paper, facts=replace(paper.facts, thumbnail_url="https://example.org/thumbnail.png"))
