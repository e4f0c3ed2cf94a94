"""What is sealed can be opened with its key alone, and keys can change."""

from __future__ import annotations

import pytest

from adapters.vault import FernetVault, add_key, keep_only_newest, new_key, read_keys
from bot.errors import BadSettings
from bot.settings import Settings

pytestmark = pytest.mark.unit


def test_a_sealed_text_names_its_key_and_hides_its_secret():
    vault = FernetVault([new_key()])
    sealed = vault.seal("xoxb-secret")
    assert "xoxb-secret" not in sealed
    assert sealed.startswith(vault.key_ids[0] + ":")
    assert vault.open(sealed) == "xoxb-secret"


def test_an_older_key_still_opens_and_the_newest_seals():
    old, new = new_key(), new_key()
    sealed = FernetVault([old]).seal("xoxb-secret")
    both = FernetVault([new, old])
    assert both.open(sealed) == "xoxb-secret"
    assert both.seal("x").startswith(both.key_ids[0])


def test_without_its_key_a_secret_stays_closed():
    with pytest.raises(BadSettings, match="is missing"):
        FernetVault([new_key()]).open(FernetVault([new_key()]).seal("x"))


def test_a_changed_seal_is_told_from_a_missing_key():
    vault = FernetVault([new_key()])
    sealed = vault.seal("xoxb-secret")
    with pytest.raises(BadSettings, match="changed"):
        vault.open(sealed[:-6] + "AAAA==")


def test_a_key_that_is_none_is_refused_with_the_remedy():
    with pytest.raises(BadSettings, match="keys new"):
        FernetVault(["short"])


def test_the_data_folder_keeps_a_key_that_only_its_owner_reads(tmp_path):
    settings = Settings(data_dir=tmp_path)
    first = list(read_keys(settings))
    assert list(read_keys(settings)) == first
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert list(add_key(settings))[1:] == first
    keep_only_newest(settings)
    assert len(read_keys(settings)) == 1


def test_keys_of_the_settings_are_changed_there():
    settings = Settings(secret_keys=f"{new_key()}, {new_key()}")
    assert len(read_keys(settings)) == 2
    with pytest.raises(BadSettings, match="SECRET_KEYS"):
        add_key(settings)
