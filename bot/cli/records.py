"""Values as JSON records, for `--json`; and Documents as plain text, for terminals."""

from __future__ import annotations

import dataclasses
import shlex
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.compose.bars import bars_text
from bot.compose.cards import summary
from bot.document import (
    Action,
    Actions,
    Bars,
    Block,
    Button,
    Document,
    Entries,
    Form,
    Heading,
    Link,
    Note,
    PaperCard,
    Tone,
)
from bot.identity import abstract_url, bare_arxiv_id, pdf_url
from bot.model import Paper
from bot.ranking import Score


def paper_record(paper: Paper, score: Score | None = None) -> dict[str, Any]:
    """A paper with everything that is known of it; days as ISO dates, instants as ISO UTC."""
    record = {
        "id": paper.id,
        "arxiv_id": bare_arxiv_id(paper.id),
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "summary": summary(paper),
        "abstract": paper.abstract,
        "announced_on": paper.announced_on,
        "published_on": paper.published_on,
        "version": paper.version,
        "doi": paper.doi,
        "url": abstract_url(paper.id),
        "pdf_url": pdf_url(paper.id),
        "sources": list(paper.sources),
        **dataclasses.asdict(paper.facts),
    }
    if score is not None:
        record["score"] = {**dataclasses.asdict(score), "total": score.total}
    return {name: plain(value) for name, value in record.items()}


def document_record(document: Document) -> dict[str, Any]:
    """A Document, block by block."""
    return {name: plain(value) for name, value in dataclasses.asdict(document).items()}


def plain(value: Any) -> Any:  # noqa: ANN401 - the JSON boundary
    """The value in JSON's own types."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def document_text(document: Document) -> str:
    """A Document for a terminal."""
    return "\n".join(line for block in document.blocks for line in _lines(block))


def _lines(block: Block) -> list[str]:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Heading(text):
            return [text, "=" * min(len(text), 72)]
        case Note(text, tone, code):
            return [f"error ({code}): {text}" if tone is Tone.ERROR else text]
        case Entries(items):
            return [f"  {item.term}" + (f"  {item.text}" if item.text else "") for item in items]
        case Bars():
            return bars_text(block)
        case PaperCard():
            return card_lines(block)
        case Actions(items):
            return [_action(item) for item in items]
        case Form(title, verb):
            return [f'{title}: the page and chats have a form; broadsheet command "help {verb}" says what to type.']


def _action(action: Action) -> str:
    match action:
        case Button(label, command):
            return f"{label}: broadsheet command {_quoted(command)}"
        case Link(label, url):
            return f"{label}: {url}"


def _quoted(command: str) -> str:
    """As one word of a shell, in double quotes where that is possible."""
    return shlex.quote(command) if set(command) & set('"$`\\!') else f'"{command}"'


def card_lines(card: PaperCard) -> list[str]:
    """A card in three or four lines."""
    counts = [f"▲ {card.upvotes}" if card.upvotes else "", f"★ {card.stars}" if card.stars else ""]
    facts = [card.announced_on.isoformat() if card.announced_on else "", " ".join(card.categories), *counts]
    lines = [
        "",
        card.title,
        f"  {card.byline}" if card.byline else "",
        "  " + " · ".join(each for each in facts if each),
    ]
    lines += [f"  {card.summary}" if card.summary else "", f"  {card.url}" if card.url else ""]
    lines += [f"  ({card.why})" if card.why else ""]
    return [lines[0], *(line for line in lines[1:] if line.strip())]
