"""What a search text asks for: conditions that must hold, words that are ranked, and what was read in another way.

Topics are hard, search is soft (docs/search.md): bare words are ranked, everything else is a condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import BadReference, BadTopic
from bot.identity import parse_reference
from bot.model import PaperId
from bot.text.keys import stem, title_key, words
from bot.topics.expression import About, And, Everything, Expression, InCategory, Not, Where, Words, wanted
from bot.topics.language import parse_topic
from bot.topics.prose import STOPS

_ARCHIVES_AS_WORDS = frozenset({"cs", "econ", "eess", "math", "nlin", "physics", "stat"})
_ASKING = frozenset(
    """
    any are article articles author authors did example examples existing give gives instance instances list literature
    me mention name paper papers previous prior provide publication publications reference references related research
    researches some studied there who
    """.split()  # noqa: SIM905 - a list of thirty strings reads worse
)
"""Words of questions about papers that are not about the papers' subject; with the stop words of prose."""
NOTHING = Not(Everything())
"""What signs alone ask for."""
_MOST_WORDS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchText:
    """A search text, read.

    `asked` are the ranked words in their order as they were typed (folded), None where one that says nothing was left
    out. `required` must hold for every paper that is found; None: whatever the words find.
    """

    text: str
    asked: tuple[str | None, ...] = ()
    required: Expression | None = None
    reference: PaperId | None = None
    """The paper that the whole text names by id, DOI or link."""
    title: str = ""
    """The folded text, to be compared with whole titles."""
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The ranked words, each once."""
        return tuple(dict.fromkeys(each for each in self.asked if each is not None))

    @property
    def spellings(self) -> tuple[tuple[str, str], ...]:
        """Each word that must or may stand in a paper, as typed (folded), with its stem."""
        required = [each for each in wanted(self.required) if isinstance(each, Words)] if self.required else []
        said = [word for each in required for word in words(each.shown)]
        return tuple((word, stem(word)) for word in dict.fromkeys((*self.words, *said)))

    @property
    def marked(self) -> tuple[str, ...]:
        """The stems that are marked in what was found."""
        return tuple(dict.fromkeys(token for _, token in self.spellings))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The stems of the ranked words, each once."""
        return tuple(dict.fromkeys(map(stem, self.words)))


def read_search(text: str) -> SearchText:
    """Read what was typed. Nothing is refused: what is no expression is searched word by word, and a note says so."""
    text = text.strip()
    reference, title = _reference(text), title_key(text) if text else ""
    try:
        expression = parse_topic(text).expression if text else Everything()
        notes: tuple[str, ...] = ()
    except BadTopic as error:
        expression = _literal(text)
        notes = (f"Searched for the words as they stand: {error.user_message}",) if expression != NOTHING else ()
    soft, hard = _parted(expression, text)
    asked = _said(soft)
    # With nothing else to go by, words that say nothing are better than none.
    if not any(asked) and soft and not hard:
        asked = tuple(words(" ".join(soft)))
    required = hard[0] if len(hard) == 1 else And(tuple(hard)) if hard else None
    return SearchText(
        text=text, asked=asked[:_MOST_WORDS], required=required, reference=reference, title=title, notes=notes
    )


def _reference(text: str) -> PaperId | None:
    try:
        return parse_reference(text) if text and " " not in text else None
    except BadReference:
        return None


def _literal(text: str) -> Expression:
    """The words alone: what the text holds beside them was not understood."""
    found = words(text)
    return And(tuple(Words((stem(word),), Where.ANYWHERE, word) for word in found)) if found else NOTHING


def _parted(expression: Expression, text: str) -> tuple[list[str], list[Expression]]:
    """The bare words as they were typed, and everything that must hold."""
    soft: list[str] = []
    hard: list[Expression] = []
    for part in _conjuncts(expression):
        match part:
            case Words(_, Where.ANYWHERE, shown) if f'"{shown}"' not in text:
                soft.append(shown)
            case InCategory(name, False) if name in _ARCHIVES_AS_WORDS and f"cat:{name}" not in text.casefold():
                soft.append(name)
            case About(said):
                soft.append(said)
                hard.append(part)
            case Everything():
                pass
            case _:
                hard.append(part)
    return soft, hard


def _conjuncts(expression: Expression) -> list[Expression]:
    if isinstance(expression, And):
        return [each for part in expression.parts for each in _conjuncts(part)]
    return [expression]


def _said(soft: list[str]) -> tuple[str | None, ...]:
    found = [word for each in soft for word in words(each)]
    return tuple(None if word in STOPS or word in _ASKING else word for word in found)
