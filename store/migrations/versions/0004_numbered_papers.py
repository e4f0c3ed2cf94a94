"""Papers get a number that stays and one that counts their changes: what the search index follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBERS = ("number", "changed")


def upgrade() -> None:
    for name in _NUMBERS:
        op.add_column("papers", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE papers SET number = numbered.n, changed = numbered.n FROM "
        "(SELECT id, row_number() OVER (ORDER BY first_seen_at, id) AS n FROM papers) AS numbered "
        "WHERE numbered.id = papers.id"
    )
    for name in _NUMBERS:
        op.create_index(f"ix_papers_{name}", "papers", [name], unique=True)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )
    op.execute("INSERT INTO counters (name, value) SELECT 'papers', count(*) FROM papers")


def downgrade() -> None:
    op.drop_table("counters")
    for name in _NUMBERS:
        op.drop_index(f"ix_papers_{name}", "papers")
    for name in _NUMBERS:
        op.drop_column("papers", name)
