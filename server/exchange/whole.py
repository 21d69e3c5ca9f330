"""What a device has that has everything: where each of its scopes stands, and how it shows that.

All devices that may hold the same scopes have the same, so it is worked out once for each state of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from server.master.feed import Head
from sync.cursors import Cursor, seal
from sync.frames import write_tail
from sync.messages import ScopeSum, SyncRequest, Tail

__all__ = ["NOTHING", "Whole", "has_all", "sum_of", "whole_of"]

_BYTES = 16
_MOST_KEPT = 2_000


class Whole(msgspec.Struct, frozen=True):
    """All of some scopes: the cursors and digests of a device that has it, and the checkpoint that it is given: an
    answer's tail, the `frame` in which that travels, and the sum that stands for it.
    """

    cursors: Mapping[str, Cursor]
    digests: Mapping[str, bytes]
    tail: Tail
    frame: bytes
    sum: bytes


NOTHING = Whole({}, {}, Tail(), write_tail(Tail()), b"")
"""Of no scopes, and not even that for sure: no checkpoint."""


def sum_of(rows: Iterable[tuple[str, int, bytes]]) -> bytes:
    """One hash of some scopes with version and digest each, in any order."""
    whole = hashlib.blake2b(digest_size=_BYTES)
    for scope, version, digest in sorted(rows):
        whole.update(f"{scope}\x00{version}\x00".encode() + digest)
    return whole.digest()


@lru_cache(_MOST_KEPT)
def whole_of(heads: tuple[Head, ...], epoch: bytes, key: bytes) -> Whole:
    """All of these scopes, in an epoch; `key` seals cursors."""
    tail = Tail(True, {one.name: ScopeSum(one.head, one.count, one.digest) for one in heads})
    return Whole(
        {one.name: seal(key, epoch, one.name, one.head) for one in heads},
        {one.name: one.digest for one in heads},
        tail,
        write_tail(tail),
        sum_of((one.name, one.head, one.digest) for one in heads),
    )


def has_all(request: SyncRequest, epoch: bytes, whole: Whole) -> bool:
    """Whether a device has everything and asks for nothing besides: its cursors are those that we would give it."""
    return request.epoch == epoch and request.cursors == whole.cursors and not (request.wants or request.sums)
