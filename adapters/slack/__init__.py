"""Slack: Bolt over Socket Mode or signed HTTP, cards in Block Kit, one message a delivery."""
