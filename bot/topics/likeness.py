"""Papers that share another one's rarest terms: what `like:` means where no model of meaning is installed."""

from __future__ import annotations

from collections.abc import Callable

from bot.model import Paper
from bot.text.keys import tokens

RAREST = 20
"""How many of a paper's rarest terms are compared."""
SHARED = 5
"""How many of them a paper must share to resemble it."""
_LEAST_PAPERS = 2  # a term that nobody else uses says nothing of who is alike


def resembling(paper: Paper, having: Callable[[str], int], size: int) -> int:
    """The papers that share at least `SHARED` of the paper's `RAREST` terms.

    `having` gives the papers that have a token; `size` is how many papers there are. Terms that fewer than two or more
    than a tenth of them have are left out.
    """
    found = [(papers.bit_count(), token, papers) for token in _terms(paper) if (papers := having(token))]
    rarest = sorted(each for each in found if _LEAST_PAPERS <= each[0] <= max(size // 10, _LEAST_PAPERS))[:RAREST]
    at_least = [0] * (SHARED + 1)  # at_least[n]: the papers that share n of the terms seen so far, or more
    for _, _, papers in rarest:
        for shared in range(SHARED, 1, -1):
            at_least[shared] |= at_least[shared - 1] & papers
        at_least[1] |= papers
    return at_least[min(SHARED, max(len(rarest), 1))] if rarest else 0


def _terms(paper: Paper) -> tuple[str, ...]:
    return tuple(sorted({*tokens(paper.title), *tokens(paper.abstract)}))
