"""What is frozen of the records and messages: tags, field order, values of enumerations, packed examples.

`python -m tests.sync.frozen` writes `fixtures/protocol/schema-N.json` and `messages-N.json` for the current
versions. Once phones are in the field, a file that is there is never written again: fields are appended, the number
rises, and a new file stands beside the old one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import EnumType
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from sync import messages, statements
from sync.clock import Moment, Stamp
from sync.codec import encode, pack, plain
from sync.cursors import Cursor
from sync.operations import Operation
from sync.outbox import Told
from sync.outcomes import Lost, Outcome
from sync.records import COLLECTIONS
from sync.signing import Signed
from sync.versions import CURRENT, SCHEMA
from tests.source import ROOT

__all__ = ["FOLDER", "MESSAGES", "enumerations", "messages_now", "nested", "sample", "schema_now"]

FOLDER = ROOT / "fixtures" / "protocol"

_OTHERS = (Moment, Stamp, Cursor, Told, Operation, Lost, Outcome, Signed)
MESSAGES: dict[str, type[msgspec.Struct]] = {
    one.__name__: one
    for one in (
        *_OTHERS,
        *(getattr(messages, name) for name in messages.__all__ if name != "Answer"),
        *(getattr(statements, name) for name in statements.__all__),
    )
    if issubclass(one, msgspec.Struct)
}
"""Every struct that travels, but for records."""

_PLAIN: dict[Any, Any] = {
    UUID: UUID(int=7 << 76 | 2 << 62 | 5),
    bool: True,
    int: 7,
    float: 30.5,
    str: "酒 x",
    bytes: b"bytes",
    Any: "any",
    msgspec.Raw: msgspec.Raw(b"\x80"),
}
_SPECIAL = ("2024-02-29", "2026Q4", "ab" * 32, "#a0b1c2", 1984, b"sixteen bytes it")


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _mentioned(kinds: list[type[msgspec.Struct]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = list(kinds)
    while waiting:
        for hint in get_type_hints(waiting.pop(), include_extras=True).values():
            for part in _parts(hint):
                is_struct = isinstance(part, type) and issubclass(part, msgspec.Struct)
                if (is_struct or isinstance(part, EnumType)) and part.__name__ not in found:
                    found[part.__name__] = part
                    waiting += [part] if is_struct else []
    return found


def nested(kinds: list[type[msgspec.Struct]]) -> dict[str, list[str]]:
    """The structs that stand within others, with their fields in order."""
    found = _mentioned(kinds)
    return {name: list(one.__struct_fields__) for name, one in sorted(found.items()) if not isinstance(one, EnumType)}


def enumerations(kinds: list[type[msgspec.Struct]]) -> dict[str, list[str]]:
    """The enumerations that fields use, with their values in order."""
    found = _mentioned(kinds)
    return {name: list(one.__members__.values()) for name, one in sorted(found.items()) if isinstance(one, EnumType)}


def sample(hint: Any) -> Any:
    """One value of a declared type, the same at every call, with something in every field."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return next(one for one in (sample(arguments[0]), *_SPECIAL) if _fits(one, hint))
    if origin in {Union, UnionType}:
        return sample(next(one for one in arguments if one is not NoneType))
    if origin is Literal or isinstance(hint, EnumType):
        return list(arguments or hint)[-1]
    if origin is tuple:
        return (sample(arguments[0]),)
    return {sample(arguments[0]): sample(arguments[1])} if origin is dict else _alone(hint)


def _fits(value: Any, hint: Any) -> bool:
    try:
        msgspec.msgpack.decode(encode(value), type=hint)
    except msgspec.ValidationError:
        return False
    return True


def _alone(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint, include_extras=True)
        return hint(**{name: sample(hints[name]) for name in hint.__struct_fields__})
    return _PLAIN[hint]


def schema_now() -> dict[str, Any]:
    """Tags, fields and packed examples of all collections as the code has them."""
    kinds: list[type[msgspec.Struct]] = [one.type for one in COLLECTIONS.values()]
    return {
        "schema": SCHEMA,
        "collections": {
            one.name: {
                "tag": one.tag,
                "fields": list(one.type.__struct_fields__),
                "example": plain(sample(one.type)),
                "packed": pack(sample(one.type)).hex(),
            }
            for one in COLLECTIONS.values()
        },
        "parts": nested(kinds),
        "enumerations": enumerations(kinds),
    }


def messages_now() -> dict[str, Any]:
    """Fields and enumerations of all messages as the code has them."""
    return {
        "protocol": CURRENT,
        "messages": {name: list(one.__struct_fields__) for name, one in sorted(MESSAGES.items())},
        "enumerations": enumerations(list(MESSAGES.values())),
    }


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    _write(FOLDER / f"schema-{SCHEMA}.json", schema_now())
    _write(FOLDER / f"messages-{CURRENT}.json", messages_now())
