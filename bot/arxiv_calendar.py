"""When arXiv announces: a hint, for saying why a day is quiet. What its feed brings is the truth.

Announcements come at 20:00 America/New_York from Sunday to Thursday and bear the next day's date, so that no list is
dated Saturday or Sunday (https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = "America/New_York"
_WEEKEND = (5, 6)
_FIXED = {(1, 1): "New Year’s Day", (7, 4): "Independence Day", (12, 25): "Christmas Day"}
_THURSDAY = 3


def arxiv_day(instant: datetime) -> date:
    """The date at arXiv."""
    return instant.astimezone(ZoneInfo(ZONE)).date()


def why_quiet(day: date) -> str | None:
    """Why arXiv probably has no list of this date; None where it probably has one."""
    if day.weekday() in _WEEKEND:
        return "arXiv announces nothing on Fridays and Saturdays"
    holiday = _FIXED.get((day.month, day.day)) or ("Thanksgiving" if day == _thanksgiving(day.year) else None)
    return f"arXiv announces nothing on {holiday}" if holiday else None


def _thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(_THURSDAY - first.weekday()) % 7 + 21)
