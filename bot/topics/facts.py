"""What the atoms ask of one candidate beside its words: its days, its announcement, its counts."""

from __future__ import annotations

from datetime import date

from bot.model import AnnounceType, Candidate, Paper
from bot.topics.expression import Count, Day, Quantity, TypeGroup


def type_of(candidate: Candidate) -> TypeGroup:
    """The announce type as topics tell them apart."""
    return group_of(candidate.announce_type)


def group_of(kind: AnnounceType) -> TypeGroup:
    """The group to which one of arXiv's announce types belongs."""
    if kind.is_replacement:
        return TypeGroup.REPLACE
    return TypeGroup.CROSS if kind is AnnounceType.CROSS else TypeGroup.NEW


def day_of(day: Day, on: date) -> date:
    """The calendar day that is meant on day `on`."""
    if isinstance(day, date):
        return day
    return on - day if day < on - date.min else date.min


def first_on(candidate: Candidate) -> date:
    """The day on which the work was first announced."""
    return candidate.paper.announced_on or candidate.announced_on


def counted(paper: Paper, quantity: Quantity) -> int:
    """A quantity that sources count; 0 where none did."""
    return (paper.facts.upvotes if quantity is Quantity.UPVOTES else paper.facts.stars) or 0


def within(count: Count, number: int) -> bool:
    """True where the number lies in the count's bounds."""
    return (count.least is None or number >= count.least) and (count.most is None or number <= count.most)


def whole_text(paper: Paper) -> str:
    """What a paper says, for comparing meanings."""
    return f"{paper.title}. {paper.abstract}"
