"""In-memory sides of the core's ports: the vocabulary of the tests."""
