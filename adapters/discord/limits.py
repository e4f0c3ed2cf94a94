"""What Discord takes in one message, embed, component and modal. Lengths are in UTF-16 units, the strictest count.

From discord/discord-api-docs (developers/resources/message.mdx, components/reference.mdx, resources/channel.mdx) and
Discord's OpenAPI document. Three are documented nowhere, or not yet: 4,000 characters over all texts of a V2 layout
(discord-api-docs#8562), some 10,170 bytes of them (#8554), and five messages in five seconds a channel (#20).
"""

from __future__ import annotations

from datetime import timedelta

from bot.document import Limits
from bot.pacing import Pace, Rate

CONTENT = 1_900
"""Characters of the text over the embeds: Discord takes 2,000; the rest is for saying that something did not fit."""
EMBEDS = 10
EMBEDS_TEXT = 5_900
"""Characters over all embeds of a message: Discord takes 6,000."""
TITLE = 256
NAMES = 160
DESCRIPTION = 4_000
"""Characters of an embed's description: Discord takes 4,096."""
FIELD = 1_024
FOOTER = 512
"""Characters of a footer: Discord takes 2,048."""
URL = 2_048
SUMMARY = 600
ROWS = 5
ROW = 5
"""Buttons of a row."""
LABEL = 80
"""Characters of a button's label."""
LINK = 512
"""Characters of a link button's address."""
CUSTOM_ID = 100
OPTIONS = 25
OPTION = 100
PLACEHOLDER = 150
COMPONENTS = 38
"""Components of a V2 layout, nested ones too: Discord takes 40; two are for a mention and for what did not fit."""
LAYOUT_TEXT = 3_900
"""Characters over all texts of a layout: Discord takes 4,000."""
LAYOUT_HEAD = 400
"""Characters of it that a list leaves to what stands over it."""
DISPLAY = 1_900
"""Characters of one text of a layout: the documentation speaks of 2,000, Discord takes 4,000."""
LAYOUT_BYTES = 9_500
"""Bytes of UTF-8 over all texts of a V2 layout; beyond some 10,170 Discord answers 500."""
ALT = 1_000
LIST = 20
"""Papers of one list, each with an option in every menu."""
MENUS = 4
"""Menus of one message: the fifth row is for going on to the next page."""
MODAL_TITLE = 45
MODAL_FIELDS = 5
FIELD_LABEL = 45
FIELD_HINT = 100
FIELD_VALUE = 4_000
THREAD_NAME = 100
TAGS = 5

NOTE = LAYOUT_TEXT - LAYOUT_HEAD - FIELD_HINT
"""Characters of one paragraph, its error code aside."""

LIMITS = Limits(title=TITLE, summary=SUMMARY, text=NOTE, cards=EMBEDS, actions=ROW)

PACE = Pace(channel=Rate(5, timedelta(seconds=5)), platform=Rate(50, timedelta(seconds=1), share=0.968))
"""“All bots can make up to 50 requests per second” (topics/rate-limits.mdx); a thirtieth is left to whatever else."""
