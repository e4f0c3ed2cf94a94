"""Texts of strangers as Slack shows them: nothing in them is markup, a mention or a control.

Blocks hold them as `plain_text` or rich text, which Slack parses for nothing. Only the `text` beside the blocks is
mrkdwn, where exactly three characters are escaped (docs.slack.dev, formatting message text).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from adapters.slack import limits
from bot.text.characters import MAX_MARKS
from bot.text.cut import cut

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_TOWER = re.compile(f"([\u0300-\u036f]{{{MAX_MARKS}}})[\u0300-\u036f]+")


def shown(text: str, limit: int) -> str:
    """What a reader may see of a text: no controls, no marks that turn directions, at most `limit` characters."""
    return cut(_TOWER.sub(r"\1", _UNSHOWABLE.sub("", text)), limit).strip()


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
    """The URL where it may become a link or a picture: http(s), with a host, printable, not too long."""
    if not url.isascii() or not url.isprintable() or any(each in url for each in ' <>|"') or len(url) > limits.URL:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and parts.username is None else None


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
