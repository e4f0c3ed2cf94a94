"""Help, made from the one table of commands, so that it is the same on every platform."""

from __future__ import annotations

from bot.command_table import COMMANDS, VERBS, CommandSpec
from bot.compose.forms import form
from bot.document import Block, Entries, Entry, Heading, Note, Tone
from bot.errors import UnknownCommand


def help_document(verb: str | None) -> tuple[Block, ...]:
    """Every command in a line, or one of them with all its options and defaults. Raises UnknownCommand."""
    if verb is None:
        lines = tuple(Entry(f"/papers {spec.verb}", spec.summary, literal=True) for spec in COMMANDS)
        return (
            Heading("What you can type"),
            Entries(lines),
            Note("/papers help subscribe shows one command with all its options.", Tone.QUIET),
        )
    spec = VERBS.get(verb.casefold().removeprefix("/papers").strip())
    if spec is None:
        raise UnknownCommand(f"“{verb}” is no command. I know: {', '.join(each.verb for each in COMMANDS)}.")
    return _one(spec)


def _one(spec: CommandSpec) -> tuple[Block, ...]:
    options = tuple(
        Entry(each.usage, f"{each.help}{f' (otherwise {each.default})' if each.default else ''}", literal=True)
        for each in spec.parameters
    )
    examples = tuple(Entry(f"/papers {example}", "", literal=True) for example in spec.examples)
    blocks: list[Block] = [Heading(spec.summary), Entries((Entry(f"/papers {spec.usage}", "", literal=True),))]
    if options:
        blocks.append(Entries(options))
    if examples:
        blocks += [Note("For instance:", Tone.QUIET), Entries(examples)]
    if spec.changes:
        blocks += [Note("Or fill it in:", Tone.QUIET), form(spec)]
    return tuple(blocks)
