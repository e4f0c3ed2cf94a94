"""TeX's macros that are no symbols: fonts, switches, accents, spaces, environments, and those that take arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.text.scripts import script
from bot.text.symbols import symbols


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FONTS = _names(
    "emph textbf textit textrm textsf texttt textsc textsl textup textmd textnormal text mbox hbox fbox underline "
    "uline mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathbb mathbbm mathds mathnormal boldsymbol bm "
    "pmb Bbb operatorname operatorname* ensuremath widehat widetilde overbrace underbrace ce mathop mathrel mathbin "
    "mathord overrightarrow smash substack boxed underbar"
)
"""Macros of one argument that only change how it looks."""

BLACKBOARD_FONTS = _names("mathbb Bbb mathds mathbbm")
TEXT_FONTS = _names("text textrm textbf textit textsf texttt textsc textnormal mbox hbox")
"""Fonts whose argument is running text even inside a formula."""

SWITCHES = _names(
    "bf it em rm sf tt sc sl cal frak goth Cal bfseries itshape ttfamily rmfamily sffamily normalfont tiny small large "
    "Large LARGE huge footnotesize scriptsize displaystyle textstyle scriptstyle limits nolimits left right middle big "
    "Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr noindent nonumber notag centering protect"
)
"""Macros without an argument that say nothing in plain text."""

ACCENTS: Mapping[str, str] = MappingProxyType({
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331", "hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "overline": "\u0305", "vec": "\u20d7",
    "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300",
    "mathring": "\u030a", "not": "\u0338",
})  # fmt: skip
"""Macros that put a combining mark on their argument."""

SPACES: Mapping[str, str] = MappingProxyType({
    " ": " ", ",": " ", ";": " ", ":": " ", ">": " ", "!": "", "/": "", "-": "", "quad": " ", "qquad": " ",
    "space": " ", "thinspace": " ", "negthinspace": "", "hfill": " ", "newline": " ", "par": " ", "linebreak": " ",
})  # fmt: skip

LETTERS = _names("o O l L ss ae AE oe OE aa AA i j dh DH dj DJ th TH ng NG")
"""Letters spelt as macros: the space after one ends its name and is not written (`S\\o rensen`)."""

MATH_ENVIRONMENTS = _names(
    "equation align eqnarray gather multline displaymath math aligned split array cases matrix pmatrix bmatrix "
    "vmatrix smallmatrix gathered"
)
TEXT_ENVIRONMENTS = _names("itemize enumerate abstract quote center description document flushleft")

ARGUMENTS: Mapping[str, str] = MappingProxyType({
    "frac": "mm", "dfrac": "mm", "tfrac": "mm", "nicefrac": "mm", "sfrac": "mm", "binom": "mm", "sqrt": "m",
    "textcolor": "vt", "color": "v", "href": "vt", "url": "v", "footnote": "t", "texorpdfstring": "vt",
    "cite": "v", "citep": "v", "citet": "v", "citealp": "v", "ref": "v", "eqref": "v", "cref": "v", "Cref": "v",
    "label": "v", "textsuperscript": "m", "textsubscript": "m", "sp": "m", "sb": "m", "vspace": "v", "hspace": "v",
    "pmod": "m", "underset": "vm", "overset": "vm", "stackrel": "vm", "phantom": "v", "xrightarrow": "m",
})  # fmt: skip
"""How the arguments of a macro are read: m(aths), t(ext), v(erbatim)."""

_SILENT = _names("label vspace hspace phantom color")
_RAISED = _names("textsuperscript sp")
_LOWERED = _names("textsubscript sb")
_CITATIONS = _names("cite citep citet citealp ref eqref cref Cref")
_SIMPLE_OPERAND = re.compile(r"(?:[^\W_]|[.√′⁻⁺₋₊])*")


def is_known(name: str) -> bool:
    """Whether a macro of this name has a meaning here; all others stay as typed."""
    return any(name in table for table in (FONTS, SWITCHES, ACCENTS, SPACES, ARGUMENTS, symbols()))


def written(name: str, arguments: list[str]) -> str:
    """What one of the macros in ARGUMENTS writes. A root's degree comes before its radicand."""
    last = arguments[-1]
    text = last
    if name.endswith("frac"):
        text = "/".join(_bracketed(part) for part in arguments)
    elif name == "sqrt":
        text = (script("^", arguments[0]) if len(arguments) > 1 else "") + "√" + _bracketed(last)
    elif name == "binom":
        text = f"({arguments[0]} choose {last})"
    elif name in _SILENT:
        text = ""
    elif name in _RAISED | _LOWERED:
        text = script("^" if name in _RAISED else "_", last)
    elif name in _CITATIONS:
        text = f"[{last}]"
    elif name == "footnote":
        text = f" ({last})"
    elif name == "pmod":
        text = f" (mod {last})"
    elif name == "xrightarrow":
        text = "→"
    return text


def _bracketed(operand: str) -> str:
    return operand if _SIMPLE_OPERAND.fullmatch(operand) else f"({operand})"
