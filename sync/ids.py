"""Identifiers: UUIDs of version 7, made from a time and randomness that the caller brings.

The time keeps ids that were made together close together in an index. A phone with a wrong clock makes ids that are
just as good; so nothing reads a time back from an id.
"""

from __future__ import annotations

from uuid import UUID

__all__ = ["OUTBOX_ID_BYTES", "RANDOM_BYTES", "new_id", "parse_id"]

RANDOM_BYTES = 10
OUTBOX_ID_BYTES = 16

_TIME_MASK = (1 << 48) - 1


def new_id(now_ms: int, random: bytes) -> UUID:
    """Make an id from `now_ms` (milliseconds) and `RANDOM_BYTES` random bytes (RFC 9562, version 7)."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"an id takes {RANDOM_BYTES} random bytes, not {len(random)}")
    value = ((now_ms & _TIME_MASK) << 80) | int.from_bytes(random, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def parse_id(text: str) -> UUID | None:
    """Read an id from its text form, 8-4-4-4-12 in either case; None when `text` is not one."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
