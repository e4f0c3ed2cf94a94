"""Where papers come from: one file a source, fetching (I/O) and parsing (pure) kept apart."""
