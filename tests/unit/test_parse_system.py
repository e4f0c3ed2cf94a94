"""The clock and the zone data."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

from adapters.system import SystemClock, use_bundled_zones, zone_data_version


def test_the_clock_is_aware_and_in_utc():
    assert SystemClock().now().tzinfo is UTC


def test_the_bundled_zones_win_over_the_machines():
    before = zoneinfo.TZPATH
    try:
        use_bundled_zones()
        assert zoneinfo.TZPATH == ()
        # British Columbia stays on daylight time from 2026 on: older data still turn the clock back in November.
        vancouver = datetime(2026, 12, 1, 17, 0, tzinfo=zoneinfo.ZoneInfo("America/Vancouver"))
        assert vancouver.astimezone(UTC).hour == 0
    finally:
        zoneinfo.reset_tzpath(to=before)
    assert zone_data_version() >= "2026"
