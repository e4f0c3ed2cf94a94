"""The count of votes on a card's button, changed in place. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.identity import bare_arxiv_id
from bot.model import Mark

_NESTED = ("components", "accessory")
_NUMBER = re.compile(r"[0-9]+ · ")
"""Which of several papers it is, as `adapters.discord.components` writes it before a label."""


def with_votes(components: Sequence[Mapping[str, Any]], mark: Mark) -> list[dict[str, Any]] | None:
    """The components of a message with the count on this paper's vote button; None where it has none."""
    references = {f"vote {bare_arxiv_id(mark.paper_id) or mark.paper_id}", f"vote {mark.paper_id}"}
    changed = [_changed(each, references, f"▲ {mark.votes}" if mark.votes else "Vote") for each in components]
    return changed if changed != [dict(each) for each in components] else None


def _changed(component: Mapping[str, Any], references: set[str], label: str) -> dict[str, Any]:
    made = dict(component)
    if made.get("custom_id") in references:
        number = _NUMBER.match(str(made.get("label") or ""))
        made["label"] = f"{number[0] if number else ''}{label}"
    for name in _NESTED:
        match made.get(name):
            case list() | tuple() as several:
                made[name] = [_changed(each, references, label) for each in several]
            case Mapping() as one:
                made[name] = _changed(one, references, label)
            case _:
                pass
    return made
