"""The answers of `search` and `similar`: cards in brief, what was searched for marked in them, and ways on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.command_table import VERBS
from bot.commands import Search, Similar
from bot.compose.cards import card, more_button, similar_button
from bot.compose.digest import say_day
from bot.document import LONGEST_BUTTON, Actions, Block, Button, CardStyle, Heading, Note, PaperCard, Tone
from bot.findings import SearchHit, SearchPage
from bot.index_query import SortBy
from bot.search.marking import marks, telling_sentence
from bot.text.cut import cut

_SHOWN = 120
_ORDER = {SortBy.RELEVANCE: "the most relevant first", SortBy.NEWEST: "the newest first", SortBy.UPVOTES: "by upvotes"}


def help_on_search() -> tuple[Block, ...]:
    """What is said where nothing was asked for."""
    examples = " · ".join(f"/papers {each}" for each in VERBS["search"].examples)
    return (
        Heading("What are you looking for?"),
        Note("Words, a question, or conditions as in topics: author:, cat:, title:, since:90d, has:code, in:saved."),
        Note(f"For instance: {examples}", Tone.QUIET),
    )


def search_blocks(found: SearchPage, command: Search) -> tuple[Block, ...]:
    """One page of what was found, or what to try where nothing was."""
    shown = cut(found.text, _SHOWN)
    if not found.hits:
        return _nothing(found, command, shown)
    count = Note(f"{_position(found)}, {_order(found, command)}", Tone.QUIET)
    cards = [_found_card(each, found) for each in found.hits]
    return (Heading(f"Papers on “{shown}”"), *_notes(found), count, *cards, *_ways_on(found, command))


def similar_blocks(found: SearchPage, command: Similar) -> tuple[Block, ...]:
    """One page of the papers that are like another, and by what they were compared."""
    title = cut(found.like.title, _SHOWN) if found.like else ""
    heading = Heading(f"Similar to “{title}”")
    notes = _notes(found)
    if not found.hits:
        said = "There are no more." if command.page > 1 else "No other paper that I know shares its telling words."
        return (heading, *notes, Note(said))
    how = "by meaning, among those that share its words" if found.by_meaning else "by the telling words they share"
    cards = [_found_card(each, found) for each in found.hits]
    buttons = []
    reference = command.reference.strip()
    if command.page > 1:
        buttons.append(Button("Earlier", f"similar {reference} page {command.page - 1}"))
    if found.page * found.size < found.found:
        buttons.append(Button("More", f"similar {reference} page {command.page + 1}"))
    return (heading, *notes, Note(f"{_position(found)}, {how}", Tone.QUIET), *cards, *_row(buttons))


def _found_card(hit: SearchHit, found: SearchPage) -> PaperCard:
    paper = hit.paper
    drawn = card(
        paper,
        style=CardStyle.BRIEF,
        why=f"posted here on {say_day(hit.posted_on)}" if hit.posted_on else "",
        actions=(more_button(paper), *similar_button(paper)),
    )
    told = telling_sentence(paper.abstract, found.tokens) or drawn.summary
    return replace(
        drawn,
        summary=told,
        title_marks=marks(paper.title, found.tokens),
        summary_marks=marks(told, found.tokens),
    )


def _nothing(found: SearchPage, command: Search, shown: str) -> tuple[Block, ...]:
    if not shown:
        return help_on_search()
    if command.page > 1:
        return (Heading(f"Papers on “{shown}”"), Note(f"There is no page {command.page}: {found.found:,} in all."))
    text = "Fewer or other words may find something; conditions like cat: and since: leave papers out."
    return (Heading(f"Nothing on “{shown}”"), *_notes(found), Note(text, Tone.QUIET))


def _notes(found: SearchPage) -> list[Block]:
    notes: list[Block] = [Note(each, Tone.QUIET) for each in found.notes]
    if found.instead_of:
        notes.insert(0, Note(f"Nothing has “{cut(found.instead_of, _SHOWN)}”; this is the nearest spelling."))
    elif found.instead:
        near = Note(f"Did you mean “{cut(found.instead, _SHOWN)}”?")
        notes[:0] = [near, *_row([Button("Search for that", f"search {found.instead}")])]
    return notes


def _position(found: SearchPage) -> str:
    first = (found.page - 1) * found.size + 1
    last = first + len(found.hits) - 1
    best = "the best " if found.is_cut else ""
    if found.found == len(found.hits):
        return f"{best}{found.found:,} paper{'' if found.found == 1 else 's'}"
    return f"{first} to {last} of {best}{found.found:,}"


def _order(found: SearchPage, command: Search) -> str:
    by = _ORDER[command.sort]
    return f"{by}, by words and meaning" if found.by_meaning and command.sort is SortBy.RELEVANCE else by


def _ways_on(found: SearchPage, command: Search) -> tuple[Actions, ...]:
    sort = "" if command.sort is SortBy.RELEVANCE else f" sort {command.sort.value}"
    buttons = []
    if found.page > 1:
        buttons.append(Button("Earlier", f"search {found.handle}{sort} page {found.page - 1} upto {found.upto}"))
    if found.page * found.size < found.found:
        buttons.append(Button("More", f"search {found.handle}{sort} page {found.page + 1} upto {found.upto}"))
    if found.page == 1 and len(found.hits) > 1:
        others = [each for each in (SortBy.NEWEST, SortBy.UPVOTES) if each is not command.sort]
        labels = {SortBy.NEWEST: "Newest first", SortBy.UPVOTES: "Most upvotes first"}
        buttons += [Button(labels[each], f"search {found.handle} sort {each.value}") for each in others]
    return _row(buttons)


def _row(buttons: Sequence[Button]) -> tuple[Actions, ...]:
    """The buttons whose command fits; a longer one has to be typed."""
    kept = tuple(each for each in buttons if len(each.command) <= LONGEST_BUTTON)
    return (Actions(kept),) if kept else ()
