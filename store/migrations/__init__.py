"""Alembic's scripts; `python -m store.migrations "what it does"` drafts the next one from `store.tables`."""
