"""Filling in: the forms of subscribe and edit, and what is said of them while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.command_parser import read_form
from bot.command_table import VERBS
from bot.commands import Caller, Edit, Subscribe
from bot.compose.forms import form, say_forecast, values_of
from bot.document import Form, FormPreview, Note, Tone
from bot.errors import BadTopic, UnknownCommand
from bot.model import Schedule
from bot.ports import Clock
from bot.schedule import next_due, say_instant, say_schedule
from bot.services.forecasting import Forecasting
from bot.services.subscriptions import Subscribing
from bot.topics.language import parse_topic, say_topic

FORMS = (Subscribe, Edit)


@dataclass(frozen=True, slots=True)
class Filling:
    """Reads what stands in the store; nothing here changes anything."""

    subscribing: Subscribing
    forecasting: Forecasting
    clock: Clock
    zone: str

    async def form(self, caller: Caller, verb: str, name: str = "") -> Form:
        """The form of a command, for `edit` with the present values of the subscription of that name.

        Raises UnknownCommand for a command without a form, or SubscriptionNotFound.
        """
        spec = VERBS.get(verb.casefold())
        if spec is None or spec.make not in FORMS:
            raise UnknownCommand(f"“{verb}” has no form; subscribe and edit have one.")
        if spec.make is Edit:
            return form(spec, values=values_of(await self.subscribing.named(caller, name)))
        return form(spec)

    async def preview(self, caller: Caller, verb: str, values: Mapping[str, str]) -> FormPreview:
        """What the form would do, as far as it can be read, and a sentence for each field that cannot."""
        try:
            read, errors = read_form(verb, values)
        except UnknownCommand as error:
            return FormPreview((Note(error.user_message, Tone.ERROR, error.code),))
        notes: list[Note] = []
        try:
            topic = parse_topic(read.get("topic", "*"))
        except BadTopic as error:
            errors = {**errors, error.field: error.user_message}
        else:
            said = say_topic(topic)
            notes.append(Note(f"{said[0].upper()}{said[1:]}."))
            notes.append(Note(say_forecast(await self.forecasting.forecast(topic)), Tone.QUIET))
        if not errors.keys() & {"at", "on"}:
            notes.append(Note(self._say_next(caller, read), Tone.QUIET))
        return FormPreview(tuple(notes), errors)

    def _say_next(self, caller: Caller, read: Mapping[str, Any]) -> str:
        defaults = Subscribe()
        zone = read.get("zone") or caller.member.zone or self.zone
        schedule = Schedule(read.get("at", defaults.at), zone, read.get("days", defaults.days))
        first = say_instant(next_due(schedule, self.clock.now()), zone)
        return f"Posted {say_schedule(schedule)}; the next one would come {first}."
