"""Looking for words in a phone's directory as somebody would who has it: byte by byte, and with every key that is left.

It knows the SDK's formats and nothing of its code, and it works on a copy.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import product
from pathlib import Path

import apsw
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["Readable", "readable"]

_PLAIN_HEAD = b"SQLite format 3\x00"
_KEY_BYTES = 32
_NONCE = 12
_ENCODINGS = ("utf-8", "utf-16-le", "gb18030")


class Readable(msgspec.Struct, frozen=True):
    """How many of the words can be read: without any key, and with every key that is left. `keys` counts those."""

    without_key: int
    with_keys: int
    keys: int
    files: int


def readable(directory: Path, words: Iterable[str]) -> Readable:
    """Search `directory` for `words`."""
    wanted = frozenset(words)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        shutil.copytree(directory, copy)
        files = sorted(path for path in copy.rglob("*") if path.is_file())
        plain = b"".join(path.read_bytes() for path in files)
        keys = _keys(files)
        opened = b"".join(_opened(path, key) for path, key in product(_sealed(files), keys))
    return Readable(_count(plain, wanted), _count(opened, wanted), len(keys), len(files))


def _count(data: bytes, words: Iterable[str]) -> int:
    return sum(any(word.encode(encoding) in data for encoding in _ENCODINGS) for word in words)


def _sealed(files: Iterable[Path]) -> list[Path]:
    """Databases that are not plain."""
    return [path for path in files if path.suffix == ".db" and path.read_bytes()[:16] not in {b"", _PLAIN_HEAD}]


def _keys(files: Iterable[Path]) -> list[bytes]:
    """Everything that could be a key: each secret, and what any two secrets unwrap."""
    blobs = [*(path.read_bytes() for path in files), *_blobs(files)]
    secrets = {one for one in blobs if len(one) == _KEY_BYTES}
    wrapped = [found for one in blobs if (found := _wrapped(one)) is not None]
    made = {_unwrapped(one + other, *box) for one, other in product(secrets, repeat=2) for box in wrapped}
    return sorted(secrets | (made - {b""}))


def _blobs(files: Iterable[Path]) -> Iterator[bytes]:
    """Every value in the databases that are plain."""
    for path in files:
        if path.suffix == ".db" and path.read_bytes()[:16] == _PLAIN_HEAD:
            with closing(sqlite3.connect(path)) as database, suppress(sqlite3.DatabaseError):
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
                    rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608  # a name out of the file itself
                    yield from (value for row in rows for value in row if isinstance(value, bytes))


def _wrapped(blob: bytes) -> tuple[bytes, bytes] | None:
    """The id of a replica and the data key that is wrapped for it, where a blob is that."""
    try:
        return msgspec.msgpack.decode(blob, type=tuple[bytes, bytes])
    except msgspec.DecodeError:
        return None


def _unwrapped(shares: bytes, replica: bytes, box: bytes) -> bytes:
    wrapping = HKDF(hashes.SHA256(), _KEY_BYTES, None, replica).derive(shares)
    try:
        return AESGCM(wrapping).decrypt(box[:_NONCE], box[_NONCE:], replica)
    except (InvalidTag, ValueError):
        return b""


def _opened(path: Path, key: bytes) -> bytes:
    """All that a sealed database holds, where this key opens it."""
    with closing(apsw.Connection(str(path))) as database, suppress(apsw.Error):
        database.execute("PRAGMA cipher='aegis'")
        database.execute(f"PRAGMA key='raw:{key.hex()}'")
        names = database.execute("SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE '%VIRTUAL%'")
        return b"".join(_dumped(database, str(name)) for (name,) in names.fetchall())
    return b""


def _dumped(database: apsw.Connection, name: str) -> bytes:
    rows = database.execute(f'SELECT * FROM "{name}"')  # noqa: S608  # a name out of the file itself
    values = (value for row in rows for value in row)
    return b"\x00".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
