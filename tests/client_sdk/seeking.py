"""Looking for what must not be there: every file byte by byte, and everything that any key which is left opens."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import apsw
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from client_sdk.replica import Replica

__all__ = ["decrypted", "found_plain", "found_with_keys", "keys_left"]

_ENCODINGS = ("utf-8", "utf-16-le", "gb18030")


def _files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def _held(data: bytes, words: Iterable[str]) -> set[str]:
    return {word for word in words if any(word.encode(encoding) in data for encoding in _ENCODINGS)}


def found_plain(directory: Path, words: Iterable[str]) -> set[str]:
    """The words that stand in some file as they are."""
    return _held(b"\x00".join(path.read_bytes() for path in _files(directory)), words)


def keys_left(directory: Path) -> list[bytes]:
    """Every 32 bytes that could be a key: small files, values of plain databases, and what pairs of them unwrap."""
    values = [path.read_bytes() for path in _files(directory)]
    for path in _files(directory):
        if path.suffix == ".db" and path.read_bytes()[:15] == b"SQLite format 3":
            file = sqlite3.connect(path)
            names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            rows = [row for name in names for row in file.execute(f'SELECT * FROM "{name}"')]
            file.close()
            values += [value for row in rows for value in row if isinstance(value, bytes)]
    keys = {value for value in values if len(value) == 32}
    for (replica, wrapped), one, other in product(_wrapped(values), keys, keys):
        wrapping = HKDF(hashes.SHA256(), 32, None, replica).derive(one + other)
        keys = keys | _opened(wrapping, wrapped, replica)
    for key, value in product(tuple(keys), values):
        for place in values:
            if len(value) == 60 and len(place) == 16:
                keys = keys | _opened(key, value, place)
    return sorted(keys)


def _wrapped(values: list[bytes]) -> list[tuple[bytes, bytes]]:
    found = []
    for value in values:
        try:
            found.append(msgspec.msgpack.decode(value, type=tuple[bytes, bytes]))
        except msgspec.DecodeError:
            continue
    return [one for one in found if len(one[0]) == 16]


def _opened(key: bytes, closed: bytes, place: bytes) -> set[bytes]:
    try:
        return {AESGCM(key).decrypt(closed[:12], closed[12:], place)}
    except (InvalidTag, ValueError):
        return set()


def found_with_keys(directory: Path, words: Iterable[str]) -> set[str]:
    """The words that some key which is left makes readable: in the replica, in rows of the outbox."""
    wanted, found = set(words), set()
    for key in keys_left(directory):
        path = directory / "replica.db"
        if path.exists():
            found |= _held(_database(path, key), wanted)
        if (directory / "outbox.db").exists():
            found |= _held(b"\x00".join(_rows(directory / "outbox.db", key)), wanted)
    return found


def _rows(path: Path, key: bytes) -> list[bytes]:
    file = sqlite3.connect(path)
    rows = list(file.execute("SELECT b.id, i.number, i.body FROM item i JOIN box b ON b.ordinal=i.box"))
    file.close()
    places = [(body, box + number.to_bytes(8, "big")) for box, number, body in rows]
    return [plain for body, place in places for plain in _opened(key, body, place)]


def _database(path: Path, key: bytes) -> bytes:
    file = apsw.Connection(str(path))
    try:
        file.execute("PRAGMA cipher='aegis'")
        file.execute(f"PRAGMA key='raw:{key.hex()}'")
        file.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        return file.serialize("main")
    except (apsw.NotADBError, apsw.CorruptError):
        return b""
    finally:
        file.close()


def decrypted(replica: Replica) -> bytes:
    """Every byte of a replica's file, decrypted: pages, free space, and each state that its log still holds."""
    device = replica._device
    key = device._data_key()
    assert key is not None
    path = device.places.replica
    log = path.with_name("replica.db-wal")
    frames = log.read_bytes() if log.exists() else b""
    with tempfile.TemporaryDirectory() as name:
        return b"".join(_state(Path(name), path.read_bytes(), frames[:end], key) for end in _commits(frames))


def _commits(frames: bytes) -> list[int]:
    """Where in a write-ahead log each transaction ends; 0 first, for the file without its log."""
    size = int.from_bytes(frames[8:12], "big") + 24
    ends = range(32 + size, len(frames) + 1, size) if frames else ()
    return [0, *(end for end in ends if frames[end - size + 4 : end - size + 8] != bytes(4))]


def _state(folder: Path, data: bytes, log: bytes, key: bytes) -> bytes:
    """The file as it is with so much of its log."""
    (folder / "replica.db-wal").write_bytes(log)
    (folder / "replica.db-shm").unlink(missing_ok=True)
    (folder / "replica.db").write_bytes(data)
    return _database(folder / "replica.db", key)
