"""Alembic's entry: runs on the connection that `store.schema` hands over, inside that connection's transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from store.instants import UtcInstant
from store.tables import metadata


def _render_item(kind: str, item: object, _autogenerate: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's
    """Drafts name plain types: a migration must not change when our own types do."""
    if kind == "type" and isinstance(item, UtcInstant):
        return "sa.DateTime(timezone=True)"
    return False


def run_migrations() -> None:
    """Configure and run; the caller commits, so that a failed migration leaves nothing behind on either database."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        transaction_per_migration=False,
        render_item=_render_item,
        # SQLite cannot alter most things in place; batch mode copies the table instead.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run_migrations()
