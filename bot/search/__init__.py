"""Searching: what a text asks of the index, how papers are ranked, and what is marked in them. Pure."""
