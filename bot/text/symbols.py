"""What TeX's symbol macros write.

Only the table is pylatexenc's. Its reader takes 100 to 180 µs for each piece of maths, drops macros it does not know
and recurses without bound; ours (`bot.text.tex`) is linear and keeps the unknown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pylatexenc.latex2text import get_default_latex_context_db

# Names that stand for themselves.
_NAMES = (
    "argmax argmin bmod choose cot coth csc deg det diag dim gcd arg hom Im inf ker LaTeX lim ln log max min poly "
    "polylog Pr rank Re sec sgn sigmoid sign span sup supp TeX tr"
)
_OWN: Mapping[str, str] = MappingProxyType(
    {name: name for name in _NAMES.split()}
    # Letterlike symbols and shorthands that authors define for themselves, always in the same way.
    | {"R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "RR": "ℝ", "NN": "ℕ", "ZZ": "ℤ", "QQ": "ℚ", "CC": "ℂ", "reals": "ℝ"}
    | {"eps": "ε", "infinity": "∞", "eg": "e.g.", "ie": "i.e.", "etal": "et al."}
    # Missing from pylatexenc, or there with a sign that people would not type.
    | {
        "ne": "≠",
        "le": "≤",
        "ge": "≥",
        "leqslant": "≤",
        "geqslant": "≥",
        "lt": "<",
        "gt": ">",
        "colon": ":",
        "over": "/",
    }
    | {"implies": "⇒", "iff": "⇔", "land": "∧", "triangleq": "≜", "coloneqq": "≔", "backslash": "∖", "circ": "∘"}
    | {"mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖"}
    | {"dots": "…", "ldots": "…", "cdots": "⋯", "middot": "·", "ast": "*", "star": "⋆", "prime": "′", "ell": "ℓ"}
    | {
        "square": "□",
        "Box": "□",
        "S": "§",
        "i": "i",
        "j": "j",
        "imath": "i",
        "jmath": "j",
        "bmod": "mod",
        "item": " • ",
    }
    | {"%": "%", "&": "&", "#": "#", "_": "_", "$": "$", "{": "{", "}": "}", "lbrace": "{", "rbrace": "}"}
    | {"textless": "<", "textgreater": ">"}
)
# Not symbols: they would read a file, ask the clock, or smuggle a control character of TeX past the reader.
_REFUSED = frozenset({"today", "maketitle", "input", "include", "textbackslash", "-", "title", "author", "date"})
_UNSAFE = re.compile(r"[\\$%{}<\s]")

BLACKBOARD = str.maketrans("RNZQCPH", "ℝℕℤℚℂℙℍ")
"""The double-struck letters of the basic plane. The others stay plain: many fonts and screen readers lack them."""


@cache
def symbols() -> Mapping[str, str]:
    """Macro name → what it writes. pylatexenc's table, built once on first use, under our own entries."""
    known = {spec.macroname: spec.simplify_repl for spec in get_default_latex_context_db().iter_macro_specs()}
    found = {
        name: sign
        for name, sign in known.items()
        if isinstance(sign, str) and sign and name not in _REFUSED and not _UNSAFE.search(sign)
    }
    return MappingProxyType({**found, "limsup": "lim sup", "liminf": "lim inf", **_OWN})
