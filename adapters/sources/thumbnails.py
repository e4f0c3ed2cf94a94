"""Fetches the pictures that sources name, over the one HTTP client."""

from __future__ import annotations

import logging
from datetime import timedelta

from yarl import URL

from adapters.http import Body, Broken, HttpClient, HttpLimits, Refused

_log = logging.getLogger(__name__)

PICTURE_LIMITS = HttpLimits(total=timedelta(seconds=10), body=2_000_000)
"""For the client that is given to `PictureFetcher`: a picture is small, and nobody waits for it."""


class PictureFetcher:
    """The bytes at an address, or None. Whether the address may be asked at all was decided before."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    async def __call__(self, url: str) -> bytes | None:
        """One GET; what goes wrong is a line in the log."""
        answer = await self._http.get(url, headers={"Accept": "image/webp, image/png, image/jpeg, image/gif"})
        if isinstance(answer, Body):
            return answer.content
        detail = answer.detail if isinstance(answer, Refused | Broken) else "HTTP 304 to a request without conditions"
        _log.info("no picture from %s: %s", URL(url).host, detail)
        return None
