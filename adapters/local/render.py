"""Documents and pages as HTML: pure functions over Jinja templates. Escaping happens here and nowhere before."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import assert_never
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.local.limits import LIMITS, fit
from adapters.local.live import EditedMessage
from bot.document import (
    Action,
    Actions,
    Audience,
    Bars,
    Block,
    Button,
    CardStyle,
    Document,
    Entries,
    Entry,
    Form,
    Heading,
    Link,
    Note,
    PaperCard,
    Tone,
)
from bot.model import Channel, Mark, Member, PaperId
from bot.ports import PostedMessage

TEMPLATES = Path(__file__).parent / "templates"

# What no reader is meant to see and some browsers act on: controls but tab and newline, lone surrogates, and the
# marks that turn the direction of everything after them (each text is isolated by dir="auto" instead).
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")

_PART = re.compile(r"[\d,]+ to [\d,]+ of ")
"""How a note says that this is a part of a list."""
_THOUSAND = 1000
_LONG_TITLE = 240
_NAMES = 3

_MARKING = ("vote ", "save ")
"""Buttons that other platforms show; here every card has its own, as it stands for the member who looks."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a member sees on cards beside what was posted: the marks, and pictures where those are on."""

    marks: Mapping[PaperId, Mark] = field(default_factory=dict)
    thumbnails: bool = False

    def mark(self, paper: PaperId) -> Mark:
        """How the paper stands; nobody voted for what is not known."""
        return self.marks.get(paper) or Mark(paper)


NO_OVERLAY = Overlay()


@dataclass(frozen=True, slots=True)
class Thread:
    """A top-level message with its replies, oldest first."""

    message: PostedMessage
    replies: Sequence[PostedMessage] = ()

    @property
    def names(self) -> str:
        """What the thread is about: the first papers in it."""
        titles = [card.title for reply in self.replies for card in cards_of(reply.document)]
        more = f" and {len(titles) - _NAMES} more" if len(titles) > _NAMES else ""
        return " · ".join(titles[:_NAMES]) + more


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller alone is told, and the command that it answers."""

    command: str
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that one view of a channel shows."""

    channels: Sequence[Channel]
    channel: Channel
    member: Member
    threads: Sequence[Thread]
    completions: Sequence[Entry]
    """What the box completes: `term` is typed as it stands, `text` explains it."""
    notices: Sequence[Note] = ()
    members: Sequence[Member] = ()
    """Whom this browser may speak as; the page offers the choice where there are two or more."""
    answer: Answer | None = None
    thread: Thread | None = None
    """The thread that stands open at the side."""
    overlay: Overlay = NO_OVERLAY
    earlier: str | None = None
    """The message before which older ones stand; None when there are none."""
    live: bool = True
    """False on a page of older messages, which does not follow what is posted."""

    @property
    def since(self) -> str:
        """The newest instant on the page, from which the live stream goes on."""
        shown = [message for thread in self.threads for message in (thread.message, *thread.replies)]
        return stamp(max(map(changed_at, shown))) if shown else ""


def changed_at(message: PostedMessage) -> datetime:
    """When the message last became what it is."""
    return message.edited_at or message.posted_at


def stamp(instant: datetime) -> str:
    """An instant as pages and event ids carry it."""
    return instant.isoformat()


def cards_of(document: Document) -> Iterable[PaperCard]:
    """The papers that a document shows."""
    return (block for block in document.blocks if isinstance(block, PaperCard))


def channel_path(address: str) -> str:
    """The page of a channel."""
    return f"/c/{quote(address, safe='')}"


def web_url(url: str) -> str | None:
    """The URL when it may become a link: http(s), with a host, and nothing hidden in it."""
    if _UNSHOWABLE.search(url) or any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and parts.username is None else None


def thumbnail_path(paper: PaperId) -> str:
    """Where this server keeps the picture of a paper."""
    return f"/thumbnails/{quote(paper.encode('utf-8', 'replace'), safe='')}"


def count(number: int) -> str:
    """A number as a card shows it: 999, 1.2k, 15k."""
    if number < _THOUSAND:
        return str(number)
    thousands = number / _THOUSAND
    return f"{thousands:.1f}k".replace(".0k", "k") if thousands < 10 else f"{thousands:.0f}k"  # noqa: PLR2004


def moment(instant: datetime) -> str:
    """An instant in words, for readers whose browser does not put it into their own zone."""
    return f"{instant.day} {instant:%b %Y, %H:%M} UTC"


def _finalize(value: object) -> object:
    """Jinja's last look at each value before it escapes it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _UNSHOWABLE.sub("", value)


def marked(text: str, stretches: Sequence[tuple[int, int]]) -> Markup:
    """The text, escaped, with the stretches (start and end in characters, in order) marked."""
    parts, at = [], 0
    for start, end in stretches:
        parts += [escape(_finalize(text[at:start])), Markup("<mark>{}</mark>").format(_finalize(text[start:end]))]
        at = end
    return Markup("").join([*parts, escape(_finalize(text[at:]))])


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"web_url": web_url, "count": count, "moment": moment, "stamp": stamp, "marked": marked}
    environment.globals |= {
        "channel_path": channel_path,
        "thumbnail_path": thumbnail_path,
        "is_link": lambda action: isinstance(action, Link),
        # Two forms of one verb may stand on a page: labels and errors point at their fields by id.
        "new_id": lambda: f"f{secrets.token_hex(4)}",
        "LONG_TITLE": _LONG_TITLE,
    }
    return environment


_ENVIRONMENT = _environment()


def _macro(template: str, name: str, *values: object) -> Markup:
    return Markup(getattr(_ENVIRONMENT.get_template(template).module, name)(*values))  # noqa: S704 - a template's output


def document_html(document: Document, path: str, overlay: Overlay = NO_OVERLAY) -> Markup:
    """The blocks of a document; `path` is the page of the channel whose buttons these are."""
    numbered = _is_whole_list(document)
    number = 0
    drawn = []
    for block in document.blocks:
        if isinstance(block, PaperCard):
            number += 1
            drawn.append(card_html(block, path, overlay, number if numbered else None))
        else:
            drawn.append(_block_html(block, path))
    return Markup("\n").join(drawn)


def request_body(document: Document, channel: str, key: str, thread: str | None) -> dict[str, object]:
    """What `broadsheet render` shows: the message as it would stand in the page."""
    content = document_html(fit(document, LIMITS), channel_path(channel))
    return {"channel": channel, "key": key, "reply_to": thread, "html": str(content)}


def _is_whole_list(document: Document) -> bool:
    """True for one list of brief cards without further pages: a page in the middle would begin with a wrong number."""
    if sum(isinstance(block, Heading) for block in document.blocks) > 1:
        return False
    if any(card.style is not CardStyle.BRIEF for card in cards_of(document)):
        return False
    if any(isinstance(block, Note) and _PART.match(block.text) for block in document.blocks):
        return False
    rows = [block for block in document.blocks if isinstance(block, Actions)]
    return not any(isinstance(item, Button) and " page " in item.command for row in rows for item in row.items)


def card_html(card: PaperCard, path: str, overlay: Overlay, number: int | None = None) -> Markup:
    """One paper with its marks."""
    items = [item for item in _shown(card.actions) if not _is_marking(item)]
    mark = overlay.mark(card.paper_id)
    pictured = overlay.thumbnails and bool(card.thumbnail_url) and card.style is CardStyle.FULL
    return _macro("blocks.html", "card", card, items, path, mark, number, pictured)


def _is_marking(action: Action) -> bool:
    return isinstance(action, Button) and action.command.startswith(_MARKING)


def marks_html(mark: Mark, card: PaperId, path: str) -> Markup:
    """The vote and the saving of one card; `card` is the id that the card bears, maybe another name of the paper."""
    return _macro("blocks.html", "marks", mark, card, path)


def _block_html(block: Heading | Note | Entries | Bars | Actions | Form, path: str, place: str = "log") -> Markup:
    match block:
        case Heading():
            return _macro("blocks.html", "heading", block)
        case Note():
            return _macro("blocks.html", "note", block)
        case Entries():
            return _macro("blocks.html", "entries", block)
        case Bars():
            return _macro("blocks.html", "bars", block, [f"{bar.label}: {bar.number}" for bar in block.items])
        case Actions():
            return _macro("blocks.html", "actions", _shown(block.items), path)
        case Form():
            return _macro("blocks.html", "form", block, path, place)
        case _:
            assert_never(block)


def _shown(actions: Sequence[Action]) -> list[Action]:
    """The actions without links that may not be followed."""
    return [action for action in actions if not isinstance(action, Link) or web_url(action.url)]


def message_html(thread: Thread, path: str, overlay: Overlay = NO_OVERLAY) -> Markup:
    """One message of the channel; of its thread only how long it is, and what it is about."""
    content = document_html(thread.message.document, path, overlay)
    return _macro("messages.html", "message", thread, content, path)


def thread_html(thread: Thread, path: str, overlay: Overlay = NO_OVERLAY) -> Markup:
    """A message with all its replies, as it stands at the side."""
    opening = document_html(thread.message.document, path, overlay)
    replies = [_reply_html(reply, path, overlay) for reply in thread.replies]
    return _macro("messages.html", "thread", thread, opening, replies, path)


def _reply_html(reply: PostedMessage, path: str, overlay: Overlay) -> Markup:
    return _macro("messages.html", "reply", reply, document_html(reply.document, path, overlay))


def live_html(event: PostedMessage | EditedMessage, path: str, overlay: Overlay = NO_OVERLAY) -> Markup:
    """What an open page is sent: a message, a reply, or the new content of one that it may show."""
    if isinstance(event, EditedMessage):
        return _macro("messages.html", "edited", event, document_html(event.document, path, overlay))
    if event.reply_to:
        return _reply_html(event, path, overlay)
    return message_html(Thread(event), path, overlay)


def dialog_html(document: Document, path: str) -> Markup:
    """A form, or what is said instead of one, as the dialog shows it."""
    blocks = [block for block in document.blocks if not isinstance(block, PaperCard)]
    return Markup("\n").join(_block_html(block, path, "dialog") for block in blocks)


def answer_html(answer: Answer, path: str, overlay: Overlay = NO_OVERLAY) -> Markup:
    """A reply that only the caller sees."""
    private = answer.document.audience is Audience.CALLER
    content = document_html(answer.document, path, overlay)
    return _macro("messages.html", "answer", answer, content, path, private, _is_nothing(answer.document))


def _is_nothing(document: Document) -> bool:
    """True for an answer that is only words under a heading, and ways on: nothing was found."""
    first, *rest = document.blocks or (None,)
    plain = all(isinstance(block, Actions) or _is_calm(block) for block in rest)
    return isinstance(first, Heading) and bool(rest) and plain


def _is_calm(block: Block) -> bool:
    return isinstance(block, Note) and block.tone is not Tone.ERROR


def page_html(page: Page) -> str:
    """The whole page of a channel."""
    path = channel_path(page.channel.ref.address)
    messages = [message_html(thread, path, page.overlay) for thread in page.threads]
    answer = answer_html(page.answer, path, page.overlay) if page.answer else None
    thread = thread_html(page.thread, path, page.overlay) if page.thread else None
    template = _ENVIRONMENT.get_template("page.html")
    return template.render(page=page, path=path, messages=messages, answer=answer, thread=thread)
