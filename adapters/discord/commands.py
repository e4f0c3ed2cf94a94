"""`/papers` as Discord is told of it: made from the one table of commands, a subcommand for each verb. Pure.

Discord limits who may use a command by command, never by subcommand, so that the verbs that change something are kept
by the workspace's own rule (`bot.services.permission`), which in a server begins with those who manage channels.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from adapters.discord.parse import SAVE, SUBCOMMAND
from adapters.discord.permissions import invited
from bot.command_parameters import Parameter
from bot.command_table import COMMANDS, CommandSpec
from bot.text.cut import cut

NAME = "papers"
_TEXT, _MESSAGE_COMMAND, _CHAT_COMMAND = 3, 3, 1
_DESCRIPTION, _CHOICES = 100, 25
_FREE = frozenset({"page", "top"})
"""Options whose values are numbers: nothing can be proposed. Nor can for a `name` behind a keyword, a new one."""
_BUTTONS_ALONE = frozenset({"upto"})
"""What only the buttons of a list fill in."""
_EVERYWHERE: dict[str, Any] = {
    "integration_types": [0, 1],  # a server, or a member alone
    "contexts": [0, 1, 2],  # in a server, in the bot's own direct messages, in other people's
}


def commands() -> list[dict[str, Any]]:
    """The body of “bulk overwrite global application commands”."""
    papers = {
        "name": NAME,
        "type": _CHAT_COMMAND,
        "description": "The day's research papers: subscribe, search, vote, save",
        "options": [_subcommand(spec) for spec in COMMANDS],
        **_EVERYWHERE,
    }
    return [papers, {"name": SAVE, "type": _MESSAGE_COMMAND, **_EVERYWHERE}]


def install_links(application: str) -> dict[str, str]:
    """The pages on which the bot is added to a server, or to a member's own account."""
    page = f"https://discord.com/oauth2/authorize?client_id={application}"
    server = {"integration_type": 0, "scope": "bot applications.commands", "permissions": invited()}
    member = {"integration_type": 1, "scope": "applications.commands"}
    return {"server": f"{page}&{urlencode(server)}", "member": f"{page}&{urlencode(member)}"}


def fingerprint(application: str) -> str:
    """Changes with what Discord is told, and with the application that is told it."""
    text = json.dumps([application, commands()], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _subcommand(spec: CommandSpec) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": SUBCOMMAND,
        "name": spec.verb,
        "description": cut(spec.summary, _DESCRIPTION),
    }
    options = [_option(each) for each in spec.parameters if each.name not in _BUTTONS_ALONE]
    return made | ({"options": options} if options else {})


def _option(parameter: Parameter) -> dict[str, Any]:
    """Every value is a text: what reads it is the same as for what is typed."""
    made: dict[str, Any] = {
        "type": _TEXT,
        "name": parameter.name,
        "description": cut(f"{parameter.help[0].upper()}{parameter.help[1:]}", _DESCRIPTION),
        "required": parameter.required,
    }
    if 0 < len(parameter.choices) <= _CHOICES:
        made["choices"] = [{"name": each, "value": each} for each in parameter.choices]
    elif parameter.name not in _FREE and not (parameter.name == "name" and parameter.keyword):
        made["autocomplete"] = True
    return made
