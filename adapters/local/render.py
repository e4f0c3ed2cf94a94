"""Documents and pages as HTML: pure functions over Jinja templates. Escaping happens here and nowhere before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import assert_never
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from adapters.local.live import EditedMessage
from bot.document import (
    Action,
    Actions,
    Audience,
    Block,
    Document,
    Entries,
    Entry,
    Form,
    Heading,
    Link,
    Note,
    PaperCard,
)
from bot.model import Channel, Member
from bot.ports import PostedMessage

TEMPLATES = Path(__file__).parent / "templates"

# What no reader is meant to see and some browsers act on: controls but tab and newline, lone surrogates, and the
# marks that turn the direction of everything after them (each text is isolated by dir="auto" instead).
_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Thread:
    """A top-level message with its replies, oldest first."""

    message: PostedMessage
    replies: Sequence[PostedMessage] = ()


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
    answer: Answer | None = None
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


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"web_url": web_url, "count": count, "moment": moment, "stamp": stamp}
    environment.globals |= {"channel_path": channel_path, "is_link": lambda action: isinstance(action, Link)}
    return environment


_ENVIRONMENT = _environment()


def _macro(template: str, name: str, *values: object) -> Markup:
    return Markup(getattr(_ENVIRONMENT.get_template(template).module, name)(*values))  # noqa: S704 - a template's output


def document_html(document: Document, path: str) -> Markup:
    """The blocks of a document; `path` is the page of the channel whose buttons these are."""
    return Markup("\n").join(_block_html(block, path) for block in document.blocks)


def _block_html(block: Block, path: str) -> Markup:
    match block:
        case Heading():
            return _macro("blocks.html", "heading", block)
        case Note():
            return _macro("blocks.html", "note", block)
        case Entries():
            return _macro("blocks.html", "entries", block)
        case PaperCard():
            return _macro("blocks.html", "card", block, _shown(block.actions), path)
        case Actions():
            return _macro("blocks.html", "actions", _shown(block.items), path)
        case Form():
            return _macro("blocks.html", "form", block, path)
        case _:
            assert_never(block)


def _shown(actions: Sequence[Action]) -> list[Action]:
    """The actions without links that may not be followed."""
    return [action for action in actions if not isinstance(action, Link) or web_url(action.url)]


def message_html(thread: Thread, path: str, *, unfolded: bool = False) -> Markup:
    """One message of the channel with its thread, which stands open when `unfolded`."""
    replies = [_macro("messages.html", "reply", reply, document_html(reply.document, path)) for reply in thread.replies]
    content = document_html(thread.message.document, path)
    return _macro("messages.html", "message", thread.message, content, replies, unfolded)


def live_html(event: PostedMessage | EditedMessage, path: str) -> Markup:
    """What an open page is sent: a message, a reply, or the new content of one that it may show."""
    if isinstance(event, EditedMessage):
        return _macro("messages.html", "edited", event, document_html(event.document, path))
    if event.reply_to:
        return _macro("messages.html", "reply", event, document_html(event.document, path))
    return message_html(Thread(event), path)


def answer_html(answer: Answer, path: str) -> Markup:
    """A reply that only the caller sees."""
    private = answer.document.audience is Audience.CALLER
    return _macro("messages.html", "answer", answer, document_html(answer.document, path), path, private)


def page_html(page: Page) -> str:
    """The whole page of a channel."""
    path = channel_path(page.channel.ref.address)
    newest = len(page.threads) - 1
    messages = [
        message_html(thread, path, unfolded=page.live and place == newest) for place, thread in enumerate(page.threads)
    ]
    answer = answer_html(page.answer, path) if page.answer else None
    return _ENVIRONMENT.get_template("page.html").render(page=page, path=path, messages=messages, answer=answer)
