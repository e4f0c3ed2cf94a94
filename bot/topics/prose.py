"""Keywords for prose: the words of a description that a topic could look for, where meaning itself cannot be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.text.keys import stem, tokens, words
from bot.topics.expression import And, AtLeast, Expression, Or, Words

MOST_KEYWORDS = 8
_LONGEST_PHRASE = 3
_FEW = 2
_MANY = 3

_AGAINST = re.compile(
    r"\s*(?:i\s+am\s+|i'm\s+)?(?:not\s+interested\s+in|do\s+not\s+care\s+about|don't\s+care\s+about|nothing\s+(?:on|about)"
    r"|exclude|ignore|avoid)\s+(?=\S)",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|etc|et al|vs)\b\.?,?", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_PAUSE = re.compile(r"[,;:.!?()\[\]{}\"“”„«»/|—–]+(?:\s|$)|(?:\s|^)[(\[{\"“”„«»]|\s[-–—/|&]+\s|\s--\s")
_TO = re.compile(
    r"\b(text|image|video|audio|speech|language|sim|sound|music)s? to (text|image|video|audio|speech|3D|real)\b"
)
_SHORT_FOR = re.compile(r"\s*\((\w{2,8}?)s?\)")
_EDGES = "'‘’\"“”.,;:!?()[]{}*_"
_NAME = re.compile(r"[A-Z][A-Z0-9-]+s?|\w*[a-z0-9]-?[A-Z]\w*|[A-Z]\w*-[A-Z]\w*|\w*\d\w*")

STOPS = frozenset(
    """
    a about above across after against all along also although among an and any are as at be because become been
    before being below between both but by can could describe described describes do does doing done down due during
    each either especially etc even every explicitly few fewer for from further given had has have having hence how
    however i if in include includes including inside instead into is it its itself just least less like make makes
    making may might more most much must my namely neither no nor not of off often on once one ones only onto or
    other others our out outside over own particularly per please rather regarding same several shall should since
    so some still such than that the their them then there these they this those though through throughout thus to
    together too toward towards two under until up upon us use used useful uses using usually via want was we well
    were what when where whether which while who whom whose why will with within without work working works would
    yet you your concerning consider considers focus focused focuses focusing interested interesting involve
    involves related relate relates rely relies specifically advance advances apply applied applies applying analyze
    analyzing analyzes address addresses based build builds combine combines conduct conducts covering covers create
    creates creating demonstrate demonstrates deploy deploys develop develops discover discovers discuss discusses
    discussing employ enable enables ensure ensuring enhance enhances establish examine examines experience explore
    explores extend extends find finds follow generate generates help helps improve improves improving infer
    inferring introduce introduces introducing investigate investigates know lead leads learn learns need needs
    offer offers perform performs present presents presenting produce propose proposes provide provides refer refers
    reveal reveals revealing seek show shows showing solve solves studies study studying suggest take taken takes
    tell train understand understands unveil unveiling behave according detect evaluating compelling characterized
    processed look looking care internally
    """.split()  # noqa: SIM905 - a list of a hundred strings reads worse
)
_PREPOSITIONS = frozenset("in for of to on within".split())  # noqa: SIM905 - as above
_EXAMPLES = frozenset({"especially", "particularly", "particular"})
_FILLING = frozenset(
    map(
        stem,
        """
        ability abilities academic advanced advancement advances algorithm any application approach area article
        aspect auxiliary better breakthrough capability challenge clever common comparative complex component cool
        current development different direction discovery easy effective empirical exciting existing experimental
        exploration field finding framework frontier fundamental general good great high idea important improvement
        industry industry-applicable innovation innovative insight investigation issue key kind large large-scale
        latest literature main major many method methodological methodologies methodology minor modern multiple
        naive new novel open-ended original overview own paper paradigm particular performance phenomenon powerful
        practical problem process progress pure range recent relationship report research result review scenario
        sector setting significant similar simple single solution specific standard state-of-the-art step strategy
        strong study subject substantial superior survey task technical technique technology theoretical theory tool
        topic trend type unexpected unsolved use various version way whole wide work world-class topics platform
        principle concept thing example scheme statistical interesting phenomena impact potential role
        """.split(),  # noqa: SIM905 - as above
    )
)
_FILLING_BEFORE = _FILLING | frozenset(map(stem, "understanding following".split()))  # noqa: SIM905
_FILLING_AFTER = _FILLING | frozenset(map(stem, "data dataset process".split()))  # noqa: SIM905
_KEPT_MODELS = frozenset(
    "language diffusion world foundation reward multimodal generative vision video mixture surrogate state".split()  # noqa: SIM905
)
# Words that one paper in forty has, and that say little alone; together with another they may still say something.
_COMMON = frozenset(
    map(
        stem,
        """
        accuracy action agent agentic ai alignment analysis architecture art attention audio automated autonomous
        baseline behavior benchmark bias camera chain classification code communication compression computation
        computational context control cost creation data dataset decision deep deployment depth design detection
        diffusion distribution domain dynamic edge editing efficiency embedding encoder energy environment error
        estimation evaluation evolution expert explicit extraction fast feature feedback fidelity field fine-tuning
        flow formal function fusion generation generative geometry graph human image inference information
        instruction intelligence interaction intention interpretability knowledge language latent layer learning
        limited long loss machine manipulation map mapping math mathematical matching measure mechanism memory
        metric model modeling module monitoring motion multimodal natural network neural noise object online
        operation optimization output parameter performance perception planning policy prediction preference
        processing product projector prompt quality quantum reasoning recognition reconstruction reinforcement
        representation response retrieval reward risk robust robustness safety sample scalability scale scene
        science search security segmentation semantic sensor signal simulation sound sparse speech speed stability
        structure student system teacher temporal test text time token tracking training transfer transformer
        transition translation uncertainty understanding unified value video view vision visual world privacy
        content selection aggregation parallel adaptive pretraining workflow usage implication intermediate short
        engagement spatial decoding hard number second size finetuning secure modality priors
        """.split(),  # noqa: SIM905 - as above
    )
)
_LANGUAGE_MODELS = Or(tuple(Words(tokens(each), shown=each) for each in ("language model", "LLM")))
_FIELDS: Mapping[tuple[str, ...], Expression] = {
    **dict.fromkeys(map(tokens, ("language model", "large language model", "LLM", "large model")), _LANGUAGE_MODELS),
    **{tokens(each): Words(tokens(each), shown=each) for each in ("robotics", "video", "diffusion model")},
}
_WIDE: Mapping[tuple[str, ...], Expression] = {
    **_FIELDS,
    **{tokens(each): Words(tokens(each), shown=each) for each in ("computer vision", "foundation model")},
}
_SAYING_NOTHING = frozenset(
    map(tokens, ("AI", "AI system", "AI model", "neural network", "deep learning", "machine learning"))
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Words in a row between stop words; `bound` when a preposition stands before them."""

    words: tuple[str, ...]
    bound: bool

    @property
    def tokens(self) -> tuple[str, ...]:
        return tokens(" ".join(self.words))

    @property
    def is_telling(self) -> bool:
        """True where the words say something by themselves."""
        if len(self.words) > 1:
            return self.tokens not in _SAYING_NOTHING
        word = self.words[0]
        stems = {stem(each) for each in words(word)}
        if "-" in word or _NAME.fullmatch(word):
            return stem(word.lower()) not in _COMMON and not (stems <= _COMMON and "-" not in word)
        return not stems & _COMMON


def against(text: str) -> str | None:
    """What the text says is not wanted (`Not interested in …`); None where it says what is."""
    found = _AGAINST.match(text)
    return text[found.end() :] if found else None


def keywords(text: str) -> Expression | None:
    """The words and phrases of a description, any of which will do, within the field that it names; None without any.

    At most `MOST_KEYWORDS` of them; what nearly every paper says (“new methods”) is left out.
    """
    text = _TO.sub(r"\1-to-\2", _ABBREVIATED.sub(" , ", text))
    first = _SENTENCE.split(text)[0]  # those that follow explain its words
    runs = _runs(first)
    return _joined(runs if _telling(runs) else _runs(text))


def _joined(runs: list[_Run]) -> Expression | None:
    fields = list(dict.fromkeys(_FIELDS[each.tokens] for each in runs if each.bound and each.tokens in _FIELDS))
    found: list[Expression] = list(_telling(runs)[:MOST_KEYWORDS])
    if not found:
        found = [_words(each) for each in runs if each.tokens not in _WIDE and each.tokens not in _SAYING_NOTHING]
        found = list(dict.fromkeys(found))[:MOST_KEYWORDS]
        if len(found) >= _MANY:
            found = [AtLeast(_FEW, tuple(found))]
    if not found:
        wide = list(dict.fromkeys(_WIDE[each.tokens] for each in runs if each.tokens in _WIDE))
        return And(tuple(wide)) if wide else None
    parts: list[Expression] = [Or(tuple(found)), *fields]
    return And(tuple(parts))


def _telling(runs: list[_Run]) -> list[Words]:
    """The phrases and rare words, each once; a phrase goes where a part of it stands for itself."""
    telling = dict.fromkeys(_words(each) for each in runs if each.is_telling and each.tokens not in _WIDE)
    return [each for each in telling if not any(_within(other.tokens, each.tokens) for other in telling)]


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return part != whole and f" {' '.join(part)} " in f" {' '.join(whole)} "


def _words(run: _Run) -> Words:
    return Words(run.tokens, shown=" ".join(run.words))


def _runs(text: str) -> list[_Run]:
    """The runs between stop words and pauses, without what fills their edges; spelled-out abbreviations whole."""
    found: list[_Run] = []
    at = 0
    for short in _SHORT_FOR.finditer(text):
        whole = _spelled_out(text[at : short.start()], short[1])
        if whole:
            found += _plain_runs(text[at : short.start()].rstrip().removesuffix(whole))
            found.append(_Run(tuple(whole.split()), bound=False))
            at = short.start()
    return found + _plain_runs(text[at:])


def _spelled_out(text: str, short: str) -> str:
    """The words at the end of the text whose initials the abbreviation has (`from` counts for none); or nothing."""
    found: list[str] = []
    letters = short.casefold()
    for word in reversed(text.split()):
        if letters.endswith(word[0].casefold()):
            letters = letters[:-1]
        elif word.lower() not in STOPS:
            return ""
        found.append(word)
        if not letters:
            return text.rstrip()[-len(" ".join(reversed(found))) :]
    return ""


def _plain_runs(text: str) -> list[_Run]:
    found: list[_Run] = []
    for piece in _PAUSE.split(text):
        run: list[str] = []
        before, is_example = "", False
        for word in [*piece.split(), ""]:
            bare = word.strip(_EDGES).removesuffix("'s").removesuffix("’s")
            if bare and bare.lower() not in STOPS:
                run.append(bare)
                continue
            found += _cut(run, bound=before in _PREPOSITIONS and not is_example)
            run, before = [], bare.lower()
            is_example = is_example or before in _EXAMPLES
    return [each for each in found if each.tokens]


def _cut(run: list[str], *, bound: bool) -> list[_Run]:
    """A run as phrases: `compressing language models` is something that is done to a field."""
    kept = _trimmed(run)
    if len(kept) > 1 and kept[0].endswith("ing") and tokens(" ".join(kept[1:])) in _FIELDS:
        return [_Run(kept[:1], bound=False), _Run(kept[1:], bound=True)]
    return [_Run(kept[-_LONGEST_PHRASE:], bound)] if kept else []


def _trimmed(run: list[str]) -> tuple[str, ...]:
    kept = list(run)
    while kept and stem(kept[0].lower()) in _FILLING_BEFORE:
        kept.pop(0)
    while kept and (stem(kept[-1].lower()) in _FILLING_AFTER or _is_bare_model(kept)):
        kept.pop()
    for size in (_FEW, 1):
        if len(kept) > size and tokens(" ".join(kept[-size:])) in _SAYING_NOTHING:
            return tuple(kept[:-size])
    return tuple(kept)


def _is_bare_model(run: list[str]) -> bool:
    """True where “models” at the end only says that what stands before it is done by some."""
    is_model = run[-1].lower() in {"model", "models"}
    return is_model and (len(run) == 1 or run[-2].lower() not in _KEPT_MODELS)
