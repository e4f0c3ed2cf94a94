"""A command as a form, made from the one table: the same names and meanings as its clauses."""

from __future__ import annotations

from collections.abc import Mapping

from bot.command_table import CommandSpec
from bot.document import Form, FormField

_NOTHING: Mapping[str, str] = {}


def form(spec: CommandSpec, *, values: Mapping[str, str] = _NOTHING, errors: Mapping[str, str] = _NOTHING) -> Form:
    """The form of a command, filled in with what was given, each error at its field."""
    fields = tuple(
        FormField(
            name=each.name,
            label=each.name.capitalize(),
            kind=each.kind,
            value=values.get(each.name, each.default),
            hint=each.help,
            required=each.required,
            choices=each.choices,
            error=errors.get(each.name, ""),
        )
        for each in spec.parameters
    )
    return Form(spec.summary, spec.verb, fields, spec.verb.capitalize())
