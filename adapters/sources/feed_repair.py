"""Damaged feeds: find their encoding, mend what breaks XML, and cut them into entries. Pure; linear in the text."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from html.entities import html5

_DECLARATION = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_READABLE = re.compile(r"utf-?8|utf-?16(?:-?[lb]e)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?1|windows-125\d|cp125\d")
"""UTF-7 and friends are not among them: they hide markup from everyone who reads the bytes."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#([0-9]{1,9})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][A-Za-z0-9]{1,31}));")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_PREFIX = r"(?:arxiv|dc|atom|opensearch|content|media|rdf|sy|xhtml|dcterms):"
_NAMES = (
    "feed|rss|RDF|channel|entry|item|title|link|guid|id|description|summary|abstract|updated|published|pubDate|date"
    "|author|name|uri|email|affiliation|category|primary_category|creator|rights|announce_type|doi|DOI|comment"
    "|journal_ref|journal_reference|lastBuildDate|managingEditor|skipDays|day|language|docs|subtitle|generator"
    "|totalResults|startIndex|itemsPerPage|content|encoded|source|copyright|ttl"
)
_STRAY = re.compile(rf"<(?!/?(?:{_PREFIX})?(?:{_NAMES})(?=[\s/>])|!--|!\[CDATA\[|\?)")
_BOUNDARY = re.compile(r"<(/?)(?:atom:)?(entry|item)(?=[\s/>])")
_ROOT = re.compile(r"<(?:atom:|rdf:)?(feed|rss|RDF)(?=[\s>])")
_CLOSED = re.compile(r"</(?:atom:|rdf:)?(?:feed|rss|RDF)\s*>")
_DOCTYPE = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MOST_UNCLOSED = 20


@dataclass(frozen=True, slots=True)
class Damaged:
    """A feed cut into pieces, each mended for itself; entries carry their number in the feed, from 1."""

    root: str
    header: str
    entries: tuple[tuple[int, str], ...]
    unclosed: tuple[int, ...]
    """Numbers of entries that another begins within; the last one of a feed that is cut off is not among them."""
    is_cut_off: bool
    has_doctype: bool


def cut_entries(text: str) -> Damaged | None:
    """The pieces of a damaged feed; None when the text does not begin as one."""
    root = _ROOT.search(text[:20_000])
    if root is None:
        return None
    entries: list[tuple[int, str]] = []
    unclosed: list[int] = []
    opened, number, first, last = -1, 0, len(text), root.end()
    for match in _BOUNDARY.finditer(text, root.end()):
        last = match.end()
        if match[1]:
            if opened >= 0:
                close = text.find(">", match.end())
                entries.append((number, mend(text[opened : close + 1 or len(text)])))
            opened = -1
            continue
        if opened >= 0 and len(unclosed) < _MOST_UNCLOSED:
            unclosed.append(number)
        first, opened, number = min(first, match.start()), match.start(), number + 1
    header = text[root.start() : first]
    return Damaged(
        root=root[1],
        header=mend(header),
        entries=tuple(entries),
        unclosed=tuple(unclosed),
        is_cut_off=opened >= 0 or _CLOSED.search(text, last) is None,
        has_doctype=_DOCTYPE.search(text[: root.start()] + header) is not None,
    )


def mend(text: str) -> str:
    """Take away what XML does not allow and escape what was not escaped."""
    text = _ILLEGAL.sub("", text)
    pieces = re.split(r"(<!\[CDATA\[.*?\]\]>)", text, flags=re.DOTALL) if "<![CDATA[" in text else [text]
    return "".join(each if each.startswith("<![CDATA[") else _mend_markup(each) for each in pieces)


def _mend_markup(text: str) -> str:
    text = _REFERENCE.sub(_character, text)
    text = _AMPERSAND.sub("&amp;", text)
    return _STRAY.sub("&lt;", text)


def _character(reference: re.Match[str]) -> str:
    """A named or numbered character; nothing for one that XML has no place for."""
    decimal, hexadecimal, name = reference.groups()
    if name:
        if name in {"amp", "lt", "gt", "quot", "apos"}:
            return reference[0]
        return _ILLEGAL.sub("", html5.get(f"{name};", f"&amp;{name};"))
    code = int(decimal) if decimal else int(hexadecimal, 16)
    if code > 0x10FFFF or _ILLEGAL.match(chr(code)):  # noqa: PLR2004 (Unicode's end)
        return ""
    return reference[0]


def declared_encoding(body: bytes) -> str:
    """The encoding that the XML declaration names, lower-case; empty where it names none."""
    found = _DECLARATION.search(body[:400])
    return found[1].decode("ascii").lower() if found else ""


def decode(body: bytes, content_type: str) -> str:
    """The text of a body whose own word on its encoding did not hold: mark, declaration, UTF-8, header, bytes."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    header = _CHARSET.search(content_type)
    named = [declared_encoding(body), "utf-8", header[1].lower() if header else ""]
    for encoding in named:
        if not _READABLE.fullmatch(encoding):
            continue
        try:
            return body.decode("windows-1252" if encoding in {"iso-8859-1", "latin-1"} else encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("windows-1252", "replace")
