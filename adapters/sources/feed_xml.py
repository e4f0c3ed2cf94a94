"""XML feeds from the wild (RSS and Atom) → flat entries, saving what can be saved. Pure.

A sound feed is read as it stands. One that is not well-formed is repaired and read entry by entry, so that one bad
entry never costs its neighbours. Document types and entities are refused before anything is expanded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from adapters.sources.feed_repair import Damaged, cut_entries, declared_encoding, decode
from bot.model import Refusal

_ROOTS = frozenset({"feed", "rss", "RDF"})
_ENTRIES = frozenset({"entry", "item"})
_DEEPEST = 60
_WINDOWS = re.compile(rb"[\x80-\x9f]")
_WRAPPER = (
    '<feed xmlns:arxiv="a" xmlns:dc="d" xmlns:atom="t" xmlns:opensearch="o" xmlns:content="c" xmlns:media="m"'
    ' xmlns:rdf="r" xmlns:sy="s" xmlns:xhtml="x" xmlns:dcterms="e">'
)


class NotAFeed(Exception):
    """The body is no feed, or one that must not be read; the text is the reason."""


@dataclass(slots=True)
class RawEntry:
    """One entry: the texts of its direct children by local name; authors, categories and links apart."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    categories: list[str] = field(default_factory=list)
    primary: str = ""
    authors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    number: int = 0
    """Where it stands in its feed, from 1."""

    def first(self, *names: str) -> str:
        """The first non-empty text among these children."""
        return next((text for name in names for text in self.texts.get(name, ()) if text.strip()), "")


@dataclass(slots=True)
class RawFeed:
    """A feed as read: `header` holds the channel's own texts, `refused` what was not an entry."""

    root: str = ""
    header: dict[str, str] = field(default_factory=dict)
    skip_days: list[str] = field(default_factory=list)
    entries: list[RawEntry] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    is_cut_off: bool = False
    is_repaired: bool = False


def read_feed(body: bytes, content_type: str = "") -> RawFeed:
    """Read a body. Raises NotAFeed for what is none: empty, JSON, HTML, a document type."""
    if not body.strip(b"\x00\t\n\r \xef\xbb\xbf"):
        raise NotAFeed("the body is empty")
    collector = _Collector()
    try:
        # Browsers read iso-8859-1 as windows-1252 (https://encoding.spec.whatwg.org/#names-and-labels): so do we.
        encoding = "windows-1252" if declared_encoding(body) in {"iso-8859-1", "latin-1", "latin1"} else None
        _feed(collector, body, encoding)
    except DefusedXmlException as error:
        raise NotAFeed("it declares a document type or entities") from error
    except (ParseError, ValueError, LookupError):
        return _salvage(decode(body, content_type))
    # Curly quotes in what calls itself iso-8859-1: its author's mistake, read as it was meant.
    collector.feed.is_repaired = encoding is not None and _WINDOWS.search(body) is not None
    if collector.feed.root not in _ROOTS:
        raise NotAFeed(f"its root is <{collector.feed.root[:40]}>")
    return collector.feed


def _salvage(text: str) -> RawFeed:
    damaged = cut_entries(text)
    if damaged is None:
        raise NotAFeed("it is neither RSS nor Atom")
    if damaged.has_doctype:
        raise NotAFeed("it declares a document type or entities")
    feed = _read_header(damaged)
    feed.is_repaired, feed.is_cut_off = True, damaged.is_cut_off
    feed.refused += (Refusal(f"entry {number}", "it never closes") for number in damaged.unclosed)
    for number, text_of_entry in damaged.entries:
        collector = _Collector()
        try:
            _feed(collector, f"{_WRAPPER}{text_of_entry}</feed>", None)
        except (ParseError, ValueError) as error:
            feed.refused.append(Refusal(f"entry {number}", f"not well-formed: {error}"[:200]))
        else:
            feed.entries += (replace(each, number=number) for each in collector.feed.entries)
    return feed


def _read_header(damaged: Damaged) -> RawFeed:
    """The channel's own texts: what stands before the first entry, without the elements that stay open there."""
    collector = _Collector()
    inner = re.sub(r"</?(?:rss|feed|channel|rdf:RDF)\b[^<>]*>", "", damaged.header)
    try:
        _feed(collector, f"{_WRAPPER}{inner}</feed>", None)
    except (ParseError, ValueError):
        return RawFeed(root=damaged.root, header=dict(collector.feed.header), skip_days=collector.feed.skip_days)
    collector.feed.root = damaged.root
    return collector.feed


def _feed(collector: _Collector, content: bytes | str, encoding: str | None) -> None:
    # At once and not in pieces: expat before 2.6 takes quadratic time over long tokens in pieces (CVE-2023-52425).
    parser = DefusedXMLParser(target=collector, encoding=encoding, forbid_dtd=True)
    parser.feed(content)
    parser.close()


class _Collector:
    """The parser's target: keeps flat entries and never a tree, so that depth costs nothing."""

    def __init__(self) -> None:
        self.feed = RawFeed()
        self._path: list[str] = []
        self._entry: RawEntry | None = None
        self._entry_depth = 0
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if len(self._path) >= _DEEPEST:
            raise ValueError("elements nested too deeply")
        if not self._path:
            self.feed.root = name
        self._path.append(name)
        if self._entry is None and name in _ENTRIES:
            self._entry, self._entry_depth = RawEntry(number=len(self.feed.entries) + 1), len(self._path)
        elif self._entry is not None and len(self._path) == self._entry_depth + 1:
            self._text.clear()
            _take_attributes(self._entry, name, attributes)
        elif self._entry is None or name == "name":
            self._text.clear()

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, _tag: str) -> None:
        depth, name = len(self._path), self._path.pop()
        if self._entry is None:
            self._take_header(name, "".join(self._text))
            self._text.clear()
        elif depth == self._entry_depth:
            self.feed.entries.append(self._entry)
            self._entry = None
        elif depth == self._entry_depth + 1:
            if name == "category":
                self._entry.categories += "".join(self._text).split()
            self._entry.texts.setdefault(name, []).append("".join(self._text))
            self._text.clear()
        elif name == "name" and self._path[-1] == "author":
            self._entry.authors.append("".join(self._text))
            self._text.clear()

    def close(self) -> None:
        """Nothing is left to do: entries were kept as they ended."""

    def _take_header(self, name: str, text: str) -> None:
        if name == "day" and self._path[-1:] == ["skipDays"]:
            self.feed.skip_days.append(text.strip().casefold())
        elif text.strip() and not {"image", "textInput"} & set(self._path):
            self.feed.header.setdefault(name, text.strip())


def _take_attributes(entry: RawEntry, name: str, attributes: Mapping[str, str]) -> None:
    if name == "category" and attributes.get("term"):
        entry.categories.append(attributes["term"])
    elif name == "primary_category" and attributes.get("term"):
        entry.primary = attributes["term"]
    elif name == "link" and attributes.get("href"):
        entry.links.append(attributes["href"])
