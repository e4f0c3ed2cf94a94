"""What a paper has beside its text, as far as the links that its sources gave tell."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.model import Paper
from bot.topics.expression import Linked

_HUB = frozenset({"huggingface.co", "hf.co", "www.huggingface.co"})
_NO_MODELS = frozenset({"papers", "spaces", "datasets", "blog", "collections", "docs", "posts", "organizations"})
_OWNER_AND_NAME = 2


def linked(paper: Paper) -> frozenset[Linked]:
    """Code and project page as the source names them; models, datasets and spaces where a link leads to one."""
    facts = paper.facts
    found = {Linked.CODE} if facts.code_url else set()
    if facts.project_url:
        found.add(Linked.PROJECT)
    for url in (facts.code_url, facts.project_url):
        kind = _on_the_hub(url) if url else None
        if kind is not None:
            found.add(kind)
    return frozenset(found)


def _on_the_hub(url: str) -> Linked | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.hostname not in _HUB:
        return None
    path = [part for part in parts.path.split("/") if part]
    if path[:1] == ["spaces"]:
        return Linked.SPACE
    if path[:1] == ["datasets"]:
        return Linked.DATASET
    return Linked.MODEL if len(path) == _OWNER_AND_NAME and path[0] not in _NO_MODELS else None
