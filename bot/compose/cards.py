"""A paper as a card: what is said of it, and the buttons under it."""

from __future__ import annotations

import re
from datetime import date

from bot.document import LONGEST_BUTTON, Action, Button, CardStyle, Link, PaperCard
from bot.identity import abstract_url, bare_arxiv_id, hugging_face_url, pdf_url
from bot.model import Paper, SourceName
from bot.text.cut import cut, first_sentence

_NAMES_SHOWN = 3
_LONGEST_VENUE = 60
_ACCEPTED = re.compile(
    r"(?:accepted (?:at|to|by|for|in)|to appear (?:at|in)|published (?:at|in)|camera[- ]ready for)\s+(?:the\s+)?"
    r"(?P<venue>[^.;,()\n]{2,})",
    re.IGNORECASE,
)
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
        venue=venue(paper),
        categories=paper.categories,
        announced_on=announced_on or paper.announced_on,
        upvotes=facts.upvotes,
        stars=facts.stars,
        comments=facts.comments,
        organization=facts.organization or "",
        thumbnail_url=facts.thumbnail_url,
        summary=summary(paper),
        why=why,
        actions=(*(_ways_on(paper) if actions is None else actions), *mark_buttons(paper)),
        style=style,
    )


def venue(paper: Paper) -> str:
    """Where the work was published, as its journal reference or its authors' comment says; else the archive."""
    if paper.facts.journal_ref:
        return cut(paper.facts.journal_ref, _LONGEST_VENUE)
    if accepted := _ACCEPTED.search(paper.facts.comment or ""):
        return cut(accepted.group("venue").strip(), _LONGEST_VENUE)
    return "arXiv" if bare_arxiv_id(paper.id) else ""


def mark_buttons(paper: Paper) -> tuple[Action, ...]:
    """Vote and save. A platform that knows who looks may draw them as they stand for that member."""
    reference = bare_arxiv_id(paper.id) or paper.id
    buttons = (Button("Vote", f"vote {reference}"), Button("Save", f"save {reference}"))
    return tuple(each for each in buttons if len(each.command) <= LONGEST_BUTTON)


def links(paper: Paper) -> tuple[Action, ...]:
    """The pages that a paper has, in the order of their use."""
    found: list[tuple[str, str | None]] = [("PDF", pdf_url(paper.id)), ("Abstract", abstract_url(paper.id) or None)]
    found += [("Code", paper.facts.code_url), ("Project", paper.facts.project_url)]
    if SourceName.HUGGING_FACE in paper.sources:
        found.append(("Hugging Face", hugging_face_url(paper.id)))
    return tuple(Link(label, url) for label, url in found if url)


def why_button(paper: Paper) -> tuple[Button, ...]:
    """The button that tells a paper's way into this channel; none where its id is too long for a button."""
    button = Button("Why?", f"why {bare_arxiv_id(paper.id) or paper.id}")
    return (button,) if len(button.command) <= LONGEST_BUTTON else ()


def _ways_on(paper: Paper) -> tuple[Action, ...]:
    return (*links(paper), *why_button(paper), *similar_button(paper))


def similar_button(paper: Paper) -> tuple[Button, ...]:
    """The button that finds papers like this one; none where its id is too long for a button."""
    button = Button("Similar", f"similar {bare_arxiv_id(paper.id) or paper.id}")
    return (button,) if len(button.command) <= LONGEST_BUTTON else ()


def more_button(paper: Paper) -> Button:
    """The button that shows a paper whole."""
    return Button("Details", f"show {bare_arxiv_id(paper.id) or paper.id}")
