"""Looking for customers in a phone's directory: byte by byte, and with every key that is left there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, permutations
from pathlib import Path

import apsw

from client_sdk import vault

__all__ = ["found_with_keys", "found_without_keys", "plaintext"]


def _bytes_of(directory: Path) -> Iterator[bytes]:
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            yield path.read_bytes()


def found_without_keys(directory: Path, words: Iterable[str]) -> set[str]:
    """Which of the words stand in some file as they are."""
    contents = list(_bytes_of(directory))
    return {word for word in words if any(word.encode() in content for content in contents)}


def _candidates(directory: Path) -> Iterator[bytes]:
    """Every run of 32 bytes that could be a key: whole small files, and any blob of that length in a database."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.stat().st_size <= 64:
            yield path.read_bytes()[:32].ljust(32, b"\0")
    for path in sorted(directory.rglob("*.db")):
        try:
            connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            for table in tables:
                for row in connection.execute(f'SELECT * FROM "{table}"'):
                    yield from (one for one in row if isinstance(one, bytes) and len(one) == 32)
            connection.close()
        except apsw.Error:
            continue


def plaintext(path: Path, key: bytes) -> bytes:
    """All pages of an encrypted database, as they are when open; empty where the key does not open it."""
    if not path.exists():
        return b""
    try:
        source = apsw.Connection(str(path))
        for pragma in ("PRAGMA cipher='aegis'", "PRAGMA page_size=16384", f"PRAGMA key='raw:{key.hex()}'"):
            source.execute(pragma)
        source.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return bytes(source.serialize("main"))
    except apsw.Error:
        return b""


def _data_keys(directory: Path) -> Iterator[bytes]:
    from client_sdk.keys import Keys, WrappedKey  # noqa: PLC0415
    from client_sdk.storage.disk import Disk  # noqa: PLC0415

    shares = sorted(set(_candidates(directory)))
    yield from shares
    if not (directory / "keys.db").exists():
        return
    keys = Keys(directory / "keys.db", Disk())
    wrapped = keys.get(WrappedKey)
    keys.close()
    if wrapped is None:
        return
    for pair in combinations(shares, 2):
        for device_share, lease_share in permutations(pair):
            try:
                key = vault.wrapping_key(device_share, lease_share, wrapped.replica)
                yield vault.open_box(key, wrapped.wrapped, wrapped.replica)
            except vault.Unopened:
                continue


def found_with_keys(directory: Path, words: Iterable[str]) -> set[str]:
    """Which of the words can be read by somebody who tries every key that is left in the directory."""
    wanted = set(words)
    found = found_without_keys(directory, wanted)
    for key in _data_keys(directory):
        for name in ("replica.db", "outbox.db"):
            content = plaintext(directory / name, key)
            found |= {word for word in wanted if word.encode() in content}
    return found
