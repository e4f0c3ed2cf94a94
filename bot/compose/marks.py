"""What is said of votes and saved papers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import ListSaved, MarkCommand, Save, Unsave, Unvote, Vote
from bot.compose.cards import card, more_button
from bot.document import LONGEST_BUTTON, Actions, Block, Button, CardStyle, Heading, Note, Tone
from bot.findings import SavedPage
from bot.identity import bare_arxiv_id
from bot.model import Mark, Paper, PaperId

_SHOWN = 120


def marked_blocks(command: MarkCommand, paper: Paper, mark: Mark, *, changed: bool) -> list[Block]:
    """What became of a vote or a saved paper, and the button that takes it back."""
    reference = bare_arxiv_id(paper.id) or paper.id
    title = paper.title if len(paper.title) <= _SHOWN else f"{paper.title[:_SHOWN]}…"
    votes = f"{mark.votes} {'vote' if mark.votes == 1 else 'votes'} here"
    match command:
        case Vote():
            said = "You voted for" if changed else "You had voted already for"
            return [_said(f"{said} “{title}”: {votes}.", changed=changed), _back("Take it back", f"unvote {reference}")]
        case Unvote():
            said = "You took your vote back from" if changed else "You have not voted for"
            return [_said(f"{said} “{title}”: {votes}.", changed=changed)]
        case Save():
            said = "Saved" if changed else "Already on your list:"
            text = f"{said} “{title}”. /papers saved shows your list."
            return [_said(text, changed=changed), _back("Take it off", f"unsave {reference}")]
        case Unsave():
            said = "Taken off your list:" if changed else "Not on your list:"
            return [_said(f"{said} “{title}”.", changed=changed)]


def which_blocks(papers: Sequence[PaperId]) -> list[Block]:
    """A message names no paper, or several of them: which one is to be kept?"""
    if not papers:
        text = "I find no paper in this message: no arXiv id, no DOI, no link to a papers site."
        return [Note(text, Tone.WARNING)]
    references = [bare_arxiv_id(each) or each for each in papers]
    buttons = [Button(f"Save {each}", f"save {each}") for each in references]
    fitting = tuple(each for each in buttons if len(each.command) <= LONGEST_BUTTON)
    return [Heading("Which of these papers?"), Actions(fitting)]


def saved_blocks(found: SavedPage, command: ListSaved) -> list[Block]:
    """The caller's list, the newest first."""
    if not found.total:
        text = "Save on a card, or /papers save 2605.29801, keeps a paper on a list that only you see."
        return [Heading("You have saved nothing yet"), Note(text, Tone.QUIET)]
    heading = Heading("Your saved papers")
    if not found.papers:
        return [heading, Note(f"There is no page {command.page}: {found.total:,} papers in all.", Tone.QUIET)]
    cards = [
        card(each, style=CardStyle.BRIEF, actions=(more_button(each), take_off_button(each))) for each in found.papers
    ]
    first = (found.page - 1) * found.size + 1
    part = f"{first} to {first + len(cards) - 1} of " if found.total > found.size else ""
    blocks: list[Block] = [
        heading,
        Note(f"{part}{found.total:,}, the newest first; only you see them.", Tone.QUIET),
        *cards,
    ]
    buttons = []
    if found.page > 1:
        buttons.append(Button("Newer", f"saved page {found.page - 1}"))
    if found.page * found.size < found.total:
        buttons.append(Button("Older", f"saved page {found.page + 1}"))
    return [*blocks, Actions(tuple(buttons))] if buttons else blocks


def take_off_button(paper: Paper) -> Button:
    """The button that takes a paper off the list."""
    return Button("Take off", f"unsave {bare_arxiv_id(paper.id) or paper.id}")


def _said(text: str, *, changed: bool) -> Note:
    return Note(text, Tone.GOOD if changed else Tone.PLAIN)


def _back(label: str, command: str) -> Actions:
    return Actions((Button(label, command),))
