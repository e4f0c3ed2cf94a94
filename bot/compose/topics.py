"""What is said of topics: previews, differences, and a paper's way through a channel's subscriptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.command_table import VERBS
from bot.compose.cards import card, more_button, why_button
from bot.document import (
    LONGEST_BUTTON,
    Actions,
    Bar,
    Bars,
    Block,
    Button,
    CardStyle,
    Entries,
    Entry,
    Heading,
    Note,
    Tone,
)
from bot.findings import Explained, TopicDifference, TopicPreview, Trace
from bot.model import Paper
from bot.text.cut import cut

_WEEK = 7
_TITLE = 110
_TITLES = 3
_SIGNS = {True: "✓", False: "✗", None: "–"}


def preview_blocks(found: TopicPreview | None) -> tuple[Block, ...]:
    """What a topic would have posted, the best of it, and what it missed narrowly."""
    if found is None:
        return (Note("No papers are known yet, so nothing can be said of what a topic would have posted."),)
    stretch = f"{say_date(found.since)} to {say_date(found.until)}"
    said = f"{found.plain[0].upper()}{found.plain[1:]}."
    blocks: list[Block] = [Heading("What this topic would have posted"), Note(said)]
    blocks += [Note(each, Tone.QUIET) for each in found.notes]
    blocks.append(Note(_rate(found)))
    if found.posted:
        short = len(found.days) <= _WEEK
        bars = tuple(
            Bar(f"{each.on:%a} {each.on.day}" if short else say_date(each.on), each.posted) for each in found.days
        )
        blocks.append(Bars(f"Papers a day, {stretch}", bars))
        blocks.append(Heading("The best of them"))
        blocks += [_brief(paper, why) for paper, why in found.best]
    if found.misses:
        blocks += [Heading("Nearly matched"), *(_brief(paper, f"left out: {why}") for paper, why in found.misses)]
    return (*blocks, *_next(found))


def _rate(found: TopicPreview) -> str:
    stretch = f"the {len(found.days)} days to {say_date(found.until)}"
    if not found.posted:
        return f"It would have posted nothing in {stretch}."
    matched = sum(each.matched for each in found.days)
    papers = "1 paper" if found.posted == 1 else f"{found.posted:,} papers"
    rate = found.posted / max(found.announced, 1)
    daily = f"about {rate:.1f}" if rate < found.size else f"{rate:.0f}"
    cut_off = f"; {matched - found.posted:,} more match" if matched > found.posted else ""
    days = "day" if found.announced == 1 else "days"
    told = f"{papers} in {stretch}, {daily} a day on {found.announced} {days} with announcements"
    return f"{told}, with {found.size} a digest at the most{cut_off}."


def _next(found: TopicPreview) -> tuple[Block, ...]:
    # A word of the topic that `subscribe` would take for a clause (`at`, `top`) makes another command of it.
    is_safe = VERBS["subscribe"].clauses.keys().isdisjoint(found.topic.casefold().split())
    buttons = [
        Button("Subscribe to it", f"subscribe {found.topic}") if is_safe else None,
        Button("Look at a month", f"preview {found.topic} 30d") if len(found.days) <= _WEEK else None,
    ]
    kept = tuple(each for each in buttons if each is not None and len(each.command) <= LONGEST_BUTTON)
    return (Actions(kept),) if kept else ()


def difference_blocks(found: TopicDifference | None) -> tuple[Block, ...]:
    """What would change, with the titles of the best that come and go."""
    if found is None:
        return ()
    if not found.gained and not found.lost:
        return (
            Note(f"In the {found.days} days to {say_date(found.until)} both match the same {found.after:,} papers."),
        )
    told = (
        f"In the {found.days} days to {say_date(found.until)}: {found.before:,} papers before, {found.after:,} after; "
        f"{found.gained:,} new, {found.lost:,} gone."
    )
    entries = [Entry("New", _titles(found.new, found.gained))] if found.gained else []
    entries += [Entry("Gone", _titles(found.gone, found.lost))] if found.lost else []
    return (Note(told), Entries(tuple(entries)))


def say_difference(found: TopicDifference | None) -> str:
    """The difference in one line, for a form."""
    if found is None:
        return ""
    if not found.gained and not found.lost:
        return f"The last {found.days} days would have brought the same {found.after:,} papers."
    return (
        f"Of the last {found.days} days: {found.before:,} papers before, {found.after:,} after; "
        f"{found.gained:,} new, {found.lost:,} gone."
    )


def _titles(papers: Sequence[Paper], count: int) -> str:
    listed = papers[:_TITLES]
    told = " · ".join(cut(each.title, _TITLE) for each in listed)
    return f"{told} · and {count - len(listed):,} more" if count > len(listed) else told


def why_blocks(found: Explained) -> tuple[Block, ...]:
    """A paper's way through every subscription of the channel, stage by stage."""
    paper = card(found.paper, style=CardStyle.BRIEF, actions=(more_button(found.paper),))
    blocks: list[Block] = [Heading("Why this paper is here, or is not"), paper]
    if not found.traces:
        blocks.append(Note("This channel has no subscription, so nothing is posted here by itself."))
    for trace in found.traces:
        blocks += [Heading(trace.subscription), Note(f"{trace.plain[0].upper()}{trace.plain[1:]}.", Tone.QUIET)]
        blocks.append(_steps(trace))
    return tuple(blocks)


def _steps(trace: Trace) -> Entries:
    return Entries(tuple(Entry(f"{_SIGNS[each.passed]} {each.stage}", each.said) for each in trace.steps))


def _brief(paper: Paper, why: str) -> Block:
    return card(paper, why=why, style=CardStyle.BRIEF, actions=(more_button(paper), *why_button(paper)))


def say_date(day: date) -> str:
    """`18 May`."""
    return f"{day.day} {day:%b}"
