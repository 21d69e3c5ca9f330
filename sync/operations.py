"""Operations: what an actor asks for. One shape for a phone's, a click's, an imported row's and a rule's.

`changes` is a MessagePack map by field name, kept raw so that an operation with a field that this side
does not know can still be framed, hashed and kept whole.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from uuid import UUID

import msgspec

from sync.bounded import Label, Number
from sync.clock import Moment
from sync.codec import DecodeError, decode, encode

__all__ = ["START_HASH", "Act", "Operation", "chain", "changes_of", "read_operation"]

START_HASH = bytes(16)
"""The running hash of an outbox with nothing in it."""


class Act(StrEnum):
    """What an operation does to its record."""

    CREATE = "create"
    EDIT = "edit"
    MOVE = "move"
    REMOVE = "remove"


class Operation(msgspec.Struct, array_like=True, frozen=True):
    """One change that an actor asks for.

    `base` is the revision it was made against (0 for a create). `scope` says where a new record stands
    when its collection does not derive that from the outlet, and where a moved one goes.
    """

    id: UUID
    act: Act
    collection: Label
    record: UUID
    base: Number
    moment: Moment
    scope: Label | None = None
    changes: msgspec.Raw = msgspec.Raw(b"\x80")


def changes_of(**fields: object) -> msgspec.Raw:
    """The raw changes for an operation, from field names and values."""
    return msgspec.Raw(encode(fields))


def chain(previous: bytes, body: bytes) -> bytes:
    """The outbox's running hash after the operation whose encoded bytes are `body`."""
    return hashlib.blake2b(previous + body, digest_size=16).digest()


def read_operation(body: bytes) -> Operation | None:
    """The operation in encoded bytes; None where they cannot be read as one."""
    try:
        return decode(body, Operation)
    except DecodeError:
        return None
