"""Logging: one line an event, key=value, to standard error; secrets never, control characters escaped."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie", re.IGNORECASE)
_SECRET_SHAPES = re.compile(
    r"(?i:bearer|basic)\s+[\w.~+/-]{8,}=*|xox[abeoprs]-[\w-]+|xapp-[\w-]+|hf_\w{20,}"
    r"|https?://[^\s/]*discord(?:app)?\.com/api/(?:v\d+/)?(?:webhooks|interactions)/\S+"
    r"|[MNO][\w-]{23,}\.[\w-]{6}\.[\w-]{27,}|https://hooks\.slack\.com/\S+"
    r"|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"
)
_HIDDEN = "(hidden)"


def set_up_logging(level: str) -> None:
    """Log events of at least this level. Repeating it replaces the set-up."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # aiohttp, APScheduler and SQLAlchemy speak through the standard library: warnings and worse, in the same place.
    logging.basicConfig(level=logging.WARNING, force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_Scrubbing("%(levelname)s %(name)s %(message)s"))


class _Scrubbing(logging.Formatter):
    """The same blanks for what the libraries log, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a text without secrets."""
        return _SECRET_SHAPES.sub(_HIDDEN, super().format(record))


def hide_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out values that are named like secrets or look like tokens known to us."""
    del logger, method
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = _HIDDEN
        elif isinstance(value, str):
            event[name] = _SECRET_SHAPES.sub(_HIDDEN, value)
    return event
