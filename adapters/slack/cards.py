"""A paper as Block Kit: the title as a link, its summary beside the thumbnail, one line of facts, a row of buttons.

Papers in a row that are shown briefly are one list: a menu for each thing that can be done, instead of a row of
buttons under each paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adapters.slack import limits
from adapters.slack.texts import marked, plain, rich, run, section, shown, web_url
from bot.document import Action, Button, CardStyle, Link, PaperCard

Blocks = list[dict[str, Any]]
RUN = "run"
"""`action_id` of what sends a command; a number after it keeps ids apart within a block."""
OPEN = "open"
"""`action_id` of what opens a page; Slack tells of the click, and nothing is to be done."""
MENU = "menu"
CHOICE = "choice"
"""`action_id` of a menu over the papers of a list; a number after it keeps ids apart within a block."""
_FIRST = ("vote", "save", "similar", "why")


def card_blocks(card: PaperCard) -> Blocks:
    """One paper."""
    if card.style is CardStyle.BRIEF:
        return [rich(section(*_brief(card))), *row(_actions(card))]
    title = rich(section(*_title(card)))
    summary = shown(card.summary, limits.SUMMARY)
    names = shown(card.byline, limits.LINE)
    blocks: Blocks = [title]
    if card.summary_marks:
        blocks.append(
            rich(section(run(names and f"{names}\n"), *marked(card.summary, card.summary_marks, len(summary))))
        )
    elif body := "\n".join(each for each in (names, summary) if each):
        blocks.append({"type": "section", "text": plain(body)} | _picture(card))
    if facts := _facts(card):
        blocks.append({"type": "context", "elements": [plain(facts, limits.LINE * 2)]})
    return [*blocks, *_buttons(card)]


def list_blocks(cards: Sequence[PaperCard]) -> Blocks:
    """Papers shown briefly: one list, and under it one menu for each thing that can be done with them."""
    if len(cards) == 1:
        return card_blocks(cards[0])
    listed = rich({"type": "rich_text_list", "style": "bullet", "elements": [section(*_brief(each)) for each in cards]})
    buttons = [(card, each) for card in cards for each in _actions(card) if isinstance(each, Button)]
    room = min(limits.OPTION, limits.CHARACTERS // 4 // max(len(buttons), 1))
    choices: dict[str, list[dict[str, Any]]] = {}
    for card, button in buttons:
        option = {"text": plain(card.title, room), "value": button.command}
        choices.setdefault(button.label, []).append(option)
    menus = [
        {
            "type": "static_select",
            "action_id": f"{CHOICE}:{place}",
            "placeholder": plain(f"{label} …"),
            "options": options,
        }
        for place, (label, options) in enumerate(choices.items())
    ]
    return [listed, {"type": "actions", "elements": menus[: limits.ROW]}] if menus else [listed]


def _brief(card: PaperCard) -> Sequence[dict[str, Any]]:
    """An entry of a list: title, facts, and the sentence that was found where somebody searched."""
    said = " · ".join(each for each in (shown(card.byline, 80), _facts(card)) if each)
    if len(said) > limits.LINE // 2:  # rather no reason than half a reason; “Details” has it
        said = " · ".join(each for each in (shown(card.byline, 80), _facts(replace(card, why=""))) if each)
    said = shown(said, limits.LINE // 2)
    found = marked(card.summary, card.summary_marks, limits.LINE // 2) if card.summary_marks else []
    return [*_title(card, limits.LINE // 2), run(f"\n{said}" if said else ""), *([run("\n"), *found] if found else [])]


def _title(card: PaperCard, limit: int = limits.TITLE) -> Sequence[dict[str, Any]]:
    text = shown(card.title, limit) or shown(card.paper_id, limit) or "–"
    url = web_url(card.url)
    if card.title_marks and not url:
        return marked(card.title, card.title_marks, limit)
    if url is None:
        return [run(text, bold=True)]
    return [{"type": "link", "url": url, "text": text, "style": {"bold": True}}]


def _picture(card: PaperCard) -> dict[str, Any]:
    url = web_url(card.thumbnail_url or "")
    if url is None:
        return {}
    alt = shown(f"Thumbnail of “{card.title}”", limits.ALT)
    return {"accessory": {"type": "image", "image_url": url, "alt_text": alt}}


def _facts(card: PaperCard) -> str:
    counts = (("▲", card.upvotes), ("★", card.stars), ("💬", card.comments))
    parts = [
        card.organization,
        card.venue,
        " ".join(card.categories[:3]),
        f"{card.announced_on.day} {card.announced_on:%b %Y}" if card.announced_on else "",
        *(f"{sign}\u00a0{count:,}" for sign, count in counts if count),
        card.why,
    ]
    return " · ".join(shown(each, limits.LINE) for each in parts if each)


def _actions(card: PaperCard) -> Sequence[Action]:
    """What can be done; where a card offers to take it off the list, it does not offer to put it there."""
    commands = {each.command for each in card.actions if isinstance(each, Button)}
    return [each for each in card.actions if not (isinstance(each, Button) and f"un{each.command}" in commands)]


def _buttons(card: PaperCard) -> Blocks:
    """Vote, save, similar and why as buttons; the links and whatever is left in a menu."""
    actions = _actions(card)
    first = [each for each in actions if isinstance(each, Button) and each.command.split()[0] in _FIRST]
    first.sort(key=lambda each: _FIRST.index(each.command.split()[0]))
    rest = [each for each in actions if each not in first]
    shown_buttons, left = first[: limits.ROW - 1], [*rest, *first[limits.ROW - 1 :]]
    elements = [_button(each, place) for place, each in enumerate(shown_buttons)]
    options = [option for each in left if (option := _option(each))][: limits.OPTIONS]
    if len(options) == 1 and (single := element(left[0], limits.ROW)):
        elements.append(single)
    elif options:
        elements.append({"type": "overflow", "action_id": MENU, "options": options})
    return [{"type": "actions", "elements": elements}] if elements else []


def row(actions: Sequence[Action]) -> Blocks:
    """Actions as rows of buttons."""
    elements = [made for place, each in enumerate(actions) if (made := element(each, place))]
    rows = [elements[at : at + limits.ROW] for at in range(0, len(elements), limits.ROW)]
    return [{"type": "actions", "elements": each} for each in rows]


def element(action: Action, place: int) -> dict[str, Any] | None:
    """A button; none for a link that may not be followed."""
    match action:
        case Button():
            return _button(action, place)
        case Link(label, url):
            if web_url(url) is None:
                return None
            return {"type": "button", "action_id": f"{OPEN}:{place}", "text": plain(label, limits.BUTTON), "url": url}


def _button(button: Button, place: int) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"{RUN}:{place}",
        "text": plain(button.label, limits.BUTTON),
        "value": button.command,
    }


def _option(action: Action) -> dict[str, Any] | None:
    match action:
        case Button(label, command):
            return {"text": plain(label, limits.OPTION), "value": command}
        case Link(label, url):
            if web_url(url) is None:
                return None
            return {"text": plain(label, limits.OPTION), "value": OPEN, "url": url}
