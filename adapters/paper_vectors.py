"""The meanings of all papers on disk: one row of small integers a paper, read for the few papers that are compared.

Row n is that of the paper with number n, `dimensions` signed bytes, all 0 where there is none yet. The file is sparse
and memory-mapped: 256 MB a million papers at 256 dimensions, of which a search touches some fifty kilobytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

_SCALE = 127
_SMALLEST = 1e-9
_ROWS_AT_ONCE = 65_536  # by which the file grows


class VectorFile:
    """`bot.ports.PaperVectors` for one model of meaning; another model has a file of its own."""

    def __init__(self, folder: Path, embed: Embed, *, model: str) -> None:
        """`embed` gives vectors of length 1, of shape (texts, dimensions)."""
        self._embed = embed
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._dimensions = int(embed(["dimensions"]).shape[1])
        name = f"vectors-{hashlib.sha256(f'{model}:{self._dimensions}'.encode()).hexdigest()[:12]}"
        self._path = folder / f"{name}.int8"
        self._state = folder / f"{name}.json"
        self.position = self._noted()

    def put(self, numbers: Sequence[int], texts: Sequence[str], position: int) -> None:
        """Keep the meanings of these papers; the position is noted after them."""
        import numpy as np

        vectors = np.rint(self._embed(texts) * _SCALE).astype(np.int8)
        with self._lock:
            self._grow(max(numbers) + 1)
            rows = self._rows("r+")
            rows[np.asarray(numbers)] = vectors
            rows.flush()
        made = self._state.with_suffix(".new")
        made.write_text(json.dumps({"position": position}), encoding="utf-8")
        made.replace(self._state)
        self.position = position

    def nearness(self, text: str, numbers: Sequence[int], *, best: Sequence[int] = ()) -> Sequence[float]:
        """The cosine of the text with each of these papers; 0 for a paper without a vector.

        The mean of the `best` papers counts as much as the text.
        """
        asked = self._embed([text])[0]
        if best:
            asked += self._of(best).mean(axis=0)
            asked /= max(float((asked @ asked) ** 0.5), _SMALLEST)
        return self._cosines(asked, numbers)

    def nearness_to(self, number: int, numbers: Sequence[int]) -> Sequence[float]:
        """The cosine of one paper with each of these."""
        return self._cosines(self._of([number])[0], numbers)

    def _cosines(self, vector: NDArray[np.float32], numbers: Sequence[int]) -> list[float]:
        if not numbers:
            return []
        found: list[float] = (self._of(numbers) @ vector).tolist()
        return found

    def _of(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        import numpy as np

        wanted = np.asarray(numbers)
        found = np.zeros((len(wanted), self._dimensions), dtype=np.float32)
        if self._path.exists():
            rows = self._rows("r")
            known = wanted < len(rows)
            found[known] = rows[wanted[known]].astype(np.float32) / _SCALE
        return found

    def _rows(self, mode: Any) -> Any:  # noqa: ANN401 - numpy's own literal and class
        import numpy as np

        return np.memmap(self._path, dtype=np.int8, mode=mode).reshape(-1, self._dimensions)

    def _grow(self, rows: int) -> None:
        """Make room; what is not written yet is 0 and takes no place on disk."""
        size = -(-rows // _ROWS_AT_ONCE) * _ROWS_AT_ONCE * self._dimensions
        with self._path.open("ab") as file:
            if file.tell() < size:
                file.truncate(size)

    def _noted(self) -> int:
        try:
            return int(json.loads(self._state.read_text(encoding="utf-8"))["position"]) if self._path.exists() else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0  # the vectors are made again
