"""A command as a form, made from the one table: the same names and meanings as its clauses."""

from __future__ import annotations

from collections.abc import Mapping

from bot.command_table import VERBS, CommandSpec
from bot.document import Button, Form, FormField
from bot.findings import Forecast
from bot.model import Subscription
from bot.schedule import say_duration, say_rule
from bot.text.cut import cut

_EXAMPLE = 90
_NOTHING: Mapping[str, str] = {}


def form(
    spec: CommandSpec,
    *,
    values: Mapping[str, str] = _NOTHING,
    errors: Mapping[str, str] = _NOTHING,
    hints: Mapping[str, str] = _NOTHING,
) -> Form:
    """The form of a command, filled in with what was given, each error at its field."""
    fields = tuple(
        FormField(
            name=each.name,
            label=each.name.capitalize(),
            kind=each.kind,
            value=values.get(each.name, each.default),
            hint=hints.get(each.name, each.hint or each.help),
            required=each.required,
            choices=each.choices,
            error=errors.get(each.name, ""),
        )
        for each in spec.parameters
        if not each.typed_only
    )
    return Form(spec.summary, spec.verb, fields, spec.verb.capitalize())


def values_of(subscription: Subscription) -> Mapping[str, str]:
    """A subscription as the values of its form; sent back untouched they change nothing."""
    schedule = subscription.schedule
    return {
        "subscription": subscription.name,
        "topic": subscription.topic,
        "at": f"{schedule.at:%H:%M} {schedule.zone}",
        "on": say_rule(schedule),
        "top": str(subscription.size),
        "name": subscription.name,
        "layout": subscription.layout.value,
        "quiet": "say" if subscription.tells_quiet else "silent",
        "settle": say_duration(subscription.settle) if subscription.settle else "none",
    }


def edit_form(standing: Subscription, proposed: Subscription) -> Form:
    """The form of `edit`, filled in with what the subscription would become."""
    return form(VERBS["edit"], values={**values_of(proposed), "subscription": standing.name})


def open_button(form: Form) -> Button:
    """What opens a form where one cannot be opened at once."""
    name = next((field.value for field in form.fields if field.name == "subscription"), "")
    return Button("Open the form", f"form {name}".strip())


def say_forecast(forecast: Forecast | None) -> str:
    """How many papers a day a topic would have brought, with an example."""
    if forecast is None:
        return "No papers are known yet, so nothing can be said of how many it would bring."
    until = f"{forecast.until.day} {forecast.until:%B}"
    if not forecast.papers:
        return f"It would have brought nothing in the seven days to {until}."
    rate = forecast.papers / max(forecast.days, 1)
    daily = "fewer than one" if rate < 1 else f"about {rate:.0f}"
    papers = "1 paper" if forecast.papers == 1 else f"{forecast.papers:,} papers"
    example = cut(forecast.examples[0], _EXAMPLE)
    return f"{papers} in the seven days to {until}, {daily} a day; for instance “{example}”."
