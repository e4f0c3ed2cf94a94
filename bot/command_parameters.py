"""The values that commands take, as data: how each is written, read, shown in help and asked for in a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from bot.document import FieldKind
from bot.index_query import SortBy
from bot.model import Layout
from bot.parameters import (
    ALERTS,
    QUIET,
    read_alert,
    read_at,
    read_days,
    read_layout,
    read_name,
    read_page,
    read_quiet,
    read_settle,
    read_size,
    read_sure,
    read_text,
    read_topic,
)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of a command.

    A `keyword` makes it a clause (`at 09:00`), recognised only in a run at the end; without one it is positional.
    `read` turns the words that follow into values by name; `meant` tells whether a wrong value was evidently meant as
    one, so that it is refused instead of being taken for words of the topic. A `verbatim` clause keeps the quotes in
    its words, and takes the words after it that only look like clauses.
    """

    name: str
    shown: str
    help: str
    read: Callable[[list[str]], Values]
    meant: Callable[[list[str]], bool] = bool
    keyword: str = ""
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    kind: FieldKind = FieldKind.TEXT
    verbatim: bool = False
    raw: bool = False
    """True where quotes need not be paired."""
    typed_only: bool = False
    """True where a form has no use for it."""
    hint: str = ""
    """What a form says beside it, where the help is too long."""

    @property
    def usage(self) -> str:
        """`at TIME [ZONE]`, `TOPIC`."""
        return f"{self.keyword} {self.shown}".strip()


def _starts(*prefixes: str) -> Callable[[list[str]], bool]:
    return lambda words: words[0].casefold().startswith(prefixes)


_NUMBER_WORDS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "fifty"}


def _is_day(words: list[str]) -> bool:
    return _starts("mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily", "week", "workday")(words) or (
        len(words) == 1 and words[0].casefold().endswith(("day", "days"))
    )


def _is_number(words: list[str]) -> bool:
    return words[0].casefold() in _NUMBER_WORDS or words[0].lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def _is_near_layout(words: list[str]) -> bool:
    return len(words) == 1 and bool(get_close_matches(words[0].casefold(), [each.value for each in Layout], cutoff=0.6))


def is_near_sort(words: list[str]) -> bool:
    """True for what was evidently meant as an order: `sort newst`, but not `sort algorithms`."""
    orders = [each.value for each in SortBy]
    return len(words) == 1 and bool(get_close_matches(words[0].casefold(), orders, cutoff=0.6))


def _has_digit_first(words: list[str]) -> bool:
    return words[0][:1].isdigit()


def page_parameter() -> Parameter:
    """`page N`."""
    return Parameter(
        name="page",
        keyword="page",
        shown="N",
        help="which page of the list",
        read=read_page,
        meant=_is_number,
        default="1",
        kind=FieldKind.NUMBER,
    )


SUBSCRIBE_PARAMETERS = (
    Parameter(
        name="topic",
        shown="TOPIC",
        help="categories, words and conditions (docs/topics.md), or a query of arXiv's own; nothing means everything",
        read=read_topic,
        hint='like cs.CL quantization -survey, or "kv cache" OR mamba; none means everything',
    ),
    Parameter(
        name="at",
        keyword="at",
        shown="TIME [ZONE]",
        help="when to post, for instance 9am or 17:30 Europe/Berlin; the zone is yours unless you name one",
        read=read_at,
        meant=lambda words: _has_digit_first(words) or _starts("noon", "midnight")(words),
        default="09:00",
        hint="like 9am, or 17:30 Europe/Berlin",
    ),
    Parameter(
        name="on",
        keyword="on",
        shown="DAYS",
        help="on which days: weekdays, daily, mon-fri, tue,thu; weekly fri and monthly 1st make roundups",
        read=read_days,
        meant=_is_day,
        default="weekdays",
        hint="like weekdays, tue,thu, weekly fri, monthly 1st",
    ),
    Parameter(
        name="top",
        keyword="top",
        shown="N",
        help="how many papers at the most, 1 to 50",
        hint="papers at the most, 1 to 50",
        read=read_size,
        meant=_is_number,
        default="10",
        kind=FieldKind.NUMBER,
    ),
    Parameter(
        name="name",
        keyword="as",
        shown="NAME",
        help="what to call it; without one it is named after its topic",
        read=read_name,
        hint="otherwise it is named after its topic",
    ),
    Parameter(
        name="layout",
        keyword="layout",
        shown="LAYOUT",
        help="thread (a list with the cards in its thread), cards (each a message), or list (one compact message)",
        read=read_layout,
        meant=_is_near_layout,
        default=Layout.THREAD.value,
        choices=tuple(each.value for each in Layout),
        kind=FieldKind.CHOICE,
        hint="a list with cards in its thread, single cards, or one list",
    ),
    Parameter(
        name="settle",
        keyword="settle",
        shown="TIME",
        help="how long to let votes gather before a paper may be picked: 6h, 1d, none",
        read=read_settle,
        meant=_has_digit_first,
        default="none",
        hint="how long votes gather first, like 6h or 1d",
    ),
    Parameter(
        name="quiet",
        keyword="quiet",
        shown="WHAT",
        help="on a day without papers: say so in one line, or stay silent",
        read=read_quiet,
        default="silent",
        choices=QUIET,
        kind=FieldKind.CHOICE,
        hint="on a day without papers: say so in one line, or stay silent",
    ),
    Parameter(
        name="notify",
        keyword="notify",
        shown="WHOM",
        help="on Discord: silent sends it without a sound, a @role (admins only) is mentioned with each digest",
        read=read_alert,
        meant=lambda words: words[0].casefold() in ALERTS or words[0].startswith("<@&"),
        default=ALERTS[0],
        typed_only=True,
    ),
)


def _change(parameter: Parameter) -> Parameter:
    """The same value of a subscription that stands: what is not given stays as it is."""
    changed = replace(parameter, keyword=parameter.keyword or parameter.name, default="")
    match parameter.name:
        case "topic":
            return replace(changed, verbatim=True, help="the new topic; what it would change is shown first")
        case "at":
            return replace(changed, help="when to post, for instance 9am or 17:30 Europe/Berlin")
        case "name":
            return replace(changed, help="its new name", hint="")
        case _:
            return changed


EDIT_PARAMETERS = (
    Parameter(
        name="subscription",
        shown="NAME",
        help="the subscription's name, as /papers list shows it; alone it opens the form",
        hint="its name, as /papers list shows it",
        read=read_text("subscription"),
        required=True,
    ),
    *(_change(each) for each in SUBSCRIBE_PARAMETERS),
)
SURE = Parameter(
    name="save",
    keyword="save",
    shown="now",
    help="save a new topic at once, without showing first what it would change",
    read=read_sure,
    choices=("now",),
    typed_only=True,
)
"""As in `subscribe`; what is not given stays as it is."""


def paper_parameter() -> Parameter:
    """The paper that a command is about."""
    return Parameter(
        name="reference",
        shown="PAPER",
        help="an arXiv id, a DOI, or a link to arxiv.org, huggingface.co or alphaxiv.org",
        read=read_text("reference"),
        required=True,
    )


def one_or_all_parameter() -> Parameter:
    """A subscription of the channel, or all of them."""
    return Parameter(
        name="name",
        shown="NAME",
        help="the subscription's name; without one, all of this channel's",
        read=read_text("name"),
    )
