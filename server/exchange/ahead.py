"""Operations that a request brings, read before the store is asked anything: whoever has the store's lock does not read
them, and meanwhile somebody else's work is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sync.changes import Changes, read_changes
from sync.errors import Refusal
from sync.operations import Operation, read_operation
from sync.records import collection

__all__ = ["Ahead", "read_ahead"]


class Ahead(NamedTuple):
    """One operation, and its changes, typed. Each is None where it cannot be read: that is refused in its turn."""

    operation: Operation | None
    changes: Changes | None = None


def read_ahead(bodies: Iterable[bytes]) -> list[Ahead]:
    """Read encoded operations, in their order."""
    return [_read(one) for one in bodies]


def _read(body: bytes) -> Ahead:
    operation = read_operation(body)
    found = collection(operation.collection) if operation is not None else None
    if operation is None or found is None:
        return Ahead(operation)
    try:
        return Ahead(operation, read_changes(found, bytes(operation.changes)))
    except Refusal:
        return Ahead(operation)
