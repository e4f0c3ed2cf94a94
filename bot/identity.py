"""One work, one id: what people paste and sources send becomes `arxiv:…`, else `doi:…`, else `title:…`. Pure.

Nothing here fetches. A link is read only when its host is exactly one of the known papers' sites, so no address that
somebody submits is ever asked for anything.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote, unquote

from bot.errors import BadReference
from bot.model import PaperId
from bot.text.keys import title_key

MAX_REFERENCE = 500
"""Longer texts are no reference: the longest real ones are DOI links of some 200 characters."""

# Archives with ids of the old scheme, up to March 2007 (https://info.arxiv.org/help/arxiv_identifier.html).
_OLD_ARCHIVE = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs|dg-ga|"
    "funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|"
    "q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_OLD_ID = re.compile(
    rf"({_OLD_ARCHIVE})(?:\.[a-z]{{2}})?/([0-9]{{2}})([0-9]{{2}})([0-9]{{3}})(?:v([1-9][0-9]{{0,2}}))?", re.IGNORECASE
)
_NEW_ID = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]{4,5})(?:v([1-9][0-9]{0,2}))?", re.IGNORECASE)
_MONTHS = 12
_OLD_SCHEME = range(9107, 10704)  # July 1991 to March 2007, with 2000 to 2007 counted as 100 to 107
_FIRST_NEW = 704
_FIRST_OF_FIVE_DIGITS = 1501

_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]{1,200}")
_DOI_PREFIX = re.compile(r"^(?:https?://)?(?:dx\.|www\.)?doi\.org/|^doi:\s*", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_TITLE_ID = re.compile(r"title:[a-z2-7]{26}")

_LINK = re.compile(r"(?:https?://)?([a-z0-9.-]+)/([^?#]*)(?:[?#].*)?", re.IGNORECASE)
_LINK_PATH = re.compile(r"[A-Za-z0-9./-]+")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f|5c)", re.IGNORECASE)
_WORDS = re.compile(r"[^\s<>|,;()\[\]\"“”]+")
_MOST_PAPERS = 10
_PAGES = {
    "arxiv.org": ("abs", "pdf", "html", "format", "ps", "src", "e-print"),
    "www.arxiv.org": ("abs", "pdf", "html", "format", "ps", "src", "e-print"),
    "export.arxiv.org": ("abs", "pdf", "html", "format", "ps", "src", "e-print"),
    "ar5iv.labs.arxiv.org": ("html", "abs"),
    "huggingface.co": ("papers",),
    "hf.co": ("papers",),
    "alphaxiv.org": ("abs", "pdf", "html", "overview"),
    "www.alphaxiv.org": ("abs", "pdf", "html", "overview"),
}
_DOI_HOSTS = frozenset({"doi.org", "dx.doi.org", "www.doi.org"})

_ACCEPTED = (
    "I take an arXiv id such as 2402.18789 or hep-th/9901001, a DOI such as 10.1145/3292500.3330701, "
    "or a link to the paper on arxiv.org, huggingface.co/papers, alphaxiv.org or doi.org."
)


def parse_reference(text: str) -> PaperId:
    """The paper that a person means by an id, a DOI or a link.

    Raises BadReference with a sentence that names what is accepted.
    """
    reference = text.strip(" \t\r\n")
    if not reference:
        raise BadReference(f"Which paper? {_ACCEPTED}")
    # Printable ASCII alone: that refuses look-alike hosts, bidi marks, control characters and inner spaces at once.
    if len(reference) > MAX_REFERENCE or not all("!" <= char <= "~" for char in reference) or "\\" in reference:
        raise BadReference(f"That does not name a paper. {_ACCEPTED}")
    if _TITLE_ID.fullmatch(reference):
        return PaperId(reference)
    found = _from_id(reference) or _from_link(reference)
    if found is None:
        raise BadReference(f"That does not name a paper. {_ACCEPTED}")
    return found


def references_in(texts: Iterable[str]) -> list[PaperId]:
    """The papers that texts name by an id, a DOI or a link, in their order, each once; at most ten."""
    found: dict[PaperId, None] = {}
    for text in texts:
        for word in _WORDS.findall(text):
            try:
                found.setdefault(parse_reference(word.rstrip(".:!?")))
            except BadReference:
                continue
    return list(found)[:_MOST_PAPERS]


def canonical_arxiv_id(raw: str) -> tuple[str, int | None]:
    """The bare arXiv id and the version, if one is named: `arXiv:math.GT/0309136v2` → (`math/0309136`, 2).

    Raises ValueError for what cannot be an arXiv id.
    """
    identifier = raw.strip()
    if identifier[:6].lower() == "arxiv:":
        identifier = identifier[6:]
    if match := _NEW_ID.fullmatch(identifier):
        year, month, number, version = match.groups()
        digits = 5 if int(year + month) >= _FIRST_OF_FIVE_DIGITS else 4
        if int(year + month) >= _FIRST_NEW and 1 <= int(month) <= _MONTHS and len(number) == digits and int(number):
            return f"{year}{month}.{number}", int(version) if version else None
    elif match := _OLD_ID.fullmatch(identifier):
        archive, year, month, number, version = match.groups()
        since_1900 = int(year) + (100 if int(year) < _OLD_SCHEME.start // 100 else 0)
        dated = since_1900 * 100 + int(month) in _OLD_SCHEME and 1 <= int(month) <= _MONTHS
        if dated and int(number):
            return f"{archive.lower()}/{year}{month}{number}", int(version) if version else None
    raise ValueError(f"not an arXiv id: {raw[:40]!r}")


def arxiv_paper_id(bare: str) -> PaperId:
    """The id of an arXiv paper; a version is left out. Raises ValueError for what cannot be an arXiv id."""
    return PaperId(f"arxiv:{canonical_arxiv_id(bare)[0]}")


def doi_paper_id(doi: str) -> PaperId:
    """The id of a work by its DOI, which is compared without case; arXiv's own DOIs give the arXiv id.

    Sources write several DOIs into one field and add prefixes; the first one counts. Never raises.
    """
    words = _DOI_PREFIX.sub("", doi.strip()).split()
    bare = words[0][:MAX_REFERENCE] if words else ""
    if match := _ARXIV_DOI.fullmatch(bare):
        try:
            return arxiv_paper_id(match[1])
        except ValueError:
            pass  # not an arXiv id behind arXiv's prefix (a data set, say): the DOI stands for itself
    return PaperId(f"doi:{bare.lower()}")


def is_doi(text: str) -> bool:
    """True for a text that holds one real DOI first; sources also write `N/A`, a URL or nothing into that field."""
    words = _DOI_PREFIX.sub("", text.strip()).split()
    return bool(words) and _DOI.fullmatch(words[0]) is not None


def title_paper_id(title: str) -> PaperId:
    """The id of a work that has neither arXiv id nor DOI: a hash of its title's key, 32 characters in all."""
    digest = sha256(title_key(title).encode()).digest()[:16]
    return PaperId(f"title:{b32encode(digest).decode().rstrip('=').lower()}")


def bare_arxiv_id(paper_id: PaperId) -> str | None:
    """`2402.18789` of `arxiv:2402.18789`; None for papers that are not on arXiv."""
    scheme, _, bare = paper_id.partition(":")
    return bare if scheme == "arxiv" else None


def abstract_url(paper_id: PaperId) -> str:
    """Where a person reads about the paper: its arXiv page or its DOI's; empty where neither is known."""
    scheme, _, bare = paper_id.partition(":")
    if scheme == "arxiv":
        return f"https://arxiv.org/abs/{bare}"
    return f"https://doi.org/{quote(bare, safe='/:;()._-')}" if scheme == "doi" else ""


def pdf_url(paper_id: PaperId) -> str | None:
    """The PDF on arXiv; None for papers that are not there."""
    bare = bare_arxiv_id(paper_id)
    return f"https://arxiv.org/pdf/{bare}" if bare else None


def hugging_face_url(paper_id: PaperId) -> str | None:
    """The paper's page on Hugging Face; None for papers that are not on arXiv."""
    bare = bare_arxiv_id(paper_id)
    return f"https://huggingface.co/papers/{bare}" if bare else None


def alphaxiv_url(paper_id: PaperId) -> str | None:
    """The paper's discussion page on alphaXiv; None for papers that are not on arXiv."""
    bare = bare_arxiv_id(paper_id)
    return f"https://www.alphaxiv.org/abs/{bare}" if bare else None


def _from_id(reference: str) -> PaperId | None:
    try:
        return arxiv_paper_id(reference)
    except ValueError:
        bare = reference[4:] if reference[:4].lower() == "doi:" else reference
        return doi_paper_id(bare) if _DOI.fullmatch(bare) else None


def _from_link(reference: str) -> PaperId | None:
    match = _LINK.fullmatch(reference)
    if match is None or _ENCODED_CONTROL.search(reference):
        return None
    host, path = match[1].lower(), match[2]
    if host in _DOI_HOSTS:
        doi = unquote(path)
        return doi_paper_id(doi) if _DOI.fullmatch(doi) else None
    page, _, rest = path.partition("/")
    if page not in _PAGES.get(host, ()) or not _LINK_PATH.fullmatch(rest):
        return None
    try:
        return arxiv_paper_id(rest.removesuffix("/").removesuffix(".pdf"))
    except ValueError:
        return None
