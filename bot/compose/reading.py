"""The answers of the read-only commands as Documents: a day, what trends, one paper; paged, with buttons for more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.commands import Today, Trending, Window
from bot.compose.cards import card, more_button
from bot.compose.digest import say_day
from bot.document import Actions, Block, Button, CardStyle, Heading, Note, Tone
from bot.findings import Day, Trends
from bot.model import AnnouncementState, Paper
from bot.ports import AnnouncementRecord
from bot.ranking import say_score
from bot.trending import say_trend

PAGE_SIZE = 10
_SATURDAY = 5
_LONGER = {
    Window.DAY: " Try a longer one: /papers trending week",
    Window.WEEK: " Try a longer one: /papers trending month",
    Window.MONTH: "",
}


def day_document(day: Day, command: Today) -> tuple[Block, ...]:
    """The papers of a day; an empty or missing day says what is known of it."""
    if day.on is None:
        return (Heading("No papers yet"), Note(_nothing_yet(day.records), Tone.WARNING))
    page = day.papers[(command.page - 1) * PAGE_SIZE : command.page * PAGE_SIZE]
    heading = Heading(f"Papers of {say_day(day.on)}")
    notes = notes_on(day)
    if not day.papers:
        return (Heading(f"Nothing on {say_day(day.on)}"), *notes, *_quiet_day(day, day.on))
    cards = [card(paper, announced_on=day.on, why=say_score(paper, score)) for paper, score in page]
    count = Note(_position(command.page, len(page), len(day.papers), "papers"), Tone.QUIET)
    return (heading, *notes, count, *cards, *_paging(f"today {day.on}", command.page, len(day.papers)))


def trends_document(trends: Trends, command: Trending) -> tuple[Block, ...]:
    """What trends, each rank with its reason."""
    if trends.until is None or not trends.ranked:
        return (
            Heading(f"Trending this {command.window.value}"),
            Note(f"No votes have been counted in this window yet.{_LONGER[command.window]}"),
        )
    page = trends.ranked[(command.page - 1) * PAGE_SIZE : command.page * PAGE_SIZE]
    cards = [
        card(paper, why=say_trend(trend), style=CardStyle.BRIEF, actions=(more_button(paper),)) for paper, trend in page
    ]
    return (
        Heading(f"Trending in the {command.window.value} to {say_day(trends.until.date())}"),
        Note("Hugging Face votes gained in the window, a day: velocity = gained ÷ (days + ½)", Tone.QUIET),
        Note(_position(command.page, len(page), len(trends.ranked), "papers that gained votes"), Tone.QUIET),
        *cards,
        *_paging(f"trending {command.window.value}", command.page, len(trends.ranked)),
    )


def paper_document(paper: Paper) -> tuple[Block, ...]:
    """One paper, with its whole abstract."""
    details = [
        ("Authors", ", ".join(paper.authors[:50]) + (" …" if len(paper.authors) > 50 else "")),  # noqa: PLR2004
        ("Abstract", paper.abstract),
        ("Journal", paper.facts.journal_ref or ""),
        ("DOI", paper.doi or ""),
        ("Comment", paper.facts.comment or ""),
        ("Keywords", ", ".join(paper.facts.ai_keywords)),
    ]
    notes = tuple(Note(f"{name}: {text}") for name, text in details if text)
    withdrawn = (Note("This paper was withdrawn.", Tone.WARNING),) if paper.facts.withdrawn else ()
    return (*withdrawn, card(paper), *notes)


def notes_on(day: Day) -> tuple[Note, ...]:
    """What a reader must know of a day: it is the sample edition, a source is down, a list is partial."""
    if day.is_sample:
        return (
            Note(
                "Sample edition: no source could be reached yet, so these are real papers of an earlier day "
                "that come with Broadsheet.",
                Tone.WARNING,
            ),
        )
    down = [each for each in day.records if each.state == AnnouncementState.SOURCE_DOWN]
    partial = [each for each in day.records if each.state == AnnouncementState.PARTIAL]
    lines = [Note(f"{_source(each)} could not be read: {each.detail}", Tone.WARNING) for each in down]
    lines += [Note(f"{_source(each)} gave only part of its list: {each.detail}", Tone.WARNING) for each in partial]
    return tuple(lines)


def _quiet_day(day: Day, on: date) -> tuple[Block, ...]:
    """What is known of a day without papers, and where there are some."""
    why = "arXiv announces nothing at weekends. " if on.weekday() >= _SATURDAY else ""
    text = f"{why}No source announced a paper on this day, as far as I know. What comes late is in the next digest."
    buttons = [Button("Trending", "trending")]
    if day.newest_on and day.newest_on != on:
        buttons.insert(0, Button(f"The newest day, {day.newest_on.day} {day.newest_on:%B}", f"today {day.newest_on}"))
    return (Note(text, Tone.QUIET), Actions(tuple(buttons)))


def _source(record: AnnouncementRecord) -> str:
    return {"hf": "Hugging Face", "arxiv": "arXiv"}.get(record.source.value, record.source.value)


def _nothing_yet(records: Sequence[AnnouncementRecord]) -> str:
    down = [each for each in records if each.state == AnnouncementState.SOURCE_DOWN]
    if down:
        return f"The sources could not be read ({down[0].detail}). `broadsheet check` says what to do."
    return "No source has announced anything yet. `broadsheet ingest` fetches now; `broadsheet check` says what works."


def _position(page: int, shown: int, total: int, what: str) -> str:
    if not shown:
        return f"There is no page {page}: {total:,} {what} in all."
    if total == 1:
        return f"1 {what.replace('papers', 'paper')}"
    first = (page - 1) * PAGE_SIZE + 1
    return f"{first} to {first + shown - 1} of {total:,} {what}" if total > shown else f"{total:,} {what}"


def _paging(command: str, page: int, total: int) -> tuple[Actions, ...]:
    buttons = []
    if page > 1:
        last = max(1, -(-total // PAGE_SIZE))
        buttons.append(Button("Earlier", f"{command} page {min(page - 1, last)}"))
    if page * PAGE_SIZE < total:
        buttons.append(Button("More", f"{command} page {page + 1}"))
    return (Actions(tuple(buttons)),) if buttons else ()
