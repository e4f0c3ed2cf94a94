"""Sets of small numbers as integers: bit i stands for i."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def bits(members: Iterable[int], size: int) -> int:
    """The set of these numbers, each below `size`."""
    found = bytearray(size // 8 + 1)
    for each in members:
        found[each >> 3] |= 1 << (each & 7)
    return int.from_bytes(found, "little")


def numbers(found: int) -> Iterator[int]:
    """The members of a set, lowest first."""
    while found:
        lowest = found & -found
        yield lowest.bit_length() - 1
        found ^= lowest
