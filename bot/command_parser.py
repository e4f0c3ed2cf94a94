"""Reading `/papers …`: a text becomes one frozen command, or a BroadsheetError whose sentence says what to write.

Clauses (`at 9am`, `top 5`) are recognised only as a run at the end of the text; quotes protect words from being read
as clauses. The table of commands is the only grammar there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from bot.command_parameters import Parameter
from bot.command_table import COMMANDS, VERBS, CommandSpec
from bot.commands import Command
from bot.errors import BadArgument, BadForm, UnknownCommand

LONGEST_COMMAND = 4_500  # a topic has at most 4,000 characters; the clauses fit into the rest
# A word may hold quotes (title:"kv cache"); a regular expression may hold spaces. Neither is split.
_TOKEN = re.compile(r'(?<!\S)/(?:\\.|[^/\\\n])+/i?(?!\S)|(?:[^\s"]|"[^"]*")+|"\S*')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\u3000": " "})
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_WORD_SHOWN = 40


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def quoted(self) -> bool:
        return self.text.startswith('"')


@dataclass(frozen=True, slots=True)
class _Clause:
    parameter: Parameter
    words: list[str]
    typed: str
    """The keyword as it was typed."""


def parse_command(text: str) -> Command:
    """Read the text after `/papers` (with or without it). Raises UnknownCommand, BadArgument or BadTopic."""
    cleaned = _INVISIBLE.sub("", text.translate(_QUOTES)).strip()
    if len(cleaned) > LONGEST_COMMAND:
        raise BadArgument(
            "text", f"A command is at most {LONGEST_COMMAND:,} characters long; this one has {len(cleaned):,}."
        )
    cleaned = (
        re.sub(r"^/?papers\b\s*", "", cleaned, count=1, flags=re.IGNORECASE) if cleaned.startswith("/") else cleaned
    )
    tokens = [_Token(found.group(), found.start(), found.end()) for found in _TOKEN.finditer(cleaned)]
    spec = _spec(tokens[0].text if tokens else "help")
    return spec.make(**_values(spec, tokens[1:], cleaned))


def parse_form(verb: str, values: Mapping[str, str]) -> Command:
    """Read a filled-in form: a blank field means what the clause's absence means. Raises UnknownCommand or BadForm."""
    read, errors = read_form(verb, values)
    if errors:
        raise BadForm(errors)
    return _spec(verb).make(**read)


def read_form(verb: str, values: Mapping[str, str]) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """What can be read of a form that may be unfinished, and the sentence for each field that cannot.

    Raises UnknownCommand.
    """
    spec = _spec(verb)
    read: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for parameter in spec.parameters:
        try:
            read.update(_read_field(parameter, values.get(parameter.name, "")))
        except BadArgument as error:
            errors[parameter.name] = error.user_message
    return read, errors


def _read_field(parameter: Parameter, value: str) -> Mapping[str, Any]:
    text = _INVISIBLE.sub("", value.translate(_QUOTES)).strip()
    if len(text) > LONGEST_COMMAND:
        raise BadArgument(parameter.name, f"At most {LONGEST_COMMAND:,} characters fit here.")
    if not text and parameter.required:
        raise BadArgument(parameter.name, f"Say which: {parameter.help}.")
    return parameter.read(text.split() if parameter.keyword else [text]) if text else {}


def _spec(word: str) -> CommandSpec:
    spec = VERBS.get(word.casefold())
    if spec is not None:
        return spec
    shown = word if len(word) <= _WORD_SHOWN else f"{word[:_WORD_SHOWN]}…"
    near = get_close_matches(word.casefold(), list(VERBS), n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    verbs = ", ".join(each.verb for each in COMMANDS)
    raise UnknownCommand(f"“{shown}” is no command.{hint} I know: {verbs}.")


def _values(spec: CommandSpec, tokens: list[_Token], text: str) -> Mapping[str, Any]:
    start, clauses = _clauses(spec, tokens)
    values: dict[str, Any] = {}
    head = tokens[:start]
    positional = spec.positional
    if head and positional is None:
        raise BadArgument("text", f"“{spec.verb}” takes nothing more than: {spec.usage}")
    if positional is not None:
        if not positional.raw:
            _check_quotes(head, positional)
        words = text[head[0].start : head[-1].end] if head else ""
        if words:
            values.update(positional.read([words]))
        elif positional.required:
            raise BadArgument(positional.name, f"Say which: {spec.usage}. {_example(spec)}".strip())
    for clause in clauses:
        values.update(clause.parameter.read(clause.words))
    return values


def _example(spec: CommandSpec) -> str:
    return f"For instance: /papers {spec.examples[0]}" if spec.examples else ""


def _check_quotes(tokens: Sequence[_Token], parameter: Parameter) -> None:
    for token in tokens:
        if token.text.count('"') % 2:
            raise BadArgument(parameter.name, f"The quotation mark at “{token.text[:_WORD_SHOWN]}” is never closed.")


def _clauses(spec: CommandSpec, tokens: list[_Token]) -> tuple[int, list[_Clause]]:
    """The longest run of clauses at the end: where it starts, and its clauses. Raises BadArgument for a broken run."""
    for start, token in enumerate(tokens):
        if token.quoted or token.text.casefold() not in spec.clauses:
            continue
        run = _run(spec, tokens[start:])
        if any(clause.words for clause in run) and all(_holds(clause) for clause in run if clause.words):
            _refuse_broken(run)
            return start, run
    return len(tokens), []


def _run(spec: CommandSpec, tokens: list[_Token]) -> list[_Clause]:
    """Split into keyword and words; the first token is a keyword."""
    run: list[_Clause] = []
    for token in tokens:
        parameter = None if token.quoted else spec.clauses.get(token.text.casefold())
        if parameter is not None and run and parameter is run[-1].parameter and _is_unfinished(run[-1]):
            run[-1].words.append(token.text)  # “on monthly on the 1st”
        elif parameter is not None:
            run.append(_Clause(parameter, [], token.text))
        else:
            run[-1].words.append(token.text if run[-1].parameter.verbatim else token.text.strip('"'))
    return _folded(run)


def _folded(run: list[_Clause]) -> list[_Clause]:
    """Give back to a verbatim clause the words after it that only look like clauses: `topic attention at scale`."""
    folded: list[_Clause] = []
    for clause in run:
        if folded and folded[-1].parameter.verbatim and clause.words and not _holds(clause):
            folded[-1].words.extend([clause.typed, *clause.words])
        else:
            folded.append(clause)
    return folded


def _is_unfinished(clause: _Clause) -> bool:
    """True where there are words that are no value yet."""
    try:
        clause.parameter.read(clause.words)
    except BadArgument:
        return bool(clause.words)
    return False


def _holds(clause: _Clause) -> bool:
    """True where the words are a value, or were evidently meant as one (reading them then says what is wrong)."""
    try:
        clause.parameter.read(clause.words)
    except BadArgument:
        return clause.parameter.meant(clause.words)
    return True


def _refuse_broken(run: list[_Clause]) -> None:
    seen: set[str] = set()
    for clause in run:
        if not clause.words:
            raise BadArgument(
                clause.parameter.name, f"“{clause.parameter.keyword}” needs a value: {clause.parameter.usage}."
            )
        if clause.parameter.keyword in seen:
            raise BadArgument(clause.parameter.name, f"“{clause.parameter.keyword}” is given twice; say it once.")
        seen.add(clause.parameter.keyword)
