"""What Slack takes in one message, view and element. Lengths are in characters.

From the types of Slack's own SDKs (@slack/types 3.2.0) and docs.slack.dev; the sum over a message is documented
nowhere: `msg_blocks_too_long` was met from 11,341 characters on (slackapi/bolt-js#2509, #2867).
"""

from __future__ import annotations

from datetime import timedelta

from bot.document import Limits
from bot.pacing import Pace, Rate

BLOCKS = 48
"""Blocks of a message: Slack takes 50."""
VIEW_BLOCKS = 98
CHARACTERS = 9_500
"""Characters over all blocks of a message."""
HEADER = 150
TEXT = 2_900
"""Characters of one text: Slack takes 3,000 in a section."""
BUTTON = 75
FALLBACK = 3_900
"""Characters of the plain text: Slack cuts above 40,000 and asks for 4,000."""
OPTION = 75
OPTIONS = 5
"""Options of an overflow menu."""
ROW = 5
"""Buttons of a row: Slack takes 25, more than five wrap."""
URL = 3_000
VALUE = 2_000
MODAL_TITLE = 24
LABEL = 150
HINT = 150
INITIAL = 3_000
METADATA = 3_000
ALT = 1_900
TITLE = 300
SUMMARY = 600
LINE = 300
"""Characters of a line of a list, so that twenty of them fit a message."""
LIST = 20
"""Papers of one list."""

LIMITS = Limits(title=TITLE, summary=SUMMARY, text=TEXT, cards=20, actions=ROW)

PACE = Pace(
    channel=Rate(1, timedelta(seconds=1)),
    workspace=Rate(300, timedelta(minutes=1), burst=10),
)
"""“1 message per second to a specific channel … several hundred messages per minute” a workspace (chat.postMessage)."""
