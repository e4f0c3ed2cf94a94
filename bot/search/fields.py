"""A paper as the search index takes it: the normaliser's own tokens, so that search and matching cannot drift apart."""

from __future__ import annotations

from functools import lru_cache

from bot.index_query import BREAK, IndexedPaper
from bot.model import Paper, SourceName
from bot.text.keys import displayed_words, person_names, plain_name, stem
from bot.topics.expression import Author, Linked, TypeGroup
from bot.topics.links import linked

LONGEST_TERM = 200
"""Characters; longer ones are no words, and the engine takes none above 65,530 bytes."""
MOST_AUTHORS = 1_000
_NAMES = 50_000
_KEPT_STEMS = 200_000
_KEPT_FACETS = 20_000
_GAP = " "
_ANY = "*"


def indexed(paper: Paper, *, number: int, kind: TypeGroup) -> IndexedPaper:
    """All fields of a paper whose texts are in their display form, as stored papers are."""
    title = displayed_words(paper.title)
    abstract = displayed_words(paper.abstract)
    people = [_named(name) for name in paper.authors[:MOST_AUTHORS]]
    facts = paper.facts
    day = paper.announced_on or paper.published_on
    stemmed = _stemmed(title)
    return IndexedPaper(
        number=number,
        text=f"{stemmed} {BREAK} {_stemmed(abstract)}",
        title=stemmed,
        words=_spelled([*title, *abstract]),
        people=_GAP.join([tokens for tokens, _ in people]),
        authors=_GAP.join([terms for _, terms in people]),
        keywords=_GAP.join([_stemmed(displayed_words(each)) for each in facts.ai_keywords]),
        organization=_stemmed(displayed_words(facts.organization)) if facts.organization else "",
        facets=_facets(paper.categories, paper.sources, linked(paper), kind),
        exact=paper.title_key,
        day=day.toordinal() if day else 0,
        upvotes=max(facts.upvotes or 0, 0),
        stars=max(facts.stars or 0, 0),
    )


def author_terms(author: Author) -> list[tuple[str, ...]]:
    """The terms of `IndexField.AUTHORS` of which a paper must have, of each tuple, one.

    A whole given name agrees with itself and with its initial alone; an initial with every name that begins with it,
    as `bot.topics.people.agree` has it. Of several given names the index cannot tell that they are one person's.
    """
    family = _one(author.family)
    return [
        (f"{family}/{name}", f"{family}/{name[0]}") if len(name) > 1 else (f"{family}/{name}{_ANY}",)
        for name in map(_one, author.given)
    ] or [(family,)]


def category_facet(name: str, *, primary: bool) -> str:
    """The facet of a category or an archive, of all that a paper lists or of the first."""
    return f"{'first' if primary else 'cat'}:{name}"


def source_facet(source: SourceName) -> str:
    """The facet of a source."""
    return f"source:{source.value}"


def type_facet(kind: TypeGroup) -> str:
    """The facet of an announce type."""
    return f"type:{kind.value}"


def link_facet(kind: Linked) -> str:
    """The facet of something linked."""
    return f"has:{kind.value}"


_stems: dict[str, str] = {}
"""The stem of each word that was met: looking it up takes a tenth of the time of a call."""


def _stemmed_words(found: list[str]) -> list[str]:
    try:
        return [_stems[word] for word in found]
    except KeyError:
        if len(_stems) >= _KEPT_STEMS:
            _stems.clear()
        _stems.update((word, stem(word) if len(word) <= LONGEST_TERM else "") for word in found if word not in _stems)
        return [_stems[word] for word in found]


def displayed_tokens(text: str) -> list[str]:
    """As `bot.text.keys.tokens`, for a text that is in its display form."""
    return _stemmed_words(displayed_words(text))


def _stemmed(found: list[str]) -> str:
    return _GAP.join(_stemmed_words(found))


def _spelled(found: list[str]) -> str:
    """The words as they stand; of other scripts also each character, which is looked for alone."""
    spelled = _GAP.join(found)
    if spelled.isascii() and len(max(found, key=len, default="")) <= LONGEST_TERM:
        return spelled
    foreign = {char for char in spelled if not char.isascii()}
    return _GAP.join([word for word in (*found, *foreign) if len(word) <= LONGEST_TERM])


@lru_cache(maxsize=_NAMES)
def _named(name: str) -> tuple[str, str]:
    """The terms of a name, for `PEOPLE` and for `AUTHORS`: `tri dao`, and `dao dao/tri dao/t*`.

    The second has the family name, and with it each given name whole and as “begins with”.
    """
    plain = plain_name(name)
    family, given = (plain[-1], plain[:-1]) if plain else person_names(name)
    people = _stemmed(list(plain) or displayed_words(name))
    if not family:
        return people, ""
    family = _one(family)
    terms = [family]
    for each in dict.fromkeys(given):
        terms += [f"{family}/{_one(each)}", f"{family}/{each[:1]}{_ANY}"]
    return people, _GAP.join(terms)


def _one(name: str) -> str:
    """A name of several words as one term."""
    return "_".join(name.split())[:LONGEST_TERM]


@lru_cache(maxsize=_KEPT_FACETS)
def _facets(
    categories: tuple[str, ...], sources: tuple[SourceName, ...], links: frozenset[Linked], kind: TypeGroup
) -> str:
    """Few papers differ in all of these: most are looked up."""
    found = {
        category_facet(each, primary=primary)
        for primary, names in ((False, categories), (True, categories[:1]))
        for name in names
        for each in (name, name.partition(".")[0])
    }
    found.update(map(source_facet, sources))
    found.update(map(link_facet, links))
    found.add(type_facet(kind))
    return _GAP.join(sorted("_".join(each.split()) for each in found))
