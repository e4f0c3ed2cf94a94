"""A real browser on loopback: found on this machine, started without screen, and watched while it works."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Error, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHOSEN = "BROADSHEET_TEST_CHROMIUM"
MISSING = f"no browser: install Chromium (Debian: apt install chromium) or name one in {CHOSEN}"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOPBACK = {"127.0.0.1", "localhost"}


def find_chromium():
    """The browser's path, or None."""
    chosen = os.environ.get(CHOSEN)  # noqa: TID251 - the tests, not the application
    return chosen or next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def browsing():
    """A running browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


class Watch:
    """What no page may do: complain on its console, break, open a dialog, or ask another machine for something."""

    def __init__(self):
        self.problems = []

    def over(self, page):
        """Watch this page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("request", self._request)
        page.on("dialog", self._dialog)

    def _console(self, message):
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "about"} and parts.hostname not in LOOPBACK:
            self.problems.append(f"request to {request.url}")

    async def _dialog(self, dialog):
        self.problems.append(f"dialog: {dialog.message}")
        try:
            await dialog.dismiss()
        except Error:
            self.problems.append("the dialog had gone")
