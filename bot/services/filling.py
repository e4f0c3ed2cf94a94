"""Filling in: the forms of subscribe and edit, and what is said of them while somebody types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.command_parser import read_form
from bot.command_table import VERBS
from bot.commands import Caller, Edit, Subscribe
from bot.compose.forms import form, say_forecast, values_of
from bot.compose.topics import say_difference
from bot.document import Form, FormPreview, Note, Tone
from bot.errors import BadTopic, SubscriptionNotFound, UnknownCommand
from bot.model import Subscription
from bot.schedule import say_instant, say_schedule
from bot.services.forecasting import Forecasting
from bot.services.previewing import Previewing
from bot.services.subscriptions import Subscribing
from bot.services.topic_entry import TopicEntry
from bot.topics.language import Topic, parse_topic
from bot.topics.saying import say_topic

FORMS = (Subscribe, Edit)


@dataclass(frozen=True, slots=True)
class Filling:
    """Reads what stands in the store; nothing here changes anything."""

    subscribing: Subscribing
    entry: TopicEntry
    forecasting: Forecasting
    previewing: Previewing
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
        zone = caller.member.zone or self.zone
        return form(spec, hints={"at": f"like 9am, or 17:30 Europe/Berlin; your zone is {zone}"})

    async def preview(self, caller: Caller, verb: str, values: Mapping[str, str]) -> FormPreview:
        """What the form would do, as far as it can be read, and a sentence for each field that cannot."""
        try:
            read, errors = read_form(verb, values)
        except UnknownCommand as error:
            return FormPreview((Note(error.user_message, Tone.ERROR, error.code),))
        if VERBS[verb.casefold()].make not in FORMS:
            return FormPreview(errors=errors)
        standing = await self.subscribing.of(caller)
        try:
            proposed = await self._proposed(caller, verb, read, errors)
        except SubscriptionNotFound as error:
            return FormPreview(errors={"subscription": error.user_message, **errors})
        if proposed is None:
            return FormPreview(errors=errors)
        if not errors.keys() & {"topic", "name"} and _is_taken(proposed, standing):
            taken = f"This channel already has a subscription named “{proposed.name}”; choose another name."
            errors = {**errors, "name": taken}
        notes: list[Note] = []
        if "topic" not in errors:
            try:
                topic = await self.entry.read(proposed.topic)
            except BadTopic as error:
                return FormPreview(errors={**errors, "topic": error.user_message})
            said = say_topic(topic)
            notes.append(Note(f"{said[0].upper()}{said[1:]}."))
            notes.extend(Note(each, Tone.QUIET) for each in topic.notes)
            notes.append(Note(say_forecast(await self.forecasting.forecast(topic)), Tone.QUIET))
            notes.extend(await self._difference(caller, proposed, standing, topic))
        if not errors.keys() & {"at", "on"}:
            notes.append(Note(_say_next(proposed), Tone.QUIET))
        return FormPreview(tuple(notes), errors)

    async def _difference(
        self, caller: Caller, proposed: Subscription, standing: Sequence[Subscription], topic: Topic
    ) -> list[Note]:
        """What an edited topic would have changed; nothing for a new subscription, or where the topic stays."""
        before = next((each for each in standing if each.id == proposed.id), None)
        if before is None or before.topic == proposed.topic:
            return []
        said = say_difference(await self.previewing.difference(caller, before.topic, topic))
        return [Note(said, Tone.QUIET)] if said else []

    async def _proposed(
        self, caller: Caller, verb: str, read: Mapping[str, Any], errors: Mapping[str, str]
    ) -> Subscription | None:
        """The subscription as far as the form can be read; None where it does not say which one is meant."""
        if VERBS[verb.casefold()].make is Subscribe:
            wanted = Subscribe(**read)
            return self.subscribing.wanted(caller, wanted, parse_topic(wanted.topic))
        if "subscription" in errors:
            return None
        changes = Edit(**read)
        before = await self.subscribing.named(caller, changes.subscription)
        return self.subscribing.changed(before, changes, parse_topic(changes.topic) if changes.topic else None)


def _is_taken(proposed: Subscription, standing: Sequence[Subscription]) -> bool:
    name = _folded(proposed.name)
    return any(_folded(each.name) == name and each.id != proposed.id for each in standing)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _say_next(proposed: Subscription) -> str:
    first = say_instant(proposed.next_due_at, proposed.schedule.zone)
    return f"Posted {say_schedule(proposed.schedule)}; the next one would come {first}."
