"""Completing the reference of a paper: found by its title, its authors or its id."""

from __future__ import annotations

from collections.abc import Iterable

from bot.completion.ranking import Proposal, Shelf, ranked
from bot.errors import BadReference
from bot.findings import Choice
from bot.identity import bare_arxiv_id, parse_reference
from bot.model import Paper, PaperId

_AUTHORS = 20  # of each paper; who stands behind them in a list of hundreds is looked for by searching


def papers_shelf(papers: Iterable[Paper]) -> Shelf:
    """The papers, laid out to be found."""
    return Shelf(
        Proposal(_said(each.id), each.title, (each.title, each.id, *each.authors[:_AUTHORS])) for each in papers
    )


def named(typed: str) -> PaperId | None:
    """The paper that was typed in full, by an id, a DOI or a link."""
    try:
        return parse_reference(typed)
    except BadReference:
        return None


def complete_reference(typed: str, *shelves: Shelf) -> tuple[Choice, ...]:
    """The best of these papers; a link counts as the id it holds."""
    paper_id = named(typed)
    return ranked(_said(paper_id) if paper_id else typed, *shelves)


def _said(paper_id: PaperId) -> str:
    return bare_arxiv_id(paper_id) or paper_id
