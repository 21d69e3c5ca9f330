"""The digest of a scope: a sum that shows whether two sides hold the same bytes.

The sum modulo 2^128 of BLAKE2b-16 over (epoch, version, revision, packed) of each record; packed begins with
the record's id. It moves with each write at constant cost. Sums by bucket make it divisible, so that a wrong
row is found without sending the rest. It finds faults; it is no evidence against an adversary.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable

__all__ = [
    "BUCKETS",
    "EMPTY",
    "add",
    "bucket_of",
    "bucket_sums",
    "entry_hash",
    "remove",
    "short_hash",
    "total",
    "weight",
]

BUCKETS = 256
EMPTY = bytes(16)

_MASK = (1 << 128) - 1
_SUM_BYTES = 4
_numbers = struct.Struct(">QQ").pack


def entry_hash(epoch: bytes, version: int, revision: int, packed: bytes) -> bytes:
    """What one record adds to its scope's digest: 16 bytes."""
    return hashlib.blake2b(epoch + _numbers(version, revision) + packed, digest_size=16).digest()


def weight(epoch: bytes, entries: Iterable[tuple[int, int, bytes]]) -> int:
    """What records (version, revision, packed) add to their scope's digest together, as a number that may be larger."""
    return sum([int.from_bytes(entry_hash(epoch, *one), "big") for one in entries])


def short_hash(packed: bytes) -> bytes:
    """8 bytes over a packed record alone: tells whether two sides hold the same body, whatever its version."""
    return hashlib.blake2b(packed, digest_size=8).digest()


def add(digest: bytes, entry: bytes) -> bytes:
    """The digest with one entry more."""
    return ((int.from_bytes(digest, "big") + int.from_bytes(entry, "big")) & _MASK).to_bytes(16, "big")


def remove(digest: bytes, entry: bytes) -> bytes:
    """The digest with one entry less."""
    return ((int.from_bytes(digest, "big") - int.from_bytes(entry, "big")) & _MASK).to_bytes(16, "big")


def total(entries: Iterable[bytes]) -> bytes:
    """The digest of entries, from the start."""
    return (sum(int.from_bytes(one, "big") for one in entries) & _MASK).to_bytes(16, "big")


def bucket_of(record: bytes) -> int:
    """The bucket of a record's id: its last byte, which is random in every id that this project makes."""
    return record[-1]


def bucket_sums(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Sums by bucket, `BUCKETS` times 4 bytes, from pairs of record id and entry hash."""
    sums = [0] * BUCKETS
    for record, entry in entries:
        sums[bucket_of(record)] += int.from_bytes(entry, "big")
    return b"".join((one & _MASK).to_bytes(16, "big")[-_SUM_BYTES:] for one in sums)
