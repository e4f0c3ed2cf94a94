"""The search index: Tantivy on local disk, derived from the database and free to be lost."""
