"""What is shown of a paper that was found: the sentence that says most of what was searched for, its words marked."""

from __future__ import annotations

from collections.abc import Collection

from bot.search.fields import displayed_tokens
from bot.text.cut import SUMMARY_LIMIT, cut, sentences
from bot.topics.passages import Passage, Span


def telling_sentence(abstract: str, wanted: Collection[str]) -> str:
    """The sentence with the most of these stems, the first of several; cut where it is long. Empty: none has any."""
    best, most = "", 0
    for sentence in sentences(abstract):
        number = len(set(wanted).intersection(displayed_tokens(sentence)))
        if number > most:
            best, most = sentence, number
    return cut(best, SUMMARY_LIMIT)


def marks(text: str, wanted: Collection[str]) -> tuple[Span, ...]:
    """The stretches of a displayed text whose words have one of these stems."""
    return Passage(text).standing(wanted) if wanted and text else ()
