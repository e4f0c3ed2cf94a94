"""Documents as the bodies of Slack's messages: pure. Every message keeps to `adapters.slack.limits`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, assert_never

from adapters.slack import limits
from adapters.slack.cards import Blocks, card_blocks, list_blocks, row
from adapters.slack.texts import fallback, plain, rich, run, section, shown
from bot.compose.bars import bars_text
from bot.compose.forms import open_button
from bot.compose.lines import text_lines
from bot.document import (
    Actions,
    Bars,
    Block,
    CardStyle,
    Document,
    Entries,
    Entry,
    Form,
    Heading,
    Note,
    PaperCard,
    Tone,
)

EVENT_TYPE = "digest_posted"
_SIGNS = {Tone.GOOD: "✓ ", Tone.WARNING: "⚠ ", Tone.ERROR: "⚠ "}
_SAID_MORE = "The rest did not fit into a message."


@dataclass(frozen=True, slots=True)
class Message:
    """The part of a request's body that a document decides: `text` for notifications, `blocks` for the eye."""

    text: str
    blocks: Blocks

    def body(self) -> dict[str, Any]:
        """As `chat.postMessage` and a `response_url` take it."""
        return {"text": self.text, "blocks": self.blocks, "unfurl_links": False, "unfurl_media": False}


def messages(document: Document) -> list[Message]:
    """The document as one message, or several where it is too long for one."""
    packed: list[tuple[Blocks, list[Block]]] = [([], [])]
    total = 0
    for theirs, blocks in grouped(document.blocks):
        filled, heavy = packed[-1][0], weight(blocks)
        too_many = len(filled) + len(blocks) > limits.BLOCKS
        if filled and (too_many or total + heavy > limits.CHARACTERS):
            packed.append(([], []))
            total = 0
        total += heavy
        packed[-1][0].extend(blocks)
        packed[-1][1].extend(theirs)
    return [Message(said(theirs), blocks[: limits.BLOCKS] or [_empty()]) for blocks, theirs in packed]


def message(document: Document) -> Message:
    """The document as one message; what does not fit is left out, and the message says so."""
    first, *rest = messages(document)
    if not rest:
        return first
    note = {"type": "context", "elements": [plain(_SAID_MORE)]}
    return Message(first.text, [*first.blocks, note])


def request_body(document: Document, channel: str, key: str, thread: str | None) -> dict[str, Any]:
    """The body of `chat.postMessage`; a key goes along as metadata, where read-back finds it."""
    body = {"channel": channel, **message(document).body()}
    if key:
        body["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"delivery_key": key}}
    return body | ({"thread_ts": thread} if thread else {})


def plain_body(body: dict[str, Any]) -> dict[str, Any]:
    """The same message without blocks, for when Slack refuses them; nothing in its text is read as markup."""
    return {name: value for name, value in body.items() if name != "blocks"} | {"mrkdwn": False}


def weight(value: Any) -> int:  # noqa: ANN401 - JSON
    """Characters of text in blocks, as Slack adds them up."""
    if isinstance(value, dict):
        return sum(
            len(each) if name == "text" and isinstance(each, str) else weight(each) for name, each in value.items()
        )
    return sum(map(weight, value)) if isinstance(value, list) else 0


def grouped(blocks: Iterable[Block]) -> Iterator[tuple[Sequence[Block], Blocks]]:
    """The blocks of a document with what each is in Slack; papers of a list go together, as one."""
    for is_listed, found in groupby(blocks, key=_is_listed):
        if not is_listed:
            yield from (([each], _block_blocks(each)) for each in found)
            continue
        yield from _lists([each for each in found if isinstance(each, PaperCard)])


def _lists(cards: Sequence[PaperCard]) -> Iterator[tuple[Sequence[Block], Blocks]]:
    """As few lists as fit messages."""
    blocks = list_blocks(cards)
    if len(cards) > 1 and (len(cards) > limits.LIST or weight(blocks) > limits.CHARACTERS):
        middle = (len(cards) + 1) // 2
        yield from _lists(cards[:middle])
        yield from _lists(cards[middle:])
    else:
        yield cards, blocks


def drawn(blocks: Iterable[Block]) -> Blocks:
    """The blocks of a document, in Slack's."""
    return [each for _, found in grouped(blocks) for each in found]


def _is_listed(block: Block) -> bool:
    return isinstance(block, PaperCard) and block.style is CardStyle.BRIEF


def _block_blocks(block: Block) -> Blocks:  # noqa: PLR0911 - one for each kind of block
    """One block of a document."""
    match block:
        case Heading(text):
            return [{"type": "header", "text": plain(text, limits.HEADER)}]
        case Note():
            return [_note(block)]
        case Entries(items):
            return _entries(items)
        case Bars():
            lines = {
                "type": "rich_text_preformatted",
                "elements": [run(shown("\n".join(bars_text(block)), limits.TEXT))],
            }
            return [rich(lines)]
        case PaperCard():
            return card_blocks(block)
        case Actions(items):
            return row(items)
        case Form():
            return row([open_button(block)])
        case _:
            assert_never(block)


def said(blocks: Iterable[Block]) -> str:
    """What blocks say, for notifications and for people who hear messages."""
    return fallback("\n".join(line for block in blocks for line in text_lines(block) if line)) or "Broadsheet"


def _note(note: Note) -> dict[str, Any]:
    text = f"{_SIGNS.get(note.tone, '')}{note.text}" + (f" ({note.code})" if note.code else "")
    if note.tone is Tone.QUIET:
        return {"type": "context", "elements": [plain(text)]}
    return {"type": "section", "text": plain(text)}


def _entries(items: Sequence[Entry]) -> Blocks:
    """Terms in bold (or as code, where they are typed), each with its meaning on a line of its own."""
    room = max(60, min(limits.LINE, (limits.CHARACTERS - 500) // max(len(items), 1)))
    sections = []
    for place, entry in enumerate(items):
        style = {"code": True} if entry.literal else {"bold": True}
        term = shown(entry.term, room) or "–"
        text = shown(entry.text, max(room - len(term), room // 2)) if not entry.literal else shown(entry.text, room)
        end = "\n" if place + 1 < len(items) else ""
        sections.append(section(run(term, **style), run(f"  {text}{end}" if text else end)))
    return [rich(*sections[at : at + 30]) for at in range(0, len(sections), 30)]


def _empty() -> dict[str, Any]:
    return {"type": "section", "text": plain("–")}
