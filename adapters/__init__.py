"""Everything that speaks to the world except the database."""
