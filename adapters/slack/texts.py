"""Texts of strangers as Slack shows them: nothing in them is markup, a mention or a control.

Blocks hold them as `plain_text` or rich text, which Slack parses for nothing. Only the `text` beside the blocks is
mrkdwn, where exactly three characters are escaped (docs.slack.dev, formatting message text).
"""

from __future__ import annotations

from typing import Any

from adapters.slack import limits
from bot.text import shown as texts
from bot.text.cut import cut

shown = texts.shown


def escape(text: str) -> str:
    """For mrkdwn: Slack asks for these three and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fallback(text: str) -> str:
    """The text beside blocks: what notifications and screen readers get."""
    return cut(escape(shown(text, limits.FALLBACK)), limits.FALLBACK, width=len) if text else ""


def plain(text: str, limit: int = limits.TEXT) -> dict[str, Any]:
    """A `plain_text` object; never empty, which Slack refuses. `:smile:` stays what was typed."""
    return {"type": "plain_text", "text": shown(text, limit) or "–", "emoji": False}


def run(text: str, **style: bool) -> dict[str, Any]:
    """A stretch of rich text."""
    made: dict[str, Any] = {"type": "text", "text": text}
    return made | {"style": style} if style else made


def section(*runs: dict[str, Any]) -> dict[str, Any]:
    """A paragraph of rich text; stretches without text, which Slack refuses, are left out."""
    return {"type": "rich_text_section", "elements": [each for each in runs if each.get("text")]}


def rich(*sections: dict[str, Any]) -> dict[str, Any]:
    """A block of rich text."""
    return {"type": "rich_text", "elements": list(sections)}


def web_url(url: str) -> str | None:
    """The URL where it may become a link or a picture of Slack's."""
    return texts.web_url(url, limits.URL)


def marked(text: str, marks: tuple[tuple[int, int], ...], limit: int) -> list[dict[str, Any]]:
    """The text as runs with the marked stretches in bold, as far as it is shown."""
    kept = shown(text, limit)
    if not marks or not text.startswith(kept.rstrip("…")):
        return [run(kept)]
    parts, at = [], 0
    for start, end in marks:
        if end > len(kept):
            break
        parts += [run(kept[at:start]), run(kept[start:end], bold=True)]
        at = end
    return [each for each in [*parts, run(kept[at:])] if each["text"]]
