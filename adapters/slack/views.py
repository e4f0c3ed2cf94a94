"""Forms as modals, and a member's App Home: pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.slack import limits
from adapters.slack.cards import RUN, Blocks
from adapters.slack.render import drawn
from adapters.slack.texts import plain
from bot.document import Block, FieldKind, Form, FormField, Note
from bot.model import ChannelRef

FORM = "form"
"""`callback_id` of a modal that submits a command."""
FIELD = "field:"
TYPED = "typed"
"""`action_id` of a field that is watched while somebody types."""
CHOSEN = "chosen"
_WATCHED = frozenset({"topic"})
_HIDDEN = frozenset({"subscription"})


def modal(form: Form, above: Sequence[Block], noted: Mapping[str, str], notes: Sequence[Note] = ()) -> dict[str, Any]:
    """A form as a modal; `above` is said over the fields, `notes` below the field that is watched."""
    blocks: Blocks = drawn(above)
    hidden = {field.name: field.value for field in form.fields if field.name in _HIDDEN}
    for field in form.fields:
        if field.name in _HIDDEN:
            continue
        if field.error:
            blocks.append({"type": "section", "text": plain(f"⚠ {field.error}")})
        blocks.append(_input(field))
        if field.name in _WATCHED:
            blocks += preview_blocks(notes)
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": plain(form.submit, limits.MODAL_TITLE),
        "submit": plain(form.submit, limits.MODAL_TITLE),
        "close": plain("Cancel", limits.MODAL_TITLE),
        "private_metadata": json.dumps({**noted, **hidden, "verb": form.verb})[: limits.METADATA],
        "blocks": blocks[: limits.VIEW_BLOCKS],
    }


def preview_blocks(notes: Sequence[Note]) -> Blocks:
    """What is said of the topic while it is typed."""
    said = [plain(note.text, limits.TEXT) for note in notes[:6]] or [
        plain("What the topic means, and how many papers it would have brought, appears here as you type.")
    ]
    return [{"type": "context", "block_id": "preview", "elements": said}]


def with_preview(view: Mapping[str, Any], notes: Sequence[Note], errors: Mapping[str, str]) -> dict[str, Any]:
    """An open modal with what is now said of it; the fields keep what was typed into them."""
    blocks: Blocks = []
    for block in view.get("blocks", ()):
        if block.get("block_id") != "preview":
            blocks.append(block)
            continue
        wrong = [Note(f"⚠ {text}") for text in errors.values()]
        blocks += preview_blocks([*wrong, *notes])
    kept = ("type", "callback_id", "title", "submit", "close", "private_metadata")
    return {**{name: view[name] for name in kept if name in view}, "blocks": blocks}


def _input(field: FormField) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input",
        "block_id": f"{FIELD}{field.name}",
        "label": plain(field.label, limits.LABEL),
        "optional": not field.required,
        "element": _element(field),
    }
    if field.hint:
        block["hint"] = plain(field.hint, limits.HINT)
    if field.name in _WATCHED:
        block["dispatch_action"] = True
    return block


def _element(field: FormField) -> dict[str, Any]:
    if field.kind is FieldKind.CHOICE and field.choices:
        options = [{"text": plain(each, limits.OPTION), "value": each} for each in field.choices]
        chosen = next((each for each in options if each["value"] == field.value), None)
        element: dict[str, Any] = {"type": "static_select", "action_id": CHOSEN, "options": options}
        return element | ({"initial_option": chosen} if chosen else {})
    element = {"type": "plain_text_input", "action_id": TYPED}
    if field.name in _WATCHED:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return element | ({"initial_value": field.value[: limits.INITIAL]} if field.value else {})


def home(sections: Sequence[tuple[ChannelRef | None, Sequence[Block]]]) -> dict[str, Any]:
    """App Home: a section for each channel, whose buttons act in that channel."""
    blocks: Blocks = []
    for channel, content in sections:
        made = drawn(content)
        blocks += made if channel is None else [_in_channel(each, channel) for each in made]
    if len(blocks) > limits.VIEW_BLOCKS:
        more = "There is more than fits here; /papers list in a channel, and /papers saved, show all."
        blocks[limits.VIEW_BLOCKS - 1 :] = [{"type": "context", "elements": [plain(more)]}]
    return {"type": "home", "blocks": blocks}


def _in_channel(block: dict[str, Any], channel: ChannelRef) -> dict[str, Any]:
    """The buttons of App Home stand in no channel: their commands name one."""
    if block.get("type") != "actions":
        return block
    return {**block, "elements": [_placed(each, channel) for each in block["elements"]]}


def _placed(element: dict[str, Any], channel: ChannelRef) -> dict[str, Any]:
    at = f"@{channel.address} "
    if "options" in element:
        options = [each if "url" in each else {**each, "value": at + each["value"]} for each in element["options"]]
        return {**element, "options": options}
    return {**element, "value": at + element["value"]} if element["action_id"].startswith(RUN) else element
