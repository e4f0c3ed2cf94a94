"""The one table of commands: it makes the parser, the help on every platform, the forms and `docs/commands.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot import commands
from bot.commands import Command, Window
from bot.document import FieldKind
from bot.model import ChangesBy, Layout
from bot.parameters import (
    read_at,
    read_changes_by,
    read_date,
    read_days,
    read_layout,
    read_name,
    read_page,
    read_settle,
    read_size,
    read_text,
    read_topic,
    read_window,
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
    hint: str = ""
    """What a form says beside it, where the help is too long."""

    @property
    def usage(self) -> str:
        """`at TIME [ZONE]`, `TOPIC`."""
        return f"{self.keyword} {self.shown}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One command: its verb, what it does, its parameters, and how its values become a frozen command."""

    verb: str
    summary: str
    make: Callable[..., Command]
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    changes: bool = False
    """True where it changes the channel's subscriptions, which a workspace may reserve to some members."""

    @property
    def usage(self) -> str:
        """`subscribe [TOPIC] [at TIME [ZONE]] …`"""
        parts = [each.usage if each.required else f"[{each.usage}]" for each in self.parameters]
        return " ".join([self.verb, *parts])

    @property
    def clauses(self) -> Mapping[str, Parameter]:
        """The parameters that are introduced by a keyword."""
        return {each.keyword: each for each in self.parameters if each.keyword}

    @property
    def positional(self) -> Parameter | None:
        """The parameter that takes the words before the clauses."""
        return next((each for each in self.parameters if not each.keyword), None)


def _starts(*prefixes: str) -> Callable[[list[str]], bool]:
    return lambda words: words[0].casefold().startswith(prefixes)


_NUMBER_WORDS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "fifty"}


def _is_day(words: list[str]) -> bool:
    return _starts("mon", "tue", "wed", "thu", "fri", "sat", "sun", "daily", "weekend", "workday")(words) or (
        len(words) == 1 and words[0].casefold().endswith(("day", "days"))
    )


def _is_number(words: list[str]) -> bool:
    return words[0].casefold() in _NUMBER_WORDS or words[0].lstrip("+-").replace(".", "", 1).replace(",", "").isdigit()


def _is_near_layout(words: list[str]) -> bool:
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong value pays for it

    return len(words) == 1 and bool(get_close_matches(words[0].casefold(), [each.value for each in Layout], cutoff=0.6))


def _has_digit_first(words: list[str]) -> bool:
    return words[0][:1].isdigit()


def _page() -> Parameter:
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
        help="arXiv categories and words that a paper must all have; nothing means everything",
        read=read_topic,
        hint="categories and words, like cs.CL quantization; none means everything",
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
        help="on which days: weekdays, daily, mon-fri, tue,thu",
        read=read_days,
        meant=_is_day,
        default="weekdays",
        hint="like weekdays, daily, mon-fri or tue,thu",
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
)


def _change(parameter: Parameter) -> Parameter:
    """The same value of a subscription that stands: what is not given stays as it is."""
    changed = replace(parameter, keyword=parameter.keyword or parameter.name, default="")
    match parameter.name:
        case "topic":
            return replace(changed, verbatim=True, help="the new topic, as subscribe takes it; * means everything")
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
        help="the subscription's name, as /papers list shows it",
        read=read_text("subscription"),
        required=True,
    ),
    *(_change(each) for each in SUBSCRIBE_PARAMETERS),
)
"""As in `subscribe`; what is not given stays as it is."""


def _paper() -> Parameter:
    return Parameter(
        name="reference",
        shown="PAPER",
        help="an arXiv id, a DOI, or a link to arxiv.org, huggingface.co or alphaxiv.org",
        read=read_text("reference"),
        required=True,
    )


COMMANDS: tuple[CommandSpec, ...] = (
    CommandSpec(
        verb="today",
        summary="The papers of a day, best first",
        make=commands.Today,
        parameters=(
            Parameter(
                name="on",
                shown="DATE",
                help="a day like 2026-05-12; without one, the newest day that was announced",
                read=read_date,
            ),
            _page(),
        ),
        examples=("today", "today 2026-05-12"),
    ),
    CommandSpec(
        verb="trending",
        summary="The papers that gather votes fastest, and how fast",
        make=commands.Trending,
        parameters=(
            Parameter(
                name="window",
                shown="WINDOW",
                help="how far to look back: day, week or month",
                read=read_window,
                default=Window.WEEK.value,
                choices=tuple(each.value for each in Window),
                kind=FieldKind.CHOICE,
            ),
            _page(),
        ),
        examples=("trending", "trending day"),
    ),
    CommandSpec(
        verb="show",
        summary="One paper, by its arXiv id, DOI or link",
        make=commands.Show,
        parameters=(_paper(),),
        examples=("show 2605.29801", "show https://huggingface.co/papers/2605.29801"),
    ),
    CommandSpec(
        verb="subscribe",
        summary="Get papers on a topic in this channel, at your hour",
        make=commands.Subscribe,
        parameters=SUBSCRIBE_PARAMETERS,
        examples=(
            "subscribe",
            "subscribe cs.CL quantization at 9am on weekdays top 5",
            "subscribe cs.RO as robots layout list",
        ),
        changes=True,
    ),
    CommandSpec(
        verb="edit",
        summary="Change a subscription of this channel; with its name alone, in a form",
        make=commands.Edit,
        parameters=EDIT_PARAMETERS,
        examples=("edit robots", "edit robots topic cs.RO grasping at 8:30"),
        changes=True,
    ),
    CommandSpec(
        verb="list", summary="This channel's subscriptions", make=commands.ListSubscriptions, aliases=("subscriptions",)
    ),
    CommandSpec(
        verb="unsubscribe",
        summary="Stop a subscription of this channel",
        make=commands.Unsubscribe,
        parameters=(
            Parameter(
                name="name",
                shown="NAME",
                help="the subscription's name, as /papers list shows it",
                read=read_text("name"),
                required=True,
            ),
        ),
        examples=("unsubscribe robots",),
        changes=True,
    ),
    CommandSpec(
        verb="vote",
        summary="Vote for a paper, one vote a member; the team sees the count",
        make=commands.Vote,
        parameters=(_paper(),),
        examples=("vote 2605.29801",),
        aliases=("upvote",),
    ),
    CommandSpec(
        verb="unvote",
        summary="Take your vote for a paper back",
        make=commands.Unvote,
        parameters=(_paper(),),
        examples=("unvote 2605.29801",),
    ),
    CommandSpec(
        verb="save",
        summary="Keep a paper on your own list",
        make=commands.Save,
        parameters=(_paper(),),
        examples=("save 2605.29801",),
    ),
    CommandSpec(
        verb="unsave",
        summary="Take a paper off your list",
        make=commands.Unsave,
        parameters=(_paper(),),
        examples=("unsave 2605.29801",),
    ),
    CommandSpec(
        verb="saved",
        summary="The papers that you saved, the newest first",
        make=commands.ListSaved,
        parameters=(_page(),),
    ),
    CommandSpec(
        verb="settings",
        summary="How this channel and the ranking are set up, and who may change subscriptions",
        make=commands.ShowSettings,
        parameters=(
            Parameter(
                name="allow",
                keyword="allow",
                shown="WHO",
                help="who may change subscriptions here: anyone or admins (only an admin can set it)",
                read=read_changes_by,
                choices=tuple(each.value for each in ChangesBy),
                kind=FieldKind.CHOICE,
            ),
        ),
        examples=("settings", "settings allow admins"),
    ),
    CommandSpec(
        verb="help",
        summary="Every command, or one of them with all its options",
        make=commands.Help,
        parameters=(Parameter(name="verb", shown="COMMAND", help="a command's name", read=read_text("verb")),),
        examples=("help", "help subscribe"),
    ),
)

CHANGING = frozenset(spec.make for spec in COMMANDS if spec.changes)
"""The commands that change a channel's subscriptions."""

VERBS: Mapping[str, CommandSpec] = {name: spec for spec in COMMANDS for name in (spec.verb, *spec.aliases)}
