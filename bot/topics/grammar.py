"""The grammar of topics: text to a tree of tokens, with every mistake told by place, expectation and remedy.

The tree says nothing of fields and values yet; `bot.topics.language` reads those. Lark's LALR parser applies the
callbacks while it parses, so that no tree of its own is built in between.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from bot.errors import BadTopic

GRAMMAR = r"""
    start: or_
    ?or_: and_ | or_ _OR and_
    ?and_: term | and_ _AND? term
    ?term: REGEX | PHRASE | WORD
         | _OPEN or_ _CLOSE
         | FIELD value      -> scoped
         | (_NOT | _ANDNOT | _MINUS) term -> negation
         | ATLEAST or_ (_COMMA or_)* _CLOSE -> at_least
    ?value: REGEX | PHRASE | WORD | _OPEN or_ _CLOSE

    _OR.2: /OR(?=[\s()"]|$)|\|\|?/
    _AND.2: /AND(?=[\s()"]|$)|&&?(?=[\s()"]|$)/
    _NOT.2: /NOT(?=[\s()"]|$)/
    _ANDNOT.3: /ANDNOT(?=[\s()"]|$)/
    _MINUS: /-(?=[^\s\-])/
    _OPEN: "("
    _CLOSE: ")"
    _COMMA: /,(?!\d{3}\b)/
    ATLEAST.3: /atleast\(\s*[^\s,()]*\s*,/i
    FIELD.2: /[A-Za-z_]+:(?=\S)|(?:title|abstract|author|org|cat|source|type|has|upvotes|stars|votes|since|before|like|about|in):[ \t]+(?=\S)/
    REGEX.2: /\/(?:\\.|[^\/\\])*\/i?(?=[\s()|,]|$)/
    PHRASE: /"[^"]*"/
    WORD: /(?![-\/|(),"]|(?:OR|AND|NOT|ANDNOT|&&?)(?=[\s()"]|$))(?:[^\s()"|,]|,(?=\d{3}\b))+/

    %ignore /\s+/
"""  # noqa: E501 - a terminal is one line

_EXPECTED = 'a word, a "phrase", a field like cat:cs.CL, or an opening bracket'
_WORD_SHOWN = 40
_SUGGESTED = 120


class Leaf(NamedTuple):
    """A word, a phrase or a pattern as it was typed. `kind` is WORD, PHRASE or REGEX."""

    kind: str
    text: str
    position: int


class Scope(NamedTuple):
    """A field and what it is said of."""

    field: str
    position: int
    body: Tree


class Branch(NamedTuple):
    """Parts joined by `and`, `or` or `not`."""

    kind: str
    parts: tuple[Tree, ...]


class Choice(NamedTuple):
    """`atleast(count, …)`; the number is as it was typed."""

    least: str
    position: int
    parts: tuple[Tree, ...]


Tree = Leaf | Scope | Branch | Choice


class _Grow(Transformer[Token, Tree]):
    """Lark's callbacks: each rule gives one of the four values above."""

    def _leaf(self, token: Token) -> Leaf:
        return Leaf(token.type, str(token), token.start_pos or 0)

    WORD = PHRASE = REGEX = _leaf

    @v_args(inline=True)
    def start(self, tree: Tree) -> Tree:
        return tree

    @v_args(inline=True)
    def negation(self, tree: Tree) -> Tree:
        return Branch("not", (tree,))

    def and_(self, parts: list[Tree]) -> Tree:
        return _longer("and", parts)

    def or_(self, parts: list[Tree]) -> Tree:
        return _longer("or", parts)

    @v_args(inline=True)
    def scoped(self, field: Token, body: Tree) -> Tree:
        return Scope(str(field).rstrip()[:-1].lower(), field.start_pos or 0, body)

    def at_least(self, parts: list[Any]) -> Tree:
        count, *rest = parts
        return Choice(str(count)[8:-1].strip(), count.start_pos or 0, tuple(rest))


def _longer(kind: str, parts: list[Tree]) -> Tree:
    """The rules are left-recursive, which is quicker than repetition: what stands on the left grows by one."""
    left, right = parts
    return Branch(kind, (*left.parts, right) if isinstance(left, Branch) and left.kind == kind else (left, right))


_parser = Lark(GRAMMAR, parser="lalr", lexer="contextual", transformer=_Grow())


def grow(text: str) -> Tree:
    """Read the text into a tree. Raises BadTopic with the 0-based position of the mistake."""
    try:
        tree: Tree = _parser.parse(text)  # type: ignore[assignment]  # the transformer's result, not lark's tree
    except UnexpectedInput as error:
        raise _mistake(text, error) from None
    return tree


def _mistake(text: str, error: UnexpectedInput) -> BadTopic:
    """The sentence for what stopped the parser, the commonest mistakes by name."""
    position = error.pos_in_stream or 0
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    position = len(text.rstrip()) if at_end else position
    rest = text[position:]
    for mistake in (_open_quote, _open_pattern, _bracket, _comma, _operator):
        told = mistake(text, position, rest)
        if told:
            return told
    if isinstance(error, UnexpectedCharacters) and rest.startswith("-"):
        return BadTopic(
            f"The minus{_at(position)} stands alone: write it before a word, as in -survey.", position=position
        )
    return BadTopic(f"I did not expect “{_shown(rest)}”{_at(position)}; here comes {_EXPECTED}.", position=position)


def _open_quote(text: str, _position: int, rest: str) -> BadTopic | None:
    if text.count('"') % 2 == 0 or not (rest.startswith('"') or not rest):
        return None
    start = text.rfind('"')
    return BadTopic(f'The quotation mark{_at(start)} is never closed: write a phrase like "kv cache".', position=start)


def _open_pattern(_text: str, position: int, rest: str) -> BadTopic | None:
    if not rest.startswith("/"):
        return None
    return BadTopic(
        f"A regular expression begins{_at(position)} and is never closed: write it like /llama-?\\d/, "
        "with \\/ for a slash inside.",
        position=position,
    )


def _bracket(text: str, position: int, rest: str) -> BadTopic | None:
    if rest.startswith(")"):
        if text[:position].rstrip().endswith("("):
            return BadTopic(f"The brackets{_at(position)} hold nothing: put {_EXPECTED} into them.", position=position)
        before = text[:position].split()
        if before and before[-1] in {"AND", "OR", "NOT", "|", "&"}:
            return BadTopic(f"{before[-1]} needs something after it{_at(position)}: {_EXPECTED}.", position=position)
        return BadTopic(f"The closing bracket{_at(position)} was never opened.", position=position)
    if not rest and text.count("(") > text.count(")"):
        start = _unclosed(text)
        return BadTopic(f"The bracket opened{_at(start)} is never closed: add a “)”.", position=start)
    return None


def _unclosed(text: str) -> int:
    stack: list[int] = []
    for at, char in enumerate(text):
        if char == "(":
            stack.append(at)
        elif char == ")" and stack:
            stack.pop()
    return stack[-1] if stack else 0


def _comma(text: str, position: int, rest: str) -> BadTopic | None:
    if not rest.startswith(","):
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    is_list = len(text) <= _SUGGESTED and not set('()"') & set(text)
    any_of = " OR ".join(f'"{part}"' if " " in part else part for part in parts)
    hint = f" Did you mean {any_of}?" if is_list and len(parts) > 1 else ""
    return BadTopic(
        f"The comma{_at(position)} joins nothing here: write OR between words for any, a space for all.{hint}",
        position=position,
    )


def _operator(text: str, position: int, rest: str) -> BadTopic | None:
    words = rest.split(maxsplit=1)
    found = words[0] if words else ""
    if not rest:
        last = text.rsplit(maxsplit=1)[-1] if text.split() else ""
        return BadTopic(f"“{_shown(last)}” needs something after it: {_EXPECTED}.", position=position)
    for operator in ("ANDNOT", "AND", "OR", "||", "|", "&&", "&"):
        if found.startswith(operator):
            return BadTopic(
                f"{operator}{_at(position)} stands between two parts; before it is none. "
                f'Write "{operator}" in quotation marks for the word itself.',
                position=position,
            )
    return None


def _at(position: int) -> str:
    return f" (at character {position + 1})"


def _shown(text: str) -> str:
    text = "".join(char for char in text if char.isprintable())
    return text if len(text) <= _WORD_SHOWN else f"{text[:_WORD_SHOWN]}…"
