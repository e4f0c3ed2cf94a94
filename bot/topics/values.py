"""The values of a topic's fields: categories, people, choices, numbers, days. Each reader gives an atom or refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from bot.errors import BadReference, BadTopic
from bot.identity import parse_reference
from bot.model import SourceName
from bot.text.keys import person_names, tokens
from bot.topics.categories import nearest_category, spell_category
from bot.topics.expression import (
    About,
    Atom,
    Author,
    Before,
    Count,
    Day,
    FromSource,
    Has,
    In,
    InCategory,
    Like,
    Linked,
    OfType,
    Organization,
    Place,
    Quantity,
    Since,
    TypeGroup,
)

_LARGEST = 1_000_000_000
_COMPARED = re.compile(r"(?P<sign>>=|<=|=>|=<|≥|≤|>|<|=)?(?P<number>\d[\d,]*)\+?", re.ASCII)
_RANGE = re.compile(r"(?P<least>\d[\d,]*)(?:\.\.\.?|…)(?P<most>\d[\d,]*)", re.ASCII)
_DISTANCE = re.compile(r"(?P<number>\d{1,4})(?P<unit>[dwmy])", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_SPELLINGS = {"huggingface": "hf", "hugging-face": "hf", "cross-list": "cross", "crosslist": "cross"} | {
    "replacement": "replace",
    "replaced": "replace",
    "repo": "code",
    "models": "model",
    "datasets": "dataset",
    "spaces": "space",
}
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_category(text: str, position: int) -> Atom:
    """`cs.CL`, `cs.*`, `cs`, and `cs.CL!` for the primary category alone."""
    primary = text.endswith("!")
    name = spell_category(text.removesuffix("!"))
    if name is None:
        near = nearest_category(text.removesuffix("!"))
        hint = f" Did you mean {near}?" if near else " Categories look like cs.CL, archives like hep-th."
        raise BadTopic(f"“{text}” is no arXiv category.{hint}", position=position)
    return InCategory(name, primary)


def read_author(text: str, position: int) -> Atom:
    """`Dao`, `Tri Dao`, `T. Dao`, `Dao, Tri`; `dao_t`, as arXiv's own queries write it."""
    name = _underscored(text) if "_" in text and " " not in text else text
    family, given = person_names(name)
    if not family:
        raise BadTopic(f'“{text}” names nobody: write an author like author:"Tri Dao".', position=position)
    return Author(family, given, text)


def _underscored(text: str) -> str:
    """The name in arXiv's search form: the family name, then initials (`del_maestro`, `dao_t`)."""
    parts = [part for part in text.split("_") if part]
    cut = next((at for at, part in enumerate(parts) if at and len(part) == 1), len(parts))
    family, initials = " ".join(parts[:cut]), " ".join(parts[cut:])
    return f"{family}, {initials}" if initials else family


def read_organization(text: str, position: int) -> Atom:
    """A word or words of an organisation's name."""
    found = tokens(text)
    if not found:
        raise BadTopic(f"“{text}” names no organisation: write one like org:deepmind.", position=position)
    return Organization(found, text)


def read_source(text: str, position: int) -> Atom:
    """`hf`, `arxiv`, `team` or `file`."""
    return FromSource(_choice(text, SourceName, "source", position))


def read_type(text: str, position: int) -> Atom:
    """`new`, `cross` or `replace`."""
    return OfType(_choice(text, TypeGroup, "type", position))


def read_has(text: str, position: int) -> Atom:
    """`code`, `model`, `dataset`, `space` or `project`."""
    return Has(_choice(text, Linked, "has", position))


def read_place(text: str, position: int) -> Atom:
    """`here` or `saved`."""
    return In(_choice(text, Place, "in", position))


def _choice(text: str, choices: type[_Choice], field: str, position: int) -> _Choice:
    values = [each.value for each in choices]
    folded = text.casefold()
    folded = folded if folded in values else _SPELLINGS.get(folded, folded)
    if folded in values:
        return choices(folded)
    near = get_close_matches(folded, values, n=1, cutoff=0.5)
    hint = f" Did you mean {field}:{near[0]}?" if near else ""
    listed = f"{', '.join(values[:-1])} or {values[-1]}"
    raise BadTopic(f"“{text}” is nothing that {field}: knows; it takes {listed}.{hint}", position=position)


def count_reader(quantity: Quantity) -> Callable[[str, int], Atom]:
    """Reads `>=10`, `>100`, `<5`, `=3`, `10..50`, and a bare number as “at least”."""

    def read(text: str, position: int) -> Atom:
        bare = "".join(text.split())
        if within := _RANGE.fullmatch(bare):
            least, most = _number(within["least"]), _number(within["most"])
            if least > most:
                raise BadTopic(
                    f"“{quantity}:{text}” runs backwards: write {quantity}:{most}..{least}.", position=position
                )
            return Count(quantity, least, most)
        compared = _COMPARED.fullmatch(bare)
        if compared is None:
            raise BadTopic(
                f"“{text}” is no number: write {quantity}:>=10, {quantity}:<5 or {quantity}:10..50.", position=position
            )
        return _bounded(quantity, compared["sign"] or ">=", _number(compared["number"]), position)

    return read


def _number(text: str) -> int:
    return min(int(text.replace(",", "")[:12]), _LARGEST)


def _bounded(quantity: Quantity, sign: str, number: int, position: int) -> Count:
    match sign:
        case ">":
            return Count(quantity, number + 1)
        case "<":
            if number == 0:
                raise BadTopic(f"Nothing has fewer than 0 {quantity}.", position=position)
            return Count(quantity, None, number - 1)
        case "<=" | "=<" | "≤":
            return Count(quantity, None, number)
        case "=":
            return Count(quantity, number, number)
        case _:
            return Count(quantity, number)


def read_since(text: str, position: int) -> Atom:
    """`2026-01-01`, or a distance: `7d`, `2w`, `3m`, `1y`."""
    return Since(_day(text, "since", position))


def read_before(text: str, position: int) -> Atom:
    """As `read_since`."""
    return Before(_day(text, "before", position))


def _day(text: str, field: str, position: int) -> Day:
    if distance := _DISTANCE.fullmatch(text):
        return timedelta(days=int(distance["number"]) * _DAYS[distance["unit"].casefold()])
    try:
        day = date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        raise BadTopic(f"There is no {text} in the calendar.", position=position) from None
    if day is None:
        raise BadTopic(f"“{text}” is no day: write {field}:2026-01-31, or {field}:7d.", position=position)
    return day


def read_like(text: str, position: int) -> Atom:
    """An arXiv id, a DOI or a link."""
    try:
        return Like(parse_reference(text))
    except BadReference as error:
        raise BadTopic(f"like: needs a paper. {error.user_message}", position=position) from None


def read_about(text: str, position: int) -> Atom:
    """A description in a phrase or a sentence."""
    said = " ".join(text.split())
    if not tokens(said):
        raise BadTopic('about: needs words: about:"serving LLMs on small GPUs".', position=position)
    return About(said)


VALUES: Mapping[str, Callable[[str, int], Atom]] = {
    "author": read_author,
    "org": read_organization,
    "cat": read_category,
    "source": read_source,
    "type": read_type,
    "has": read_has,
    "upvotes": count_reader(Quantity.UPVOTES),
    "stars": count_reader(Quantity.STARS),
    "votes": count_reader(Quantity.VOTES),
    "since": read_since,
    "before": read_before,
    "like": read_like,
    "about": read_about,
    "in": read_place,
}
"""The fields whose values are no text of the paper, each with the reader of its value."""
