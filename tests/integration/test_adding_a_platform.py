"""Adding a platform touches five places: a toy is added to a copy of this tree, and the copy's own checks judge it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKED = ("bot", "adapters", "store", "tests", "docs", "pyproject.toml")

MESSENGER = '''"""ToyMessenger: keeps what it is given."""

from __future__ import annotations

from datetime import datetime, timedelta

from adapters.toy.faults import NOT_OURS
from adapters.toy.render import LIMITS, to_text
from bot.document import Document, Limits
from bot.doubts import Capabilities
from bot.ledger import Delivery, MessageRef
from bot.model import ChannelRef, Platform
from bot.outcome import Absent, Finding, Outcome, RefusedForGood, Sent
from bot.pacing import UNLIMITED, Pace
from bot.ports import Clock


class ToyMessenger:
    """`bot.ports.Messenger` over a list; the delivery key is its idempotency key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kept: list[tuple[MessageRef, str, str, str | None]] = []
        self._posted_at: dict[str, datetime] = {}

    @property
    def platform(self) -> Platform:
        """Toy."""
        return Platform.TOY

    @property
    def limits(self) -> Limits:
        """What one message may hold."""
        return LIMITS

    async def post(self, delivery: Delivery, document: Document, *, reply_to: MessageRef | None) -> Outcome:
        """Keep the message, once a key."""
        if delivery.channel.platform is not Platform.TOY:
            return NOT_OURS
        for ref, key, _, _ in self.kept:
            if key and key == delivery.key:
                return Sent(ref)
        ref = MessageRef(delivery.channel, str(len(self.kept)))
        self.kept.append((ref, delivery.key, to_text(document), reply_to.id if reply_to else None))
        self._posted_at[ref.id] = self._clock.now()
        return Sent(ref)

    async def edit(self, ref: MessageRef, document: Document) -> Outcome:
        """Replace a message."""
        for number, (kept, key, _, parent) in enumerate(self.kept):
            if kept == ref:
                self.kept[number] = (ref, key, to_text(document), parent)
                return Sent(ref)
        return RefusedForGood("gone", "there is no such message")

    async def prepare(self, channel: ChannelRef) -> str:
        """The toy takes everything."""
        del channel
        return ""

    async def find_posted(
        self, key: str, since: datetime, channel: ChannelRef, *, reply_to: MessageRef | None
    ) -> Finding:
        """The message of this key, when it was posted at or after `since`."""
        del reply_to
        mine = (ref for ref, kept, _, _ in self.kept if key and kept == key and ref.channel == channel)
        return next((Sent(ref) for ref in mine if self._posted_at[ref.id] >= since), Absent())

    @property
    def pace(self) -> Pace:
        """The toy has no limits."""
        return UNLIMITED

    @property
    def capabilities(self) -> Capabilities:
        """The toy keeps one message a key, and can be asked."""
        return Capabilities(key_holds=timedelta(days=1), can_find=True)
'''

RENDER = '''"""A Document as plain text."""

from __future__ import annotations

from bot.document import Document, Heading, Limits, Note, PaperCard
from bot.text.cut import cut

LIMITS = Limits(title=300, summary=500, text=2_000, cards=50, actions=5)


def to_text(document: Document) -> str:
    """What a reader of the toy sees."""
    lines: list[str] = []
    for block in document.blocks:
        match block:
            case Heading(text) | Note(text):
                lines.append(cut(text, LIMITS.text))
            case PaperCard():
                lines += [cut(block.title or block.paper_id, LIMITS.title), cut(block.byline, LIMITS.text)]
                lines.append(cut(block.summary, LIMITS.summary))
            case _:
                pass
    return "\\n".join(lines).encode("utf-8", "replace").decode("utf-8")
'''

FAULTS = '''"""What the toy refuses."""

from __future__ import annotations

from bot.outcome import RefusedForGood

NOT_OURS = RefusedForGood("wrong-platform", "this channel is not the toy's")
'''

PARSE = '''"""A line typed at the toy as the core's values."""

from __future__ import annotations

from bot.commands import Caller
from bot.model import ChannelRef, Member, MemberId, Platform, WorkspaceId

HOME = WorkspaceId("toy:home")


def to_caller(channel: str) -> Caller:
    """The one person who plays with the toy."""
    member = Member(workspace=HOME, id=MemberId("me"), name="me")
    return Caller(ChannelRef(Platform.TOY, HOME, channel), channel, member)
'''

APP = '''"""The toy's way in: a typed line goes through the answering service like everybody's."""

from __future__ import annotations

from adapters.toy.messenger import ToyMessenger
from adapters.toy.parse import to_caller
from adapters.toy.render import to_text
from bot.services.answering import Answering


async def type_line(answering: Answering, channel: str, text: str) -> str:
    """What the toy shows after a line was typed."""
    return to_text((await answering(to_caller(channel), text)).document)


__all__ = ["ToyMessenger", "type_line"]
'''

CONTRACT = """

def toy() -> Side:
    from adapters.toy.messenger import ToyMessenger

    messenger = ToyMessenger(FrozenClock(NOON))
    channel = ChannelRef(Platform.TOY, WorkspaceId("toy:home"), "papers")

    async def shown():
        return [Shown(ref, text, parent) for ref, _, text, parent in messenger.kept]

    return Side(messenger, channel, shown)


PLATFORMS: dict[str, Callable[[], Side]] = {
    "toy": toy,
"""


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (
        path
        for name in CHECKED
        for path in ([folder / name] if (folder / name).is_file() else (folder / name).rglob("*"))
    )
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has changed: this test must learn the new words"
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def copy(tmp_path):
    """This tree with a toy platform added in five places."""
    for name in CHECKED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def add_toy(folder: Path) -> None:
    side = folder / "adapters" / "toy"
    side.mkdir()
    files = {"app": APP, "parse": PARSE, "render": RENDER, "messenger": MESSENGER, "faults": FAULTS}
    (side / "__init__.py").write_text('"""A toy platform."""\n', encoding="utf-8")
    for name, text in files.items():
        (side / f"{name}.py").write_text(text, encoding="utf-8")
    replace_once(folder / "bot/model.py", '    LOCAL = "local"\n', '    LOCAL = "local"\n    TOY = "toy"\n')
    replace_once(
        folder / "bot/wiring/sides.py",
        "    if settings.has_slack and not offline:\n",
        "    from adapters.toy.app import ToyMessenger\n\n"
        "    sides[Platform.TOY] = Side(ToyMessenger(clock), lambda answering: [], lambda: None)\n"
        "    if settings.has_slack and not offline:\n",
    )
    replace_once(
        folder / "tests/contract/test_messenger.py", "\n\nPLATFORMS: dict[str, Callable[[], Side]] = {\n", CONTRACT
    )
    (folder / "docs/toy.md").write_text("# The toy\n\nIt keeps what it is given.\n", encoding="utf-8")


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own copy
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_toy_platform_takes_five_places_and_passes_everybodys_checks(copy):
    before = snapshot(copy)
    add_toy(copy)
    after = snapshot(copy)
    touched = {name for name in after if before.get(name) != after[name]}
    places = {"adapters/toy" if name.startswith("adapters/toy/") else name for name in touched}
    assert places == {
        "adapters/toy",
        "bot/model.py",
        "bot/wiring/sides.py",
        "tests/contract/test_messenger.py",
        "docs/toy.md",
    }
    contracts = run(
        copy, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"
    )
    assert "0 broken" in contracts
    run(copy, "-m", "mypy", "--cache-dir", str(copy / ".mypy_cache"))
    suite = run(copy, "-m", "pytest", "-q", "-k", "toy", "tests/contract/test_messenger.py", "-p", "no:cacheprovider")
    assert " passed" in suite


def test_an_application_with_the_toy_still_starts(copy, tmp_path):
    add_toy(copy)
    answer = run(copy, "-c", START, str(tmp_path / "data"))
    assert "Subscriptions" in answer or "no subscription" in answer


START = """
import asyncio, pathlib, sys
from adapters.toy.app import type_line
from bot.settings import load_settings
from bot.wiring import open_app

async def main():
    settings = load_settings({"BROADSHEET_DATA_DIR": sys.argv[1]}, folder=pathlib.Path(sys.argv[1]))
    async with open_app(settings) as app:
        print(await type_line(app.answering, "papers", "list"))

asyncio.run(main())
"""
