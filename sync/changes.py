"""Reading the changes of an operation against the declared fields: typed values, or a refusal.

For each collection a struct is built once in which every field that an operation may name is optional.
Fields that the server derives are not in it: naming one is the same as naming an unknown field.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any, Generic, TypeVar, get_args, get_type_hints

import msgspec

from sync.codec import MAKING, DecodeError, pack, run
from sync.errors import Refusal
from sync.positions import Position, to_wgs84
from sync.records.base import MOST_BYTES, MOST_ELEMENTS, Record
from sync.records.collections import COLLECTIONS, Collection
from sync.rules import Merge

__all__ = ["Changes", "SetChange", "check_size", "element_key", "laid_on", "made_of", "read_changes"]

T = TypeVar("T")

Changes = dict[str, Any]
"""Field name to typed value; a `SetChange` for a field that merges as a set."""


class SetChange(msgspec.Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """Elements to add to a set field, and the keys of those to take out."""

    add: tuple[T, ...] = ()
    remove: tuple[str, ...] = ()


def element_key(element: Any) -> str:
    """What tells one element of a set field from another."""
    key: str = getattr(element, "key", element)
    return key


def _patch_type(one: Collection) -> type[msgspec.Struct]:
    hints = get_type_hints(one.type, include_extras=True)
    plain_hints = get_type_hints(one.type)
    fields: list[tuple[str, Any, Any]] = []
    for name, rule in one.rules.items():
        if rule.merge is Merge.DERIVED:
            continue
        kind = SetChange[get_args(plain_hints[name])[0]] if rule.merge is Merge.SET else hints[name]  # type: ignore[misc]
        fields.append((name, kind | msgspec.UnsetType, msgspec.UNSET))
    return msgspec.defstruct(f"{one.type.__name__}Changes", fields, frozen=True, forbid_unknown_fields=True)


_decoders: dict[str, msgspec.msgpack.Decoder[Any]] = {}
"""Made when a collection is first written: a phone that starts waits for none of them."""


def _decoder(one: Collection) -> msgspec.msgpack.Decoder[Any]:
    made = _decoders.get(one.name)
    if made is None:
        with MAKING:
            made = _decoders[one.name] = msgspec.msgpack.Decoder(_patch_type(one))
    return made


def read_changes(one: Collection, raw: bytes) -> Changes:
    """The changes in `raw` (a MessagePack map by field name), typed. Raises Refusal, also for a text with a NUL:
    PostgreSQL has none.
    """
    try:
        patch = run(_decoder(one), raw)
    except msgspec.ValidationError as error:
        code = "unknown_field" if str(error).startswith("Object contains unknown field") else "bad_value"
        raise Refusal(code, str(error)) from error
    except DecodeError as error:
        raise Refusal("undecodable", str(error)) from error
    named = zip(patch.__struct_fields__, msgspec.structs.astuple(patch), strict=True)
    changes = {name: value for name, value in named if value is not msgspec.UNSET}
    # Numbers have bytes of zero too; whether a text has one shows where it is written out.
    if b"\x00" in raw and b"\\u0000" in msgspec.json.encode(patch):
        _check_texts(changes)
    return {name: _in_store_terms(value) for name, value in changes.items()}


def _check_texts(changes: Changes) -> None:
    if any("\x00" in text for value in changes.values() for text in _texts(value)):
        raise Refusal("bad_value", "a text holds the character NUL")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)


def _in_store_terms(value: Any) -> Any:
    """The store keeps WGS-84, whatever datum a position came in."""
    if isinstance(value, SetChange) and max(len(value.add), len(value.remove)) > MOST_ELEMENTS:
        raise Refusal("bad_value", f"a set has at most {MOST_ELEMENTS} elements")
    if not isinstance(value, Position):
        return value
    if not (isfinite(value.lat) and isfinite(value.lon) and isfinite(value.accuracy or 0.0)):
        raise Refusal("bad_value", "a position is made of finite numbers")
    return to_wgs84(value)


def _set_value(before: tuple[Any, ...], change: SetChange[Any]) -> tuple[Any, ...]:
    held = {element_key(one): one for one in before if element_key(one) not in change.remove}
    return tuple((held | {element_key(one): one for one in change.add}).values())


def laid_on(record: Record, changes: Changes) -> Record:
    """The record with the changes laid on top, without comparing: what the phone's overlay shows."""
    values = {
        name: _set_value(getattr(record, name), value) if isinstance(value, SetChange) else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(record, **values)


_SETS = {
    name: frozenset(field for field, rule in one.rules.items() if rule.merge is Merge.SET)
    for name, one in COLLECTIONS.items()
}
"""The fields of each collection that merge as sets."""


def check_size(one: Collection, record: Record) -> bytes:
    """The record packed; one that has become larger than the stores and an answer can hold is refused."""
    packed = pack(record)
    if len(packed) > MOST_BYTES:
        raise Refusal("bad_value", f"{one.name} {record.id} would have {len(packed)} bytes, {MOST_BYTES} are allowed")
    for name in sorted(_SETS[one.name]):
        if len(getattr(record, name)) > MOST_ELEMENTS:
            raise Refusal("bad_value", f"{name} has at most {MOST_ELEMENTS} elements")
    return packed


def made_of(one: Collection, record_id: object, changes: Changes) -> Record:
    """A new record of the collection from changes. Raises Refusal when a required field is missing."""
    values = changes
    if not _SETS[one.name].isdisjoint(changes):
        values = {
            name: _set_value((), value) if isinstance(value, SetChange) else value for name, value in changes.items()
        }
    try:
        return one.type(id=record_id, **values)  # type: ignore[arg-type]
    except TypeError as error:
        raise Refusal("bad_value", str(error)) from error
