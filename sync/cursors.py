"""Cursors: how far a device has read a scope, sealed by the server so that it can believe them later.

A cursor that our own key sealed and that is ahead of our head proves that history was lost.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

import msgspec

from sync.bounded import Number

__all__ = ["START", "Cursor", "is_ours", "seal"]


class Cursor(msgspec.Struct, array_like=True, frozen=True):
    """All versions of a scope up to and with `version` have been read."""

    version: Number
    seal: bytes = b""


START = Cursor(0)
_MOST_KEPT = 10_000
"""So many seals are not made again: all phones of a territory bring the same."""


@lru_cache(_MOST_KEPT)
def _mac(key: bytes, epoch: bytes, scope: str, version: int) -> bytes:
    body = epoch + version.to_bytes(8, "big") + scope.encode()
    return hashlib.blake2b(body, key=key, digest_size=8).digest()


def seal(key: bytes, epoch: bytes, scope: str, version: int) -> Cursor:
    """The cursor that a device keeps for `scope` in `epoch`."""
    return Cursor(version, _mac(key, epoch, scope, version))


def is_ours(key: bytes, epoch: bytes, scope: str, cursor: Cursor) -> bool:
    """True when we sealed this cursor; the start needs no seal."""
    if cursor.version == 0:
        return True
    return hmac.compare_digest(cursor.seal, _mac(key, epoch, scope, cursor.version))
