"""Superscripts and subscripts: as Unicode characters where every character has a form, else in plain signs."""

from __future__ import annotations

_RAISED_PLAIN = "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχθ−"
_RAISED_FORMS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡᶿ⁻"
_LOWERED_PLAIN = "0123456789+-=()aehijklmnoprstuvxβγρφχ−"
_LOWERED_FORMS = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₋"
# Signs that stand raised by themselves: C*-algebra, f′, 90°.
_SELF_RAISED = {
    "*": "*",
    "∗": "*",
    "⋆": "⋆",
    "′": "′",
    "″": "″",
    "‴": "‴",
    "†": "†",
    "‡": "‡",
    "∘": "°",
    "°": "°",
    "⊤": "ᵀ",
}

SUPERSCRIPTS = dict(zip(_RAISED_PLAIN, _RAISED_FORMS, strict=True)) | _SELF_RAISED
SUBSCRIPTS = dict(zip(_LOWERED_PLAIN, _LOWERED_FORMS, strict=True))


def unicode_script(sign: str, content: str) -> str | None:
    """`content` as superscript (`^`) or subscript (`_`) characters; None when one of them has no such form."""
    forms = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
    squeezed = content.replace(" ", "")
    return "".join(forms[char] for char in squeezed) if all(char in forms for char in squeezed) else None


def script(sign: str, content: str) -> str:
    """`content` raised or lowered, in characters if possible, else legibly: `_(0.5)`, `^∞`."""
    content = content.strip()
    formed = unicode_script(sign, content)
    if formed is not None:
        return formed
    return sign + content if len(content) == 1 else f"{sign}({content})"
