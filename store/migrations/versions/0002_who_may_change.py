"""Who may change the subscriptions of a workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("changes_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("workspaces", "changes_by")
