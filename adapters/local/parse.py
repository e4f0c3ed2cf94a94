"""Requests of the page as the core's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.commands import Caller
from bot.model import Channel, Member, MemberId, PaperId

MEMBER_COOKIE = "me"
_PREFIX = "/papers"
_FIELD = "field."
_LONGEST_MEMBER = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, typed or a button's: the words after `/papers`.

    `card` is set where a card's own marks were clicked; `in_dialog` where a form in the answer opens by itself.
    """

    caller: Caller
    text: str
    card: PaperId | None = None
    in_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form that was filled in: the command's verb and the values by field name."""

    caller: Caller
    verb: str
    values: Mapping[str, str]
    in_dialog: bool = False


def read_request(form: Mapping[str, object], channel: Channel, member: Member) -> Asked | Submitted:
    """What the member asked for in this channel."""
    caller = Caller(channel=channel.ref, channel_name=channel.name, member=member)
    in_dialog = _text(form, "place") == "dialog"
    verb = _text(form, "form")
    if verb:
        return Submitted(caller, verb, read_values(form), in_dialog)
    return Asked(caller, command_text(_text(form, "text")), PaperId(_text(form, "card")) or None, in_dialog)


def read_values(form: Mapping[str, object]) -> Mapping[str, str]:
    """What was filled in, by field name."""
    return {name.removeprefix(_FIELD): _text(form, name) for name in form if name.startswith(_FIELD)}


def read_choice(form: Mapping[str, object]) -> MemberId | None:
    """The member whom this browser wants to speak as."""
    chosen = _text(form, "member")
    return MemberId(chosen) if 0 < len(chosen) <= _LONGEST_MEMBER else None


def read_way_back(form: Mapping[str, object]) -> str:
    """The page to go back to: a path of this server, never another one's address."""
    way = _text(form, "back")
    # Browsers read "//host" and "/\\host" as another server, and leave tabs and line breaks out before they do.
    is_ours = way.startswith("/") and not way.startswith("//") and "\\" not in way
    return way if is_ours and way.isascii() and way.isprintable() and " " not in way else "/"


def command_text(typed: str) -> str:
    """The typed line without the `/papers` that the box already shows."""
    text = typed.strip()
    head, _, rest = text.partition(" ")
    return rest.strip() if head.casefold() == _PREFIX else text


def read_zone(form: Mapping[str, object]) -> str | None:
    """The browser's time zone when it is one that we know."""
    zone = _text(form, "zone")
    if not zone:
        return None
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # Browsers know zones newer than our data; a directory of the zone data (“Europe”) is an OSError.
        return None
    return zone


def read_member(cookies: Mapping[str, str]) -> MemberId | None:
    """The member as whom this browser speaks; None for the platform's own."""
    me = cookies.get(MEMBER_COOKIE, "")
    return MemberId(me) if me else None


def read_instant(text: str) -> datetime | None:
    """The instant from which a page wants to be caught up; None when it states none that can be read."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None


def _text(form: Mapping[str, object], name: str) -> str:
    """A field's text; an uploaded file in its place counts as nothing."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
