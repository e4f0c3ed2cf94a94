"""arXiv's archives and categories (https://arxiv.org/category_taxonomy), for checking and spelling what people type."""

from __future__ import annotations

from difflib import get_close_matches

_SUBJECTS = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": (
        "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS PF PL RO SC "
        "SD SE SI SY"
    ),
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "nlin": "AO CD CG PS SI",
    "physics": (
        "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph "
        "hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph"
    ),
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "stat": "AP CO ME ML OT TH",
}
_WHOLE = ("gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nucl-ex", "nucl-th", "quant-ph")

ARCHIVES = frozenset({*_SUBJECTS, *_WHOLE})
CATEGORIES = frozenset(
    {*_WHOLE, *(f"{archive}.{subject}" for archive, names in _SUBJECTS.items() for subject in names.split())}
)
_LOOK_ALIKES = str.maketrans("асеорхуіѕјһԁɡοαν", "aceopxyisjhdgoav")  # Cyrillic and Greek, small letters
_BY_FOLDED = {name.casefold(): name for name in {*CATEGORIES, *ARCHIVES}}


def spell_category(text: str) -> str | None:
    """The official spelling of a category (`CS.lg` → `cs.LG`), an archive (`hep-th`) or `cs.*`; else None."""
    folded = text.casefold()
    if folded.endswith(".*") and folded[:-2] in ARCHIVES:
        return folded[:-2]
    return _BY_FOLDED.get(folded)


def looks_like_category(text: str) -> bool:
    """True for words that can only be meant as a category: an archive's name, a dot, and something after it.

    Letters of other alphabets that look like Latin ones count as those: who pastes `сs.LG` sees a category.
    """
    archive, dot, _ = text.casefold().translate(_LOOK_ALIKES).partition(".")
    return bool(dot) and archive in ARCHIVES


def nearest_category(text: str) -> str | None:
    """The category that was probably meant."""
    close = get_close_matches(text.casefold().translate(_LOOK_ALIKES), sorted(_BY_FOLDED), n=1, cutoff=0.6)
    return _BY_FOLDED[close[0]] if close else None


def belongs(category: str, wanted: str) -> bool:
    """True when a paper's category is the wanted one or lies in the wanted archive."""
    return category == wanted or category.startswith(f"{wanted}.")
