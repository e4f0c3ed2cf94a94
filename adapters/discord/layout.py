"""Documents as Components V2 layouts: each paper is a framed container with its own buttons in it.

A message is this or content and embeds, for ever (components/reference.mdx). Not many clients of old show it; embeds
are what a workspace gets unless it asks for layouts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.discord import limits
from adapters.discord.cards import BRAND, authors, brief_lines, colour, counts, say_date, title_line, written
from adapters.discord.components import Component, card_row, menus
from adapters.discord.texts import marked, one_line, plain, quiet, web_url
from bot.document import PaperCard
from bot.text.cut import utf16_length

SECTION, TEXT, THUMBNAIL, CONTAINER = 9, 10, 11, 17


def text_display(text: str) -> Component:
    """A text; markdown."""
    return {"type": TEXT, "content": text}


def text_displays(lines: Sequence[str]) -> list[Component]:
    """Lines as few texts."""
    packed: list[str] = []
    for line in lines:
        longer = f"{packed[-1]}\n{line}" if packed else line
        if packed and utf16_length(longer) <= limits.DISPLAY:
            packed[-1] = longer
        else:
            packed.append(line)
    return [text_display(each) for each in packed]


def container(components: Sequence[Component], color: int = BRAND) -> Component:
    """A frame with a coloured edge."""
    return {"type": CONTAINER, "accent_color": color, "components": list(components)}


def card_container(card: PaperCard, key: str = "") -> Component:
    """One paper."""
    names, facts = quiet(authors(card), limits.NAMES), quiet(_facts(card), limits.FOOTER)
    summary = marked(card.summary, card.summary_marks, limits.SUMMARY)
    above = text_display(
        f"### {title_line(card, limits.TITLE, key, is_heading=True)}" + (f"\n{names}" if names else "")
    )
    texts = [above, *([text_display(summary)] if summary else [])]
    picture = web_url(card.thumbnail_url or "")
    head: list[Component] = texts
    if picture:
        alt = plain(f"Thumbnail of “{card.title}”", limits.ALT)
        head = [
            {
                "type": SECTION,
                "components": texts,
                "accessory": {"type": THUMBNAIL, "media": {"url": picture}, "description": alt},
            }
        ]
    pressed, links = card_row(card)
    foot = [text_display("\n".join(each for each in (facts, written(links)) if each))] if facts or links else []
    return container([*head, *foot, *pressed], colour(card))


def list_container(cards: Sequence[PaperCard], key: str = "") -> Component:
    """Papers shown briefly, and under them a menu for each thing that can be done with them."""
    lines = brief_lines(cards, limits.LAYOUT_TEXT - limits.LAYOUT_HEAD, key)
    pressed = card_row(cards[0])[0] if len(cards) == 1 else menus(cards)
    return container([*text_displays(lines), *pressed])


def _facts(card: PaperCard) -> str:
    parts = [*counts(card), card.venue, ", ".join(card.categories[:3]), card.why, say_date(card)]
    return " · ".join(one_line(each) for each in parts if each)


def texts_of(component: Any) -> list[str]:  # noqa: ANN401 - JSON
    """The texts of a layout, which Discord adds up."""
    if isinstance(component, list):
        return [text for each in component for text in texts_of(each)]
    if not isinstance(component, dict):
        return []
    own = [str(component["content"])] if component.get("type") == TEXT else []
    return [*own, *texts_of(component.get("components"))]


def number_of(component: Any) -> int:  # noqa: ANN401 - JSON
    """Components in a layout, nested ones too."""
    if isinstance(component, list):
        return sum(map(number_of, component))
    if not isinstance(component, dict):
        return 0
    return 1 + number_of(component.get("components")) + number_of(component.get("accessory"))
