"""What can be pressed under a message: rows of buttons, and menus where a row for each paper would not fit.

A button's `custom_id` is the `/papers` command that it sends, so that it works after any restart. Discord wants each
id once in a message: a button that is there already is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.discord import limits
from adapters.discord.texts import plain, web_url
from bot.document import Action, Button, CardStyle, Link, PaperCard

Component = dict[str, Any]
ACTION_ROW, BUTTON, SELECT = 1, 2, 3
_SECONDARY, _LINK = 2, 5
CHOOSE = "choose:"
"""`custom_id` of a menu, with a number behind it; the value of what is chosen is a command."""
_FIRST = ("vote", "save", "similar", "why")


def buttons(actions: Iterable[Action], *, number: int = 0) -> list[Component]:
    """Actions as buttons, without links that may not be followed and commands that do not fit."""
    made = (_button(each, f"{number} · " if number else "") for each in actions)
    return [each for each in made if each is not None]


def rows(made: Sequence[Component]) -> list[Component]:
    """Buttons in rows of five."""
    return [row(made[at : at + limits.ROW]) for at in range(0, len(made), limits.ROW)]


def row(components: Sequence[Component]) -> Component:
    """An action row."""
    return {"type": ACTION_ROW, "components": list(components)}


def card_row(card: PaperCard, *, number: int = 0) -> tuple[list[Component], list[Link]]:
    """The row of one paper, and the links that found no place in it; among others its number is on each button."""
    commands, links = in_order(card)
    made = buttons(commands, number=number)
    own = made[: limits.ROW]
    first = [each for each in links if web_url(each.url, limits.LINK)][: limits.ROW - len(own)][:1]
    left = [each for each in links if each not in first]
    return [*rows([*own, *buttons(first, number=number)]), *rows(made[limits.ROW :])], left


def in_order(card: PaperCard) -> tuple[list[Button], list[Link]]:
    """Vote, save, similar, why and whatever else is a command; then the links, without the one that the title is.

    What a paper of a list offers keeps its order: first the whole paper, then the rest.
    """
    commands = [each for each in card.actions if isinstance(each, Button)]
    if card.style is CardStyle.FULL:
        commands.sort(
            key=lambda each: _FIRST.index(verb) if (verb := each.command.split()[0]) in _FIRST else len(_FIRST)
        )
    links = [each for each in card.actions if isinstance(each, Link) and each.url != card.url]
    return commands, links


def menus(cards: Sequence[PaperCard]) -> list[Component]:
    """One menu for each thing that can be done with several papers."""
    choices: dict[str, dict[str, str]] = {}
    for card in cards:
        commands, _ = in_order(card)
        for each in commands:
            if _fits(each):
                title = plain(card.title, limits.OPTION) or plain(card.paper_id, limits.OPTION) or "–"
                choices.setdefault(each.label, {}).setdefault(each.command, title)
    made = [
        {
            "type": SELECT,
            "custom_id": CHOOSE,
            "placeholder": plain(f"{label} …", limits.PLACEHOLDER),
            "options": [
                {"label": title, "value": command} for command, title in list(options.items())[: limits.OPTIONS]
            ],
        }
        for label, options in choices.items()
    ]
    return [row([each]) for each in made[: limits.MENUS]]


def distinct(made: Sequence[Component]) -> list[Component]:
    """The components of one message: each id once, menus numbered, nothing empty."""
    seen: set[str] = set()
    return [each for one in made if (each := _distinct(one, seen))]


def _distinct(component: Component, seen: set[str]) -> Component | None:
    if "components" in component:
        inner = [each for one in component["components"] if (each := _distinct(one, seen))]
        return {**component, "components": inner} if inner else None
    name = component.get("custom_id")
    if name == CHOOSE:
        name = f"{CHOOSE}{sum(each.startswith(CHOOSE) for each in seen)}"
        component = {**component, "custom_id": name}
    if name in seen:
        return None
    if name:
        seen.add(name)
    return component


def _button(action: Action, prefix: str) -> Component | None:
    label = plain(f"{prefix}{action.label}", limits.LABEL) or "–"
    match action:
        case Button():
            if not _fits(action):
                return None
            return {"type": BUTTON, "style": _SECONDARY, "label": label, "custom_id": action.command}
        case Link(_, url):
            if web_url(url, limits.LINK) is None:
                return None
            return {"type": BUTTON, "style": _LINK, "label": label, "url": url}


def _fits(button: Button) -> bool:
    return 0 < len(button.command) <= limits.CUSTOM_ID
