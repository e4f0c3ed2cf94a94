"""Joining what `broadsheet render` needs: a line of a recording, a digest of it, and a platform's own renderer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from importlib import import_module
from typing import Any

from bot.compose.digest import compose_part, parts
from bot.document import Document
from bot.merging import paper_of
from bot.model import ChannelRef, Edition, EditionKind, Layout, Paper, Pick, Platform, WorkspaceId
from bot.settings import Settings

_DAY = date(2026, 1, 6)
_ADDRESS = "C0000000000"


def rendered(line: bytes, platform: Platform, layout: Layout) -> dict[str, Any]:
    """`{"id", "requests"}` of one line, or `{"id": null, "requests": [], "error"}` where it holds no paper."""
    paper = _paper(line)
    if isinstance(paper, str):
        return {"id": None, "requests": [], "error": paper}
    noon = datetime.combine(_DAY, time(12), UTC)
    edition = Edition(
        channel=ChannelRef(platform, WorkspaceId(f"{platform.value}:render"), _ADDRESS),
        kind=EditionKind.DIGEST,
        local_on=paper.announced_on or _DAY,
        due_at=noon,
        cut_until_at=noon,
        subscription_id=1,
        layout=layout,
        name="papers",
        picks=(Pick(paper.id, 1.0, "everything"),),
        decided=1,
    )
    made = [(key, compose_part(edition, part, {paper.id: paper}), part) for part, key in parts(edition)]
    return {"id": paper.id, "requests": [_request(platform, layout, *each) for each in made]}


def _paper(line: bytes) -> Paper | str:
    """The paper of a line, or why there is none."""
    from adapters.sources.replay_lines import read_row

    try:
        source, on, listing = read_row(line, _DAY)
    except (ValueError, RecursionError) as error:
        return str(error) or type(error).__name__
    return replace(paper_of(listing, source, datetime.combine(on, time(12), UTC)), announced_on=on)


def _request(platform: Platform, layout: Layout, key: str, document: Document, part: int) -> dict[str, Any]:
    """Every platform's folder has a `render` with a `request_body`: a new one needs no entry here."""
    render = import_module(f"adapters.{platform.value}.render")
    thread = "<the first message>" if part and layout.is_threaded else None
    found: dict[str, Any] = render.request_body(document, _ADDRESS, key, thread)
    return found


def slack_manifest(settings: Settings, *, socket_mode: bool) -> dict[str, Any]:
    """The manifest of the Slack app: Socket Mode where that is asked for, or no public address is set."""
    from adapters.slack.manifest import manifest

    return manifest(history=settings.slack_history, public_url=None if socket_mode else settings.public_url)
