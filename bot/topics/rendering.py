"""From an expression back to the topic language: text that reads as the same expression again."""

from __future__ import annotations

import re
from datetime import date

from bot.identity import bare_arxiv_id
from bot.text.keys import stem, tokens
from bot.topics.categories import ARCHIVES, looks_like_category, spell_category
from bot.topics.expression import (
    About,
    And,
    AtLeast,
    Author,
    Before,
    Count,
    Day,
    Everything,
    Expression,
    FromSource,
    Has,
    In,
    InCategory,
    Like,
    Not,
    OfType,
    Or,
    Organization,
    Prefix,
    Regex,
    Since,
    Where,
    Words,
)

_BARE = re.compile(r"[^\s()\"|,*:/!&-][^\s()\"|,*:]*")
_SLASH = re.compile(r"\\.|/", re.DOTALL)
_OPERATORS = frozenset({"AND", "OR", "NOT", "ANDNOT"})
_ENDINGS = ("s", "e", "ed", "ing", "y", "ion", "ly", "es", "er")


def render(expression: Expression, *, stems: bool = False) -> str:
    """The expression as a topic. With `stems` every word is written in the one spelling that its stem has."""
    match expression:
        case And(parts):
            return " ".join(_within(each, stems=stems) for each in parts)
        case Or(parts):
            return " OR ".join(_within(each, stems=stems) for each in parts)
        case Not(part):
            return f"NOT {_within(part, stems=stems)}"
        case AtLeast(count, parts):
            return f"atleast({count}, {', '.join(render(each, stems=stems) for each in parts)})"
        case Words(found, where, shown):
            return _text(_spelled(found, shown) if stems else shown or _spelled(found, shown), where)
        case Prefix(letters, where, shown):
            return f"{_scope(where)}{letters if stems else shown or letters}*"
        case Author(family, given, shown):
            return f"author:{_value(_name(family, given) if stems else shown or _name(family, given))}"
        case Organization(found, shown):
            return f"org:{_value(_spelled(found, shown) if stems else shown or _spelled(found, shown))}"
        case _:
            return _fixed(expression)


def _fixed(expression: Expression) -> str:
    """The atoms that have one spelling only."""
    match expression:
        case Regex(pattern, where):
            return f"{_scope(where)}/{_SLASH.sub(_escaped, pattern)}/"
        case InCategory(name, primary):
            return f"{name if name not in ARCHIVES or '-' in name else f'{name}.*'}{'!' if primary else ''}"
        case FromSource(source):
            return f"source:{source}"
        case OfType(kind):
            return f"type:{kind}"
        case Has(linked):
            return f"has:{linked}"
        case Count(quantity, least, most):
            return f"{quantity}:{_range(least, most)}"
        case Since(day):
            return f"since:{_day(day)}"
        case Before(day):
            return f"before:{_day(day)}"
        case Like(paper_id):
            return f"like:{_value(bare_arxiv_id(paper_id) or paper_id)}"
        case About(text):
            return f'about:"{text}"'
        case In(place):
            return f"in:{place}"
        case Everything():
            return "*"
        case _:
            raise AssertionError(expression)


def _escaped(found: re.Match[str]) -> str:
    """A slash that would end the pattern gets its backslash; whatever stands escaped already stays."""
    return "\\/" if found.group() == "/" else found.group()


def _name(family: str, given: tuple[str, ...]) -> str:
    return f"{family}, {' '.join(given)}" if given else family


def _within(part: Expression, *, stems: bool) -> str:
    text = render(part, stems=stems)
    return f"({text})" if isinstance(part, And | Or) else text


def _text(text: str, where: Where) -> str:
    if where is not Where.ANYWHERE:
        return f"{where}:{_value(text)}"
    is_category = spell_category(text) is not None or looks_like_category(text)
    is_bare = _BARE.fullmatch(text) and text not in _OPERATORS and text.lower() != "atleast" and not is_category
    return text if is_bare else f'"{text}"'


def _value(text: str) -> str:
    return text if _BARE.fullmatch(text) and text not in _OPERATORS else f'"{text}"'


def _scope(where: Where) -> str:
    return f"{where}:" if where else ""


def _range(least: int | None, most: int | None) -> str:
    if least is None:
        return f"<={most}"
    if most is None:
        return f">={least}"
    return f"={least}" if least == most else f"{least}..{most}"


def _day(day: Day) -> str:
    return day.isoformat() if isinstance(day, date) else f"{day.days}d"


def _spelled(found: tuple[str, ...], shown: str) -> str:
    """Tokens as words that have these stems; where none is found, what was typed, in small letters."""
    text = ""
    for token in found:
        if text and not token.isascii() and len(token) == len("深層") and text.endswith(token[0]):
            text += token[1:]  # overlapping pairs of a script without word breaks
        else:
            text = f"{text} {_word(token)}".lstrip()
    return text if tokens(text) == found else shown.casefold()


def _word(token: str) -> str:
    """A word of this stem: stemming is not idempotent (`generous` → `generous`, but `…ousness` → `…ous`)."""
    return next((each for each in (token, *(token + end for end in _ENDINGS)) if stem(each) == token), token)
