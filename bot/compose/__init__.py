"""Composing: pure functions from papers, editions and answers to Documents."""
