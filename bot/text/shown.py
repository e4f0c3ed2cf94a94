"""What a chat may show of a stranger's text, and which of a stranger's addresses may become a link. Pure.

Each side escapes what is left for its own markup afterwards; nothing here knows of any.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.text.characters import MAX_MARKS
from bot.text.cut import cut

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_TOWER = re.compile(f"([\u0300-\u036f]{{{MAX_MARKS}}})[\u0300-\u036f]+")


def shown(text: str, limit: int, *, width: Callable[[str], int] = len) -> str:
    """What a reader may see of a text: no controls, no marks that turn directions, at most `limit` wide."""
    return cut(_TOWER.sub(r"\1", _UNSHOWABLE.sub("", text)), limit, width=width).strip()


def web_url(url: str, limit: int) -> str | None:
    """The URL where it may become a link or a picture: http(s), with a host, printable, not too long."""
    if not url.isascii() or not url.isprintable() or any(each in url for each in ' <>|"') or len(url) > limit:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and parts.username is None else None
