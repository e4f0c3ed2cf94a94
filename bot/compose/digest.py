"""A digest as messages: which parts an edition has, their keys, and what each of them says."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from math import ceil

from bot.compose.cards import byline, card, more_button
from bot.document import Audience, Block, CardStyle, Document, Entries, Entry, Heading, Note, PaperCard, Tone
from bot.model import Edition, EditionKind, Layout, Paper, PaperId, Pick
from bot.topics.language import parse_topic
from bot.topics.saying import say_topic

LIST_PAPERS = 20
"""Papers of a list that one message holds: Slack takes 50 blocks and about 10,000 characters. The rest are replies."""

KEY_LENGTH = 25  # Discord's nonce takes no more (discord-api-docs, resources/message.mdx)


def parts(edition: Edition) -> tuple[tuple[int, str], ...]:
    """The parts of an edition with their delivery keys; none where it has nothing to say."""
    if not edition.picks:
        return ((0, delivery_key(edition, 0)),) if edition.notes else ()
    count = {
        Layout.THREAD: len(edition.picks) + 1,
        Layout.CARDS: len(edition.picks),
        Layout.LIST: ceil(len(edition.picks) / LIST_PAPERS),
    }[edition.layout]
    return tuple((part, delivery_key(edition, part)) for part in range(count))


def delivery_key(edition: Edition, part: int) -> str:
    """25 characters that name this message for ever: the same edition and part always give the same key."""
    ref = edition.channel
    names = (ref.platform, ref.workspace, ref.address, edition.subscription_id, edition.local_on, edition.kind, part)
    digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
    return base64.b32encode(digest).decode().casefold()[:KEY_LENGTH]


def compose_part(edition: Edition, part: int, papers: Mapping[PaperId, Paper]) -> Document:
    """What one part of an edition says to the channel, and to whom it calls out: once, and only of papers."""
    mention = edition.alert.role if edition.picks and part == 0 else ""
    said = _compose(edition, part, papers)
    return replace(said, label=edition.name, mention=mention, is_silent=edition.alert.is_silent)


def _compose(edition: Edition, part: int, papers: Mapping[PaperId, Paper]) -> Document:
    said = tuple(Note(line, Tone.QUIET) for line in edition.notes) if part == 0 else ()
    if not edition.picks:
        return _document(_heading(edition), *said)
    match edition.layout:
        case Layout.THREAD:
            if part == 0:
                return _document(_heading(edition), _count(edition), *said, _contents(edition, papers))
            return _document(_card(edition.picks[part - 1], papers))
        case Layout.CARDS:
            opening: tuple[Block, ...] = (_heading(edition), _count(edition), *said) if part == 0 else ()
            return _document(*opening, _card(edition.picks[part], papers))
        case Layout.LIST:
            picks = edition.picks[part * LIST_PAPERS : (part + 1) * LIST_PAPERS]
            cards = [_card(pick, papers, style=CardStyle.BRIEF) for pick in picks]
            first = part * LIST_PAPERS + 1
            place = Note(f"{first} to {first + len(picks) - 1} of {len(edition.picks)}", Tone.QUIET)
            whole = (place,) if len(edition.picks) > LIST_PAPERS else ()
            head: tuple[Block, ...] = (_heading(edition), _count(edition), *said) if part == 0 else ()
            return _document(*head, *whole, *cards)


def _document(*blocks: Block) -> Document:
    return Document(tuple(blocks), Audience.EVERYONE)


def say_day(day: date) -> str:
    """A date as people say it: `Monday 23 November 2026`."""
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def _heading(edition: Edition) -> Heading:
    match edition.kind:
        case EditionKind.DIGEST:
            return Heading(f"{edition.name} · {say_day(edition.local_on)}")
        case EditionKind.ROUNDUP:
            return Heading(f"{edition.name} · roundup of {say_day(edition.local_on)}")
        case EditionKind.NOTICE:
            return Heading(edition.name)
        case EditionKind.SAMPLE:
            return Heading(f"{edition.name} · a sample of the newest days")
        case EditionKind.WELCOME:
            return Heading(f"Papers of {say_day(edition.local_on)}")


def _count(edition: Edition) -> Note:
    picked = len(edition.picks)
    what = say_topic(parse_topic(edition.topic))
    if edition.kind is EditionKind.WELCOME:
        return Note(
            "The best of the day. /papers today has them all, /papers subscribe sends them every day.", Tone.QUIET
        )
    return Note(f"{picked} picked from {edition.decided:,} candidates · {what}", Tone.QUIET)


def _contents(edition: Edition, papers: Mapping[PaperId, Paper]) -> Entries:
    """The day's list in the parent post; the cards stand in its thread."""
    items = []
    for number, pick in enumerate(edition.picks, start=1):
        paper = papers.get(pick.paper_id)
        title = paper.title if paper else pick.paper_id
        votes = f"▲ {paper.facts.upvotes}" if paper and paper.facts.upvotes else ""
        names = byline(paper.authors) if paper else ""
        items.append(Entry(f"{number}. {title}", " · ".join(part for part in (votes, names) if part)))
    return Entries(tuple(items))


def _card(pick: Pick, papers: Mapping[PaperId, Paper], *, style: CardStyle = CardStyle.FULL) -> PaperCard | Note:
    paper = papers.get(pick.paper_id)
    if paper is None:
        return Note(f"{pick.paper_id} is no longer in the store.", Tone.WARNING)
    if style is CardStyle.BRIEF:
        return card(paper, why=pick.why, style=style, actions=(more_button(paper),))
    return card(paper, why=pick.why)
