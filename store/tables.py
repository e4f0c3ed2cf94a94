"""Every table of the store, in the words of docs/architecture.md.

Papers and what sources say of them are global. Whatever belongs to members hangs, through foreign keys, on a
workspace. `ON UPDATE CASCADE` on every reference to a paper lets a work move to a better canonical id.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Time,
    UniqueConstraint,
    false,
    text,
)

from store.instants import UtcInstant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _paper(name: str = "paper_id", *, primary_key: bool = False, index: bool = False) -> Column[str]:
    reference = ForeignKey("papers.id", onupdate="CASCADE")
    return Column(name, Text, reference, primary_key=primary_key, nullable=False, index=index)


def _channel(*, index: bool = False) -> Column[int]:
    return Column("channel_id", Integer, ForeignKey("channels.id"), nullable=False, index=index)


# --- papers and sources: global --------------------------------------------------------------------------------------

papers = Table(
    "papers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("title_key", Text, nullable=False, index=True),
    Column("abstract", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("published_on", Date),
    Column("version", Integer),
    Column("doi", Text),
    Column("facts", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("announced_on", Date),
    Column("first_seen_at", UtcInstant),
    Column("last_seen_at", UtcInstant),
    Column("categorised_at", UtcInstant),
    # The store's own number, given once and kept under every id; and the number of the last change (`store.catalogue`).
    Column("number", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Index("ix_papers_number", "number", unique=True),
    Index("ix_papers_changed", "changed", unique=True),
)
# An IS NULL predicate: SQLite uses a partial index only where no bound parameter decides whether it applies.
Index(
    "ix_papers_uncategorised",
    papers.c.id,
    sqlite_where=text("categorised_at IS NULL"),
    postgresql_where=text("categorised_at IS NULL"),
)

paper_keys = Table(
    "paper_keys",
    metadata,
    Column("key", Text, primary_key=True),
    _paper(index=True),
)

announcements = Table(
    "announcements",
    metadata,
    Column("source", Text, primary_key=True),
    Column("announced_on", Date, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("first_fetched_at", UtcInstant, nullable=False),
    Column("fetched_at", UtcInstant, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
)

announced_papers = Table(
    "announced_papers",
    metadata,
    Column("source", Text, primary_key=True),
    Column("announced_on", Date, primary_key=True, index=True),
    _paper(primary_key=True, index=True),
    Column("first_seen_at", UtcInstant, nullable=False),
    Column("origin", Text, nullable=False),
    Column("announce_type", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_announced_papers_candidates", "origin", "first_seen_at"),
)

source_facts = Table(
    "source_facts",
    metadata,
    _paper(primary_key=True),
    Column("source", Text, primary_key=True),
    Column("facts", JSON, nullable=False),
    Column("seen_at", UtcInstant, nullable=False),
)

vote_counts = Table(
    "vote_counts",
    metadata,
    _paper(primary_key=True),
    Column("seen_at", UtcInstant, primary_key=True, index=True),
    Column("upvotes", Integer, nullable=False),
)

source_silences = Table(
    "source_silences",
    metadata,
    Column("source", Text, primary_key=True),
    Column("until_at", UtcInstant, nullable=False),
)

# --- workspaces and what is theirs -----------------------------------------------------------------------------------

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    # NULL until somebody set it: everybody may.
    Column("changes_by", Text),
    # The address of the channel that is told what concerns the workspace.
    Column("contact", Text),
)

channels = Table(
    "channels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workspace", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    # NULL until somebody set it: never twice.
    Column("when_in_doubt", Text),
    UniqueConstraint("workspace", "platform", "address"),
    Index("ix_channels_workspace_name_key", "workspace", "name_key"),
)

members = Table(
    "members",
    metadata,
    Column("workspace", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("zone", Text),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    _channel(),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("local_time", Time, nullable=False),
    Column("zone", Text, nullable=False),
    Column("days", JSON, nullable=False),
    Column("month_day", Integer),
    Column("roundup", Boolean, nullable=False, server_default=false()),
    Column("size", Integer, nullable=False),
    Column("layout", Text, nullable=False),
    Column("settle_seconds", Integer, nullable=False),
    Column("created_at", UtcInstant, nullable=False),
    # No foreign key: who subscribed stays on record when the member has left.
    Column("created_by", Text, nullable=False),
    Column("cut_until_at", UtcInstant, nullable=False),
    Column("next_due_at", UtcInstant, nullable=False, index=True),
    Column("tells_quiet", Boolean, nullable=False, server_default=false()),
    # What stands in `bot.model.Alert`.
    Column("alert_role", Text, nullable=False, server_default=""),
    Column("alert_silent", Boolean, nullable=False, server_default=false()),
    # All three or none: what stands in `bot.model.Pause`.
    Column("paused_at", UtcInstant),
    Column("paused_why", Text),
    Column("paused_until_on", Date),
    Column("strikes", Integer, nullable=False, server_default="0"),
    UniqueConstraint("channel_id", "name_key"),
    # An id is never used again: an edition that is being made may still hold a removed subscription's.
    sqlite_autoincrement=True,
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    _channel(index=True),
    # What a removed subscription posted stays. NULLs differ from each other, so editions of no subscription (a
    # welcome) are exempt from the unique key.
    Column("subscription_id", Integer, ForeignKey("subscriptions.id", ondelete="SET NULL")),
    Column("kind", Text, nullable=False),
    Column("local_on", Date, nullable=False),
    Column("due_at", UtcInstant, nullable=False),
    Column("cut_until_at", UtcInstant, nullable=False),
    Column("layout", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("left_out", LargeBinary, nullable=False),
    Column("decided", Integer, nullable=False, server_default="0"),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("skipped", Text, nullable=False, server_default=""),
    Column("notes", JSON, nullable=False, server_default="[]"),
    Column("alert_role", Text, nullable=False, server_default=""),
    Column("alert_silent", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("subscription_id", "local_on", "kind"),
    sqlite_autoincrement=True,
)

picks = Table(
    "picks",
    metadata,
    Column("edition_id", Integer, ForeignKey("editions.id"), primary_key=True),
    Column("rank", Integer, primary_key=True),
    _paper(index=True),
    Column("score", Float, nullable=False),
    Column("why", Text, nullable=False),
)

channel_papers = Table(
    "channel_papers",
    metadata,
    Column("channel_id", Integer, ForeignKey("channels.id"), primary_key=True),
    _paper(primary_key=True, index=True),
    Column("kind", Text, primary_key=True),
    Column("edition_id", Integer, ForeignKey("editions.id"), nullable=False, index=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("edition_id", Integer, ForeignKey("editions.id"), nullable=False),
    Column("part", Integer, nullable=False),
    _channel(index=True),
    # Copied from the edition, so that claiming needs no join.
    Column("threaded", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", UtcInstant),
    Column("retry_at", UtcInstant),
    Column("tried_at", UtcInstant),
    Column("message_id", Text),
    Column("detail", Text, nullable=False),
    Column("done_at", UtcInstant),
    UniqueConstraint("edition_id", "part"),
    sqlite_autoincrement=True,
)
# The open part of the ledger only, however long the history grows; see the note at ix_papers_uncategorised.
Index(
    "ix_deliveries_open",
    deliveries.c.state,
    deliveries.c.id,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)

paces = Table(
    "paces",
    metadata,
    # `bot.pacing.scope_key`: a platform, a workspace or a channel.
    Column("key", Text, primary_key=True),
    Column("next_call_at", UtcInstant, nullable=False),
)

notebook = Table(
    "notebook",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Integer, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("seq", Integer, primary_key=True),
    _channel(),
    Column("id", Text, nullable=False),
    # NULL for lines that are no deliveries, which the unique key then lets pass.
    Column("key", Text),
    Column("document", Text, nullable=False),
    Column("posted_at", UtcInstant, nullable=False),
    Column("edited_at", UtcInstant),
    Column("reply_to", Text),
    UniqueConstraint("channel_id", "id"),
    UniqueConstraint("channel_id", "key"),
    Index("ix_messages_channel_id_reply_to", "channel_id", "reply_to"),
    sqlite_autoincrement=True,
)

installations = Table(
    "installations",
    metadata,
    Column("workspace", Text, ForeignKey("workspaces.id"), primary_key=True),
    Column("platform", Text, nullable=False),
    Column("name", Text, nullable=False),
    # Sealed with a key that is not in the database: `bot.ports.Vault`.
    Column("sealed_token", Text, nullable=False),
    Column("bot_id", Text, nullable=False),
    Column("bot_user", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("installed_by", Text, nullable=False),
    Column("installed_at", UtcInstant, nullable=False),
)

audit_lines = Table(
    "audit_lines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workspace", Text, ForeignKey("workspaces.id"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("member_id", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_audit_lines_channel", "workspace", "platform", "address", "id"),
    sqlite_autoincrement=True,
)

votes = Table(
    "votes",
    metadata,
    Column("workspace", Text, primary_key=True),
    _paper(primary_key=True, index=True),
    Column("member_id", Text, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("voted_at", UtcInstant, nullable=False),
    ForeignKeyConstraint(["workspace", "member_id"], ["members.workspace", "members.id"]),
)

saves = Table(
    "saves",
    metadata,
    Column("workspace", Text, primary_key=True),
    Column("member_id", Text, primary_key=True),
    _paper(primary_key=True, index=True),
    Column("saved_at", UtcInstant, nullable=False),
    ForeignKeyConstraint(["workspace", "member_id"], ["members.workspace", "members.id"]),
)
