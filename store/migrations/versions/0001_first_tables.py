"""The first tables: papers and sources, workspaces and channels, editions and the ledger of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_announcements()
    _create_papers()
    _create_source_silences()
    _create_workspaces()
    _create_announced_papers()
    _create_channels()
    _create_members()
    _create_paper_keys()
    _create_source_facts()
    _create_vote_counts()
    _create_messages()
    _create_saves()
    _create_subscriptions()
    _create_votes()
    _create_editions()
    _create_channel_papers()
    _create_deliveries()
    _create_picks()


def downgrade() -> None:
    # Their indexes go with them; the order is that of the foreign keys.
    for table in (
        "picks",
        "deliveries",
        "channel_papers",
        "editions",
        "votes",
        "subscriptions",
        "saves",
        "messages",
        "vote_counts",
        "source_facts",
        "paper_keys",
        "members",
        "channels",
        "announced_papers",
        "workspaces",
        "source_silences",
        "papers",
        "announcements",
    ):
        op.drop_table(table)


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("first_fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "announced_on", "resource", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_fetched_at"), "announcements", ["fetched_at"])


def _create_papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("doi", sa.Text(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("categorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_title_key"), "papers", ["title_key"])
    op.create_index(
        "ix_papers_uncategorised",
        "papers",
        ["id"],
        sqlite_where=sa.text("categorised_at IS NULL"),
        postgresql_where=sa.text("categorised_at IS NULL"),
    )


def _create_source_silences() -> None:
    op.create_table(
        "source_silences",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_silences")),
    )


def _create_workspaces() -> None:
    op.create_table(
        "workspaces",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )


def _create_announced_papers() -> None:
    op.create_table(
        "announced_papers",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("announce_type", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_announced_papers_paper_id_papers"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "announced_on", "paper_id", name=op.f("pk_announced_papers")),
    )
    op.create_index(op.f("ix_announced_papers_announced_on"), "announced_papers", ["announced_on"])
    op.create_index("ix_announced_papers_candidates", "announced_papers", ["origin", "first_seen_at"])
    op.create_index(op.f("ix_announced_papers_paper_id"), "announced_papers", ["paper_id"])


def _create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_channels_workspace_workspaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("workspace", "platform", "address", name=op.f("uq_channels_workspace_platform_address")),
    )
    op.create_index("ix_channels_workspace_name_key", "channels", ["workspace", "name_key"])


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_members_workspace_workspaces")),
        sa.PrimaryKeyConstraint("workspace", "id", name=op.f("pk_members")),
    )


def _create_paper_keys() -> None:
    op.create_table(
        "paper_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_keys_paper_id_papers"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_paper_keys")),
    )
    op.create_index(op.f("ix_paper_keys_paper_id"), "paper_keys", ["paper_id"])


def _create_source_facts() -> None:
    op.create_table(
        "source_facts",
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_source_facts_paper_id_papers"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "source", name=op.f("pk_source_facts")),
    )


def _create_vote_counts() -> None:
    op.create_table(
        "vote_counts",
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_vote_counts_paper_id_papers"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "seen_at", name=op.f("pk_vote_counts")),
    )
    op.create_index(op.f("ix_vote_counts_seen_at"), "vote_counts", ["seen_at"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_to", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_messages_channel_id_channels")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_messages")),
        sa.UniqueConstraint("channel_id", "id", name=op.f("uq_messages_channel_id_id")),
        sa.UniqueConstraint("channel_id", "key", name=op.f("uq_messages_channel_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_channel_id_reply_to", "messages", ["channel_id", "reply_to"])


def _create_saves() -> None:
    op.create_table(
        "saves",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_saves_paper_id_papers"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace", "member_id"],
            ["members.workspace", "members.id"],
            name=op.f("fk_saves_workspace_member_id_members"),
        ),
        sa.PrimaryKeyConstraint("workspace", "member_id", "paper_id", name=op.f("pk_saves")),
    )
    op.create_index(op.f("ix_saves_paper_id"), "saves", ["paper_id"])


def _create_subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("local_time", sa.Time(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("settle_seconds", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("cut_until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_subscriptions_channel_id_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("channel_id", "name_key", name=op.f("uq_subscriptions_channel_id_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscriptions_next_due_at"), "subscriptions", ["next_due_at"])


def _create_votes() -> None:
    op.create_table(
        "votes",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_votes_paper_id_papers"), onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace", "member_id"],
            ["members.workspace", "members.id"],
            name=op.f("fk_votes_workspace_member_id_members"),
        ),
        sa.PrimaryKeyConstraint("workspace", "paper_id", "member_id", name=op.f("pk_votes")),
    )
    op.create_index(op.f("ix_votes_paper_id"), "votes", ["paper_id"])


def _create_editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("local_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cut_until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("left_out", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_editions_channel_id_channels")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_editions_subscription_id_subscriptions"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint(
            "subscription_id", "local_on", "kind", name=op.f("uq_editions_subscription_id_local_on_kind")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_editions_channel_id"), "editions", ["channel_id"])


def _create_channel_papers() -> None:
    op.create_table(
        "channel_papers",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_channel_papers_channel_id_channels")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_channel_papers_edition_id_editions")),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_channel_papers_paper_id_papers"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "paper_id", "kind", name=op.f("pk_channel_papers")),
    )
    op.create_index(op.f("ix_channel_papers_edition_id"), "channel_papers", ["edition_id"])
    op.create_index(op.f("ix_channel_papers_paper_id"), "channel_papers", ["paper_id"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("threaded", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id_channels")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_deliveries_edition_id_editions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("edition_id", "part", name=op.f("uq_deliveries_edition_id_part")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deliveries_channel_id"), "deliveries", ["channel_id"])
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["state", "id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _create_picks() -> None:
    op.create_table(
        "picks",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_picks_edition_id_editions")),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_picks_paper_id_papers"), onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("edition_id", "rank", name=op.f("pk_picks")),
    )
    op.create_index(op.f("ix_picks_paper_id"), "picks", ["paper_id"])
