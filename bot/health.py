"""What `broadsheet check` and `/healthz` say of the parts: values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it works, what was seen, and what to do where it does not."""

    part: str
    ok: bool
    said: str
    remedy: str = ""
