"""A paper as an embed: its title as a link, who wrote it, its summary, at most three facts, and why it is here.

Papers in a row that are shown briefly are lines of one embed. An embed has no place for buttons: they stand under all
embeds of a message (`adapters.discord.components`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urlsplit

from adapters.discord import limits
from adapters.discord.texts import (
    apart,
    as_roomy_as_fits,
    bold,
    can_be_linked,
    linked,
    literal,
    marked,
    one_line,
    plain,
    quiet,
    web_url,
)
from bot.document import Link, PaperCard
from bot.text.cut import utf16_length

Embed = dict[str, Any]
BRAND = 0x4B6BFB
HUGGING_FACE = 0xFFB000
ARXIV = 0xB31B1B
ELSEWHERE = 0x2A9D8F
"""A member's submission, a publisher's page: neither of the two lists."""
NOWHERE = "https://arxiv.org/"
"""What carries a key where no page is shown: an embed without a title has no link to be seen."""
ARCHIVE = "arXiv"
"""The venue that says nothing: a link tells as much."""
_LIST_URL = 120
_NAMES = 80
AIRY = 10
"""So many entries of a list at the most have an empty line between them."""


def card_embed(card: PaperCard, links: Sequence[Link] = (), *, size: float = 1.0, number: int = 0) -> Embed:
    """One paper, with the links that are no buttons; `number` tells it from others where buttons are labelled by it."""
    room = int(limits.TITLE * size)
    told = f"{number} · " if number else ""
    title = literal(f"{told}{one_line(card.title)}", room) if plain(card.title, room) else literal(card.paper_id, room)
    embed: Embed = {"title": title or "–", "color": colour(card)}
    if url := web_url(card.url):
        embed["url"] = url
    names = quiet(authors(card), int(limits.NAMES * size))
    summary = marked(card.summary, card.summary_marks, int(limits.SUMMARY * size))
    if said := [each for each in (names, summary, written(links)) if each]:
        embed["description"] = "\n".join(said)
    if fields := _fields(card):
        embed["fields"] = fields
    if thumbnail := web_url(card.thumbnail_url or ""):
        embed["thumbnail"] = {"url": thumbnail}
    if footer := reason(card, int(limits.FOOTER * size)):
        embed["footer"] = {"text": footer}
    return embed


def authors(card: PaperCard) -> str:
    """Who wrote it and where."""
    return plain(" · ".join(each for each in (card.byline, card.organization) if each), limits.NAMES)


def written(links: Sequence[Link]) -> str:
    """Pages of a paper as a line of links."""
    found = [(literal(each.label, limits.LABEL), url) for each in links if (url := web_url(each.url, limits.LINK))]
    return " · ".join(linked(label, url) for label, url in found[: limits.ROW] if label)


def reason(card: PaperCard, limit: int) -> str:
    """Why it is here and of which day it is, in plain text."""
    return plain(" · ".join(each for each in (card.why, say_date(card)) if each), limit)


def say_date(card: PaperCard) -> str:
    """`23 Nov 2026`, or nothing."""
    return f"{card.announced_on.day} {card.announced_on:%b %Y}" if card.announced_on else ""


def counts(card: PaperCard, signs: Sequence[str] = ("▲", "★", "💬")) -> list[str]:
    """What was counted of a paper, without what is nought."""
    found = {"▲": card.upvotes, "★": card.stars, "💬": card.comments}
    return [f"{sign} {count:,}" for sign in signs if (count := found[sign])]


def colour(card: PaperCard) -> int:
    """By the list that a paper came from: upvotes and a page there are Hugging Face's."""
    hosts = {urlsplit(each.url).hostname for each in card.actions if isinstance(each, Link) and web_url(each.url)}
    if card.upvotes is not None or "huggingface.co" in hosts:
        return HUGGING_FACE
    return ARXIV if card.paper_id.startswith("arxiv:") else ELSEWHERE


def _fields(card: PaperCard) -> list[dict[str, Any]]:
    """Votes, stars and place: at most three, beside each other. Names are ours; strangers' texts are values."""
    place = [card.venue, ", ".join(card.categories[:3])] if card.categories or card.venue != ARCHIVE else []
    named = {
        "Upvotes": " · ".join(counts(card, ("▲", "💬"))),
        "Stars": " ".join(counts(card, ("★",))),
        "Venue": literal(" · ".join(each for each in place if each), limits.FIELD // 8),
    }
    return [{"name": name, "value": value, "inline": True} for name, value in named.items() if value]


def list_embeds(cards: Sequence[PaperCard]) -> list[Embed]:
    """Papers shown briefly: a title that is a link, under it what was found of a search, and the facts."""
    return described(brief_lines(cards, limits.EMBEDS_TEXT - 100))


def described(lines: Sequence[str], color: int = BRAND) -> list[Embed]:
    """Lines as the descriptions of as few embeds as hold them."""
    packed: list[list[str]] = [[]]
    for line in lines:
        if packed[-1] and utf16_length("\n".join([*packed[-1], line])) > limits.DESCRIPTION:
            packed.append([])
        packed[-1].append(line)
    return [{"description": "\n".join(each), "color": color} for each in packed if each]


def brief_lines(cards: Sequence[PaperCard], room: int, key: str = "") -> list[str]:
    """A paragraph for each paper, all of them in this room; the first title's link carries the key."""
    keys = [key, *[""] * len(cards)]

    def lines(size: float) -> list[str]:
        return apart([_brief(*each, size) for each in zip(cards, keys, strict=False)], airy=len(cards) <= AIRY)

    return as_roomy_as_fits(lines, room)


def _brief(card: PaperCard, key: str, size: float) -> str:
    facts = [
        plain(card.byline, _NAMES),
        *counts(card, ("▲", "★")),
        card.venue if card.venue != ARCHIVE else "",
        ", ".join(card.categories[:2]),
        say_date(card),
        card.why,
    ]
    found = marked(card.summary, card.summary_marks, int(200 * size)) if card.summary_marks else ""
    said = quiet(" · ".join(one_line(each) for each in facts if each), int(200 * size))
    return "\n".join(each for each in (title_line(card, int(220 * size), key), found, said) if each)


def title_line(card: PaperCard, limit: int, key: str = "", *, is_heading: bool = False) -> str:
    """The title as a link where Discord lets it be one, else with a link beside it."""
    text = card.title if plain(card.title, limit) else card.paper_id
    plainly = bool(card.title_marks) or is_heading
    said = marked(text, card.title_marks, limit) if plainly else bold(text, limit)
    url = web_url(card.url, limits.URL if key else _LIST_URL)
    if url is None:
        return said
    address = with_key(url, key)
    return linked(said, address) if can_be_linked(text) else f"{said} {linked('open', address)}"


def with_key(url: str, key: str) -> str:
    """The address with the key of a delivery as its fragment, where read-back finds it."""
    return f"{urldefrag(url).url}#{key}" if key else url


def keyed(embeds: list[Embed], key: str) -> None:
    """Put the key into the address of the first embed that can carry one without showing it."""
    able = [each for each in embeds if "url" in each or "title" not in each]
    if not able:
        # A title would become a link to nowhere: it is said in the description instead.
        able = embeds[:1]
        able[0]["description"] = f"**{able[0].pop('title')}**\n{able[0].get('description', '')}".rstrip()
    able[0]["url"] = with_key(able[0].get("url", NOWHERE), key)


def told_apart(embeds: list[Embed]) -> None:
    """Embeds that share an address are merged by Discord, and only the first is seen: each gets its own."""
    seen: set[str] = set()
    for place, embed in enumerate(embeds, start=1):
        if embed.get("url") in seen:
            embed["url"] = with_key(embed["url"], str(place))
        seen.add(embed.get("url", ""))


@dataclass(frozen=True, slots=True)
class Weight:
    """What embeds weigh of a message."""

    number: int
    text: int


def weight(embeds: Sequence[Embed]) -> Weight:
    """How many, and their characters as Discord adds them up."""
    texts = [
        text
        for each in embeds
        for text in (
            each.get("title", ""),
            each.get("description", ""),
            each.get("author", {}).get("name", ""),
            each.get("footer", {}).get("text", ""),
            *(field[part] for field in each.get("fields", ()) for part in ("name", "value")),
        )
    ]
    return Weight(len(embeds), sum(map(utf16_length, texts)))
