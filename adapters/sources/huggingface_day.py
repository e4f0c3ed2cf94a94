"""One page of Hugging Face's daily list (`GET /api/daily_papers?date=D`) → listings. Pure.

The shape drifts: fields come and go (`mediaUrl` → `mediaUrls`, `organization` since October 2025), absent ones are
missing rather than null, and titles hold newlines. https://huggingface.co/.well-known/openapi.json
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.sources.fields import (
    BadEntry,
    Unreadable,
    arxiv_title,
    count_of,
    day_of,
    text_or_none,
    texts_of,
    unique,
    url_of,
)
from bot.identity import arxiv_paper_id, canonical_arxiv_id
from bot.model import Facts, Listing, Refusal
from bot.text.display import display_text

_OPENING = re.compile(r"\s*\[\s*")
_COMMA = re.compile(r"\s*,\s*")
_MOST_KEYWORDS = 50
_MOST_MEDIA = 10
_MOST_AUTHORS = 10_000


@dataclass(frozen=True, slots=True)
class Day:
    """What one page holds: one listing a paper, in the list's order, and what was not taken."""

    listings: tuple[Listing, ...]
    refused: tuple[Refusal, ...]


def parse_day(body: bytes) -> Day | Unreadable:
    """Read a complete body. `{"status": "no_data"}` is how recorders wrote down an empty list."""
    try:
        content = json.loads(_decode(body))
    except RecursionError:
        return Unreadable("JSON nested too deeply")
    except ValueError as error:  # JSON, UTF-8, and integers of more than 4,300 digits
        return Unreadable(f"not JSON: {error}"[:200] if body.strip() else "the body is empty")
    if isinstance(content, dict) and content.get("status") == "no_data":
        return Day((), ())
    if not isinstance(content, list):
        return Unreadable(f"a list was due, {type(content).__name__} came")
    return read_items(content)


def parse_leading(partial: bytes) -> Day:
    """The complete items at the head of a body that was cut off."""
    text = _decode(partial, errors="replace")
    decoder, items = json.JSONDecoder(), []
    opening = _OPENING.match(text)
    while opening:
        try:
            item, end = decoder.raw_decode(text, opening.end())
        except (ValueError, RecursionError):
            break
        items.append(item)
        opening = _COMMA.match(text, end)
    return read_items(items)


def read_items(items: list[object]) -> Day:
    """The listings of a list's items; a paper that stands twice is listed once, where it stood first."""
    listings: dict[str, Listing] = {}
    refused = []
    for number, item in enumerate(items, start=1):
        try:
            listing = read_item(item)
        except ValueError as error:
            refused.append(Refusal(f"entry {number}", str(error)))
        else:
            listings.setdefault(listing.id, listing)
    return Day(tuple(listings.values()), tuple(refused))


def read_item(item: object) -> Listing:
    """One item of the list. Raises BadEntry or ValueError with the reason when it names no paper."""
    if not isinstance(item, dict):
        raise BadEntry(f"an object was due, {type(item).__name__} came")
    paper = item.get("paper")
    if not isinstance(paper, dict):
        raise BadEntry("it has no paper")
    raw_id = paper.get("id")
    if not isinstance(raw_id, str):
        raise BadEntry(f"its id is no text but {type(raw_id).__name__}")
    bare, version = canonical_arxiv_id(raw_id)
    return Listing(
        id=arxiv_paper_id(bare),
        title=arxiv_title(paper["title"] if "title" in paper else item.get("title"), bare),
        abstract=display_text(paper["summary"] if "summary" in paper else item.get("summary")),
        authors=_authors(paper.get("authors")),
        published_on=day_of(paper.get("publishedAt")),
        version=version,
        facts=_facts(item, paper),
    )


def _facts(item: Mapping[str, object], paper: Mapping[str, object]) -> Facts:
    media = [item.get("mediaUrls"), paper.get("mediaUrls"), [item.get("mediaUrl")]]
    urls = (url for each in media if isinstance(each, list) for raw in each[:_MOST_MEDIA] if (url := url_of(raw)))
    return Facts(
        upvotes=count_of(paper.get("upvotes")) if "upvotes" in paper else None,
        comments=count_of(item.get("numComments")) if "numComments" in item else None,
        stars=count_of(paper.get("githubStars")) if "githubStars" in paper else None,
        thumbnail_url=url_of(item.get("thumbnail")),
        submitter=_name(item.get("submittedBy")) or _name(paper.get("submittedOnDailyBy")),
        organization=_name(paper.get("organization")) or _name(item.get("organization")),
        ai_summary=text_or_none(paper.get("ai_summary")),
        ai_keywords=texts_of(paper.get("ai_keywords"), most=_MOST_KEYWORDS),
        code_url=url_of(paper.get("githubRepo")),
        project_url=url_of(paper.get("projectPage")),
        media_urls=unique(urls, most=_MOST_MEDIA),
        withdrawn=bool(paper.get("withdrawnAt")),
    )


def _authors(raw: object) -> tuple[str, ...]:
    """Names in their order. Authors whom Hugging Face hides were removed at somebody's request."""
    if not isinstance(raw, list):
        return ()
    names = []
    for author in raw[:_MOST_AUTHORS]:
        if isinstance(author, dict):
            name = "" if author.get("hidden") is True else display_text(author.get("name"))
        else:
            name = display_text(author) if isinstance(author, str) else ""
        if name:
            names.append(name)
    return tuple(names)


def _name(raw: object) -> str | None:
    """How a user or an organization is called."""
    if not isinstance(raw, dict):
        return None
    return text_or_none(raw.get("fullname")) or text_or_none(raw.get("name"))


def _decode(body: bytes, *, errors: str = "strict") -> str:
    return body.decode("utf-8-sig", errors)
