"""Bars as lines of text, for platforms and terminals that show no pictures."""

from __future__ import annotations

from bot.document import Bars

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDEST = 30
_MOST_LINES = 10
_ROW = 7


def bars_text(bars: Bars) -> list[str]:
    """One line a bar; a long chart has seven bars a line, each as a block of its height."""
    highest = max((each.number for each in bars.items), default=0)
    if len(bars.items) > _MOST_LINES:
        return [bars.title, *_rows(bars, highest)]
    wide = max((len(each.label) for each in bars.items), default=0)
    drawn = [f"{'█' * _length(each.number, highest, _WIDEST)} {each.number}".lstrip() for each in bars.items]
    return [bars.title, *(f"{each.label:<{wide}}  {line}" for each, line in zip(bars.items, drawn, strict=True))]


def _rows(bars: Bars, highest: int) -> list[str]:
    rows = [bars.items[at : at + _ROW] for at in range(0, len(bars.items), _ROW)]
    labels = [f"{row[0].label} – {row[-1].label}" for row in rows]
    wide = max(map(len, labels))
    return [
        f"{label:<{wide}}  {''.join(_EIGHTHS[_length(each.number, highest, 8)] for each in row):<{_ROW}}  "
        f"{sum(each.number for each in row)}"
        for label, row in zip(labels, rows, strict=True)
    ]


def _length(number: int, highest: int, most: int) -> int:
    """Proportional, and at least one for anything at all."""
    return 0 if not number else max(1, round(number / highest * most))
