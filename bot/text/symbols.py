"""What TeX's macros mean in plain text: pylatexenc's table of symbols, and our own words about macros with arguments.

Only the table is pylatexenc's. Its reader takes 100 to 180 µs for each piece of maths, drops macros it does not know
and recurses without bound; ours (`bot.text.tex`) is linear and keeps the unknown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pylatexenc.latex2text import get_default_latex_context_db

FONTS = frozenset(
    "emph textbf textit textrm textsf texttt textsc textsl textup textmd textnormal text mbox hbox fbox underline uline "
    "mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathbb mathbbm mathds mathnormal boldsymbol bm pmb "
    "Bbb operatorname operatorname* ensuremath widehat widetilde overbrace underbrace ce mathop mathrel mathbin mathord "
    "overrightarrow smash substack".split()
)
"""Macros of one argument that only change how it looks."""

SWITCHES = frozenset(
    "bf it em rm sf tt sc sl cal frak goth Cal bfseries itshape ttfamily rmfamily sffamily normalfont tiny small large "
    "displaystyle textstyle scriptstyle limits nolimits left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl "
    "biggr Biggl Biggr noindent nonumber notag centering protect".split()
)
"""Macros without an argument that say nothing in plain text."""

ACCENTS: Mapping[str, str] = MappingProxyType(
    {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307"}
    | {"u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323", "b": "\u0331"}
    | {"hat": "\u0302", "tilde": "\u0303", "bar": "\u0304", "overline": "\u0305", "vec": "\u20d7", "dot": "\u0307"}
    | {"ddot": "\u0308", "check": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a"}
    | {"not": "\u0338"}
)
"""Macros that put a combining mark on their argument."""

SPACES: Mapping[str, str] = MappingProxyType(
    {" ": " ", ",": " ", ";": " ", ":": " ", ">": " ", "!": "", "/": "", "-": "", "quad": " ", "qquad": " ", "space": " "}
    | {"thinspace": " ", "negthinspace": "", "hfill": " ", "newline": " ", "par": " ", "linebreak": " "}
)

LETTERS = frozenset("o O l L ss ae AE oe OE aa AA i j dh DH dj DJ th TH ng NG".split())
"""Letters spelt as macros: the space after one ends its name and is not written (`S\\o rensen`)."""

MATH_ENVIRONMENTS = frozenset(
    "equation align eqnarray gather multline displaymath math aligned split array cases matrix pmatrix bmatrix vmatrix "
    "smallmatrix gathered".split()
)
TEXT_ENVIRONMENTS = frozenset("itemize enumerate abstract quote center description document flushleft".split())

_OWN: Mapping[str, str] = MappingProxyType(
    # Letterlike symbols that authors define for themselves, always in the same way.
    {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "eps": "ε", "eg": "e.g.", "ie": "i.e.", "etal": "et al."}
    | {"ne": "≠", "colon": ":", "lt": "<", "gt": ">", "over": "/", "item": " • ", "implies": "⇒", "iff": "⇔", "land": "∧"}
    | {"lvert": "|", "rvert": "|", "mid": "|", "vert": "|", "middot": "·", "bmod": "mod", "dots": "…", "ldots": "…"}
    | {"cdots": "⋯", "ast": "*", "prime": "′", "|": "‖", "lVert": "‖", "rVert": "‖", "Vert": "‖", "ell": "ℓ", "square": "□"}
    | {"leqslant": "≤", "geqslant": "≥", "le": "≤", "ge": "≥", "i": "i", "j": "j", "imath": "i", "jmath": "j", "star": "⋆"}
    | {"argmax": "argmax", "argmin": "argmin", "Pr": "Pr", "poly": "poly", "polylog": "polylog", "sigmoid": "sigmoid"}
    | {"%": "%", "&": "&", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}", "lbrace": "{", "rbrace": "}", "S": "§"}
    | {name: name for name in "det dim ker deg gcd arg hom cot sec csc coth rank tr sgn sign diag span supp".split()}
    | {"Re": "Re", "Im": "Im", "triangleq": "≜", "coloneqq": "≔", "circ": "∘", "LaTeX": "LaTeX", "TeX": "TeX"}
)
# Not symbols: they would read a file, ask the clock, or smuggle a control character of TeX past the reader.
_REFUSED = frozenset("today maketitle input include textbackslash backslash title author date part chapter section".split())
_UNSAFE = re.compile(r"[\\$%{}\s]")


@cache
def symbols() -> Mapping[str, str]:
    """Macro name → what it writes. pylatexenc's table, built once on first use, under our own entries."""
    specs = get_default_latex_context_db().iter_macro_specs()
    known = {
        spec.macroname: spec.simplify_repl
        for spec in specs
        if isinstance(spec.simplify_repl, str) and not _UNSAFE.search(spec.simplify_repl.replace(" sup", "").replace(" inf", ""))
    }
    taken = _REFUSED | FONTS | SWITCHES | ACCENTS.keys() | SPACES.keys()
    found = {name: sign for name, sign in known.items() if sign and "<" not in sign and name not in taken}
    return MappingProxyType(found | _OWN)


BLACKBOARD = str.maketrans("RNZQCPH", "ℝℕℤℚℂℙℍ")
"""The double-struck letters of the basic plane. The others stay plain: many a font lacks them, and so do readers' aids."""
