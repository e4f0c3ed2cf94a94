"""JSON lines, in and out: each line stands for itself, and a bad one costs no other anything."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from gzip import GzipFile
from typing import BinaryIO

from bot.errors import BadArgument

_LONGEST = 1 << 20  # bytes


def read_lines(file: BinaryIO | GzipFile) -> Iterator[object | BadArgument]:
    """The value of every line that is not blank, or why it has none; lines are read one at a time."""
    number = 0
    while line := file.readline(_LONGEST + 1):
        number += 1
        if len(line) > _LONGEST:
            while line and not line.endswith(b"\n"):
                line = file.readline(_LONGEST)
            yield BadArgument("file", f"Line {number} is longer than {_LONGEST:,} bytes.")
        elif text := line.removeprefix(b"\xef\xbb\xbf").strip():
            yield _value(text, number)


def _value(text: bytes, number: int) -> object | BadArgument:
    try:
        found: object = json.loads(text.decode("utf-8"))
    except UnicodeDecodeError:
        return BadArgument("file", f"Line {number} is no UTF-8.")
    except json.JSONDecodeError as error:
        return BadArgument("file", f"Line {number} is no JSON: {error.msg} at character {error.pos + 1}.")
    except (ValueError, RecursionError):
        return BadArgument("file", f"Line {number} is JSON that cannot be read: a number too long, or nested too deep.")
    return found


def write_line(value: object) -> None:
    """One JSON value on a line of standard output; halves of surrogate pairs become question marks."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    sys.stdout.write(f"{text}\n")


def echo(text: str) -> None:
    """A line for people, without what no terminal can show."""
    sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8") + "\n")
