"""How values become bytes and back: positional MessagePack on the wire and in the stores, names for people.

*Packed* is a record as it goes on the wire: an array of the collection's tag, the id as 16 bytes, and the
fields in order. It is made once, when the record is written, and copied from then on.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from threading import Lock
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from sync.records.base import Record
from sync.records.collections import COLLECTIONS, Collection, by_tag

__all__ = ["MAKING", "DecodeError", "decode", "encode", "from_json", "pack", "peek", "plain", "run", "unpack"]

T = TypeVar("T")

DecodeError = msgspec.DecodeError
"""Raised for bytes that are not what they should be; `msgspec.ValidationError` is a kind of it."""

Decoder = msgspec.msgpack.Decoder[Any] | msgspec.json.Decoder[Any]

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_any_record: Any = reduce(or_, (one.type for one in COLLECTIONS.values()))
_record_decoder = msgspec.msgpack.Decoder(_any_record)
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}
_from_json: dict[Any, msgspec.json.Decoder[Any]] = {}
MAKING = Lock()
"""Decoders are made by one thread at a time: two that make one for the same class at once end the process (msgspec
0.22 lets the other see what it has only begun)."""


def encode(value: object) -> bytes:
    """Encode any message or value as MessagePack, ids as 16 bytes."""
    return _encoder.encode(value)


def run(decoder: Decoder, data: bytes | str) -> Any:
    """What `decoder` makes of `data`. Raises DecodeError and nothing else, for text that is no UTF-8 and for values
    that are nested without end too.
    """
    try:
        return decoder.decode(data)  # type: ignore[arg-type]  # text for the one that takes it
    except (UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(str(error)) from error


def decode(data: bytes, kind: type[T]) -> T:
    """Decode and validate MessagePack. Raises DecodeError."""
    decoder = _decoders.get(kind)
    if decoder is None:
        with MAKING:
            decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    value: T = run(decoder, data)
    return value


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Decode and validate JSON. Raises DecodeError."""
    decoder = _from_json.get(kind)
    if decoder is None:
        with MAKING:
            decoder = _from_json[kind] = msgspec.json.Decoder(kind)
    value: T = run(decoder, data)
    return value


def pack(record: Record) -> bytes:
    """The record as it is stored in the feed, sent and hashed."""
    return _encoder.encode(record)


def unpack(packed: bytes) -> Record:
    """The record in `packed`. Raises DecodeError."""
    record: Record = run(_record_decoder, packed)
    return record


def peek(packed: bytes) -> tuple[Collection, bytes]:
    """Collection and id of a packed record, read from its first bytes. Raises DecodeError."""
    at = 3 if packed[:1] == b"\xdc" else 1
    is_array = packed[:1] == b"\xdc" or (packed and packed[0] & 0xF0 == 0x90)
    found = by_tag(packed[at]) if is_array and len(packed) >= at + 19 else None
    if found is None or packed[at + 1 : at + 3] != b"\xc4\x10":
        raise DecodeError("these bytes are not a packed record")
    return found, packed[at + 3 : at + 19]


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """A value with names in place of positions, for JSON that people read: ids as text, bytes as hexadecimal."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        is_plain = _AS_THEY_ARE.issuperset(map(type, fields.values()))
        return fields if is_plain else {name: plain(one) for name, one in fields.items() if one is not msgspec.UNSET}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value
