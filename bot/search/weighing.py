"""Which terms of the index a search text is ranked by, and with which weights (docs/search.md says what was tried)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from bot.index_query import Condition, HasTerms, IndexField, SomeOf, Weighted
from bot.search.abbreviations import LONG_FORMS
from bot.search.reading import SearchText
from bot.text.keys import stem, tokens
from bot.topics.prose import STOPS

FIELD_WEIGHTS: Mapping[IndexField, float] = {
    IndexField.TEXT: 1.0,
    IndexField.TITLE: 0.3,
    IndexField.KEYWORDS: 0.3,
    IndexField.PEOPLE: 0.3,
}
"""Title words count as text too, so one of them weighs 1.3 of an abstract's."""
ABBREVIATION = 0.3
"""Of each word of a long form."""
LONG_PAIR = 1.0
"""Of neighbours in a long form, beside 1 for those that were typed."""
SENTENCE = 3
"""So many ranked words make a sentence: it says enough for feedback to be on its subject."""
FEEDBACK_PAPERS = 6
FEEDBACK_TERMS = 15
FEEDBACK = 0.15
_LEAST_IDF = 1.5
_LEAST_PAPERS = 2
_SHORTEST = 3
PAIRED = 30
"""How many of the best are looked at for words that stand next to each other."""
PAIR = 0.15
_PAIR_TITLE = 0.3
_SATURATION = 1.2
_NAME_RATIO = 20

_SILENT = frozenset(map(stem, STOPS))

Frequency = Callable[[IndexField, str], int]


def weighted(asked: SearchText) -> list[Weighted]:
    """The terms of the text, its joined words and what its abbreviations stand for."""
    counts = Counter(stem(word) for word in asked.asked if word is not None)
    found = [each for token, count in counts.items() for each in _term(token, 1 + math.log(count))]
    for word, following in pairwise(asked.asked):
        if word and following:
            found += _term(stem(word + following), 1.0, fields=(IndexField.TEXT, IndexField.TITLE))
    for _, parts in _long_forms(asked):
        found += [each for part in parts for each in _term(part, ABBREVIATION, fields=_WORDY)]
    return found


_WORDY = (IndexField.TEXT, IndexField.TITLE)


def _term(token: str, weight: float, *, fields: Sequence[IndexField] = tuple(FIELD_WEIGHTS)) -> list[Weighted]:
    return [Weighted(field, (token,), weight * FIELD_WEIGHTS[field]) for field in fields]


def every_word(asked: SearchText, frequency: Frequency) -> list[Condition]:
    """That a paper has all words, in its text or, where a word is rather a name, among its authors."""
    found: list[Condition] = []
    for token in asked.tokens:
        in_text = HasTerms(IndexField.TEXT, (token,))
        if frequency(IndexField.PEOPLE, token) * _NAME_RATIO > frequency(IndexField.TEXT, token):
            found.append(SomeOf((in_text, HasTerms(IndexField.PEOPLE, (token,)))))
        else:
            found.append(in_text)
    return found


def fed_back(
    best: Sequence[tuple[float, Sequence[str]]], asked: SearchText, idf: Callable[[str], float]
) -> list[Weighted]:
    """The telling terms of the best papers (score, tokens), as if they had been typed too, but softly.

    Pseudo-relevance feedback in the manner of Rocchio: what several of the best have in common is likely on the
    subject, whatever words it was asked for with.
    """
    if not best or len(asked.tokens) < SENTENCE:
        return []
    top = best[0][0] or 1.0
    weights: Counter[str] = Counter()
    papers: Counter[str] = Counter()
    for score, found in best[:FEEDBACK_PAPERS]:
        counts = Counter(each for each in found if len(each) >= _SHORTEST and each not in _SILENT)
        length = math.sqrt(sum(counts.values()) or 1)
        for token, count in counts.items():
            weights[token] += math.log1p(count) / length * (score / top) ** 2 * idf(token)  # type: ignore[assignment]
            papers[token] += 1
    telling = [
        (token, weight)
        for token, weight in weights.most_common(FEEDBACK_TERMS * 3)
        if papers[token] >= _LEAST_PAPERS and idf(token) > _LEAST_IDF
    ][:FEEDBACK_TERMS]
    return [
        each for token, weight in telling for each in _term(token, FEEDBACK * weight / telling[0][1], fields=_WORDY)
    ]


def paired(asked: SearchText, title: Sequence[str], abstract: Sequence[str], idf: Callable[[str], float]) -> float:
    """What a paper gains for words that stand next to each other in it, as they were typed or in a long form."""
    wanted = _pairs(asked)
    if not wanted:
        return 0.0
    in_title = Counter(pairwise(title))
    counts = Counter(pair for pair in (*pairwise(abstract), *in_title.elements()) if pair in wanted)
    gained = 0.0
    for pair, count in counts.items():
        weight = wanted[pair] * (idf(pair[0]) + idf(pair[1]))
        gained += weight * count * (1 + _SATURATION) / (count + _SATURATION)
        gained += _PAIR_TITLE * weight if pair in in_title else 0.0
    return PAIR * gained


def has_pairs(asked: SearchText) -> bool:
    """True where words stand next to each other, so that the papers' texts have something to tell."""
    return bool(_pairs(asked))


@lru_cache(maxsize=1_024)
def _pairs(asked: SearchText) -> Mapping[tuple[str, str], float]:
    long = [pair for _, parts in _long_forms(asked) for pair in pairwise(parts)]
    typed = [
        (stem(word), stem(following))
        for word, following in pairwise(asked.asked)
        if word and following and word != following
    ]
    return {**dict.fromkeys(long, LONG_PAIR), **dict.fromkeys(typed, 1.0)}


def _long_forms(asked: SearchText) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The abbreviations of the text with the tokens that they stand for, where those were not all typed too."""
    typed = set(asked.tokens)
    for word in asked.words:
        long = LONG_FORMS.get(word) or LONG_FORMS.get(word.removesuffix("s"))
        parts = tokens(long) if long else ()
        if parts and not typed.issuperset(parts):
            yield word, parts


def inverse_frequency(size: int, frequency: Frequency) -> Callable[[str], float]:
    """BM25's idf over the text of `size` papers, each term looked up once."""
    known: dict[str, float] = {}

    def idf(token: str) -> float:
        if token not in known:
            having = frequency(IndexField.TEXT, token)
            known[token] = math.log1p((size - having + 0.5) / (having + 0.5))
        return known[token]

    return idf
