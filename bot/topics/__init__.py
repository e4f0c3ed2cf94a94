"""Topics: the filter expressions of subscriptions (language, matching, explaining)."""
