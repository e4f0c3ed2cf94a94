"""FernetVault: seals secrets with AES and an authentication tag; several keys may open, the first one seals."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.errors import BadSettings
from bot.settings import Settings

_ID_LENGTH = 8


class FernetVault:
    """`bot.ports.Vault`. A sealed text is `KEY-ID:TOKEN`; the id is the beginning of the key's SHA-256."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._keys = {key_id(key): Fernet(key) for key in keys}
        except ValueError as error:
            raise BadSettings(
                ("BROADSHEET_SECRET_KEYS: a key has 44 characters; `broadsheet keys new` makes one",)
            ) from error
        self._newest = next(iter(self._keys))

    @property
    def key_ids(self) -> Sequence[str]:
        """The keys that can open, the one that seals first."""
        return tuple(self._keys)

    def seal(self, secret: str) -> str:
        """The secret, sealed with the newest key."""
        return f"{self._newest}:{self._keys[self._newest].encrypt(secret.encode()).decode()}"

    def open(self, sealed: str) -> str:
        """The secret. Raises BadSettings where its key is not at hand."""
        name, _, token = sealed.partition(":")
        key = self._keys.get(name)
        try:
            if key is not None:
                return key.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise BadSettings((f"the secret that key {name} sealed has been changed",)) from error
        raise BadSettings((f"BROADSHEET_SECRET_KEYS: key {name}, which sealed an installation's token, is missing",))


def key_id(key: str) -> str:
    """What names a key without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:_ID_LENGTH]


def new_key() -> str:
    """A fresh key: 32 random bytes in URL-safe base64."""
    return Fernet.generate_key().decode()


def read_keys(settings: Settings) -> Sequence[str]:
    """The keys of the settings, the newest first; else those of the data folder, where one is made if there is none."""
    if settings.secret_keys is not None:
        given = settings.secret_keys.get_secret_value().replace(",", " ").split()
        if given:
            return given
    path = _key_file(settings)
    if not path.exists():
        _write(path, [new_key()])
    return path.read_text(encoding="utf-8").split()


def add_key(settings: Settings) -> Sequence[str]:
    """Put a new key before those of the data folder. Raises BadSettings where the settings hold the keys."""
    if settings.secret_keys is not None:
        raise BadSettings(("BROADSHEET_SECRET_KEYS: put a new key first in it yourself (`broadsheet keys new`)",))
    keys = [new_key(), *read_keys(settings)]
    _write(_key_file(settings), keys)
    return keys


def keep_only_newest(settings: Settings) -> None:
    """Drop the older keys of the data folder: nothing is sealed with them any more."""
    if settings.secret_keys is None:
        _write(_key_file(settings), list(read_keys(settings))[:1])


def _key_file(settings: Settings) -> Path:
    return settings.data_dir / "keys"


def _write(path: Path, keys: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"keys.{secrets.token_hex(4)}")
    made.touch(mode=0o600)
    made.write_text("\n".join(keys) + "\n", encoding="utf-8")
    made.replace(path)  # whole or not at all
