"""Reads HTML as a browser does, for tests of what is shown."""

from __future__ import annotations

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Reads a fragment as a browser does."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.texts = {}
        self._open = []
        self.feed(str(html))  # Markup would escape what is added to it
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append((tag, dict(attrs).get("class", "")))

    def handle_endtag(self, tag):
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for _, names in self._open:
            for name in names.split():
                self.texts[name] = self.texts.get(name, "") + data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl):
        assert decl == "doctype html"

    def named(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]
