"""A paper as a card: what is said of it, and the buttons under it."""

from __future__ import annotations

from datetime import date

from bot.document import Action, Button, CardStyle, Link, PaperCard
from bot.identity import abstract_url, bare_arxiv_id, hugging_face_url, pdf_url
from bot.model import Paper, SourceName
from bot.text.cut import first_sentence

_NAMES_SHOWN = 3
_NAMES_BEFORE_MORE = 2


def byline(authors: tuple[str, ...]) -> str:
    """`A, B and C`, or `A, B and 12 more`; empty where no author is known."""
    names = [name for name in authors if name]
    if len(names) > _NAMES_SHOWN:
        return f"{', '.join(names[:_NAMES_BEFORE_MORE])} and {len(names) - _NAMES_BEFORE_MORE:,} more"
    return " and ".join([part for part in (", ".join(names[:-1]), *names[-1:]) if part])


def summary(paper: Paper) -> str:
    """The summary line: the source's own where there is one, else the abstract's first sentence."""
    return paper.facts.ai_summary or first_sentence(paper.abstract)


def card(
    paper: Paper,
    *,
    announced_on: date | None = None,
    why: str = "",
    style: CardStyle = CardStyle.FULL,
    actions: tuple[Action, ...] | None = None,
) -> PaperCard:
    """Draw a paper. `announced_on` is the day it is shown for; None takes the first one known."""
    facts = paper.facts
    return PaperCard(
        paper_id=paper.id,
        title=paper.title,
        url=abstract_url(paper.id),
        byline=byline(paper.authors),
        categories=paper.categories,
        announced_on=announced_on or paper.announced_on,
        upvotes=facts.upvotes,
        stars=facts.stars,
        comments=facts.comments,
        organization=facts.organization or "",
        thumbnail_url=facts.thumbnail_url,
        summary=summary(paper),
        why=why,
        actions=links(paper) if actions is None else actions,
        style=style,
    )


def links(paper: Paper) -> tuple[Action, ...]:
    """The pages that a paper has, in the order of their use."""
    found: list[tuple[str, str | None]] = [("PDF", pdf_url(paper.id)), ("Abstract", abstract_url(paper.id) or None)]
    found += [("Code", paper.facts.code_url), ("Project", paper.facts.project_url)]
    if SourceName.HUGGING_FACE in paper.sources:
        found.append(("Hugging Face", hugging_face_url(paper.id)))
    return tuple(Link(label, url) for label, url in found if url)


def more_button(paper: Paper) -> Button:
    """The button that shows a paper whole."""
    return Button("Details", f"show {bare_arxiv_id(paper.id) or paper.id}")
