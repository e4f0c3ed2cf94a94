"""The sample edition: what a first start shows when there is no network and nothing in the store.

`edition.jsonl` holds 37 real papers that Hugging Face listed between 18 and 29 May 2026, one JSON object a line in the
shape of its daily list. They are bibliographic facts (title, authors, dates, votes as they stood that morning, links,
arXiv categories under the extra key `categories`); each one-line summary was written for this project. No abstract.
"""

from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from pathlib import Path

SAMPLE_NAME = "edition.jsonl"


def sample_rows() -> bytes:
    """The sample edition as JSON lines, UTF-8; works from a checkout, a wheel and a zipped application."""
    return files(__name__).joinpath(SAMPLE_NAME).read_bytes()


def edition_path() -> AbstractContextManager[Path]:
    """The sample edition as a file, for as long as the block runs."""
    return as_file(files(__name__).joinpath(SAMPLE_NAME))
