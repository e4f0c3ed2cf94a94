"""Every local date once: a fortnight of the virtual year, in which clocks change; `make soak-year` lives through it."""

from __future__ import annotations

import pytest

from adapters.system import use_bundled_zones
from tests.soak.year import lived

pytestmark = pytest.mark.integration


async def test_every_subscription_accounts_for_every_local_date_exactly_once(tmp_path):
    use_bundled_zones()
    found = await lived(tmp_path, ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"], 24 * 14)
    assert found["dates"] >= 4 * 13
    assert (found["missing"], found["twice"], found["unasked"], found["messages_twice"]) == (0, 0, 0, 0)
