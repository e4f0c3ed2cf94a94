"""In front of Bolt: what is not signed by Slack, not fresh, or not readable never reaches it.

slack_sdk raises on twelve kinds of malformed requests, which Bolt answers with 500 and a traceback; and it remembers no
signature, so that a request can be replayed for five minutes. Nothing of a request is logged here but its verdict.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

BODY_LIMIT = 1_000_000
"""Bytes of a request."""
_FRESH_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_REMEMBERED = timedelta(minutes=10)
_EVENTS_REMEMBERED = timedelta(hours=25)  # Slack may repeat an event hourly for a day
_MOST = 100_000
_FIELDS = 1_000


@dataclass(frozen=True, slots=True)
class Genuine:
    """Slack sent it, for the first time. `payload` is its JSON, or the fields of its form."""

    payload: Mapping[str, Any]
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """Slack sent it, but it was taken before: it is answered with 200, and nothing is done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It is answered with this HTTP status."""

    status: int
    reason: str


Verdict = Genuine | Repeated | Refused


class Memory:
    """What was seen lately; bounded in time and number. In memory, of one process."""

    def __init__(self, keep: timedelta) -> None:
        self._keep = keep
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def is_new(self, name: str, now: datetime) -> bool:
        """True the first time; asking is seeing."""
        while self._seen and (len(self._seen) > _MOST or next(iter(self._seen.values())) < now - self._keep):
            self._seen.popitem(last=False)
        if name in self._seen:
            return False
        self._seen[name] = now
        return True

    def forget(self, name: str) -> None:
        """It could not be dealt with: the next time it is new."""
        self._seen.pop(name, None)


class RequestGuard:
    """Judges a request by its headers and its raw body."""

    def __init__(self, signing_secret: str) -> None:
        self._secret = signing_secret.encode()
        self._signatures = Memory(_REMEMBERED)
        self._events = Memory(_EVENTS_REMEMBERED)

    def judge(self, headers: Mapping[str, Sequence[str]], body: bytes, now: datetime) -> Verdict:
        """`headers` by lower-case name, each with all its values; `now` is aware."""
        signature = self._signed(headers, body, now)
        if signature is None:
            return Refused(401, "not signed by Slack, or too old")
        try:
            payload = read_body(body, next(iter(headers.get("content-type", ())), ""))
        except (ValueError, RecursionError):
            return Refused(400, "the body cannot be read")
        if payload.get("type") == "url_verification":
            return Genuine(payload)
        if not self._signatures.is_new(signature, now) or not self.is_new_event(payload, now):
            return Repeated()
        return Genuine(payload, signature)

    def forget(self, taken: Genuine) -> None:
        """It could not be dealt with: let Slack try again."""
        self._signatures.forget(taken.signature)
        self.forget_event(taken.payload)

    def forget_event(self, payload: Mapping[str, Any]) -> None:
        """An event could not be dealt with."""
        self._events.forget(_event(payload))

    def is_new_event(self, payload: Mapping[str, Any], now: datetime) -> bool:
        """False for an event that was taken before: by its id, never by the header of a retry."""
        return not isinstance(payload.get("event_id"), str) or self._events.is_new(_event(payload), now)

    def _signed(self, headers: Mapping[str, Sequence[str]], body: bytes, now: datetime) -> str | None:
        stamps = headers.get("x-slack-request-timestamp", ())
        signatures = headers.get("x-slack-signature", ())
        if len(stamps) != 1 or len(signatures) != 1:
            return None
        stamp, signature = stamps[0], signatures[0]
        if not _TIMESTAMP.fullmatch(stamp) or not _SIGNATURE.fullmatch(signature):
            return None
        if abs(int(now.timestamp()) - int(stamp)) > _FRESH_SECONDS:
            return None
        expected = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return signature if hmac.compare_digest(f"v0={expected}", signature) else None


def _event(payload: Mapping[str, Any]) -> str:
    return f"{payload.get('team_id')}\x1f{payload.get('event_id')}"


def read_body(body: bytes, content_type: str) -> Mapping[str, Any]:
    """The JSON of a body, or of the `payload` of its form, or the form's fields. Raises ValueError."""
    text = body.decode("utf-8")
    if content_type.partition(";")[0].strip().casefold() == "application/json":
        return _object(text)
    fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"))
    return _object(fields["payload"]) if "payload" in fields else fields


def _object(text: str) -> Mapping[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for all that cannot be read
    return found
