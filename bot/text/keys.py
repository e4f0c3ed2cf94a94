"""Search and identity forms of a text: what must be equal for two spellings to be the same word, title or person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import regex
from Stemmer import Stemmer

from bot.text.display import display_text

_STEMMED_WORDS = 65_536  # every word that occurs twice in 30,000 abstracts, at some 10 MB

# Accents of the scripts that are read without them. Marks of others (Thai vowels, Devanagari, dakuten) are letters.
_ACCENT = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_INVISIBLE = re.compile("[\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# What NFKC and casefold leave apart although people type one for the other.
_SPELLINGS = str.maketrans(
    {"ı": "i", "ȷ": "j", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"ŋ": "n", "ĸ": "k", "∕": "/", "⁄": "/", "’": "'", "‘": "'", "ʼ": "'", "′": "'"}
    | dict.fromkeys("‐‑‒–—―−", "-")
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_PLAIN = re.compile(r"[A-Za-z0-9 -]+")
_SHORT = 200
_ENGLISH_WORD = re.compile(r"[a-z]{3,}")
# English stemming leaves an s where no vowel stands before it; LLMs, GNNs and GPUs are plurals all the same.
_ABBREVIATIONS = re.compile(r"[b-df-hj-np-tv-xz]{2,}[b-df-hj-np-rtv-xz](?=s$)|[cdgnt]pu(?=s$)")
_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]+")
# The sign first: it is what the search for a match runs to; what stands before it is looked at after that.
_POSSESSIVE = re.compile(r"'(?<=\w')s\b")
_APOSTROPHE = re.compile(r"'(?<=[^\W\d_]')(?=[^\W\d_])")
# Scripts written without spaces between words: Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan.
_UNSPACED = regex.compile(
    r"([\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]+)", regex.VERSION0
)
_UNSPACED_NAME = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Hangul}\s]+")

_english = Stemmer("english", 0)  # without a cache of its own: it is slower to keep than to stem again
_COLLABORATION = re.compile(r"^[^:]*\b(?:collaborations?|consortium|team|group)\b[^:]*:\s*(?=\S)", re.IGNORECASE)
# Nothing in such a name can be a comma, a suffix, a collaboration or an accent: `Tri Dao`, `Christopher D. Manning`.
_PLAIN_NAME = re.compile(
    r"(?!(?:.* )?(?:Md|Jr|Sr|Ii|Iii|Iv|Phd)(?: |$))"
    r"(?:[A-Z](?:\.|[a-z]+) )+(?!(?:Team|Group|Collaboration|Consortium)$)[A-Z][a-z]{2,}"
)
_AFFILIATION = re.compile(r"\([^()]*\)")
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})


def fold(text: str) -> str:
    """The search form of a text: display form, compatibility characters, case and accents folded, on one line."""
    return _folded(display_text(text))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", folded))
    return " ".join(unicodedata.normalize("NFC", bare).translate(_SPELLINGS).split())


def tokens(text: str) -> tuple[str, ...]:
    """The terms of a text in reading order, for matching and for the index alike.

    Words are stemmed as English; hyphens part them, so `kv-cache` and `KV‑Cache` are `kv cache`. Scripts without
    word breaks give overlapping pairs of characters.
    """
    return tuple(map(stem, words(text)))


def words(text: str) -> list[str]:
    """The terms of a text before they are stemmed: what prefixes are looked for in."""
    # Nothing in plain words can be markup. What people type is mostly that, and this is three times as fast.
    plain = len(text) <= _SHORT and _PLAIN.fullmatch(text)
    return _ASCII_WORD.findall(text.lower()) if plain else displayed_words(display_text(text))


def displayed_words(text: str) -> list[str]:
    """As `words`, for a text that is in its display form already: most of the time goes into making it so."""
    found = _split(_folded(text))
    if all(map(str.isascii, found)):
        return found
    return [term for word in found for term in ((word,) if word.isascii() else _terms(word))]


def title_key(title: str) -> str:
    """The folded words of a title: equal for re-uploads and spelling twins, empty only where nothing is to be seen."""
    # A title of signs alone (`→`, `´`) has no words, and folding may take the sign itself for an accent.
    return " ".join(_words(title)) or fold(title) or display_text(title)


def person_key(name: str) -> str:
    """The folded family name: the same for `Dao, Tri`, `T. Dao` and `Tri Dao`.

    Of a name of several family names it is the last (`García Márquez, Gabriel` and `Gabriel García Márquez` must
    agree); a name in Han, kana or Hangul is taken whole, since the order of its parts cannot be told.
    """
    return person_names(name)[0]


def person_names(name: str) -> tuple[str, tuple[str, ...]]:
    """The folded family name, as `person_key` has it, and every other folded word of the name in its order."""
    plain = plain_name(name)
    return (plain[-1], plain[:-1]) if plain else _parted_name(name)


def plain_name(name: str) -> tuple[str, ...]:
    """The folded words of a name in which nothing has to be told apart, the family name last; of another one ()."""
    return tuple(name.replace(".", "").lower().split()) if _PLAIN_NAME.fullmatch(name) else ()


def _parted_name(name: str) -> tuple[str, tuple[str, ...]]:
    shown = _COLLABORATION.sub("", _AFFILIATION.sub(" ", display_text(name)).strip())
    if not shown:
        return "", ()
    if _UNSPACED_NAME.fullmatch(shown):
        return fold(shown), ()
    head, _, given = shown.partition(",")
    inverted = given.strip() and not all(_is_suffix(part) for part in re.split(r"[\s,]+", given) if part)
    if re.search(r"\b(?:collaboration|consortium|team|group)$", shown, re.IGNORECASE):
        return " ".join(_words(shown)), ()
    parts = [part for part in head.split() if not _is_suffix(part)]
    # `Li M.` ends in an initial: the family name is the last word that is none.
    names = [part for part in parts if len(part.rstrip(".")) > 1] if not inverted else parts
    chosen = (names or parts or head.split() or [shown])[-1]
    others = [*parts, *(given.split() if inverted else ())]
    if chosen in others:
        others.remove(chosen)
    return " ".join(_words(chosen)) or fold(chosen), tuple(word for each in others for word in _words(each))


def _words(text: str) -> list[str]:
    return _split(fold(text))


def _split(folded: str) -> list[str]:
    if "'" in folded:
        folded = _APOSTROPHE.sub("", _POSSESSIVE.sub("", folded))
    if folded.isascii():
        return _ASCII_WORD.findall(folded)
    return [str(word) for word in _WORD.findall(folded)]


def _terms(word: str) -> list[str]:
    found: list[str] = []
    for piece in _UNSPACED.split(word):
        if not piece:
            continue
        if not _UNSPACED.match(piece) or len(piece) == 1:
            found.append(piece)
        else:
            found.extend(piece[at : at + 2] for at in range(len(piece) - 1))
    return found


def _is_suffix(part: str) -> bool:
    return part.rstrip(".,").lower() in _SUFFIXES


def stems(vocabulary: Iterable[str]) -> dict[str, str]:
    """The stem of each of these words, as `stem` gives it; of many at once it takes a tenth of the time."""
    found = {word: word for word in vocabulary}
    english = [word for word in found if _ENGLISH_WORD.fullmatch(word)]
    found.update(zip(english, _english.stemWords([_singular(word) for word in english]), strict=True))
    return found


def _singular(word: str) -> str:
    many = _ABBREVIATIONS.match(word)
    return many.group() if many else word


@lru_cache(maxsize=_STEMMED_WORDS)
def stem(word: str) -> str:
    """The stem of an English word; names of models (`m3vit`) and other scripts are their own."""
    return str(_english.stemWord(_singular(word))) if _ENGLISH_WORD.fullmatch(word) else word
