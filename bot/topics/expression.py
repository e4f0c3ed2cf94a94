"""What a topic says, as frozen values: conditions on one paper (atoms), joined by and, or, not and at least.

`shown` holds what was typed, for saying it back; it never takes part in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bot.model import PaperId, SourceName


class Where(StrEnum):
    """Which text a word is looked for in."""

    ANYWHERE = ""
    """The title or the abstract; words in a row never run from one into the other."""
    TITLE = "title"
    ABSTRACT = "abstract"


class TypeGroup(StrEnum):
    """ArXiv's announce types as people tell them apart; a replaced cross-list is a replacement."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"


class Linked(StrEnum):
    """What a paper may have beside its text."""

    CODE = "code"
    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"
    PROJECT = "project"


class Quantity(StrEnum):
    """What is counted of a paper."""

    UPVOTES = "upvotes"
    """On Hugging Face."""
    STARS = "stars"
    """Of its repository."""
    VOTES = "votes"
    """Of the members of the workspace that asks."""


class Place(StrEnum):
    """Where a paper may stand already; of use to a search only."""

    HERE = "here"
    SAVED = "saved"


Day = date | timedelta
"""A calendar day, or a distance back from the day of asking."""


@dataclass(frozen=True, slots=True)
class Words:
    """These folded and stemmed tokens stand in a row."""

    tokens: tuple[str, ...]
    where: Where = Where.ANYWHERE
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word begins with these folded letters."""

    letters: str
    where: Where = Where.ANYWHERE
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Regex:
    """An RE2 pattern, case-insensitive, is found in the text as it is displayed."""

    pattern: str
    where: Where = Where.ANYWHERE


@dataclass(frozen=True, slots=True)
class Author:
    """An author of this folded family name whose given names (or their initials) agree with these."""

    family: str
    given: tuple[str, ...] = ()
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Organization:
    """The organisation that a source names has these tokens in a row."""

    tokens: tuple[str, ...]
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class InCategory:
    """The paper lists this arXiv category, or one of this archive; `primary`: first of all."""

    name: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class FromSource:
    """The paper came through this source, perhaps through others too."""

    source: SourceName


@dataclass(frozen=True, slots=True)
class OfType:
    """The announcement is of this type."""

    type: TypeGroup


@dataclass(frozen=True, slots=True)
class Has:
    """Something of this kind is linked."""

    linked: Linked


@dataclass(frozen=True, slots=True)
class Count:
    """`least` ≤ quantity ≤ `most`; None is no bound, and what no source has counted is 0."""

    quantity: Quantity
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """Announced on this day or later."""

    day: Day


@dataclass(frozen=True, slots=True)
class Before:
    """Announced before this day."""

    day: Day


@dataclass(frozen=True, slots=True)
class Like:
    """Similar in content to this paper, which itself is not meant."""

    paper_id: PaperId


@dataclass(frozen=True, slots=True)
class About:
    """Near to this text in meaning."""

    text: str


@dataclass(frozen=True, slots=True)
class In:
    """Posted in the channel that asks, or saved by who asks."""

    place: Place


@dataclass(frozen=True, slots=True)
class Everything:
    """Every paper."""


Atom = (
    Words
    | Prefix
    | Regex
    | Author
    | Organization
    | InCategory
    | FromSource
    | OfType
    | Has
    | Count
    | Since
    | Before
    | Like
    | About
    | In
    | Everything
)


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts hold."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of the parts holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Expression


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts hold."""

    count: int
    parts: tuple[Expression, ...]


Expression = Atom | And | Or | Not | AtLeast


def wanted(expression: Expression) -> Iterator[Atom]:
    """The atoms that no `not` stands before."""
    match expression:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            for part in parts:
                yield from wanted(part)
        case Not():
            pass
        case _:
            yield expression


def atoms(expression: Expression) -> list[Atom]:
    """All atoms in reading order, repeated ones as often as they stand there."""
    match expression:
        case And(parts) | Or(parts) | AtLeast(_, parts):
            return [atom for part in parts for atom in atoms(part)]
        case Not(part):
            return atoms(part)
        case _:
            return [expression]
