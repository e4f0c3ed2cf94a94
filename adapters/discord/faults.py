"""What Discord's error codes mean for a post: one table, in the words of its documentation (opcodes and status codes).

Codes are those of the JSON body; where there is none the HTTP status decides. `X-RateLimit-Scope` says whom a 429
concerns; one without a `Via` header comes from the proxy in front of Discord, for the whole address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.faults import Fault, Kind, after, outcome_of
from bot.outcome import Outcome, RefusedForNow, Scope, Unknown

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, UNKNOWN_INTERACTION = 10003, 10004, 10008, 10062
ALREADY_CROSSPOSTED, ALREADY_ACKNOWLEDGED, THREAD_EXISTS = 40033, 40060, 160004
MISSING_ACCESS, MISSING_PERMISSIONS, INVALID_BODY = 50001, 50013, 50035

FAULTS: dict[int, Fault] = {
    # What is not there
    UNKNOWN_CHANNEL: Fault(Kind.PERMANENT, "Unknown channel: it was deleted, or is a thread that is gone."),
    UNKNOWN_GUILD: Fault(Kind.PERMANENT, "Unknown guild: the bot is not in this server."),
    UNKNOWN_MESSAGE: Fault(Kind.PERMANENT, "Unknown message: it was deleted by somebody."),
    10013: Fault(Kind.PERMANENT, "Unknown user."),
    10015: Fault(Kind.PERMANENT, "Unknown webhook: the interaction is older than fifteen minutes."),
    UNKNOWN_INTERACTION: Fault(Kind.PERMANENT, "Unknown interaction: it was not answered within three seconds."),
    # What is not allowed
    MISSING_ACCESS: Fault(Kind.PERMANENT, "Missing access: the bot may not view this channel."),
    MISSING_PERMISSIONS: Fault(Kind.PERMANENT, "You lack permissions to perform that action."),
    50005: Fault(Kind.PERMANENT, "Cannot edit a message authored by another user."),
    50007: Fault(Kind.PERMANENT, "Cannot send messages to this user."),
    50008: Fault(Kind.PERMANENT, "Cannot send messages in a non-text channel."),
    50009: Fault(Kind.PERMANENT, "Channel verification level is too high for you to gain access."),
    50024: Fault(Kind.PERMANENT, "Cannot execute action on this channel type."),
    50027: Fault(Kind.PERMANENT, "Invalid webhook token provided."),
    50033: Fault(Kind.PERMANENT, "Invalid recipient(s)."),
    50083: Fault(Kind.PERMANENT, "This thread is archived."),
    160002: Fault(Kind.PERMANENT, "Cannot reply without permission to read message history."),
    160005: Fault(Kind.PERMANENT, "This thread is locked."),
    200000: Fault(Kind.PERMANENT, "Message was blocked by automatic moderation."),
    200001: Fault(Kind.PERMANENT, "Title was blocked by automatic moderation."),
    240000: Fault(Kind.PERMANENT, "Message blocked by harmful links filter."),
    40067: Fault(Kind.PERMANENT, "A tag is required to create a forum post in this channel."),
    20001: Fault(Kind.PERMANENT, "Bots cannot use this endpoint."),
    40001: Fault(Kind.TEMPORARY, "Unauthorized. Provide a valid token and try again.", Scope.PLATFORM),
    40002: Fault(Kind.TEMPORARY, "You need to verify your account.", Scope.PLATFORM),
    # How it is made
    INVALID_BODY: Fault(Kind.PAYLOAD, "Invalid form body, or invalid Content-Type provided."),
    50006: Fault(Kind.PAYLOAD, "Cannot send an empty message."),
    50109: Fault(Kind.PAYLOAD, "The request body contains invalid JSON."),
    # Not now
    20016: Fault(Kind.TEMPORARY, "Cannot perform this action due to slowmode rate limit.", Scope.CHANNEL),
    20022: Fault(Kind.TEMPORARY, "This message cannot be edited due to announcement rate limits.", Scope.CHANNEL),
    20028: Fault(Kind.TEMPORARY, "The channel you are writing has hit the write rate limit.", Scope.CHANNEL),
    20029: Fault(Kind.TEMPORARY, "The write action on the server has hit the write rate limit.", Scope.WORKSPACE),
    30046: Fault(Kind.TEMPORARY, "Maximum number of edits to messages older than one hour reached.", Scope.CHANNEL),
    40004: Fault(Kind.TEMPORARY, "Send messages has been temporarily disabled.", Scope.PLATFORM),
    40062: Fault(Kind.TEMPORARY, "Service resource is being rate limited.", Scope.CHANNEL),
    40333: Fault(Kind.TEMPORARY, "Cloudflare is blocking your request.", Scope.PLATFORM),
    130000: Fault(Kind.TEMPORARY, "API resource is currently overloaded. Try again a little later.", Scope.PLATFORM),
    160006: Fault(Kind.TEMPORARY, "Maximum number of active threads reached.", Scope.CHANNEL),
    160007: Fault(Kind.TEMPORARY, "Maximum number of active announcement threads reached.", Scope.CHANNEL),
    # Done already
    ALREADY_CROSSPOSTED: Fault(Kind.PERMANENT, "This message has already been crossposted."),
    ALREADY_ACKNOWLEDGED: Fault(Kind.PERMANENT, "Interaction has already been acknowledged."),
    THREAD_EXISTS: Fault(Kind.PERMANENT, "A thread has already been created for this message."),
}

_UNAUTHORIZED, _TOO_MANY, _SERVER_ERRORS = 401, 429, 500
_BANNED = timedelta(minutes=10)
"""How long to keep still when the proxy refuses the address: its count runs over ten minutes."""
_SCOPES = {"user": Scope.CHANNEL, "shared": Scope.CHANNEL, "global": Scope.PLATFORM, "": Scope.CHANNEL}


def fault_of(status: int, code: int) -> Fault:
    """What an answer means that is no success and no 429."""
    if (known := FAULTS.get(code)) is not None:
        return known
    if status >= _SERVER_ERRORS:
        return Fault(Kind.UNKNOWN, f"Discord answered with HTTP {status}.")
    if status == _UNAUTHORIZED:
        return Fault(Kind.TEMPORARY, "Discord does not know our token: was it reset?", Scope.PLATFORM)
    return Fault(Kind.PERMANENT, f"Discord answered with HTTP {status} and a code that is not in our table.")


def is_about_payload(status: int, code: int) -> bool:
    """True where Discord refuses how the message is made."""
    return fault_of(status, code).kind is Kind.PAYLOAD


def to_outcome(status: int, code: int, now: datetime, retry_after: timedelta | None = None, scope: str = "") -> Outcome:
    """The outcome of a post that was answered so. `scope` is `X-RateLimit-Scope`, or `proxy` where nobody set one."""
    if status == _TOO_MANY and code not in FAULTS:
        if scope == "proxy":
            return RefusedForNow(
                "429", "Discord's proxy refuses our address.", now + (retry_after or _BANNED), Scope.PLATFORM
            )
        return RefusedForNow(
            "429", "You are being rate limited.", after(now, retry_after), _SCOPES.get(scope, Scope.CHANNEL)
        )
    if status >= _SERVER_ERRORS and code not in FAULTS:
        return Unknown(f"HTTP {status}")
    return outcome_of(fault_of(status, code), str(code or f"HTTP {status}"), after(now, retry_after))
