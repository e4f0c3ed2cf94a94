"""Forms as modals, and what comes back from them: pure.

A modal has at most five fields (components/reference.mdx), fewer than a subscription has values: the others are
options of the slash command. Discord keeps nothing beside a modal, so its `custom_id` says what it is a form of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.discord import limits
from adapters.discord.texts import plain
from bot.document import FieldKind, Form, FormField

FORM = "form"
SELECT, TEXT_INPUT, LABEL = 3, 4, 18
_SHORT, _PARAGRAPH = 1, 2
_HIDDEN = frozenset({"subscription"})
_WANTED = ("topic", "at", "on", "top", "layout")
"""What is asked first of a subscription; after them what stands next in the command table."""
_LONG = frozenset({"topic"})


def modal(form: Form, noted: str = "") -> dict[str, Any]:
    """`data` of the answer that opens a modal (type 9).

    `noted` names the subscription that the form is of; empty: the form's own hidden field does.
    """
    name = noted or next((each.value for each in form.fields if each.name in _HIDDEN), "")
    title = form.title if len(form.title) <= limits.MODAL_TITLE else form.submit
    return {
        "custom_id": form_id(form.verb, name),
        "title": plain(title, limits.MODAL_TITLE) or "Broadsheet",
        "components": [_field(each) for each in asked(form)],
    }


def asked(form: Form) -> list[FormField]:
    """The fields that are shown: what is wrong, what is required and what matters most first, in the form's order."""
    left = [each for each in form.fields if each.name not in _HIDDEN]
    ranked = sorted(left, key=lambda each: (not each.error, not each.required, _rank(each.name)))
    kept = {each.name for each in ranked[: limits.MODAL_FIELDS]}
    return [each for each in left if each.name in kept]


def _rank(name: str) -> int:
    return _WANTED.index(name) if name in _WANTED else len(_WANTED)


def form_id(verb: str, subscription: str = "") -> str:
    """`form:subscribe`, `form:edit:robots`; names of subscriptions have 60 characters at the most."""
    return ":".join([FORM, verb, *([subscription] if subscription else [])])[: limits.CUSTOM_ID]


def read_form_id(custom_id: str) -> tuple[str, str]:
    """The verb and the subscription's name of a modal; nothing of what is no form of ours."""
    mark, _, rest = custom_id.partition(":")
    verb, _, subscription = rest.partition(":")
    return (verb, subscription) if mark == FORM else ("", "")


def read_values(data: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the names of the fields, from the `data` of a modal that was sent."""
    values: dict[str, str] = {}
    for each in data.get("components") or ():
        inner = each.get("component")
        for field in [inner] if inner else each.get("components") or ():
            if name := str(field.get("custom_id") or ""):
                chosen = field.get("values")
                values[name] = str(next(iter(chosen), "")) if chosen is not None else str(field.get("value") or "")
    return values


def _field(field: FormField) -> dict[str, Any]:
    hint = f"⚠ {field.error}" if field.error else field.hint
    made: dict[str, Any] = {
        "type": LABEL,
        "label": plain(field.label, limits.FIELD_LABEL) or field.name,
        "component": _choice(field) if _is_choice(field) else _input(field),
    }
    return made | ({"description": said} if (said := plain(hint, limits.FIELD_HINT)) else {})


def _is_choice(field: FormField) -> bool:
    return field.kind is FieldKind.CHOICE and 0 < len(field.choices) <= limits.OPTIONS


def _choice(field: FormField) -> dict[str, Any]:
    options = []
    for each in field.choices:
        option: dict[str, Any] = {"label": plain(each, limits.OPTION), "value": each}
        options.append(option | ({"default": True} if each == field.value else {}))
    return {"type": SELECT, "custom_id": field.name, "required": field.required, "options": options}


def _input(field: FormField) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": TEXT_INPUT,
        "custom_id": field.name,
        "style": _PARAGRAPH if field.name in _LONG else _SHORT,
        "required": field.required,
        "max_length": limits.FIELD_VALUE,
    }
    return made | ({"value": field.value[: limits.FIELD_VALUE]} if field.value else {})
