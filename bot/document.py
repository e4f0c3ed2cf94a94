"""What the bot says, platform-neutral: a Document is headings, notes, entries, cards, actions and forms.

Texts are plain: they hold what the reader is to see. Escaping is the renderer's last step, once per sink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from bot.model import Mark, PaperId


class Audience(StrEnum):
    """Who may see a document."""

    CALLER = "caller"
    EVERYONE = "everyone"


class Tone(StrEnum):
    """How a note is meant."""

    PLAIN = "plain"
    QUIET = "quiet"
    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Heading:
    """A title line."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph. `code` is the stable code of an error, empty otherwise."""

    text: str
    tone: Tone = Tone.PLAIN
    code: str = ""
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and what it means. `literal` terms are typed as they stand (commands), others are names."""

    term: str
    text: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """A definition list: help, subscriptions, settings."""

    items: tuple[Entry, ...]
    kind: Literal["entries"] = "entries"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its day or its days, and how many."""

    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Bars:
    """Numbers by day: drawn as a picture where the platform shows pictures, else as lines of text (`bars_text`)."""

    title: str
    items: tuple[Bar, ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens a page."""

    label: str
    url: str
    kind: Literal["link"] = "link"


LONGEST_BUTTON = 100
"""Characters of a button's command: Discord's `custom_id` takes no more."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button that sends a `/papers` command of at most `LONGEST_BUTTON` characters."""

    label: str
    command: str
    kind: Literal["button"] = "button"


Action = Link | Button


@dataclass(frozen=True, slots=True)
class Actions:
    """A row of buttons."""

    items: tuple[Action, ...]
    kind: Literal["actions"] = "actions"


class CardStyle(StrEnum):
    """How much of a paper a card shows."""

    FULL = "full"
    BRIEF = "brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCard:
    """One paper, drawn: every text ready to read, every number as counted."""

    paper_id: PaperId
    title: str
    url: str
    byline: str = ""
    """`A, B and 12 more`; empty where no author is known."""
    venue: str = ""
    """Where the work was published, or the archive that holds it: `NeurIPS 2025`, `arXiv`."""
    categories: tuple[str, ...] = ()
    announced_on: date | None = None
    upvotes: int | None = None
    stars: int | None = None
    comments: int | None = None
    organization: str = ""
    thumbnail_url: str | None = None
    summary: str = ""
    why: str = ""
    """Why it is here, in a few words."""
    title_marks: tuple[tuple[int, int], ...] = ()
    """The stretches of the title that were searched for: start and end (exclusive) in characters, in order."""
    summary_marks: tuple[tuple[int, int], ...] = ()
    """As `title_marks`, of the summary."""
    actions: tuple[Action, ...] = ()
    style: CardStyle = CardStyle.FULL
    kind: Literal["card"] = "card"


class FieldKind(StrEnum):
    """How a form asks for a value."""

    TEXT = "text"
    CHOICE = "choice"
    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One value of a form; `name` is the parameter's name in the command table."""

    name: str
    label: str
    kind: FieldKind
    value: str = ""
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A modal on chat platforms, a form on the page. `verb` names the command that it submits."""

    title: str
    verb: str
    fields: tuple[FormField, ...]
    submit: str
    kind: Literal["form"] = "form"


@dataclass(frozen=True, slots=True)
class FormPreview:
    """What is said of a form while it is filled in: notes on what it would do, and a sentence at each wrong field."""

    notes: tuple[Note, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


Block = Heading | Note | Entries | Bars | PaperCard | Actions | Form


@dataclass(frozen=True, slots=True)
class Document:
    """A whole message."""

    blocks: tuple[Block, ...]
    audience: Audience = Audience.CALLER
    label: str = ""
    """The name of the subscription that it belongs to, for platforms that sort what is posted by one."""
    mention: str = ""
    """The platform's id of a role that is told of it; empty: nobody is, whatever the texts hold."""
    is_silent: bool = False
    """True where nobody's device is to make a sound, on platforms that can do so."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes in one message. Lengths are in the platform's own unit, after escaping."""

    title: int
    summary: int
    text: int
    cards: int
    actions: int


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command: a document for the caller and, after a change, one public line for the channel."""

    document: Document
    public: Document | None = None
    mark: Mark | None = None
    """What became of the paper's marks where the command changed them, for platforms that show them on the card."""
