"""The kill soak, small: every combination is killed twice; `make soak-kill KILLS=n` goes on for longer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.databases import postgres_server
from tests.soak.kill import COMBINATIONS

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_whoever_is_killed_nothing_is_lost_and_nothing_stands_twice(database):
    if database == "postgres":
        postgres_server()  # skips, with the reason, where there is none
    names = [name for name in COMBINATIONS if name.startswith(database)]
    command = [sys.executable, "-m", "tests.soak.kill", "--kills", str(2 * len(names))]
    for name in names:
        command += ["--combo", name]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)  # noqa: S603
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["kills"] >= 2 * len(names)
    assert (found["lost"], found["duplicated"]) == (0, 0)
    assert found["combinations"] == names
