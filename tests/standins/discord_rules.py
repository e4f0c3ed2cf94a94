"""What Discord refuses in a body: its own OpenAPI document, the documented rules which that lacks, and what would ping.

Sources: developers/resources/message.mdx, components/reference.mdx, interactions/application-commands.mdx.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "schema" / "discord"))
from discord_contract import check

EPHEMERAL, LOADING, CROSSPOSTED, SUPPRESS_NOTIFICATIONS, V2 = 1 << 6, 1 << 7, 1 << 0, 1 << 12, 1 << 15
BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY = 2, 3, 4, 10
SELECTS = {STRING_SELECT, 5, 6, 7, 8}
NEEDS_ID = {BUTTON, *SELECTS, TEXT_INPUT, 19, 21, 22, 23}
ONLY_V2 = {9, 10, 11, 12, 13, 14, 17}
LINK, PREMIUM = 5, 6
NAME = re.compile(r"[-_'\w]{1,32}")
MENTION = re.compile(r"@(?P<everyone>everyone|here)|<@&(?P<roles>\d+)>|<@!?(?P<users>\d+)>")
LEGACY = ("content", "embeds", "poll", "sticker_ids")


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.answer = {"message": message, "code": code, **more}


def invalid(problems: list[str]) -> Refused:
    """50035 with the shape that clients read."""
    errors: dict[str, Any] = {}
    for problem in problems:
        path, _, text = problem.partition(": ")
        at = errors
        for step in path.split("/"):
            at = at.setdefault(step, {})
        at.setdefault("_errors", []).append({"code": "INVALID", "message": text})
    return Refused(400, 50035, "Invalid Form Body", errors=errors)


def components(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component, nested ones too."""

    def walk(each: Any) -> Iterator[dict[str, Any]]:
        if isinstance(each, dict):
            yield each
            for inner in (*(each.get("components") or ()), each.get("accessory"), each.get("component")):
                yield from walk(inner)

    for top in body.get("components") or ():
        yield from walk(top)


def written(body: dict[str, Any]) -> str:
    """Everything in which a mention is alive: content, and the texts of a V2 layout. Embeds never ping."""
    texts = [each.get("content") for each in components(body) if each.get("type") == TEXT_DISPLAY]
    return "\n".join(text for text in (body.get("content"), *texts) if text)


def pings(body: dict[str, Any], *, default: tuple[str, ...] = ("everyone", "roles", "users")) -> list[tuple[str, str]]:
    """Who hears of it: `("everyone", "here")`, `("roles", id)`, `("users", id)`."""
    allowed = body.get("allowed_mentions")
    parse = default if allowed is None else allowed.get("parse") or ()
    found = []
    for match in MENTION.finditer(written(body)):
        kind, who = str(match.lastgroup), match[str(match.lastgroup)]
        if kind in parse or who in map(str, (allowed or {}).get(kind) or ()):
            found.append((kind, who))
    return found


def carelessness(body: dict[str, Any], *, default: tuple[str, ...] = ("everyone", "roles", "users")) -> list[str]:
    """What Discord takes and we never want: no `allowed_mentions`, and mentions that nobody chose."""
    found = []
    allowed = body.get("allowed_mentions")
    if allowed is None:
        found.append("no allowed_mentions")
    chosen = [(kind, str(id_)) for kind in ("roles", "users") for id_ in (allowed or {}).get(kind) or ()]
    found += [f"live mention: {kind} {who}" for kind, who in pings(body, default=default) if (kind, who) not in chosen]
    return found


def twin_embeds(message: dict[str, Any]) -> list[str]:
    """Embeds that share a url: Discord shows the first one only."""
    urls = [each["url"] for each in message.get("embeds") or () if each.get("url")]
    return [f"embeds share the url {url}" for url in sorted({url for url in urls if urls.count(url) > 1})]


def message_problems(method: str, path: str, body: dict[str, Any], message: dict[str, Any], *, v2: bool) -> list[str]:
    """What is wrong with a message; `body` is the whole request, `message` the part of it that is the message."""
    found = check(method, path, _ids_as_text(body))
    every = list(components(message))
    found += component_problems(message)
    if v2:
        found += [f"{name}: not with IS_COMPONENTS_V2" for name in LEGACY if message.get(name)]
        if len(every) > 40:
            found.append(f"components: {len(every)}, 40 allowed")
        if len(written({**message, "content": None})) > 4000:
            found.append("components: over 4000 characters of text")
    else:
        found += [
            f"components: type {each['type']} needs IS_COMPONENTS_V2" for each in every if each["type"] in ONLY_V2
        ]
        if len(message.get("components") or ()) > 5:
            found.append("components: over 5 action rows")
    allowed = message.get("allowed_mentions") or {}
    found += [
        f"allowed_mentions: parse and {kind} exclude each other"
        for kind in ("users", "roles")
        if kind in (allowed.get("parse") or ()) and allowed.get(kind)
    ]
    shown = ("title", "description", "fields", "author", "footer", "image", "thumbnail", "video", "provider")
    for number, embed in enumerate(message.get("embeds") or ()):
        if not any(embed.get(name) for name in shown):
            found.append(f"embeds/{number}: has nothing to show")
        if isinstance(embed.get("title"), str) and not embed["title"].strip() and not embed.get("description"):
            found.append(f"embeds/{number}: an empty title")
    return found


def component_problems(body: dict[str, Any]) -> list[str]:
    """What the OpenAPI document does not say about components."""
    every = list(components(body))
    ids = [each["custom_id"] for each in every if each.get("custom_id")]
    found = [f"components: custom_id {id_!r} twice" for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1})]
    for each in every:
        kind, name = each.get("type"), each.get("custom_id")
        unnamed = kind == BUTTON and each.get("style") in {LINK, PREMIUM}
        if kind in NEEDS_ID and not unnamed and not 1 <= len(name or "") <= 100:
            found.append(f"components: custom_id of 1-100 characters is required, not {name!r}")
        if kind == BUTTON:
            found += _button_problems(each)
        elif kind == STRING_SELECT:
            values = [option.get("value") for option in each.get("options") or ()]
            if not 1 <= len(values) <= 25 or len(set(values)) < len(values):
                found.append(f"components: a select needs 1-25 options of different values, not {len(values)}")
            if (each.get("max_values") or 1) > len(values):
                found.append("components: max_values is over the number of options")
        elif kind == 1:
            inner = [child.get("type") for child in each.get("components") or ()]
            if not inner or len(inner) > 5 or (SELECTS & set(inner) and len(inner) > 1):
                found.append("components: an action row holds up to five buttons, or one select")
    return found


def _button_problems(each: dict[str, Any]) -> list[str]:
    found = []
    if each.get("style") == LINK and not each.get("url"):
        found.append("components: a link button needs a url")
    if each.get("style") in {LINK, PREMIUM} and each.get("custom_id"):
        found.append("components: a link button has no custom_id")
    if each.get("style") != PREMIUM and not each.get("label") and not each.get("emoji"):
        found.append("components: a button needs a label or an emoji")
    return found


def modal_problems(data: dict[str, Any]) -> list[str]:
    """`data` of a callback of type 9."""
    found = component_problems(data)
    if not 1 <= len(data.get("title") or "") <= 45:
        found.append("data/title: 1-45 characters")
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        found.append("data/custom_id: 1-100 characters")
    if not 1 <= len(data.get("components") or ()) <= 5:
        found.append("data/components: 1-5 of them")
    for each in components(data):
        if each.get("type") == TEXT_INPUT and len(each.get("value") or "") > (each.get("max_length") or 4000):
            found.append(f"data/components: the value of {each.get('custom_id')} is over its max_length")
        if each.get("type") == 18 and not 1 <= len(each.get("label") or "") <= 45:
            found.append("data/components: a label has 1-45 characters")
    return found


def command_problems(commands: list[dict[str, Any]]) -> list[str]:
    """What is wrong with a list of commands beyond the OpenAPI document."""
    found = []
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        names = [each["name"] for each in commands if (each.get("type") or 1) == kind]
        if len(names) > most:
            found.append(f"30032: {len(names)} commands of type {kind}, {most} allowed")
        if len(set(names)) < len(names):
            found.append("name: two commands of one name")
    for command in commands:
        if (command.get("type") or 1) == 1:
            found += _option_problems(command, command["name"])
            if (size := _size(command)) > 8000:
                found.append(f"{command['name']}: {size} characters, 8000 allowed")
        elif command.get("description") or command.get("options"):
            found.append(f"{command['name']}: a context-menu command has no description and no options")
    return found


def _option_problems(command: dict[str, Any], path: str) -> list[str]:
    options = command.get("options") or []
    found = []
    if not NAME.fullmatch(command["name"]) or command["name"] != command["name"].lower():
        found.append(f"{path}: the name is not lower-case letters, digits, - and _")
    if not 1 <= len(command.get("description") or "") <= 100:
        found.append(f"{path}: the description has 1-100 characters")
    if len(options) > 25 or len({each["name"] for each in options}) < len(options):
        found.append(f"{path}: over 25 options, or two of one name")
    kinds = [each["type"] for each in options]
    if {1, 2} & set(kinds) and set(kinds) - {1, 2}:
        found.append(f"{path}: options beside subcommands")
    required = [bool(each.get("required")) for each in options]
    if required != sorted(required, reverse=True):
        found.append(f"{path}: a required option after an optional one")
    for each in options:
        if each.get("autocomplete") and (each.get("choices") or each["type"] not in {3, 4, 10}):
            found.append(f"{path}/{each['name']}: autocomplete beside choices, or on this type")
        found += _option_problems(each, f"{path}/{each['name']}")
    return found


def _size(command: dict[str, Any]) -> int:
    own = len(command["name"]) + len(command.get("description") or "")
    chosen = sum(len(each["name"]) + len(str(each["value"])) for each in command.get("choices") or ())
    return own + chosen + sum(map(_size, command.get("options") or ()))


def _ids_as_text(body: Any) -> Any:
    """discord.py writes some snowflakes as numbers; Discord takes both, its OpenAPI document only text."""
    if isinstance(body, list):
        return [_ids_as_text(each) for each in body]
    if not isinstance(body, dict):
        return body
    made = {name: _ids_as_text(value) for name, value in body.items()}
    for name in ("users", "roles", "applied_tags", "sticker_ids"):
        if isinstance(made.get(name), list):
            made[name] = [str(each) if isinstance(each, int) else each for each in made[name]]
    for name in ("message_id", "channel_id", "guild_id", "id" if "filename" in made else "message_id"):
        if isinstance(made.get(name), int):
            made[name] = str(made[name])
    return made
