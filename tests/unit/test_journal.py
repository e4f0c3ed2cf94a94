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


def test_what_discord_gives_us_is_hidden():
    token = "MTE" + "x" * 22 + ".GaBcDe." + "y" * 38
    event = {
        "event": f"429 for https://discord.com/api/v10/webhooks/1/aW50ZXJhY3Rpb24 with {token}",
        "url": "https://discord.com/api/v10/interactions/2/aW50ZXJhY3Rpb24/callback",
        "route": "https://discord.com/api/v10/channels/3/messages",
    }
    logged = str(hide_secrets(None, "info", event))
    assert "aW50ZXJhY3Rpb24" not in logged
    assert token not in logged
    assert "channels/3/messages" in logged
