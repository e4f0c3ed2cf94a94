"""Ranking proposals by what was typed: exact, prefix, a word's prefix, inside, or nearly so; else as they are given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz, process

from bot.findings import Choice
from bot.text.cut import cut, utf16_length
from bot.text.keys import title_key

MOST = 25
"""Discord's limit, the smallest: https://discord.com/developers/docs/interactions/application-commands#autocomplete."""
LONGEST = 100
"""As above, for the label and for the value, in UTF-16 units."""
_READ = 200  # of what was typed: nothing that is proposed is longer
_SHORTEST_NEAR = 4
_LEAST_NEAR = 80.0  # per cent: one letter wrong in six
_MOST_NEAR = 2_000  # keys that are compared letter by letter, a few ms


class Level(IntEnum):
    """How well a proposal fits, the best first."""

    SAME = 0
    """It is what was typed, sign for sign but for case."""
    EXACT = 1
    PREFIX = 2
    WORD = 3
    """One of its words begins so."""
    INSIDE = 4
    NEAR = 5
    """Some letters are others; only where nothing fits better."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be proposed: the value, how it is shown (empty: as it is), and by what else it is found."""

    value: str
    label: str = ""
    also: tuple[str, ...] = ()
    by_value: bool = True
    """False where the value holds what nobody looks for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A choice that fits; `distance` tells those of one level apart where it is not 0."""

    level: Level
    choice: Choice
    distance: float = 0.0


class Shelf:
    """Proposals in the order of preference, laid out once to be looked through at every keystroke.

    All keys stand in one text, a line each, so that looking is one `str.find`: 75,000 authors take 1 ms.
    """

    def __init__(self, proposals: Iterable[Proposal]) -> None:
        found: dict[str, tuple[Choice, dict[str, None]]] = {}
        for each in proposals:
            if not each.value.strip() or utf16_length(each.value) > LONGEST:
                continue
            choice = Choice(shown(each.label) or shown(each.value) or each.value, each.value)
            _, keys = found.setdefault(each.value, (choice, {}))
            keys.update(
                dict.fromkeys(filter(None, map(title_key, (*((each.value,) if each.by_value else ()), *each.also))))
            )
        self._choices = [choice for choice, _ in found.values()]
        self._same = {_plain(choice.label): at for at, choice in reversed(list(enumerate(self._choices)))}
        self._same |= {_plain(choice.value): at for at, choice in reversed(list(enumerate(self._choices)))}
        self._keys: list[str] = []
        self._owners: list[int] = []
        for at, (_, keys) in enumerate(found.values()):
            self._keys += keys
            self._owners += [at] * len(keys)
        self._text = "\n".join(("", *self._keys, ""))
        self._starts: list[int] = []
        start = 0
        for key in self._keys:
            self._starts.append(start)
            start += len(key) + 1

    def find(self, typed: str, *, most: int = MOST, worst: Level = Level.NEAR) -> list[Hit]:
        """The best that fit, the best first; where nothing was typed the first ones. Nothing beyond `worst`."""
        wanted = title_key(typed[:_READ])
        if not wanted:
            return [Hit(Level.PREFIX, each) for each in self._choices[:most]]
        found: dict[int, Hit] = {}
        if (same := self._same.get(_plain(typed))) is not None:
            found[same] = Hit(Level.SAME, self._choices[same])
        needles = {
            Level.EXACT: f"\n{wanted}\n",
            Level.PREFIX: f"\n{wanted}",
            Level.WORD: f" {wanted}",
            Level.INSIDE: wanted,
        }
        for level, needle in needles.items():
            if level > worst:
                break
            for owner in self._with(needle):
                if len(found) >= most:
                    break
                found.setdefault(owner, Hit(level, self._choices[owner]))
        if not found and worst is Level.NEAR and len(wanted) >= _SHORTEST_NEAR:
            for owner, score in self._near(wanted, most):
                found.setdefault(owner, Hit(Level.NEAR, self._choices[owner], 100 - score))
        return list(found.values())[:most]

    def _with(self, needle: str) -> Iterator[int]:
        at = self._text.find(needle)
        while at >= 0:
            # A needle may begin with the line's end before its key, which is where that key's line starts here.
            yield self._owners[bisect_right(self._starts, at) - 1]
            at = self._text.find(needle, at + 1)

    def _near(self, wanted: str, most: int) -> Iterator[tuple[int, float]]:
        # A key shorter than what was typed would be found within it: `cs` in `focs`.
        keys = {at: key for at, key in enumerate(self._keys[:_MOST_NEAR]) if len(key) >= len(wanted) - 1}
        close = process.extract(wanted, keys, scorer=fuzz.partial_ratio, score_cutoff=_LEAST_NEAR, limit=most)
        for _, score, at in close:
            yield self._owners[at], score


def best(hits: Iterable[Hit], *, most: int = MOST) -> tuple[Choice, ...]:
    """The choices of the best hits, none twice; equal ones in the order in which they come."""
    found: dict[str, Choice] = {}
    for hit in sorted(hits, key=lambda each: (each.level, each.distance)):
        found.setdefault(hit.choice.value, hit.choice)
    return tuple(found.values())[:most]


def ranked(typed: str, *shelves: Shelf, most: int = MOST) -> tuple[Choice, ...]:
    """The best of these shelves for what was typed; of equal fit, those of the earlier shelf first."""
    hits = [hit for shelf in shelves for hit in shelf.find(typed, most=most)]
    return best([each for each in hits if each.level is not Level.NEAR] or hits, most=most)


def ranked_of(typed: str, proposals: Iterable[Proposal], *, most: int = MOST) -> tuple[Choice, ...]:
    """As `ranked`, of proposals that are made for this one time."""
    return ranked(typed, Shelf(proposals), most=most)


def shown(text: str) -> str:
    """A text as a label: on one line, and cut where it is too long."""
    return cut(" ".join(text.split()), LONGEST, width=utf16_length)


def moved(hits: Iterable[Hit], change: Callable[[str], str]) -> list[Hit]:
    """These hits with their values set into what stands around them; those that become too long are left out."""
    found = []
    for hit in hits:
        value = change(hit.choice.value)
        if utf16_length(value) <= LONGEST:
            label = hit.choice.label
            tail = label.removeprefix(hit.choice.value) if label.startswith(hit.choice.value) else f" · {label}"
            found.append(Hit(hit.level, Choice(shown(value + tail), value), hit.distance))
    return found


def after(head: str) -> Callable[[str], str]:
    """Sets a value behind what stands before it."""
    return lambda value: f"{head}{value}"


def _plain(text: str) -> str:
    return text.strip().casefold()
