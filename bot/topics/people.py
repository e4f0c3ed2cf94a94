"""Whether two spellings of a name may be one person: the family name, and given names or their initials."""

from __future__ import annotations


def agree(wanted: tuple[str, ...], given: tuple[str, ...]) -> bool:
    """True where every wanted given name (folded) is among these, in full or by its initial: `t` and `tri` agree."""
    return all(any(_same(each, other) for other in given) for each in wanted)


def _same(one: str, other: str) -> bool:
    return one == other or (1 in {len(one), len(other)} and one[:1] == other[:1])
