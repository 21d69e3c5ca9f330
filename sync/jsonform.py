"""The exchange in plain JSON, for people and curl: names in place of positions, ids as text, bytes as hexadecimal.

For: turning such a request into the same `SyncRequest` that a compact body gives, and an answer into JSON.
Never: a second protocol. Whatever is read here goes through the same types and bounds as the compact form, and an
operation becomes the same encoded bytes, so that hashes, dead letters and outcomes are the same.
"""

from __future__ import annotations

from contextlib import suppress
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from sync.codec import DecodeError, encode, peek, plain, run, unpack
from sync.digest import entry_hash
from sync.errors import Refusal
from sync.frames import MAX_REQUEST
from sync.ids import parse_id
from sync.messages import Head, Light, Mended, Page, Patch, Removal, Row, SyncRequest, Tail
from sync.operations import START_HASH, Operation, chain
from sync.records.collections import COLLECTIONS, Collection
from sync.rules import Merge
from sync.versions import Protocol

__all__ = ["MEDIA_TYPE", "answer_to_json", "compact_changes", "request_from_json"]

MEDIA_TYPE = "application/json"

Named = dict[str, Any]


class _Numbered(msgspec.Struct, frozen=True):
    """A request of any protocol: it says which."""

    protocol: int


class _Parts(msgspec.Struct, frozen=True):
    """The operations of a request, each as it was written."""

    operations: tuple[msgspec.Raw, ...] = ()


_parts_decoder = msgspec.json.Decoder(_Parts)
_any_decoder = msgspec.json.Decoder(Any)
_numbered_decoder = msgspec.json.Decoder(_Numbered)


def request_from_json(data: bytes) -> SyncRequest:
    """The request in `data`. Raises Refusal: `bad_request`, `too_large`, or for one of another protocol that it is.

    An operation that cannot be read becomes the bytes it was written in. They decode to nothing, so it will be
    refused and kept, and does not keep the others back.
    """
    if len(data) > MAX_REQUEST:
        raise Refusal("too_large", f"{len(data)} bytes, {MAX_REQUEST} are allowed")
    try:
        return _request(data)
    except Refusal:
        with suppress(DecodeError):
            Protocol(run(_numbered_decoder, data).protocol).check()
        raise


def _request(data: bytes) -> SyncRequest:
    try:
        bodies = tuple(_body(bytes(raw)) for raw in run(_parts_decoder, data).operations)
        named = run(_any_decoder, data) | {"operations": bodies}
        if isinstance(named.get("outbox"), dict):
            named["outbox"] = _with_end(named["outbox"], bodies)
        return msgspec.convert(_positional(SyncRequest, named), SyncRequest)
    except (DecodeError, OverflowError) as error:
        raise Refusal("bad_request", str(error)) from error


def answer_to_json(head: Head, page: Page, tail: Tail) -> bytes:
    """The answer with names. A row has its record under `record`, and `hash`: what it adds to its scope's digest."""
    named_page = {
        "scopes": [
            plain(one)
            | {
                "rows": [_row(row, head.epoch) for row in one.rows],
                "removed": [_with_id(each) for each in one.removed],
                "light": [_with_id(each) for each in one.light],
                "patches": [_with_id(each) for each in one.patches],
            }
            for one in page.scopes
        ],
        "indexes": [plain(one) | {"light": [_with_id(each) for each in one.light]} for one in page.indexes],
        "mended": [_mended(one, head.epoch) for one in page.mended],
    }
    return msgspec.json.encode({"head": plain(head), "page": named_page, "tail": plain(tail)})


def _row(row: Row, epoch: bytes) -> Named:
    one, _ = peek(row.packed)
    return {
        "version": row.version,
        "revision": row.revision,
        "collection": one.name,
        "record": plain(unpack(row.packed)),
        "hash": entry_hash(epoch, row.version, row.revision, row.packed).hex(),
    }


def _with_id(one: Light | Patch | Removal) -> Named:
    return {**plain(one), "record": str(UUID(bytes=one.record))}


def _mended(one: Mended, epoch: bytes) -> Named:
    missing = [str(UUID(bytes=each)) for each in one.missing]
    return {"scope": one.scope, "rows": [_row(row, epoch) for row in one.rows], "missing": missing}


def _with_end(outbox: Named, bodies: tuple[bytes, ...]) -> Named:
    """The outbox with `last` and `last_hash`, worked out from the operations where both are left out."""
    number, text = outbox.get("acknowledged", 0), outbox.get("hash", START_HASH.hex())
    if "last" in outbox or "last_hash" in outbox or not isinstance(number, int) or not isinstance(text, str):
        return outbox
    current = _bytes(text)
    for body in bodies:
        number, current = number + 1, chain(current, body)
    return {**outbox, "last": number, "last_hash": current.hex()}


def _body(text: bytes) -> bytes:
    """An operation's encoded bytes; its own text where it is none: text is never the beginning of an operation."""
    try:
        named = run(_any_decoder, text)
        operation = msgspec.convert(_positional(Operation, named | {"changes": msgspec.Raw(b"\x80")}), Operation)
        changes = compact_changes(operation.collection, named.get("changes", {}))
        return encode(msgspec.structs.replace(operation, changes=msgspec.Raw(encode(changes))))
    except (DecodeError, OverflowError, TypeError, Refusal):
        return text


def compact_changes(collection: str, changes: Any) -> Named:
    """Fields by name, as the compact form has their values. Raises Refusal for what is no object."""
    if not isinstance(changes, dict):
        raise Refusal("bad_request", "`changes` is an object with names")
    one = COLLECTIONS.get(collection)
    return {name: _change(one, name, value) for name, value in changes.items()} if one is not None else changes


def _change(one: Collection, name: str, value: Any) -> Any:
    hint = get_type_hints(one.type).get(name)
    try:
        if name in one.rules and one.rule(name).merge is Merge.SET:
            return {**value, "add": _shaped(hint, value.get("add", []))}
        return _shaped(hint, value)
    except (Refusal, AttributeError, TypeError):
        return value


def _positional(kind: type[msgspec.Struct], named: Any) -> list[Any]:
    if not isinstance(named, dict):
        raise Refusal("bad_request", f"{kind.__name__} is an object with names")
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    unknown = named.keys() - fields.keys()
    if unknown:
        raise Refusal("bad_request", f"{kind.__name__} has no `{min(unknown)}`")
    return [_value(kind, field, named) for field in fields.values()]


def _value(kind: type[msgspec.Struct], field: msgspec.structs.FieldInfo, named: Named) -> Any:
    if field.name in named:
        return _shaped(field.type, named[field.name])
    if field.required:
        raise Refusal("bad_request", f"{kind.__name__} needs `{field.name}`")
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _shaped(hint: Any, value: Any) -> Any:
    """`value` as the compact form has it: structs by position, bytes and ids as such. What does not fit stays."""
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in {Union, UnionType}:
        hint = next(part for part in get_args(hint) if part is not NoneType)
        return None if value is None else _shaped(hint, value)
    if isinstance(value, str):
        return _bytes(value) if hint is bytes else (hint is UUID and parse_id(value)) or value
    if isinstance(value, list) and get_origin(hint) is tuple:
        return [_shaped(get_args(hint)[0], one) for one in value]
    if isinstance(value, dict) and get_origin(hint) is dict:
        return {key: _shaped(get_args(hint)[1], one) for key, one in value.items()}
    if isinstance(value, dict) and isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _positional(hint, value)
    return value


def _bytes(text: str) -> bytes:
    found = parse_id(text)
    try:
        return bytes.fromhex(text) if found is None else found.bytes
    except ValueError as error:
        raise Refusal("bad_request", f"neither hexadecimal nor an id: {text[:40]!r}") from error
