"""What people do in Discord: commands from the synced list, options with completion, buttons, selects, forms.

It builds the INTERACTION_CREATE that Discord would send, and refuses what Discord's own client would not let happen.
"""

from __future__ import annotations

import secrets
from typing import Any

from tests.standins.discord_interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL,
    OPEN_MODAL,
    Interaction,
    Interactions,
)
from tests.standins.discord_rules import BUTTON, NEEDS_ID, SELECTS, STRING_SELECT, TEXT_INPUT, components
from tests.standins.discord_state import APP, EVERYTHING, DiscordState, bits, public

GROUPS = {1, 2}
KINDS = {"command": 1, "autocomplete": 1, "user command": 2, "message command": 3}
NUMBERS = {4: int, 10: float}
REFERENCES = {6: "users", 7: "channels", 8: "roles"}


class NotPossible(Exception):
    """A person could not do this in Discord."""


class People:
    """Hands that click and type."""

    def __init__(self, state: DiscordState, interactions: Interactions) -> None:
        self.state = state
        self.interactions = interactions

    def act(self, asked: dict[str, Any]) -> Interaction:
        """The interaction, kept so that it can be answered; not sent yet. Raises NotPossible."""
        user, install = str(asked["user"]), asked.get("install", "guild")
        if user not in self.state.users:
            raise NotPossible(f"no such person: {user}")
        source = self.interactions.find(asked["message"]) if "message" in asked else None
        shown = self.interactions.kept.get(asked.get("modal", ""))
        came = source["channel_id"] if source else shown and shown.channel["id"]
        channel = self.state.channels[asked["channel"]] if "channel" in asked else came and self.state.channels[came]
        if channel is None:
            channel = self.state.direct(user)
        payload = self._frame(channel, user, install, asked)
        if asked["kind"] in KINDS:
            payload |= self._command(asked, channel, payload)
        elif asked["kind"] == "component":
            payload |= self._component(asked, source, channel)
        else:
            source = shown and shown.source
            payload |= self._modal(asked, shown)
        if source is not None:
            payload["message"] = public(source)
        guild = self.state.guilds.get(channel.get("guild_id", ""))
        few = install == "user" and not (guild and guild.joined)
        made = Interaction(payload, channel, self.state.users[user], self.state.now(), few, source)
        self.interactions.keep(made)
        return made

    def _frame(self, channel: dict[str, Any], user: str, install: str, asked: dict[str, Any]) -> dict[str, Any]:
        id_ = self.state.snowflake()
        guild = self.state.guilds.get(channel.get("guild_id", ""))
        if guild is not None and not guild.joined and install == "guild":
            raise NotPossible("the bot is not in this guild")
        owners = {}
        if install in {"guild", "both"}:
            owners["0"] = guild.id if guild else "0"
        if install in {"user", "both"}:
            owners["1"] = user
        frame = {
            "id": id_,
            "application_id": APP,
            "token": f"standin-{id_}-{secrets.token_hex(8)}",
            "version": 1,
            "channel_id": channel["id"],
            "app_permissions": str(self.state.may(channel)),
            "locale": asked.get("locale", "en-US"),
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "context": asked.get("context", 0 if guild else 1),
            "attachment_size_limit": 10_485_760,
        }
        if guild is None:
            return frame | {"channel": public(channel), "user": self.state.users[user]}
        if user not in guild.members:
            raise NotPossible(f"{user} is not in {guild.name}")
        may = bits(asked["permissions"]) if "permissions" in asked else self.state.member_may(guild, user)
        seen = public(channel, permissions=str(may))
        seen.pop("permission_overwrites", None)
        return frame | {
            "channel": seen,
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": public(guild.members[user], permissions=str(may)),
        }

    # --- commands ---

    def _command(self, asked: dict[str, Any], channel: dict[str, Any], frame: dict[str, Any]) -> dict[str, Any]:
        name, *rest = asked["path"].split() if asked["kind"] in {"command", "autocomplete"} else [asked["path"]]
        synced = [*self.state.commands.get(channel.get("guild_id", ""), ()), *self.state.commands.get("", ())]
        kind = KINDS[asked["kind"]]
        command = next((each for each in synced if each["name"] == name and (each.get("type") or 1) == kind), None)
        if command is None:
            raise NotPossible(f"no such command was synced: {name}")
        self._allowed(command, frame)
        data: dict[str, Any] = {"id": command["id"], "name": name, "type": kind}
        resolved: dict[str, dict[str, Any]] = {}
        if kind == 1:
            data["options"] = self._options(command, rest, asked, resolved)
        else:
            data["target_id"] = target = str(asked["target"])
            resolved["users" if kind == 2 else "messages"] = {target: self._target(kind, target)}
        if resolved:
            data["resolved"] = resolved
        return {"type": AUTOCOMPLETE if asked["kind"] == "autocomplete" else COMMAND, "data": data}

    @staticmethod
    def _allowed(command: dict[str, Any], frame: dict[str, Any]) -> None:
        contexts, installs = command.get("contexts"), command.get("integration_types") or [0]
        if contexts is not None and frame["context"] not in contexts:
            raise NotPossible(f"{command['name']} is not offered in context {frame['context']}")
        if not {int(each) for each in frame["authorizing_integration_owners"]} & set(installs):
            raise NotPossible(f"{command['name']} is not offered to this kind of installation")
        needed = command.get("default_member_permissions")
        if needed is not None and "member" in frame:
            held = int(frame["member"]["permissions"])
            if held != EVERYTHING and (int(needed) == 0 or held & int(needed) != int(needed)):
                raise NotPossible(f"{command['name']} is not offered to members without {needed}")

    def _target(self, kind: int, id_: str) -> dict[str, Any]:
        found = self.state.users.get(id_) if kind == 2 else self.interactions.find(id_)
        if found is None:
            raise NotPossible(f"no such target: {id_}")
        return public(found)

    def _options(
        self, level: dict[str, Any], path: list[str], asked: dict[str, Any], resolved: dict[str, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        known = level.get("options") or []
        if any(each["type"] in GROUPS for each in known):
            inner = next((each for each in known if path and each["name"] == path[0]), None)
            if inner is None:
                raise NotPossible(f"{level['name']} has no subcommand {path[:1]}")
            below = self._options(inner, path[1:], asked, resolved)
            return [{"type": inner["type"], "name": inner["name"], "options": below}]
        if path:
            raise NotPossible(f"{level['name']} has no subcommand {path[0]}")
        given = dict(asked.get("options", {}))
        focused = asked.get("focused")
        complete = asked["kind"] == "command"
        made = []
        for spec in known:
            if spec["name"] in given:
                made.append(self._value(spec, given.pop(spec["name"]), resolved, focused=focused == spec["name"]))
            elif spec.get("required") and complete:
                raise NotPossible(f"{level['name']}: {spec['name']} is required")
        if given:
            raise NotPossible(f"{level['name']} has no option {sorted(given)}")
        if not complete and not any(each.get("focused") for each in made):
            raise NotPossible("autocomplete needs `focused`, one of the options")
        return made

    def _value(
        self, spec: dict[str, Any], value: Any, resolved: dict[str, dict[str, Any]], *, focused: bool
    ) -> dict[str, Any]:
        made = {"type": spec["type"], "name": spec["name"], "value": value}
        if focused:
            if not spec.get("autocomplete"):
                raise NotPossible(f"{spec['name']} has no autocomplete")
            return made | {"value": str(value), "focused": True}
        choices = [each["value"] for each in spec.get("choices") or ()]
        if choices and value not in choices:
            raise NotPossible(f"{spec['name']}: {value!r} is none of {choices}")
        if spec["type"] == 3:
            made["value"] = str(value)
            if not (spec.get("min_length") or 0) <= len(str(value)) <= (spec.get("max_length") or 6000):
                raise NotPossible(f"{spec['name']}: the length of {value!r}")
        elif spec["type"] in NUMBERS:
            made["value"] = number = NUMBERS[spec["type"]](value)
            if not spec.get("min_value", number) <= number <= spec.get("max_value", number):
                raise NotPossible(f"{spec['name']}: {number} is out of its range")
        elif spec["type"] in REFERENCES:
            made["value"] = str(value)
            self._resolve(REFERENCES[spec["type"]], str(value), resolved)
        return made

    def _resolve(self, kind: str, id_: str, resolved: dict[str, dict[str, Any]]) -> None:
        roles = {id_: role for guild in self.state.guilds.values() for id_, role in guild.roles.items()}
        known = {"users": self.state.users, "channels": self.state.channels, "roles": roles}[kind]
        if id_ not in known:
            raise NotPossible(f"none of the {kind}: {id_}")
        seen = public(known[id_], permissions=str(EVERYTHING)) if kind == "channels" else public(known[id_])
        resolved.setdefault(kind, {})[id_] = seen

    # --- components ---

    def _component(
        self, asked: dict[str, Any], source: dict[str, Any] | None, channel: dict[str, Any]
    ) -> dict[str, Any]:
        if source is None or source["channel_id"] != channel["id"]:
            raise NotPossible("there is no such message")
        each = _named(list(components(source)), asked["custom_id"])
        if each.get("disabled"):
            raise NotPossible(f"{asked['custom_id']} is disabled")
        data = {"custom_id": each["custom_id"], "component_type": each["type"], "id": each["id"]}
        if each["type"] != BUTTON:
            data |= self._chosen(each, asked.get("values", []))
        return {"type": COMPONENT, "data": data}

    def _chosen(self, each: dict[str, Any], values: list[str]) -> dict[str, Any]:
        values = [str(value) for value in values]
        offered = [option["value"] for option in each.get("options") or ()]
        if each["type"] == STRING_SELECT and not set(values) <= set(offered):
            raise NotPossible(f"{each['custom_id']} offers {offered}, not {values}")
        least = each.get("min_values", 1) if each.get("required", True) else 0
        if not least <= len(values) <= each.get("max_values", 1):
            raise NotPossible(f"{each['custom_id']} takes {least} to {each.get('max_values', 1)} values")
        resolved: dict[str, dict[str, Any]] = {}
        for value in values:
            if kind := {5: "users", 6: "roles", 8: "channels"}.get(each["type"]):
                self._resolve(kind, value, resolved)
            elif each["type"] == 7:
                self._resolve("users" if value in self.state.users else "roles", value, resolved)
        return {"values": values, "resolved": resolved} if resolved else {"values": values}

    def _modal(self, asked: dict[str, Any], shown: Interaction | None) -> dict[str, Any]:
        if shown is None or shown.response is None or shown.response["type"] != OPEN_MODAL:
            raise NotPossible("that interaction opened no form")
        modal, fields = shown.response["data"], dict(asked.get("fields", {}))
        resolved: dict[str, dict[str, Any]] = {}
        rows = []
        for number, top in enumerate(modal["components"], 1):
            row = {"type": top["type"], "id": top.get("id", number)}
            if top["type"] == 1:
                row["components"] = [self._filled(each, fields, resolved) for each in top["components"]]
            elif "component" in top:
                row["component"] = self._filled(top["component"], fields, resolved)
            rows.append(row)
        if fields:
            raise NotPossible(f"the form has no {sorted(fields)}")
        data = {"custom_id": modal["custom_id"], "components": rows}
        return {"type": MODAL, "data": data | ({"resolved": resolved} if resolved else {})}

    def _filled(self, each: dict[str, Any], fields: dict[str, Any], resolved: dict[str, Any]) -> dict[str, Any]:
        name = each["custom_id"]
        made = {"type": each["type"], "id": each.get("id", 100 + len(fields)), "custom_id": name}
        if each["type"] in SELECTS:
            before = [option["value"] for option in each.get("options") or () if option.get("default")]
            chosen = self._chosen(each, fields.pop(name, before))
            for kind, found in chosen.pop("resolved", {}).items():
                resolved.setdefault(kind, {}).update(found)
            return made | chosen
        if each["type"] != TEXT_INPUT:
            return made | fields.pop(name)
        value = str(fields.pop(name, each.get("value") or ""))
        least = (each.get("min_length") or 1) if each.get("required", True) or value else 0
        if not least <= len(value) <= (each.get("max_length") or 4000):
            raise NotPossible(f"{name}: {len(value)} characters")
        return made | {"value": value}


def _named(every: list[dict[str, Any]], custom_id: str) -> dict[str, Any]:
    for each in every:
        if each.get("type") in NEEDS_ID and each.get("custom_id") == custom_id:
            return each
    raise NotPossible(f"no {custom_id!r} among {[each.get('custom_id') for each in every if each.get('custom_id')]}")
