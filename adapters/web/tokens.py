"""The page's token: the configured one, or one that is made once and kept."""

from __future__ import annotations

import secrets

from bot.settings import Settings

_TOKEN_BYTES = 24


def access_token(settings: Settings) -> str | None:
    """The page's token beyond loopback: the configured one, else one made at the first start and kept 0600."""
    if settings.token is not None:
        return settings.token.get_secret_value()
    if settings.is_loopback:
        return None
    path = settings.data_dir / "token"
    if not path.exists() or not path.read_text(encoding="utf-8").strip():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"token.{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(_TOKEN_BYTES), encoding="utf-8")
        made.replace(path)  # whole or not at all: a kill in between leaves no empty token
    return path.read_text(encoding="utf-8").strip()
