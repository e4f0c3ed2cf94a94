"""What discord.py logs of a connection that broke: a traceback of sixty lines an attempt. Here it is one line."""

from __future__ import annotations

import logging

import structlog

_log = structlog.get_logger(__name__)
_LOGGERS = ("discord.client", "discord.shard")
_BROKEN = ("Attempting a reconnect", "Failed to connect")


def one_line_each() -> None:
    """Once or more often: a filter that is there is not added again."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(told_in_a_line)


def told_in_a_line(record: logging.LogRecord) -> bool:
    """False for what has been told here; discord.py tries again by itself."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None or not record.msg.startswith(_BROKEN):
        return True
    shard = record.args[0] if isinstance(record.args, tuple) and "shard" in record.msg else None
    _log.warning("the connection to Discord broke; trying again", error=type(error).__name__, shard=shard)
    return False
