"""The one table of commands: it makes the parser, the help on every platform, the forms and `docs/commands.md`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot import commands
from bot.command_parameters import (
    EDIT_PARAMETERS,
    SUBSCRIBE_PARAMETERS,
    SURE,
    Parameter,
    is_near_sort,
    one_or_all_parameter,
    page_parameter,
    paper_parameter,
)
from bot.commands import Command, Window
from bot.document import FieldKind
from bot.index_query import SortBy
from bot.ledger import WhenInDoubt
from bot.model import ChangesBy
from bot.parameters import (
    read_changes_by,
    read_date,
    read_doubts,
    read_preview,
    read_search_text,
    read_sort,
    read_text,
    read_until,
    read_upto,
    read_window,
)


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
            page_parameter(),
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
            page_parameter(),
        ),
        examples=("trending", "trending day"),
    ),
    CommandSpec(
        verb="show",
        summary="One paper, by its arXiv id, DOI or link",
        make=commands.Show,
        parameters=(paper_parameter(),),
        examples=("show 2605.29801", "show https://huggingface.co/papers/2605.29801"),
    ),
    CommandSpec(
        verb="search",
        summary="Papers on anything, best first, with when they were posted here",
        make=commands.Search,
        parameters=(
            Parameter(
                name="text",
                shown="TEXT",
                help="words, a question, or conditions as in topics, with in:here and in:saved (docs/search.md)",
                read=read_search_text,
                raw=True,
            ),
            Parameter(
                name="sort",
                keyword="sort",
                shown="ORDER",
                help="relevance, newest, or votes (on Hugging Face)",
                read=read_sort,
                meant=is_near_sort,
                default=SortBy.RELEVANCE.value,
                choices=tuple(each.value for each in SortBy),
                kind=FieldKind.CHOICE,
            ),
            page_parameter(),
            Parameter(
                name="upto",
                keyword="upto",
                shown="N",
                help="leave out what came later than the first page; the buttons fill this in",
                read=read_upto,
                meant=lambda _: False,
                typed_only=True,
                kind=FieldKind.NUMBER,
            ),
        ),
        examples=(
            "search speculative decoding",
            "search cat:cs.CL kv cache since:90d sort newest",
            "search which papers use graph neural networks to predict the weather?",
        ),
        aliases=("find",),
    ),
    CommandSpec(
        verb="similar",
        summary="Papers like this one",
        make=commands.Similar,
        parameters=(paper_parameter(), page_parameter()),
        examples=("similar 2605.29801",),
    ),
    CommandSpec(
        verb="preview",
        summary="What a topic would have posted in the last days, and what it would have missed narrowly",
        make=commands.Preview,
        parameters=(
            Parameter(
                name="topic",
                shown="TOPIC [7d|30d]",
                help="a topic as subscribe takes it; 30d after it looks back a month instead of a week",
                read=read_preview,
                required=True,
            ),
        ),
        examples=("preview cs.CL quantization", 'preview ("kv cache" OR "speculative decoding") -survey 30d'),
    ),
    CommandSpec(
        verb="why",
        summary="Why a paper was posted in this channel, or at which stage it left",
        make=commands.Why,
        parameters=(paper_parameter(),),
        examples=("why 2605.29801",),
    ),
    CommandSpec(
        verb="subscribe",
        summary="Get papers on a topic in this channel, at your hour",
        make=commands.Subscribe,
        parameters=SUBSCRIBE_PARAMETERS,
        examples=(
            "subscribe",
            "subscribe cs.CL quantization at 9am on weekdays top 5",
            'subscribe ("kv cache" OR "speculative decoding") -survey upvotes:>=10 as serving',
            "subscribe cs.RO as robots layout list",
        ),
        changes=True,
    ),
    CommandSpec(
        verb="edit",
        summary="Change a subscription of this channel",
        make=commands.Edit,
        parameters=(*EDIT_PARAMETERS, SURE),
        examples=("edit robots", "edit robots at 8:30", "edit robots topic cs.RO grasping"),
        changes=True,
    ),
    CommandSpec(
        verb="form",
        summary="Fill in a form instead of typing: a new subscription, or one that stands",
        make=commands.OpenForm,
        parameters=(
            Parameter(
                name="name",
                shown="NAME",
                help="the subscription to change; without one, the form makes a new one",
                read=read_text("name"),
            ),
        ),
        examples=("form", "form robots"),
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
        verb="status",
        summary="When this channel's next digests come, and what became of the last ten",
        make=commands.ShowStatus,
    ),
    CommandSpec(
        verb="pause",
        summary="Post nothing for a while; what comes meanwhile is in the first digest afterwards",
        make=commands.PauseDigests,
        parameters=(
            one_or_all_parameter(),
            Parameter(
                name="until",
                keyword="until",
                shown="DATE",
                help="the first day that is posted again, like 2026-12-01; without it, until somebody resumes it",
                read=read_until,
                meant=lambda words: words[0][:1].isdigit(),
            ),
        ),
        examples=("pause", "pause robots until 2027-01-07"),
        changes=True,
    ),
    CommandSpec(
        verb="resume",
        summary="Post again after a pause",
        make=commands.ResumeDigests,
        parameters=(one_or_all_parameter(),),
        examples=("resume", "resume robots"),
        changes=True,
    ),
    CommandSpec(
        verb="vote",
        summary="Vote for a paper, one vote a member; the team sees the count",
        make=commands.Vote,
        parameters=(paper_parameter(),),
        examples=("vote 2605.29801",),
        aliases=("upvote",),
    ),
    CommandSpec(
        verb="unvote",
        summary="Take your vote for a paper back",
        make=commands.Unvote,
        parameters=(paper_parameter(),),
        examples=("unvote 2605.29801",),
    ),
    CommandSpec(
        verb="save",
        summary="Keep a paper on your own list",
        make=commands.Save,
        parameters=(paper_parameter(),),
        examples=("save 2605.29801",),
    ),
    CommandSpec(
        verb="unsave",
        summary="Take a paper off your list",
        make=commands.Unsave,
        parameters=(paper_parameter(),),
        examples=("unsave 2605.29801",),
    ),
    CommandSpec(
        verb="saved",
        summary="The papers that you saved, the newest first",
        make=commands.ListSaved,
        parameters=(page_parameter(),),
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
                help="who may change subscriptions here: anyone, editors or admins (only an admin can set it)",
                read=read_changes_by,
                choices=tuple(each.value for each in ChangesBy),
                kind=FieldKind.CHOICE,
            ),
            Parameter(
                name="doubts",
                keyword="doubts",
                shown="WHAT",
                help="when nobody can find out whether a message was posted here: never-twice leaves it, "
                "never-lost posts it again (who may change subscriptions may set it)",
                read=read_doubts,
                choices=tuple(each.value for each in WhenInDoubt),
                kind=FieldKind.CHOICE,
            ),
            Parameter(
                name="editor",
                keyword="editor",
                shown="MEMBER",
                help="makes this member an editor, who may change subscriptions where editors may (only an admin can)",
                read=read_text("editor"),
            ),
            Parameter(
                name="member",
                keyword="member",
                shown="MEMBER",
                help="takes that back",
                read=read_text("member"),
            ),
        ),
        examples=("settings", "settings allow editors", "settings editor @ada", "settings doubts never-lost"),
    ),
    CommandSpec(
        verb="log",
        summary="Who changed what in this channel, the newest first",
        make=commands.ShowLog,
        parameters=(page_parameter(),),
        examples=("log",),
        aliases=("audit",),
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
