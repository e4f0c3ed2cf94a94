from bot.journal import hide_secrets


def test_values_named_or_shaped_like_secrets_are_hidden():
    event = {
        "token": "abc",
        "event": "posting with xoxb-1234-abcd and https://hooks.slack.com/services/T0/B0/xyz",
        "url": "postgresql://bot:hunter2@db/broadsheet",
        "papers": 3,
    }
    logged = str(hide_secrets(None, "info", event))
    for secret in ("abc'", "xoxb-1234", "T0/B0", "hunter2"):
        assert secret not in logged
    assert event["papers"] == 3
