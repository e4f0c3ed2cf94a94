"""Regular expressions of strangers, run by RE2: no pattern takes longer than its text is long."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from bot.errors import BadTopic

LONGEST_PATTERN = 1_000
_MEMORY = 1 << 20  # bytes of a compiled pattern: enough for every filter that people were seen to use
_KEPT = 4_096
_SHOWN = 60


def compiled(pattern: str, position: int = 0) -> Any:  # noqa: ANN401 - the binding exports no name for it
    """The pattern, ready to search with, case-insensitive. Raises BadTopic where RE2 does not take it."""
    if not pattern:
        raise BadTopic("An empty regular expression matches everything; write * for that.", position=position)
    if len(pattern) > LONGEST_PATTERN:
        raise BadTopic(
            f"A regular expression is at most {LONGEST_PATTERN:,} characters long; this one has {len(pattern):,}.",
            position=position,
        )
    try:
        return _compiled(pattern)
    except (re2.error, UnicodeError) as error:
        reason = error.args[0] if error.args else "it cannot be read"
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        shown = "".join(char for char in pattern[:_SHOWN] if char.isprintable())
        raise BadTopic(
            f"The regular expression /{shown}/ cannot be used: {reason}. "
            "Look-around and back-references are left out on purpose, so that no pattern can take long.",
            position=position,
        ) from None


@lru_cache(maxsize=_KEPT)
def _compiled(pattern: str) -> Any:  # noqa: ANN401 - the binding exports no name for it
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)
