"""Everything that a user or an operator can get wrong: a stable code and a sentence that names the remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class BroadsheetError(Exception):
    """Root of all expected failures.

    `code` is stable (documented in `docs/errors.md`); `user_message` is a whole sentence for the person who asked.
    """

    code: ClassVar[str] = "error"

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class UnknownCommand(BroadsheetError):
    """The first word after `/papers` names no command."""

    code = "unknown-command"


class BadArgument(BroadsheetError):
    """An argument or clause of a command cannot be read.

    `field` is the parameter's name in the command table, so that a form can show the error beside it.
    """

    code = "bad-argument"

    def __init__(self, field: str, user_message: str) -> None:
        super().__init__(user_message)
        self.field = field


class BadForm(BroadsheetError):
    """Fields of a form cannot be read. `errors` has the sentence for each, by field name."""

    code = "bad-form"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


class BadTopic(BadArgument):
    """A topic is refused at entry. `position` is the 0-based offset into the topic's text."""

    code = "bad-topic"

    def __init__(self, user_message: str, *, position: int = 0) -> None:
        super().__init__("topic", user_message)
        self.position = position


class BadReference(BadArgument):
    """A text names no paper: not an arXiv id, a DOI, or a link to a known papers site."""

    code = "bad-reference"

    def __init__(self, user_message: str) -> None:
        super().__init__("paper", user_message)


class PaperNotFound(BroadsheetError):
    """The reference is well-formed, but neither the store nor the sources know the paper."""

    code = "paper-not-found"


class SubscriptionNotFound(BroadsheetError):
    """No subscription of that name stands on this channel."""

    code = "subscription-not-found"


class SubscriptionExists(BroadsheetError):
    """The channel already has a subscription of that name."""

    code = "subscription-exists"


class ChannelNotFound(BroadsheetError):
    """No channel at that address is known in this workspace."""

    code = "channel-not-found"


class CannotPost(BroadsheetError):
    """The bot cannot post to the channel that is to be subscribed; the sentence says what a member can do about it."""

    code = "cannot-post"


class NotAllowed(BroadsheetError):
    """The workspace lets only some members do this, and the one who asked is not among them."""

    code = "not-allowed"


class SearchExpired(BroadsheetError):
    """A button goes on with a long search that is no longer remembered."""

    code = "search-expired"


class IndexBusy(BroadsheetError):
    """Another process is building the search index of this data folder."""

    code = "index-busy"


class BadSettings(BroadsheetError):
    """The configuration has mistakes; `mistakes` lists every one of them, each naming its setting."""

    code = "bad-settings"

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("The configuration has mistakes:\n" + "\n".join(f"  - {mistake}" for mistake in mistakes))
        self.mistakes = mistakes


class BadReplay(BroadsheetError):
    """A replay path does not exist or holds nothing that can be read."""

    code = "bad-replay"


class StoreUnavailable(BroadsheetError):
    """The database cannot be opened, is locked, or has a schema from a newer release."""

    code = "store-unavailable"


class CannotReach(BroadsheetError):
    """A platform that a command needs does not answer, or refuses."""

    code = "cannot-reach"


class CannotListen(BroadsheetError):
    """The page's address or port cannot be had."""

    code = "cannot-listen"
