"""What an operation asks for, as people read it: its fields, and the outlet that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.store import Tx
from server.master.typed import TYPED
from sync.changes import read_changes
from sync.errors import Refusal
from sync.operations import Operation
from sync.records import COLLECTIONS

__all__ = ["fields_of", "named_outlets", "outlet_of"]

_OUTLETS = TYPED["outlet"]


def fields_of(operation: Operation | None) -> dict[str, Any]:
    """The fields that were asked for, as far as they can be read: typed where they are fit, else as they came."""
    if operation is None or operation.collection not in COLLECTIONS:
        return {}
    raw = bytes(operation.changes)
    try:
        return read_changes(COLLECTIONS[operation.collection], raw)
    except Refusal:
        pass
    try:
        found = msgspec.msgpack.decode(raw)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def outlet_of(operation: Operation | None) -> UUID | None:
    """The outlet that is changed, or named."""
    if operation is None:
        return None
    if operation.collection == "outlet":
        return operation.record
    value = fields_of(operation).get("outlet")
    if isinstance(value, bytes) and len(value) == len(operation.record.bytes):
        return UUID(bytes=value)
    return value if isinstance(value, UUID) else None


async def named_outlets(tx: Tx, operations: Iterable[Operation | None]) -> dict[UUID, str]:
    """The names of the outlets that operations are about."""
    ids = {one for operation in operations if (one := outlet_of(operation)) is not None}
    found = await tx.execute(select(_OUTLETS.c.id, _OUTLETS.c.name).where(_OUTLETS.c.id.in_(ids)))
    return {row.id: row.name for row in found}
