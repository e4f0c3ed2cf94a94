"""How workspaces let the bot in, and who changed what in their channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.instants import UtcInstant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXTS = ("platform", "name", "sealed_token", "bot_id", "bot_user", "scopes", "installed_by")


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("workspace", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("installed_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_installations"),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name="fk_installations_workspace_workspaces"),
    )
    op.create_table(
        "audit_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_lines"),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name="fk_audit_lines_workspace_workspaces"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_lines_channel", "audit_lines", ["workspace", "platform", "address", "id"])


def downgrade() -> None:
    op.drop_table("audit_lines")
    op.drop_table("installations")
