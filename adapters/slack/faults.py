"""What Slack's error codes mean for a delivery: one table, in the words of docs.slack.dev (chat.postMessage)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.faults import Fault, Kind, after, outcome_of
from bot.outcome import Outcome, RefusedForNow, Scope, Unknown

FAULTS: dict[str, Fault] = {
    # The channel
    "channel_not_found": Fault(Kind.PERMANENT, "Value passed for channel was invalid, or the bot cannot see it."),
    "not_in_channel": Fault(Kind.PERMANENT, "The bot is not a member of the channel; /invite brings it in."),
    "is_archived": Fault(Kind.PERMANENT, "Channel has been archived."),
    "restricted_action": Fault(Kind.PERMANENT, "A workspace preference prevents the bot from posting."),
    "restricted_action_read_only_channel": Fault(Kind.PERMANENT, "Cannot post any message into a read-only channel."),
    "restricted_action_thread_only_channel": Fault(Kind.PERMANENT, "Cannot post top-level messages into this channel."),
    "restricted_action_non_threadable_channel": Fault(Kind.PERMANENT, "Cannot post thread replies into this channel."),
    "restricted_action_thread_locked": Fault(Kind.PERMANENT, "Cannot post replies to a thread that has been locked."),
    "cannot_reply_to_message": Fault(Kind.PERMANENT, "This message type cannot have thread replies."),
    "messages_tab_disabled": Fault(Kind.PERMANENT, "Messages tab for the app is disabled."),
    "user_not_found": Fault(Kind.PERMANENT, "The person of this conversation is not found."),
    "not_allowed_token_type": Fault(Kind.PERMANENT, "The token type used in this request is not allowed."),
    "method_not_supported_for_channel_type": Fault(Kind.PERMANENT, "This type of conversation cannot be used here."),
    "ekm_access_denied": Fault(Kind.PERMANENT, "Administrators have suspended the ability to post a message."),
    "team_access_not_granted": Fault(Kind.PERMANENT, "The app is not granted access to the specified workspace."),
    "message_not_found": Fault(Kind.PERMANENT, "No message exists with the requested timestamp."),
    "cant_update_message": Fault(Kind.PERMANENT, "Authenticated user does not have permission to update this message."),
    "edit_window_closed": Fault(Kind.PERMANENT, "The message cannot be edited due to the team message edit settings."),
    # The way in
    "account_inactive": Fault(Kind.REVOKED, "Authentication token is for a deleted user or workspace, or was removed."),
    "invalid_auth": Fault(Kind.REVOKED, "Some aspect of authentication cannot be validated."),
    "not_authed": Fault(Kind.REVOKED, "No authentication token provided."),
    "token_expired": Fault(Kind.REVOKED, "Authentication token has expired."),
    "token_revoked": Fault(Kind.REVOKED, "Authentication token is for a deleted user or workspace or was revoked."),
    "app_uninstalled": Fault(Kind.REVOKED, "The app was uninstalled."),
    "missing_scope": Fault(Kind.PERMANENT, "The token used is not granted the specific scope permissions required."),
    "no_permission": Fault(Kind.PERMANENT, "The workspace token does not have the permissions necessary."),
    "org_login_required": Fault(
        Kind.TEMPORARY, "The workspace is undergoing an enterprise migration.", Scope.WORKSPACE
    ),
    "access_denied": Fault(Kind.PERMANENT, "Access to a resource specified in the request is denied."),
    "two_factor_setup_required": Fault(Kind.PERMANENT, "Two factor setup is required."),
    "accesslimited": Fault(Kind.TEMPORARY, "Access to this method is limited on the current network.", Scope.WORKSPACE),
    # The message
    "invalid_blocks": Fault(Kind.PAYLOAD, "Blocks submitted with this message are not valid."),
    "invalid_blocks_format": Fault(Kind.PAYLOAD, "The blocks is not a valid JSON object or doesn't match the syntax."),
    "msg_blocks_too_long": Fault(Kind.PAYLOAD, "The blocks of the message are too long in all."),
    "invalid_attachments": Fault(Kind.PAYLOAD, "The attachments are not valid."),
    "metadata_too_large": Fault(Kind.PERMANENT, "Metadata exceeds size limit."),
    "invalid_metadata_format": Fault(Kind.PERMANENT, "Invalid metadata format provided."),
    "invalid_metadata_schema": Fault(Kind.PERMANENT, "Invalid metadata schema provided."),
    "metadata_must_be_sent_from_app": Fault(Kind.PERMANENT, "Message metadata can only be posted with an app token."),
    "msg_too_long": Fault(Kind.PERMANENT, "Message text is too long."),
    "no_text": Fault(Kind.PERMANENT, "No message text provided."),
    "invalid_arguments": Fault(Kind.PERMANENT, "The method was called with invalid arguments."),
    "invalid_thread_ts": Fault(Kind.PERMANENT, "The message to reply to is not there."),
    "thread_not_found": Fault(Kind.PERMANENT, "The thread to read is not there."),
    # Not now
    "ratelimited": Fault(Kind.TEMPORARY, "The request has been ratelimited.", Scope.CHANNEL),
    "rate_limited": Fault(Kind.TEMPORARY, "Application has posted too many messages.", Scope.CHANNEL),
    "message_limit_exceeded": Fault(Kind.TEMPORARY, "Members have exceeded the workspace's limit.", Scope.WORKSPACE),
    "team_added_to_org": Fault(
        Kind.TEMPORARY, "The workspace is undergoing migration to an organization.", Scope.WORKSPACE
    ),
    "service_unavailable": Fault(Kind.UNKNOWN, "The service is temporarily unavailable."),
    "request_timeout": Fault(Kind.UNKNOWN, "The method was called, but its data was missing or truncated."),
    # Who knows: “It's possible some aspect of the operation succeeded before the error was raised.”
    "internal_error": Fault(
        Kind.UNKNOWN, "The server could not complete your operation(s) without encountering an error."
    ),
    "fatal_error": Fault(Kind.UNKNOWN, "The server could not complete your operation(s) without a catastrophic error."),
}

UNHEARD_OF = Fault(Kind.PERMANENT, "Slack answered with a code that is not in our table.")
_SERVER_ERRORS = 500
_TOO_MANY = 429


def fault_of(code: str) -> Fault:
    """What a code means; `ok: false` says that it was not done, whatever the code."""
    return FAULTS.get(code, UNHEARD_OF)


def to_outcome(status: int, code: str, now: datetime, retry_after: timedelta | None = None) -> Outcome:
    """The outcome of a post that Slack answered with this HTTP status and `error` code (empty: no JSON came)."""
    retry_at = after(now, retry_after)
    if status == _TOO_MANY:
        return RefusedForNow("ratelimited", FAULTS["ratelimited"].meaning, retry_at, Scope.CHANNEL)
    if status >= _SERVER_ERRORS or not code:
        return Unknown(f"HTTP {status}{f': {code}' if code else ''}")
    return outcome_of(fault_of(code), code, retry_at)
