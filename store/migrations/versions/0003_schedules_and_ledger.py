"""Roundups, pauses, skipped dates, doubts and the pace of delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.instants import UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ADDED = {
    "workspaces": (("contact", sa.Text(), None),),
    "channels": (("when_in_doubt", sa.Text(), None),),
    "subscriptions": (
        ("month_day", sa.Integer(), None),
        ("roundup", sa.Boolean(), sa.false()),
        ("tells_quiet", sa.Boolean(), sa.false()),
        ("paused_at", UtcInstant(), None),
        ("paused_why", sa.Text(), None),
        ("paused_until_on", sa.Date(), None),
        ("strikes", sa.Integer(), "0"),
    ),
    "editions": (
        ("decided", sa.Integer(), "0"),
        ("late", sa.Boolean(), sa.false()),
        ("skipped", sa.Text(), ""),
        ("notes", sa.JSON(), "[]"),
    ),
    "deliveries": (("tried_at", UtcInstant(), None),),
}


def upgrade() -> None:
    for table, columns in _ADDED.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
    # Nobody noted when an attempt began that is under way or in doubt; it was not before its edition was due.
    due_at = "(SELECT due_at FROM editions WHERE editions.id = deliveries.edition_id)"
    op.execute(f"UPDATE deliveries SET tried_at = {due_at} WHERE state IN ('sending', 'unknown')")  # noqa: S608
    op.execute(f"UPDATE deliveries SET retry_at = {due_at} WHERE state = 'unknown'")  # noqa: S608
    op.create_table(
        "paces",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("next_call_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_paces"),
    )
    op.create_table(
        "notebook",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_notebook"),
    )


def downgrade() -> None:
    op.drop_table("notebook")
    op.drop_table("paces")
    for table, columns in _ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
