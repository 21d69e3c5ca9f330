"""The company's key files."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from server.identity.keys import KeyFileError, create_keys, load_keys

randbytes = Random(1).randbytes


def test_keys_are_loaded_as_they_were_made(tmp_path: Path) -> None:
    """What `create_keys` gives and what a later start loads are the same keys."""
    made = create_keys(tmp_path / "keys", randbytes)
    loaded = load_keys(tmp_path / "keys")
    assert loaded.signing_public == made.signing_public
    assert loaded.opening_public == made.opening_public
    assert (loaded.cursor_key, loaded.token_key, loaded.challenge_key) == (
        made.cursor_key,
        made.token_key,
        made.challenge_key,
    )
    assert len({made.cursor_key, made.token_key, made.challenge_key}) == 3


def test_nobody_else_may_read_a_key(tmp_path: Path) -> None:
    """Key files have mode 0600 and their folder 0700, whatever the umask."""
    before = os.umask(0)
    try:
        create_keys(tmp_path / "keys", randbytes)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("name", "mode"), [("token.key", 0o640), ("signing.key", 0o604), (".", 0o750)])
def test_exposed_keys_are_refused(tmp_path: Path, name: str, mode: int) -> None:
    """A key that somebody else may read is not used, and the message says what to run."""
    create_keys(tmp_path / "keys", randbytes)
    (tmp_path / "keys" / name).chmod(mode)
    with pytest.raises(KeyFileError, match=r"keys_exposed.*chmod go-rwx"):
        load_keys(tmp_path / "keys")


def test_keys_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    """A second set-up in the same folder changes no file."""
    create_keys(tmp_path / "keys", randbytes)
    before = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    with pytest.raises(KeyFileError, match="keys_exist"):
        create_keys(tmp_path / "keys", randbytes)
    assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before


def test_missing_keys_say_so(tmp_path: Path) -> None:
    """A start without keys says to set up or to put the backup back."""
    with pytest.raises(KeyFileError, match=r"keys_missing.*saojie init"):
        load_keys(tmp_path / "keys")


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 31, "密钥"])
def test_a_damaged_key_is_refused(tmp_path: Path, text: str) -> None:
    """A key file that is not 32 bytes in hexadecimal is refused by name."""
    create_keys(tmp_path / "keys", randbytes)
    (tmp_path / "keys" / "cursor.key").write_text(text, "utf-8")
    with pytest.raises(KeyFileError, match=r"keys_damaged.*cursor\.key"):
        load_keys(tmp_path / "keys")


def test_keys_are_never_shown(tmp_path: Path) -> None:
    """Printing the keys, as a traceback or a log might, shows none of their bytes."""
    keys = create_keys(tmp_path / "keys", randbytes)
    assert keys.token_key.hex() not in repr(keys)
    assert repr(keys.token_key) not in repr(keys)
