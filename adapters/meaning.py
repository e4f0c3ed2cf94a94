"""Which papers are near to a text in meaning: static embeddings (model2vec) and one matrix product.

Needs the `semantic` extra. numpy and model2vec are imported when a model is opened, so that all else runs without them.
"""

from __future__ import annotations

import importlib.util
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bot.errors import BadSettings

if TYPE_CHECKING:  # an install without the extra has neither
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Encode = Callable[[list[str]], NDArray[np.floating]]

NEAR = 0.35
"""The least cosine of what is near, once what all texts share is taken out.

Measured with a 256-dimension model2vec distillation of all-MiniLM-L6-v2 on 79 prose filters that people use and 11,500
abstracts of computer science: a filter is near to 0.9 % of them (median 0.7 %, nine in ten filters 0.2 to 2.0 %), a
paper to 2.8 % of the others. Of the papers that questions of scholars were answered with, 40 % are among the nearest
0.6 %. With plain cosines no one bound serves all texts: at 1 % on average half of the filters have fewer than 0.03 %.
"""

COMMONPLACE = (
    "accurate achieves across an and are at be but code complex each effective even evidence feature final "
    "generalization generate how including into it learned limited llm long modal models motion network non of on "
    "optimal physical problem processing proposed provides role space structure systems terms test than the their "
    "there this times to understanding up use using value visual we"
)
"""Words whose joint vector points where the mean of all abstracts does (cosine 0.97): what every paper says.

Chosen one by one from the 600 commonest words of abstracts. Fixed, so that whether a paper is near to a text does not
depend on the day's other papers.
"""

KEPT = 20_000
_BLOCK_BYTES = 8 << 20  # of cosines at a time: they stay in the processor's cache until they are packed
_TEXTS_AT_ONCE = 8_192
_LEAST_LENGTH = 1e-4  # far above what float32 leaves of a text that says nothing of its own
_SETTING = "BROADSHEET_SEMANTIC_MODEL"


def is_installed() -> bool:
    """True where the `semantic` extra is."""
    return importlib.util.find_spec("model2vec") is not None


def open_meaning(model: str) -> StaticMeaning:
    """Load a model2vec model: a folder, else the name of one that is downloaded once and kept.

    Blocking. Raises BadSettings where the extra is absent or the model cannot be had; a path never asks the network.
    """
    if not is_installed():
        raise BadSettings((f"{_SETTING}: needs the extra “semantic”, which is not installed",))
    from model2vec import StaticModel

    # It warns of a model page without a header, which is nobody's concern here.
    logging.getLogger("huggingface_hub.repocard").setLevel(logging.ERROR)
    folder = Path(model).expanduser()
    if _is_path(model) and not folder.is_dir():
        raise BadSettings((f"{_SETTING}: there is no folder {model}; it holds config.json and model.safetensors",))
    try:
        found = StaticModel.from_pretrained(folder if folder.is_dir() else model, force_download=False)
        return StaticMeaning(partial(found.encode, use_multiprocessing=False))
    except Exception as error:  # the libraries beneath raise bare Exceptions for what they cannot read
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        what = "folder" if folder.is_dir() else "name"
        raise BadSettings((f"{_SETTING}: the {what} {model} gives no model2vec model ({said})",)) from error


def _is_path(model: str) -> bool:
    """True for what cannot be a name like `owner/model`."""
    return model.startswith((".", "~", "/")) or "\\" in model or model.count("/") > 1 or Path(model).exists()


class StaticMeaning:
    """A `bot.ports.Meaning`. Safe to call from several threads."""

    def __init__(self, encode: Encode) -> None:
        """`encode` gives an array of shape (texts, dimensions), of any length and float type."""
        self._encode = encode
        self._papers: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()  # of the cache, and of the tokenizer: encoding sets its truncation
        self._common: Vectors = _unit(encode([COMMONPLACE]))[0]

    def near(self, texts: Sequence[str], papers: Sequence[str]) -> Sequence[int]:
        """For each text the bit set of the papers (by their position) whose cosine with it is at least `NEAR`.

        The vectors of the last 20,000 papers are kept, so that a day is embedded once.
        """
        if not texts or not papers:
            return [0] * len(texts)
        vectors = self._of_papers(papers)
        found: list[int] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            with self._lock:
                asked = self.embed(texts[start : start + _TEXTS_AT_ONCE])
            found += self.nearest(asked, vectors)
        return found

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (texts, dimensions), float32, of length 1 or, where no word is known, 0."""
        vectors = _unit(self._encode(list(texts)))
        return _unit(vectors - (vectors @ self._common)[:, None] * self._common)

    @staticmethod
    def nearest(texts: Vectors, papers: Vectors) -> list[int]:
        """The bit sets for ready vectors as `embed` has them, of shapes (texts, dimensions), (papers, dimensions)."""
        import numpy as np

        if not len(papers):
            return [0] * len(texts)
        rows = max(1, _BLOCK_BYTES // (4 * len(papers)))
        width = (len(papers) + 7) // 8
        across = np.ascontiguousarray(papers.T)
        cosines = np.empty((min(rows, len(texts)), len(papers)), dtype=np.float32)
        found: list[int] = []
        for start in range(0, len(texts), rows):
            block = texts[start : start + rows]
            np.matmul(block, across, out=cosines[: len(block)])
            packed = np.packbits(cosines[: len(block)] >= NEAR, axis=1, bitorder="little").tobytes()
            found += [int.from_bytes(packed[at : at + width], "little") for at in range(0, len(packed), width)]
        return found

    def _of_papers(self, papers: Sequence[str]) -> Vectors:
        import numpy as np

        with self._lock:
            missing = list(dict.fromkeys(each for each in papers if each not in self._papers))
            if missing:
                self._papers.update(zip(missing, self.embed(missing), strict=True))
            found = np.stack([self._papers[each] for each in papers])
            for each in papers:
                self._papers.move_to_end(each)
            while len(self._papers) > KEPT:
                self._papers.popitem(last=False)
        return found


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    """Rows of length 1; what is next to nothing becomes nothing."""
    import numpy as np

    vectors = vectors.astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.where(lengths > _LEAST_LENGTH, vectors / np.maximum(lengths, _LEAST_LENGTH), np.float32(0))
    return scaled
