"""Who is told of a digest: a role that is mentioned, or nobody by a sound."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = ("subscriptions", "editions")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("alert_role", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("alert_silent", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "alert_silent")
        op.drop_column(table, "alert_role")
