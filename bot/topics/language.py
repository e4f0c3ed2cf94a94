"""The topic language: a text becomes a Topic, or a BadTopic that names the place, what was expected, a near spelling.

`bot.topics.grammar` has the syntax, `bot.topics.values` the values of fields, `bot.topics.rendering` the way back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import unquote_plus

from bot.errors import BadTopic
from bot.text.keys import fold, tokens
from bot.topics.canonical import canonical, flat
from bot.topics.categories import looks_like_category, spell_category
from bot.topics.expression import (
    And,
    AtLeast,
    Atom,
    Everything,
    Expression,
    InCategory,
    Not,
    Or,
    Prefix,
    Regex,
    Where,
    Words,
    atoms,
    wanted,
)
from bot.topics.grammar import Branch, Choice, Leaf, Scope, Tree, grow
from bot.topics.patterns import compiled
from bot.topics.rendering import render
from bot.topics.values import VALUES, read_category

LONGEST_TOPIC = 4_000
MOST_ATOMS = 256
SHORTEST_PREFIX = 3
_DEEPEST = 40
_KEPT = 4_096
_KEPT_ATOMS = 65_536

_SPELLINGS = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "（": "(", "）": ")", "\u3000": " ", "\u00a0": " "}
    | {chr(code): " " for code in (*range(9), *range(14, 32), 127)}
)
_FROM_ARXIV = {"ti": "title", "abs": "abstract", "au": "author", "all": ""}
_TEXTS = {"title": Where.TITLE, "abstract": Where.ABSTRACT, "": Where.ANYWHERE}
_REFUSED = {
    "jr": "arXiv's journal references are not known here",
    "co": "authors' comments are not searched here",
    "rn": "report numbers are not known here",
    "id": "a topic is about papers to come; /papers show finds one by its id",
    "submitteddate": "write since:2026-01-01 and before:2026-02-01 instead",
    "lastupdateddate": "write since:2026-01-01 and before:2026-02-01 instead",
}
FIELDS = ("title", "abstract", *VALUES)


@dataclass(frozen=True, eq=False, slots=True)
class Topic:
    """A parsed topic: equal to every other spelling of the same conditions.

    `notes` say what was read in another way than it stands.
    """

    expression: Expression
    notes: tuple[str, ...] = ()

    @property
    def atoms(self) -> list[Atom]:
        """All conditions, in reading order."""
        return atoms(self.expression)

    @property
    def text(self) -> str:
        """The topic tidied, in the words that were typed."""
        return render(self.expression)

    @property
    def canonical(self) -> Expression:
        """The one expression of all spellings: flat, sorted, nothing twice."""
        return canonical(self.expression)

    @property
    def canonical_text(self) -> str:
        """The one text of all spellings; it reads back as an equal topic."""
        return render(self.canonical, stems=True)

    @property
    def categories(self) -> tuple[InCategory, ...]:
        """The categories that it asks for: what has to be fetched."""
        found = (each for each in wanted(self.expression) if isinstance(each, InCategory))
        return tuple(dict.fromkeys(found))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Topic) and self.canonical == other.canonical

    def __hash__(self) -> int:
        return hash(self.canonical)


EVERYTHING = Topic(Everything())


@lru_cache(maxsize=_KEPT)
def parse_topic(text: str) -> Topic:
    """Read a topic. Raises BadTopic with the 0-based position."""
    if len(text) > LONGEST_TOPIC:
        raise BadTopic(f"A topic is at most {LONGEST_TOPIC:,} characters long; this one has {len(text):,}.")
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_SPELLINGS)
    text = _decoded(text)
    if not text.strip():
        raise BadTopic("An empty topic asks for nothing; write * for everything.")
    if text.strip() == "*":
        return EVERYTHING
    plain = _plain(text)
    if plain is not None:
        return Topic(plain, _small_operators(text))
    reader = _Reader()
    expression = flat(reader.read(grow(text), None, 0))
    if expression == Not(Everything()):
        raise BadTopic("This topic can match nothing: it leaves out every paper.")
    return Topic(expression, (*dict.fromkeys(reader.notes), *_small_operators(text)))


def _small_operators(text: str) -> tuple[str, ...]:
    """What is said of an operator in small letters: it is a word, and perhaps was not meant as one."""
    if not (" or " in text or " and " in text or " not " in text):
        return ()
    found = dict.fromkeys(_SMALL.findall(_QUOTED.sub(" ", text)))
    return tuple(f"“{each}” is looked for as a word; the operator is {each.upper()}, in capitals." for each in found)


# Words, phrases and categories, next to each other or with OR between them: what most topics are. Without operators,
# brackets and fields there is nothing to parse; lark takes eight times as long (0.2 s, not 1.6, for 30,000 topics).
# A property test holds that both ways read the same.
_TERM = r'(?:cat:)?[^\s()"|,*/:&!-][^\s()"|,*/:&!]*|"[^"]*"'
_TERMS = re.compile(_TERM)
_PLAIN = re.compile(rf"\s*(?:{_TERM})(?:\s+(?:{_TERM}))*\s*")
_SMALL = re.compile(r"(?<=[^\s(]\s)(?:or|and|not)(?=\s[^\s])")
_QUOTED = re.compile(r'"[^"]*"')
_OPERATORS = frozenset({"AND", "NOT", "ANDNOT"})


def _plain(text: str) -> Expression | None:
    """The expression of a text that is only a list of terms; None where it is more, and the grammar has to read it."""
    if not _PLAIN.fullmatch(text):
        return None
    terms = _TERMS.findall(text)
    any_of = len(terms) > 1 and terms[1] == "OR"
    if any_of:
        if len(terms) % 2 == 0 or set(terms[1::2]) != {"OR"}:
            return None
        terms = terms[::2]
    if "OR" in terms or not _OPERATORS.isdisjoint(terms) or len(terms) > MOST_ATOMS:
        return None
    try:
        parts = dict.fromkeys([_listed(term) for term in terms])
    except BadTopic:
        return None  # the grammar tells the place
    if len(parts) == 1:
        return next(iter(parts))
    return Or(tuple(parts)) if any_of else And(tuple(parts))


@lru_cache(maxsize=_KEPT_ATOMS)
def _listed(term: str) -> Expression:
    if term.startswith('"'):
        return _atom(Leaf("PHRASE", term, 0), None)
    if term.startswith("cat:"):
        return _atom(Leaf("WORD", term[4:], 0), "cat")
    return _atom(Leaf("WORD", term, 0), None)


def _decoded(text: str) -> str:
    """An arXiv query as it stands in a link (`search_query=cat:cs.CL+AND+abs:%22x%22`), else the text as it is."""
    if "search_query=" in text:
        text = text.split("search_query=", 1)[1].split("&", 1)[0]
    elif "+AND+" not in text and "+OR+" not in text and "+ANDNOT+" not in text and "%22" not in text:
        return text
    return unquote_plus(text)


class _Reader:
    """Gives the tree its meaning; counts atoms, and notes what was read in another way than it stands."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._atoms = 0

    def read(self, tree: Tree, scope: str | None, depth: int) -> Expression:
        """The expression of a tree within a field."""
        if depth > _DEEPEST:
            raise BadTopic(f"This topic is nested more than {_DEEPEST} deep; write it flatter.")
        match tree:
            case Leaf():
                self._atoms += 1
                if self._atoms > MOST_ATOMS:
                    raise BadTopic(f"A topic names at most {MOST_ATOMS} conditions; this one has more.")
                return _atom(tree, scope)
            case Scope(name, position, body):
                return self.read(body, self._field(name, position, scope), depth + 1)
            case Branch("not", (part,)):
                return Not(self.read(part, scope, depth + 1))
            case Branch(kind, parts):
                read = tuple(self.read(each, scope, depth + 1) for each in parts)
                return And(read) if kind == "and" else Or(read)
            case Choice(count, position, parts):
                return self._at_least(count, position, tuple(self.read(each, scope, depth + 1) for each in parts))

    def _field(self, name: str, position: int, scope: str | None) -> str:
        if scope is not None:
            raise BadTopic(
                f"{name}: (at character {position + 1}) stands inside {scope or 'all'}: — a field holds plain values.",
                position=position,
            )
        if name in _FROM_ARXIV:
            meant = _FROM_ARXIV[name]
            here = f"{meant}:" if meant else "title and abstract"
            self.notes.append(f"{name}: of arXiv's queries is read as {here}.")
            return meant
        if name in FIELDS:
            return name
        if name in _REFUSED:
            raise BadTopic(f"{name}: cannot be asked for: {_REFUSED[name]}.", position=position)
        near = get_close_matches(name, FIELDS, n=1, cutoff=0.6)
        hint = f" Did you mean {near[0]}:?" if near else f" The fields are {', '.join(FIELDS)}."
        raise BadTopic(
            f"“{name}:” (at character {position + 1}) is no field.{hint} "
            f"For the text itself, put it in quotation marks.",
            position=position,
        )

    def _at_least(self, count: str, position: int, parts: tuple[Expression, ...]) -> Expression:
        distinct = tuple(dict.fromkeys(canonical(each) for each in parts))
        if not (count.isascii() and count.isdigit() and 1 <= int(count[:6]) <= len(distinct)):
            raise BadTopic(
                f"“atleast({count}, …)” (at character {position + 1}) needs a whole number from 1 to {len(distinct)}, "
                "as many as it lists: atleast(2, a, b, c).",
                position=position,
            )
        return AtLeast(int(count), parts)


def _atom(leaf: Leaf, scope: str | None) -> Expression:
    """The condition that a leaf stands for; topics share most of theirs, so each is read once."""
    try:
        return _kept_atom(leaf.kind, leaf.text, scope)
    except BadTopic:
        return _atom_of(leaf, scope)  # once more, for the place of the mistake


@lru_cache(maxsize=_KEPT_ATOMS)
def _kept_atom(kind: str, text: str, scope: str | None) -> Expression:
    return _atom_of(Leaf(kind, text, 0), scope)


def _atom_of(leaf: Leaf, scope: str | None) -> Expression:
    where = _TEXTS.get(scope or "")
    text = leaf.text[1:-1] if leaf.kind == "PHRASE" else leaf.text
    if where is None:
        if leaf.kind == "REGEX":
            raise BadTopic(f"{scope}: takes no regular expression; title: and abstract: do.", position=leaf.position)
        return VALUES[scope or ""](text.strip(), leaf.position)
    match leaf.kind:
        case "REGEX":
            return _regex(leaf, where)
        case "PHRASE":
            return _words(text, leaf, where)
        case _:
            return _word(leaf, scope, where)


def _word(leaf: Leaf, scope: str | None, where: Where) -> Expression:
    word = leaf.text
    if word == "*":
        return Everything()
    if word.endswith(":") and word[:-1].lower() in {*FIELDS, *_FROM_ARXIV}:
        raise BadTopic(f"{word} (at character {leaf.position + 1}) needs a value.", position=leaf.position)
    if word.lower() == "atleast":
        raise BadTopic("atleast needs a number and a list: atleast(2, a, b, c).", position=leaf.position)
    if scope is None:
        category = word.removesuffix("!")
        if spell_category(category) is not None or (looks_like_category(category) and tokens(category)):
            return read_category(word, leaf.position)
    if word.endswith("*"):
        return _prefix(leaf, where)
    if "*" in word.strip("*"):
        raise BadTopic(
            f"The star in “{word}” (at character {leaf.position + 1}) can only end a word: quantiz*.",
            position=leaf.position,
        )
    return _words(word, leaf, where)


def _prefix(leaf: Leaf, where: Where) -> Atom:
    letters = fold(leaf.text.rstrip("*"))
    if len(letters) < SHORTEST_PREFIX or not letters.isalnum():
        raise BadTopic(
            f"“{leaf.text}” (at character {leaf.position + 1}) is too short: a prefix is at least {SHORTEST_PREFIX} "
            "letters or digits of one word, like quantiz*.",
            position=leaf.position,
        )
    return Prefix(letters, where, leaf.text.rstrip("*"))


def _words(text: str, leaf: Leaf, where: Where) -> Atom:
    found = tokens(text)
    if not found:
        raise BadTopic(
            f"“{_visible(text)}” (at character {leaf.position + 1}) holds no letter or digit to look for.",
            position=leaf.position,
        )
    return Words(found, where, _visible(text))


def _visible(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split()) or "?"


def _regex(leaf: Leaf, where: Where) -> Atom:
    text = leaf.text.removesuffix("i") if leaf.text.endswith("/i") else leaf.text
    pattern = text[1:-1].replace("\\/", "/")
    compiled(pattern, leaf.position)
    return Regex(pattern, where)
